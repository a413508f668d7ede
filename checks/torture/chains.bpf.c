// SPDX-License-Identifier: GPL-2.0
/*
 * What chains.c runs: each program makes objects that own one another, and frees them in its own way. An object on top
 * owns one of the next level, and so on, as deep as bpf_kptr_xchg() allows; that at the bottom has a list and a tree of
 * the same nodes, and each node owns a leaf. What does not work is counted.
 */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "bpf_experimental.h"

/* Shared with chains.c: how many nodes there are to be, at the bottom or in a map value */
struct {
	int nodes;
	long made, failed;
} counts SEC(".data.counts");

/* Without the variable, BTF may have no more than a declaration of a type that kptrs point to. */
#define TYPE(name, ...) struct name { __VA_ARGS__ }; struct name *name##_in_btf

TYPE(leaf, long x;);
TYPE(node, struct bpf_list_node l; struct bpf_rb_node r; struct bpf_refcount ref; struct leaf __kptr *leaf; long key;);
TYPE(level2, struct bpf_spin_lock lock; struct bpf_list_head list __contains(node, l);
	     struct bpf_rb_root tree __contains(node, r););
#define LEVEL(n, below) TYPE(level##n, struct level##below __kptr *owned; long x;);
/* X for each level and the one below it, from the lowest on */
#define LEVELS(X)							\
	X(3, 2) X(4, 3) X(5, 4) X(6, 5) X(7, 6) X(8, 7) X(9, 8)		\
	X(10, 9) X(11, 10) X(12, 11) X(13, 12) X(14, 13) X(15, 14) X(16, 15)
LEVELS(LEVEL)

struct owner {
	struct level16 __kptr *top;
	struct bpf_spin_lock lock;
	struct bpf_list_head list __contains(node, l);
	struct bpf_rb_root tree __contains(node, r);
};

struct res_owner {
	struct bpf_res_spin_lock lock;
	struct bpf_list_head list __contains(node, l);
	struct bpf_rb_root tree __contains(node, r);
};

#define MAP(name, map_type, value_type)					\
struct {								\
	__uint(type, map_type);						\
	__uint(max_entries, 1);						\
	__type(key, int);						\
	__type(value, value_type);					\
} name SEC(".maps")

MAP(hash, BPF_MAP_TYPE_HASH, struct owner);
MAP(res_hash, BPF_MAP_TYPE_HASH, struct res_owner);
MAP(array, BPF_MAP_TYPE_ARRAY, struct owner);

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container_of(a, struct node, r)->key < container_of(b, struct node, r)->key;
}

static struct node *make_node(long key)
{
	struct node *node = bpf_obj_new(struct node);
	struct leaf *leaf;

	if (!node)
		return NULL;
	node->key = key;
	leaf = bpf_obj_new(struct leaf);
	if (leaf) {
		leaf = bpf_kptr_xchg(&node->leaf, leaf);
		if (leaf)
			bpf_obj_drop(leaf);
	}
	return node;
}

/* Fill the list and the tree of what OWNER points to with the same nodes, in an order that leaves no list of a tree. */
#define FILL(owner, take, give)						\
({									\
	struct node *node, *second;					\
	int i, bad = 0;							\
									\
	bpf_for(i, 0, counts.nodes) {					\
		node = make_node((long)i * 617 % 10007);		\
		if (!node) {						\
			bad = 1;					\
			break;						\
		}							\
		second = bpf_refcount_acquire(node);			\
		if (take(&(owner)->lock)) {				\
			bpf_obj_drop(node);				\
			bpf_obj_drop(second);				\
			bad = 1;					\
			break;						\
		}							\
		bpf_list_push_back(&(owner)->list, &node->l);		\
		bpf_rbtree_add(&(owner)->tree, &second->r, less);	\
		give(&(owner)->lock);					\
		counts.made++;						\
	}								\
	bad;								\
})

static __always_inline int spin_lock(struct bpf_spin_lock *lock)
{
	bpf_spin_lock(lock);
	return 0;
}

/*
 * A new object of level N gets the one of the level below. A drop that the compiler made of those of several levels would
 * free no field: what follows keeps each apart.
 */
#define PUT_ON(n, below)						\
	struct level##n *l##n = bpf_obj_new(struct level##n);		\
									\
	if (!l##n) {							\
		bpf_obj_drop(l##below);					\
		asm volatile ("" :: "i"(n));				\
		counts.failed++;						\
		return 0;						\
	}								\
	l##below = bpf_kptr_xchg(&l##n->owned, l##below);		\
	if (l##below) {							\
		bpf_obj_drop(l##below);					\
		asm volatile ("" :: "i"(100 + n));			\
	}

#define MAKE_CHAIN()							\
	struct level2 *l2 = bpf_obj_new(struct level2);			\
									\
	if (!l2) {							\
		counts.failed++;						\
		return 0;						\
	}								\
	counts.failed += FILL(l2, spin_lock, bpf_spin_unlock);			\
	LEVELS(PUT_ON)

/* The element of MAP, which is used again after it was deleted. */
#define NEW_ELEM(map, type)						\
({									\
	type init = {};							\
	int key = 0;							\
									\
	bpf_map_update_elem(&map, &key, &init, 0);			\
	(type *)bpf_map_lookup_elem(&map, &key);			\
})

#define CHAIN_INTO(elem)						\
({									\
	MAKE_CHAIN()							\
	l16 = bpf_kptr_xchg(&(elem)->top, l16);				\
	if (l16) {							\
		bpf_obj_drop(l16);					\
		asm volatile ("" :: "i"(200));				\
	}								\
})

SEC("tc")
int chain_dropped(void *ctx)
{
	MAKE_CHAIN()
	bpf_obj_drop(l16);
	asm volatile ("");
	return 0;
}

#define IN_DELETED_ELEM(name, map, type, fill)				\
SEC("tc")								\
int name(void *ctx)							\
{									\
	type *elem = NEW_ELEM(map, type);				\
	int key = 0;							\
									\
	if (!elem) {							\
		counts.failed++;					\
		return 0;						\
	}								\
	fill;								\
	if (bpf_map_delete_elem(&map, &key))				\
		counts.failed++;					\
	return 0;							\
}

IN_DELETED_ELEM(chain_in_deleted_elem, hash, struct owner, CHAIN_INTO(elem))

SEC("tc")
int chain_in_updated_array(void *ctx)
{
	int key = 0;
	struct owner *elem = bpf_map_lookup_elem(&array, &key), init = {};

	if (!elem) {
		counts.failed++;
		return 0;
	}
	CHAIN_INTO(elem);
	if (bpf_map_update_elem(&array, &key, &init, 0))
		counts.failed++;
	return 0;
}

IN_DELETED_ELEM(nodes_in_deleted_elem, hash, struct owner, counts.failed += FILL(elem, spin_lock, bpf_spin_unlock))
IN_DELETED_ELEM(nodes_by_res_spin_lock, res_hash, struct res_owner,
		counts.failed += FILL(elem, bpf_res_spin_lock, bpf_res_spin_unlock))

/* Not freed: chains.c sees that this is seen, and that the map's end frees it. */
SEC("tc")
int nodes_kept(void *ctx)
{
	int key = 0;
	struct owner *elem = bpf_map_lookup_elem(&array, &key);

	if (elem)
		counts.failed += FILL(elem, spin_lock, bpf_spin_unlock);
	return 0;
}

char _license[] SEC("license") = "GPL";
