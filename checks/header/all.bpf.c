// SPDX-License-Identifier: GPL-2.0
/*
 * All twelve kfuncs. It includes nothing: the options -include say which headers, and in which order.
 *
 * BY_HAND	call the impls with dummies, without the header: what a call may cost
 * ASK(name)	whether to call that kfunc: magic_kfunc_exists(name) by default, 1 calls it unasked
 * NO_TASK_WORK	vmlinux.h is too old to have struct bpf_task_work
 */
#ifdef BY_HAND
#undef bpf_wq_set_callback
#undef bpf_obj_new
#undef bpf_obj_drop
#undef bpf_percpu_obj_new
#undef bpf_percpu_obj_drop
#undef bpf_refcount_acquire
#undef bpf_list_push_front
#undef bpf_list_push_back
#undef bpf_rbtree_add
#define bpf_wq_set_callback(wq, cb, flags) bpf_wq_set_callback_impl(wq, cb, flags, NULL)
#define bpf_task_work_schedule_signal(task, tw, map, cb) bpf_task_work_schedule_signal_impl(task, tw, map, cb, NULL)
#define bpf_task_work_schedule_resume(task, tw, map, cb) bpf_task_work_schedule_resume_impl(task, tw, map, cb, NULL)
#define bpf_stream_vprintk(id, fmt, args, len) bpf_stream_vprintk_impl(id, fmt, args, len, NULL)
#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), NULL))
#define bpf_obj_drop(obj) bpf_obj_drop_impl(obj, NULL)
#define bpf_percpu_obj_new(type) \
	((type __attribute__((btf_type_tag("percpu_kptr"))) *)bpf_percpu_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), NULL))
#define bpf_percpu_obj_drop(obj) bpf_percpu_obj_drop_impl(obj, NULL)
#define bpf_refcount_acquire(obj) bpf_refcount_acquire_impl(obj, NULL)
#define bpf_list_push_front(head, node) bpf_list_push_front_impl(head, node, NULL, 0)
#define bpf_list_push_back(head, node) bpf_list_push_back_impl(head, node, NULL, 0)
#define bpf_rbtree_add(root, node, less) bpf_rbtree_add_impl(root, node, less, NULL, 0)
#endif

#ifndef ASK
#define ASK(name) magic_kfunc_exists(name)
#endif

#ifdef NO_TASK_WORK
struct bpf_task_work {
	__u64 opaque;
} __attribute__((aligned(8)));
#endif

#define contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))

extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __weak __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __weak __ksym;

char LICENSE[] SEC("license") = "GPL";

/* What the loader reads: one bit for each kfunc that was there, and how often callbacks ran */
__u32 has, wq_ran, task_work_ran;

struct elem {
	struct bpf_wq wq;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct elem);
} wqs SEC(".maps");

struct work {
	struct bpf_task_work tw;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__type(value, struct work);
} works SEC(".maps");

static int wq_callback(void *map, int *key, void *value)
{
	__sync_fetch_and_add(&wq_ran, 1);
	return 0;
}

SEC("syscall") int wq(void *ctx)
{
	struct elem *elem = bpf_map_lookup_elem(&wqs, &(int){ 0 });

	if (!elem)
		return 1;
	if (!ASK(bpf_wq_set_callback))
		return 0;
	has |= 1 << 0;
	if (bpf_wq_init(&elem->wq, &wqs, 0))
		return 2;
	return bpf_wq_set_callback(&elem->wq, wq_callback, 0) ?: bpf_wq_start(&elem->wq, 0);
}

static int task_work_callback(struct bpf_map *map, void *key, void *value)
{
	__sync_fetch_and_add(&task_work_ran, 1);
	return 0;
}

SEC("syscall") int task_work(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct work *first = bpf_map_lookup_elem(&works, &(int){ 0 });
	struct work *second = bpf_map_lookup_elem(&works, &(int){ 1 });
	int err = 0;

	if (!first || !second)
		return 1;
	if (ASK(bpf_task_work_schedule_signal)) {
		has |= 1 << 1;
		err = bpf_task_work_schedule_signal(task, &first->tw, &works, task_work_callback);
	}
	if (!err && ASK(bpf_task_work_schedule_resume)) {
		has |= 1 << 2;
		err = bpf_task_work_schedule_resume(task, &second->tw, &works, task_work_callback);
	}
	return err;
}

SEC("syscall") int stream(void *ctx)
{
	static const char fmt[] = "all %d\n";
	unsigned long long args[] = { 12 };

	if (!ASK(bpf_stream_vprintk))
		return 0;
	has |= 1 << 3;
	return bpf_stream_vprintk(1, fmt, args, sizeof(args));
}

#ifndef BY_HAND
SEC("syscall") int printk(void *ctx)
{
	return ASK(bpf_stream_vprintk) ? bpf_stream_printk(1, "the macro %d %s\n", 13, "too") : 0;
}
#endif

struct item {
	struct bpf_list_node list;
	struct bpf_rb_node tree;
	struct bpf_refcount ref;
	long key;
};

/* In a map, not in a section of its own: skeletons of bpftool 7.1 map every section, which the kernel refuses here */
struct graph {
	struct bpf_spin_lock lock;
	struct bpf_list_head head contains(item, list);
	struct bpf_rb_root root contains(item, tree);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct graph);
} graphs SEC(".maps");

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return a < b;
}

SEC("tc") int refs(struct __sk_buff *skb)
{
	struct item *n, *m;

	if (!ASK(bpf_obj_new) || !ASK(bpf_obj_drop) || !ASK(bpf_refcount_acquire))
		return 0;
	has |= 7 << 4;
	n = bpf_obj_new(struct item);
	if (!n)
		return 1;
	m = bpf_refcount_acquire(n);
	bpf_obj_drop(n);
	bpf_obj_drop(m);
	return 0;
}

/* A program that puts a new item into the graph by that kfunc, whose bit in `has` is given. */
#define INSERTS(name, bit, kfunc, ...)						\
SEC("tc") int name(struct __sk_buff *skb)					\
{										\
	struct graph *g = bpf_map_lookup_elem(&graphs, &(int){ 0 });		\
	struct item *n;								\
	int err;								\
										\
	if (!g)									\
		return 1;							\
	if (!ASK(bpf_obj_new) || !ASK(kfunc))					\
		return 0;							\
	has |= 1 << bit;							\
	n = bpf_obj_new(struct item);						\
	if (!n)									\
		return 2;							\
	bpf_spin_lock(&g->lock);						\
	err = kfunc(__VA_ARGS__);						\
	bpf_spin_unlock(&g->lock);						\
	return err;								\
}

INSERTS(front, 7, bpf_list_push_front, &g->head, &n->list)
INSERTS(back, 8, bpf_list_push_back, &g->head, &n->list)
INSERTS(tree, 9, bpf_rbtree_add, &g->root, &n->tree, less)

struct plain {
	long counter;
};

SEC("tc") int percpu(struct __sk_buff *skb)
{
	struct plain __attribute__((btf_type_tag("percpu_kptr"))) *p;

	if (!ASK(bpf_percpu_obj_new) || !ASK(bpf_percpu_obj_drop))
		return 0;
	has |= 3 << 10;
	p = bpf_percpu_obj_new(struct plain);
	if (!p)
		return 1;
	bpf_percpu_obj_drop(p);
	return 0;
}
