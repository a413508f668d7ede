/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What api, impl, both and stock have in common: a map of work queues, the callback, and the steps
 * before a callback is set. How it is set is the one line in which those programs differ. Nothing
 * here declares a kfunc: an includer's prototypes are those of its own headers.
 */
#ifndef WQ_BPF_H
#define WQ_BPF_H

#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include "outcome.h"

struct elem {
	struct bpf_wq wq;
	unsigned int value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WORKQUEUES);
	__type(key, int);
	__type(value, struct elem);
} elems SEC(".maps");

struct outcome outcome;

char LICENSE[] SEC("license") = "GPL";

/* Runs in a kernel worker. The element must be the one that holds the wq, and not another. */
static int callback(void *map, int *key, void *value)
{
	struct elem *elem = value;

	if (*key == 0)
		outcome.saw[0] = elem->value;
	if (*key == 1)
		outcome.saw[1] = elem->value;
	__sync_fetch_and_add(&outcome.ran, 1);
	return 0;
}

static __always_inline struct bpf_wq *new_wq(int key)
{
	struct elem *elem = bpf_map_lookup_elem(&elems, &key);

	if (!elem || bpf_wq_init(&elem->wq, &elems, 0))
		return NULL;
	elem->value = VALUE(key);
	return &elem->wq;
}

#endif
