// SPDX-License-Identifier: GPL-2.0
/*
 * Calls bpf_wq_set_callback() by both names, at the first system call after it was attached. Without global data, which
 * libbpf does not try where there is no network: it probes for that with a socket filter.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef int callback_t(void *map, int *key, void *value);
extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
extern int bpf_wq_set_callback(struct bpf_wq *wq, callback_t cb, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, callback_t cb, unsigned int flags, void *aux__magic) __ksym;

struct elem {
	struct bpf_wq wq;
	int started, called;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__type(value, struct elem);
} elems SEC(".maps");

static int called(void *map, int *key, void *value)
{
	((struct elem *)value)->called = 1 + *key;
	return 0;
}

SEC("tp_btf/sys_enter")
int wq(void *ctx)
{
	int api = 0, impl = 1;
	struct elem *a = bpf_map_lookup_elem(&elems, &api), *b = bpf_map_lookup_elem(&elems, &impl);

	if (!a || !b || __sync_fetch_and_add(&a->started, 1))
		return 0;
	if (!bpf_wq_init(&a->wq, &elems, 0) && !bpf_wq_set_callback(&a->wq, called, 0))
		bpf_wq_start(&a->wq, 0);
	if (!bpf_wq_init(&b->wq, &elems, 0) && !bpf_wq_set_callback_impl(&b->wq, called, 0, NULL))
		bpf_wq_start(&b->wq, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
