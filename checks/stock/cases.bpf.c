// SPDX-License-Identifier: GPL-2.0
/*
 * Programs as people write them and clang merges their calls. Each loads on 6.18 and has to do the same here; cases.c says
 * what. All call the impls, which are there on both kernels.
 */
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define __ksym __attribute__((section(".ksyms")))
#define __weak __attribute__((weak))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define __hidden_data(name) SEC(".data." #name) __attribute__((aligned(8), visibility("hidden")))
#define ARRAY_OF_ONE(name, value_type)	\
	struct {				\
		int (*type)[2];			\
		int (*max_entries)[1];		\
		int *key;			\
		struct value_type *value;	\
	} name SEC(".maps")

#define NEW(type) ((type *)bpf_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), 0))
#define MARK 2 /* in struct __sk_buff */

struct bpf_list_head { u64 opaque[2]; } __attribute__((aligned(8)));
struct bpf_list_node { u64 opaque[3]; } __attribute__((aligned(8)));
struct bpf_spin_lock { u32 val; };
struct bpf_refcount { u32 opaque[1]; } __attribute__((aligned(4)));
struct bpf_wq { u64 opaque[2]; } __attribute__((aligned(8)));

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern int bpf_wq_init(struct bpf_wq *wq, void *map, u32 flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback)(void *map, int *key, void *value), u32 flags,
				    void *aux) __ksym;

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const bpf_spin_lock)(struct bpf_spin_lock *lock) = (void *)93;
static long (*const bpf_spin_unlock)(struct bpf_spin_lock *lock) = (void *)94;
static long (*const bpf_loop)(u32 nr, void *callback, void *ctx, u64 flags) = (void *)181;
static void *(*const bpf_kptr_xchg)(void *where, void *object) = (void *)194;

/* ---- both callbacks are dead, as there are no iterations; what refers to them is not */

struct plain {
	long x;
};

const volatile u32 no_times;

static int add(u32 i, void *ctx)
{
	*(long *)ctx += i;
	return 0;
}

static int xor(u32 i, void *ctx)
{
	*(long *)ctx ^= i;
	return 0;
}

SEC("tc") int dead_callbacks(void *ctx)
{
	struct plain *object = NEW(struct plain);
	long sum = 0;

	if (object)
		bpf_obj_drop_impl(object, 0);
	bpf_loop(no_times, add, &sum, 0);
	bpf_loop(no_times, xor, &sum, 0);
	return sum;
}

/* ---- clang makes one call of both insertions; neither type has a refcount */

struct event {
	struct bpf_list_node node;
	long when;
};

struct alarm {
	struct bpf_list_node node;
	int id;
};

__hidden_data(A) struct bpf_spin_lock lock;
__hidden_data(A) struct bpf_list_head events __contains(event, node);
__hidden_data(A) struct bpf_list_head alarms __contains(alarm, node);

SEC("tc") int merged_insert(u32 *ctx)
{
	struct event *event = NEW(struct event);
	struct alarm *alarm;

	if (!event)
		return 1;
	alarm = NEW(struct alarm);
	if (!alarm) {
		bpf_obj_drop_impl(event, 0);
		return 1;
	}
	if (((volatile u32 *)ctx)[MARK]) {
		bpf_obj_drop_impl(alarm, 0);
		bpf_spin_lock(&lock);
		bpf_list_push_front_impl(&events, &event->node, 0, 0);
		bpf_spin_unlock(&lock);
	} else {
		bpf_obj_drop_impl(event, 0);
		bpf_spin_lock(&lock);
		bpf_list_push_front_impl(&alarms, &alarm->node, 0, 0);
		bpf_spin_unlock(&lock);
	}
	return 0;
}

/* ---- what is stashed is replaced; clang makes one call of both drops; the records of the types are equal */

struct part {
	struct bpf_refcount refs;
	long x;
};

struct member {
	struct bpf_refcount refs;
	struct part __kptr *part;
};

struct team {
	struct bpf_refcount refs;
	struct part __kptr *part;
	long members;
};

struct stash {
	struct member __kptr *member;
	struct team __kptr *team;
};

struct kept {
	struct part __kptr *part;
};

ARRAY_OF_ONE(stashes, stash);
ARRAY_OF_ONE(parts, kept);

static struct part *new_part(void)
{
	struct part *part = NEW(struct part), *again;
	struct kept *kept;
	int key = 0;

	if (!part)
		return 0;
	again = bpf_refcount_acquire_impl(part, 0);
	kept = bpf_map_lookup_elem(&parts, &key);
	if (!again || !kept) {
		if (again)
			bpf_obj_drop_impl(again, 0);
		bpf_obj_drop_impl(part, 0);
		return 0;
	}
	again = bpf_kptr_xchg(&kept->part, again);
	if (again)
		bpf_obj_drop_impl(again, 0);
	return part;
}

SEC("tc") int fill_stash(u32 *ctx)
{
	int key = 0;
	struct stash *stash = bpf_map_lookup_elem(&stashes, &key);
	struct member *member;
	struct part *part;
	struct team *team;

	if (!stash)
		return 1;
	part = new_part();
	if (!part)
		return 1;
	if (((volatile u32 *)ctx)[MARK]) {
		member = NEW(struct member);
		if (!member) {
			bpf_obj_drop_impl(part, 0);
			return 1;
		}
		part = bpf_kptr_xchg(&member->part, part);
		if (part)
			bpf_obj_drop_impl(part, 0);
		member = bpf_kptr_xchg(&stash->member, member);
		if (member)
			bpf_obj_drop_impl(member, 0);
	} else {
		team = NEW(struct team);
		if (!team) {
			bpf_obj_drop_impl(part, 0);
			return 1;
		}
		part = bpf_kptr_xchg(&team->part, part);
		if (part)
			bpf_obj_drop_impl(part, 0);
		team = bpf_kptr_xchg(&stash->team, team);
		if (team)
			bpf_obj_drop_impl(team, 0);
	}
	return 0;
}

SEC("tc") int merged_drop(u32 *ctx)
{
	int key = 0;
	struct stash *stash = bpf_map_lookup_elem(&stashes, &key);

	if (!stash)
		return 1;
	if (((volatile u32 *)ctx)[MARK]) {
		struct member *member = bpf_kptr_xchg(&stash->member, 0);

		if (member)
			bpf_obj_drop_impl(member, 0);
	} else {
		struct team *team = bpf_kptr_xchg(&stash->team, 0);

		if (team)
			bpf_obj_drop_impl(team, 0);
	}
	return 0;
}

/* Returns the count of the part that fill_stash() has made. */
SEC("tc") int count_part(void *ctx)
{
	int key = 0, count = 0;
	struct kept *kept = bpf_map_lookup_elem(&parts, &key);
	struct part *part;

	if (!kept)
		return 0;
	part = bpf_kptr_xchg(&kept->part, 0);
	if (!part)
		return 0;
	bpf_probe_read_kernel(&count, sizeof(count), (void *)part);
	bpf_obj_drop_impl(part, 0);
	return count;
}

/* ---- one function takes a reference for two types whose refcount is at the same place */

static __attribute__((noinline)) int get_and_put(void *object)
{
	void *again = bpf_refcount_acquire_impl(object, 0);

	if (again)
		bpf_obj_drop_impl(again, 0);
	return 0;
}

SEC("tc") int shared_acquire(void *ctx)
{
	struct part *part = NEW(struct part);
	struct member *member;

	if (!part)
		return 1;
	get_and_put(part);
	bpf_obj_drop_impl(part, 0);
	member = NEW(struct member);
	if (!member)
		return 1;
	get_and_put(member);
	bpf_obj_drop_impl(member, 0);
	return 0;
}

/* ---- loaded twice, as a service does that is restarted: then the map has the type of the first load's BTF */

SEC("tc") int restart(void *ctx)
{
	int key = 0;
	struct kept *kept = bpf_map_lookup_elem(&parts, &key);
	struct part *part;

	if (!kept)
		return 1;
	part = bpf_kptr_xchg(&kept->part, 0);
	if (!part) {
		part = NEW(struct part);
		if (!part)
			return 1;
		part->x = 1;
	}
	bpf_obj_drop_impl(part, 0);
	return 0;
}

/* ---- what fexit sees as the return value: behind the arguments of the name that it attaches to */

struct work {
	struct bpf_wq wq;
};

ARRAY_OF_ONE(works, work);

/* in this order for cases.c */
struct {
	long long by_impl, by_name, really;
} returned;

static int callback(void *map, int *key, void *value)
{
	return 0;
}

SEC("fexit/bpf_wq_set_callback_impl") int by_impl(u64 *ctx)
{
	returned.by_impl = (int)ctx[4];
	return 0;
}

SEC("fexit/bpf_wq_set_callback") int by_name(u64 *ctx)
{
	returned.by_name = (int)ctx[3];
	return 0;
}

SEC("tc") int set_callback(void *ctx)
{
	int key = 0;
	struct work *work = bpf_map_lookup_elem(&works, &key);

	if (!work || bpf_wq_init(&work->wq, &works, 0))
		return 1;
	returned.really = bpf_wq_set_callback_impl(&work->wq, callback, 0, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
