// SPDX-License-Identifier: GPL-2.0
/*
 * Callbacks that helpers call: that of bpf_loop(), which the verifier does not inline where there are two, and that of
 * bpf_for_each_map_elem(). At the first system call after it was attached.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct elem {
	int started, looped, each;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct elem);
} elems SEC(".maps");

static long even(__u64 index, int *looped)
{
	*looped += 1;
	return 0;
}

static long odd(__u64 index, int *looped)
{
	*looped += 1;
	asm volatile ("");
	return 0;
}

static long each(void *map, int *key, struct elem *elem, void *unused)
{
	elem->each++;
	return 0;
}

SEC("tp_btf/sys_enter")
int loop(void *ctx)
{
	int key = 0, looped = 0;
	struct elem *elem = bpf_map_lookup_elem(&elems, &key);

	if (!elem || __sync_fetch_and_add(&elem->started, 1))
		return 0;
	bpf_loop(4, bpf_get_prandom_u32() & 1 ? (void *)odd : (void *)even, &looped, 0);
	elem->looped = looped;
	bpf_for_each_map_elem(&elems, each, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
