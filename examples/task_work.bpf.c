/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Reports the arguments of executed programs. They are in the memory of the process, which may not be paged in yet, and
 * the tracepoint may not sleep: a callback that runs in the context of that process, on its way to user space, may.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "magic_kfuncs.bpf.h"
#include "task_work.h"

char LICENSE[] SEC("license") = "GPL";

int missing;	/* this kernel has no task_work for BPF, as those before 6.18 */

struct work {
	struct bpf_task_work tw;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, int);
	__type(value, struct work);
} works SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} reports SEC(".maps");

static int report_args(struct bpf_map *map, void *key, void *value)
{
	struct task_struct *task = bpf_get_current_task_btf();
	unsigned long start = BPF_CORE_READ(task, mm, arg_start);
	unsigned long len = BPF_CORE_READ(task, mm, arg_end) - start;
	struct report *report = bpf_ringbuf_reserve(&reports, sizeof(*report), 0);

	if (!report)
		goto out;
	if (len > sizeof(report->args))
		len = sizeof(report->args);
	report->pid = task->pid;
	report->len = len;
	if (bpf_copy_from_user(report->args, len, (void *)start))
		report->len = 0;
	bpf_ringbuf_submit(report, 0);
out:
	bpf_map_delete_elem(&works, key);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct work *work, none = {};
	int pid = task->pid;

	if (!magic_kfunc_exists(bpf_task_work_schedule_resume)) {
		missing = 1;
		return 0;
	}
	bpf_map_update_elem(&works, &pid, &none, BPF_ANY);
	work = bpf_map_lookup_elem(&works, &pid);
	if (work)
		bpf_task_work_schedule_resume(task, &work->tw, &works, report_args);
	return 0;
}
