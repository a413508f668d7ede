/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Counts executed programs by name, and reports them from a work queue: a storm of them makes few reports. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "magic_kfuncs.bpf.h"
#include "wq.h"

extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __weak __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __weak __ksym;

char LICENSE[] SEC("license") = "GPL";

struct name {
	char comm[COMM_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct name);
	__type(value, unsigned int);
} counts SEC(".maps");

struct reporter {
	struct bpf_wq wq;
	unsigned int pending;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct reporter);
} reporters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} reports SEC(".maps");

static long report_one(struct bpf_map *map, struct name *name, unsigned int *count, void *ctx)
{
	struct report report = { .count = __sync_lock_test_and_set(count, 0) };

	__builtin_memcpy(report.comm, name->comm, sizeof(report.comm));
	if (report.count)
		bpf_ringbuf_output(&reports, &report, sizeof(report), 0);
	return 0;
}

/* In a kernel worker. What is counted from now on is for the next report. */
static int report_all(void *map, int *key, void *value)
{
	struct reporter *reporter = value;

	__sync_lock_test_and_set(&reporter->pending, 0);
	bpf_for_each_map_elem(&counts, report_one, NULL, 0);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct reporter *reporter = bpf_map_lookup_elem(&reporters, &(int){ 0 });
	unsigned int *count, none = 0;
	struct name name = {};

	bpf_get_current_comm(name.comm, sizeof(name.comm));
	bpf_map_update_elem(&counts, &name, &none, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&counts, &name);
	if (!reporter || !count)
		return 0;
	__sync_fetch_and_add(count, 1);
	if (__sync_lock_test_and_set(&reporter->pending, 1))
		return 0;
	bpf_wq_init(&reporter->wq, &reporters, 0);	/* -EBUSY from the second time on */
	bpf_wq_set_callback(&reporter->wq, report_all, 0);
	bpf_wq_start(&reporter->wq, 0);
	return 0;
}
