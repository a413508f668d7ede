/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * An index of processes by age. Each is one object with two references: one in a tree, in which the loader walks by
 * age, and one in a map, by which the object is found again when its process ends.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "magic_kfuncs.bpf.h"

#define local_kptr __attribute__((btf_type_tag("kptr")))
#define contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define object_of(ptr, type, member) ((type *)((void *)(ptr) - __builtin_offsetof(type, member)))

extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __weak __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __weak __ksym;

char LICENSE[] SEC("license") = "GPL";

struct process {
	struct bpf_rb_node node;
	struct bpf_refcount refcount;
	__u64 started;
	int pid;
	int ended;
};

struct slot {
	struct process local_kptr *process;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, int);
	__type(value, struct slot);
} by_pid SEC(".maps");

struct index {
	struct bpf_spin_lock lock;
	struct bpf_rb_root by_age contains(process, node);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct index);
} indexes SEC(".maps");

static bool is_older(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return object_of(a, struct process, node)->started < object_of(b, struct process, node)->started;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct index *index = bpf_map_lookup_elem(&indexes, &(int){ 0 });
	struct process *process, *second;
	struct slot *slot, none = {};
	int pid = child->pid;

	bpf_map_update_elem(&by_pid, &pid, &none, BPF_ANY);
	slot = bpf_map_lookup_elem(&by_pid, &pid);
	if (!index || !slot)
		return 0;
	process = bpf_obj_new(struct process);
	if (!process)
		return 0;
	process->started = bpf_ktime_get_ns();
	process->pid = pid;
	second = bpf_refcount_acquire(process);
	bpf_spin_lock(&index->lock);
	bpf_rbtree_add(&index->by_age, &process->node, is_older);
	bpf_spin_unlock(&index->lock);
	second = bpf_kptr_xchg(&slot->process, second);
	if (second)
		bpf_obj_drop(second);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct process *process;
	int pid = task->pid;
	struct slot *slot;

	slot = bpf_map_lookup_elem(&by_pid, &pid);
	if (!slot)
		return 0;
	process = bpf_kptr_xchg(&slot->process, NULL);
	if (!process)
		return 0;
	process->ended = 1;
	bpf_obj_drop(process);
	bpf_map_delete_elem(&by_pid, &pid);
	return 0;
}

int pid, age_ms;

/* Take the oldest out of the index: 0, or 1 if it has ended, or 2 if there is none */
SEC("tc")
int take_oldest(struct __sk_buff *skb)
{
	struct index *index = bpf_map_lookup_elem(&indexes, &(int){ 0 });
	struct process *process;
	struct bpf_rb_node *node;
	int ended;

	if (!index)
		return 2;
	bpf_spin_lock(&index->lock);
	node = bpf_rbtree_first(&index->by_age);
	if (!node) {
		bpf_spin_unlock(&index->lock);
		return 2;
	}
	node = bpf_rbtree_remove(&index->by_age, node);
	bpf_spin_unlock(&index->lock);
	if (!node)
		return 2;
	process = object_of(node, struct process, node);
	pid = process->pid;
	age_ms = (bpf_ktime_get_ns() - process->started) / 1000000;
	ended = process->ended;
	bpf_obj_drop(process);
	return ended;
}
