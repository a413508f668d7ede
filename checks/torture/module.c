// SPDX-License-Identifier: GPL-2.0
/*
 * A module with magic kfuncs, for nth.c: every step of loading it can fail and is undone. That of bpf_testmod.ko is not:
 * its init leaves what it has registered with sysfs when a later step fails.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

__bpf_kfunc_start_defs();

__bpf_kfunc u32 torture_id(void *aux__magic)
{
	return ((struct bpf_prog_aux *)aux__magic)->id;
}

__bpf_kfunc u32 torture_two(u32 a, u32 b, struct bpf_prog_aux *aux__magic)
{
	return aux__magic->id + a + b;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(torture_kfuncs)
BTF_ID_FLAGS(func, torture_id, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, torture_two, KF_MAGIC_ARGS)
BTF_KFUNCS_END(torture_kfuncs)

static const struct btf_kfunc_id_set torture_set = { .owner = THIS_MODULE, .set = &torture_kfuncs };

static int __init torture_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &torture_set) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL, &torture_set);
}

static void __exit torture_exit(void)
{
}

module_init(torture_init);
module_exit(torture_exit);
MODULE_DESCRIPTION("magic kfuncs for checks/torture/nth.c");
MODULE_LICENSE("GPL");
