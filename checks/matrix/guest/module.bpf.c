// SPDX-License-Identifier: GPL-2.0
/*
 * Calls the kfuncs of matrix_mod.c by both names. Needs no vmlinux.h, so that one object is for every kernel, and no
 * global data, see wq.bpf.c.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern __u32 matrix_prog_id(__u32 add) __ksym;
extern __u32 matrix_prog_id_impl(__u32 add, void *aux__magic) __ksym;

/* a declaration alone would not be compatible with the kernel's struct */
struct fs_struct {};
struct bpf_prog_aux {};
struct task_struct {
	struct fs_struct *fs;
} __attribute__((preserve_access_index));

extern __u32 matrix_fs_prog_id(struct fs_struct *fs) __ksym;
extern __u32 matrix_fs_prog_id_impl(struct fs_struct *fs, struct bpf_prog_aux *aux__magic) __ksym;

struct ids {
	__u32 id, id_impl, fs_id, fs_id_impl;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct ids);
} ids SEC(".maps");

SEC("tp_btf/sys_enter")
int module(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	int key = 0;
	struct ids *p = bpf_map_lookup_elem(&ids, &key);

	if (!p)
		return 0;
	p->id = matrix_prog_id(0);
	p->id_impl = matrix_prog_id_impl(0, NULL);
	p->fs_id = matrix_fs_prog_id(task->fs);
	p->fs_id_impl = matrix_fs_prog_id_impl(task->fs, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
