// SPDX-License-Identifier: GPL-2.0
/* Calls the kfuncs of matrix_mod.c by both names. Needs no vmlinux.h, so that one object is for every kernel. */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

extern __u32 matrix_prog_id(__u32 add) __ksym;
extern __u32 matrix_prog_id_impl(__u32 add, void *aux__magic) __ksym;

struct task_struct;
struct bpf_prog_aux;
extern __u32 matrix_task_prog_id(struct task_struct *task) __ksym;
extern __u32 matrix_task_prog_id_impl(struct task_struct *task, struct bpf_prog_aux *aux__magic) __ksym;

__u32 id, id_impl, task_id, task_id_impl;

SEC("tp_btf/sys_enter")
int module(void *ctx)
{
	id = matrix_prog_id(0);
	id_impl = matrix_prog_id_impl(0, NULL);
	task_id = matrix_task_prog_id(bpf_get_current_task_btf());
	task_id_impl = matrix_task_prog_id_impl(bpf_get_current_task_btf(), NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
