/* SPDX-License-Identifier: GPL-2.0 */
/* The twelve, in the order of the bits in `has` of all.bpf.c */
#ifndef KFUNCS_H
#define KFUNCS_H

static const char *const kfuncs[] = {
	"bpf_wq_set_callback",
	"bpf_task_work_schedule_signal",
	"bpf_task_work_schedule_resume",
	"bpf_stream_vprintk",
	"bpf_obj_new",
	"bpf_obj_drop",
	"bpf_refcount_acquire",
	"bpf_list_push_front",
	"bpf_list_push_back",
	"bpf_rbtree_add",
	"bpf_percpu_obj_new",
	"bpf_percpu_obj_drop",
};

#define NR_KFUNCS 12
#define HAS_WQ (1 << 0)
#define HAS_TASK_WORK (1 << 1)

#endif
