// SPDX-License-Identifier: GPL-2.0
/* A module with magic kfuncs, for `make matrix`. Programs ask it which program they are. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/fs_struct.h>
#include <linux/init.h>
#include <linux/module.h>

__bpf_kfunc_start_defs();

__bpf_kfunc u32 matrix_prog_id(u32 add, void *aux__magic)
{
	struct bpf_prog_aux *aux = aux__magic;

	return aux->id + add;
}

/* with types of vmlinux in its prototype; struct fs_struct has another id where there is no network */
__bpf_kfunc u32 matrix_fs_prog_id(struct fs_struct *fs, struct bpf_prog_aux *aux__magic)
{
	return fs ? aux__magic->id : 0;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(matrix_kfuncs)
BTF_ID_FLAGS(func, matrix_prog_id, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, matrix_fs_prog_id, KF_MAGIC_ARGS)
BTF_KFUNCS_END(matrix_kfuncs)

static const struct btf_kfunc_id_set matrix_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &matrix_kfuncs,
};

static int __init matrix_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &matrix_kfunc_set);
}

static void __exit matrix_exit(void)
{
}

module_init(matrix_init);
module_exit(matrix_exit);

MODULE_DESCRIPTION("magic kfuncs of make matrix");
MODULE_LICENSE("GPL");
