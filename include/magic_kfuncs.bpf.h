/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Copyright (C) 2026 the authors of magic-kfuncs
 *
 * magic_kfuncs.bpf.h: twelve kfuncs by their argument-free names, on every kernel that has them
 *
 * In Linux 6.10 to 6.18 these kfuncs are called foo_impl() and a program passes dummies for what only the verifier
 * knows. Later kernels have foo(), without the dummies, and kernels with magic kfuncs have both. Copy this file into
 * a project and include it after vmlinux.h; it includes bpf/bpf_helpers.h, if that has not been done. Then
 *
 *	bpf_wq_set_callback(wq, callback, flags)
 *	bpf_task_work_schedule_signal(task, tw, map, callback), bpf_task_work_schedule_resume(task, tw, map, callback)
 *	bpf_stream_vprintk(stream, fmt, args, size), bpf_stream_printk(stream, fmt, ...)
 *	bpf_obj_new(type), bpf_obj_drop(obj), bpf_percpu_obj_new(type), bpf_percpu_obj_drop(obj)
 *	bpf_refcount_acquire(obj)
 *	bpf_list_push_front(head, node), bpf_list_push_back(head, node), bpf_rbtree_add(root, node, less)
 *
 * call foo() where the kernel has it, and foo_impl() elsewhere. Where the kernel has neither, the program does not
 * load, unless it asks before it calls:
 *
 *	if (magic_kfunc_exists(bpf_task_work_schedule_signal))
 *		err = bpf_task_work_schedule_signal(task, &elem->tw, &map, callback);
 *
 * A call costs what one of foo_impl(..., NULL) costs: libbpf sets the address of a weak function that the kernel
 * lacks to 0, so the verifier knows each comparison below and removes it with the branch that is not taken. The load
 * of the address stays, in the register in which foo_impl() expects a dummy, instead of the load of that dummy.
 *
 * - bpf_experimental.h, which has macros by some of these names, must come before this file.
 * - `conflicting types for 'bpf_stream_vprintk'`: 6.17 and libbpf 1.6 declare it with a fifth argument. libbpf 1.6 is
 *   recognised if this file comes before its bpf_helpers.h; with vmlinux.h of 6.17 define
 *   MAGIC_KFUNCS_STREAM_5_ARGS before this file.
 * - Compile with clang 14 or newer, optimised, as all BPF programs. Load with libbpf 1.1 or newer.
 */
#ifndef __MAGIC_KFUNCS_BPF_H__
#define __MAGIC_KFUNCS_BPF_H__

#ifdef __BPF_HELPERS__
#ifdef bpf_stream_printk
#include <bpf/libbpf_version.h>
#if LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION == 6 && !defined(MAGIC_KFUNCS_STREAM_5_ARGS)
#define MAGIC_KFUNCS_STREAM_5_ARGS
#endif
#endif
#else
/* Whatever number of arguments it declares this one with, nothing calls that */
#define bpf_stream_vprintk bpf_stream_vprintk___helpers
#include <bpf/bpf_helpers.h>
#undef bpf_stream_vprintk
#endif

#undef bpf_wq_set_callback
#undef bpf_task_work_schedule_signal
#undef bpf_task_work_schedule_resume
#undef bpf_stream_vprintk
#undef bpf_stream_printk
#undef bpf_obj_new
#undef bpf_obj_drop
#undef bpf_percpu_obj_new
#undef bpf_percpu_obj_drop
#undef bpf_refcount_acquire
#undef bpf_list_push_front
#undef bpf_list_push_back
#undef bpf_rbtree_add

/* ---- the functions, with the types that every vmlinux.h has for them */

#define ___magic_ksym __attribute__((weak, section(".ksyms")))

struct bpf_wq;
struct bpf_map;
struct task_struct;
struct bpf_task_work;
struct bpf_list_head;
struct bpf_list_node;
struct bpf_rb_root;
struct bpf_rb_node;

extern int bpf_wq_set_callback(struct bpf_wq *wq, int (*callback_fn)(void *map, int *key, void *value),
			       unsigned int flags) ___magic_ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback_fn)(void *map, int *key, void *value),
				    unsigned int flags, void *aux) ___magic_ksym;

extern int bpf_task_work_schedule_signal(struct task_struct *task, struct bpf_task_work *tw, void *map,
					 int (*callback)(struct bpf_map *map, void *key, void *value)) ___magic_ksym;
extern int bpf_task_work_schedule_signal_impl(struct task_struct *task, struct bpf_task_work *tw, void *map,
					      int (*callback)(struct bpf_map *map, void *key, void *value),
					      void *aux) ___magic_ksym;

extern int bpf_task_work_schedule_resume(struct task_struct *task, struct bpf_task_work *tw, void *map,
					 int (*callback)(struct bpf_map *map, void *key, void *value)) ___magic_ksym;
extern int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *tw, void *map,
					      int (*callback)(struct bpf_map *map, void *key, void *value),
					      void *aux) ___magic_ksym;

/* For libbpf the name of a function ends before `___`; 1.1 knows no such function, and leaves it unset */
#ifdef MAGIC_KFUNCS_STREAM_5_ARGS
#define ___magic_stream_4_args bpf_stream_vprintk___magic
#define ___magic_stream_5_args bpf_stream_vprintk
#else
#define ___magic_stream_4_args bpf_stream_vprintk
#define ___magic_stream_5_args bpf_stream_vprintk___aux
#endif
extern int ___magic_stream_4_args(int stream_id, const char *fmt, const void *args, unsigned int len) ___magic_ksym;
extern int ___magic_stream_5_args(int stream_id, const char *fmt, const void *args, unsigned int len,
				  void *aux) ___magic_ksym;
extern int bpf_stream_vprintk_impl(int stream_id, const char *fmt, const void *args, unsigned int len,
				   void *aux) ___magic_ksym;

extern void *bpf_obj_new(unsigned long long local_type_id) ___magic_ksym;
extern void *bpf_obj_new_impl(unsigned long long local_type_id, void *meta) ___magic_ksym;
extern void bpf_obj_drop(void *obj) ___magic_ksym;
extern void bpf_obj_drop_impl(void *obj, void *meta) ___magic_ksym;
extern void *bpf_percpu_obj_new(unsigned long long local_type_id) ___magic_ksym;
extern void *bpf_percpu_obj_new_impl(unsigned long long local_type_id, void *meta) ___magic_ksym;
extern void bpf_percpu_obj_drop(void *obj) ___magic_ksym;
extern void bpf_percpu_obj_drop_impl(void *obj, void *meta) ___magic_ksym;
extern void *bpf_refcount_acquire(void *obj) ___magic_ksym;
extern void *bpf_refcount_acquire_impl(void *obj, void *meta) ___magic_ksym;

extern int bpf_list_push_front(struct bpf_list_head *head, struct bpf_list_node *node) ___magic_ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta,
				    unsigned long long off) ___magic_ksym;
extern int bpf_list_push_back(struct bpf_list_head *head, struct bpf_list_node *node) ___magic_ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta,
				   unsigned long long off) ___magic_ksym;
extern int bpf_rbtree_add(struct bpf_rb_root *root, struct bpf_rb_node *node,
			  _Bool (*less)(struct bpf_rb_node *a, const struct bpf_rb_node *b)) ___magic_ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       _Bool (*less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta,
			       unsigned long long off) ___magic_ksym;

/* ---- which of them the kernel has */

#define magic_kfunc_exists(name) ___magic_has_##name()

/* The barriers keep the compiler from or-ing addresses to test them at once, which the verifier refuses */
#define ___magic_inline static inline __attribute__((always_inline, unused))
#define ___magic_barrier() __asm__ volatile("")
#define ___magic_has(func)						\
({									\
	int ___has = 0;							\
									\
	___magic_barrier();						\
	if (func) {							\
		___magic_barrier();					\
		___has = 1;						\
	}								\
	___has;								\
})
#define ___magic_define_has(name)					\
	___magic_inline int ___magic_has_##name(void)			\
	{								\
		return ___magic_has(name) || ___magic_has(name##_impl);	\
	}

___magic_define_has(bpf_wq_set_callback)
___magic_define_has(bpf_task_work_schedule_signal)
___magic_define_has(bpf_task_work_schedule_resume)
___magic_define_has(bpf_obj_new)
___magic_define_has(bpf_obj_drop)
___magic_define_has(bpf_percpu_obj_new)
___magic_define_has(bpf_percpu_obj_drop)
___magic_define_has(bpf_refcount_acquire)
___magic_define_has(bpf_list_push_front)
___magic_define_has(bpf_list_push_back)
___magic_define_has(bpf_rbtree_add)

___magic_inline int ___magic_has_bpf_stream_vprintk(void)
{
	return ___magic_has(___magic_stream_4_args) || ___magic_has(___magic_stream_5_args) ||
	       ___magic_has(bpf_stream_vprintk_impl);
}

/* ---- calls
 *
 * For each kfunc: load the address of foo() into the register of foo_impl()'s dummy. If it is 0, call foo_impl() with
 * what that register holds. The compiler is not told that this is 0, or it would load the 0 once more.
 */
#define ___magic_register(var, name) register void *var __asm__(name)
#define ___magic_load(var, func) __asm__ volatile("%0 = %1 ll" : "=r"(var) : "i"(func))
#define ___magic_keep(var) __asm__ volatile("" : "=r"(var))
/* Without this, the caller's check for NULL would be copied behind each of the two calls, with a jump more */
#define ___magic_join(obj) __asm__ volatile("" : "+r"(obj))

___magic_inline int ___magic_bpf_wq_set_callback(struct bpf_wq *wq, int (*callback_fn)(void *, int *, void *),
						 unsigned int flags)
{
	___magic_register(aux, "r4");

	___magic_load(aux, bpf_wq_set_callback);
	if (aux)
		return bpf_wq_set_callback(wq, callback_fn, flags);
	___magic_keep(aux);
	return bpf_wq_set_callback_impl(wq, callback_fn, flags, aux);
}

___magic_inline int ___magic_bpf_task_work_schedule_signal(struct task_struct *task, struct bpf_task_work *tw,
							   void *map,
							   int (*callback)(struct bpf_map *, void *, void *))
{
	___magic_register(aux, "r5");

	___magic_load(aux, bpf_task_work_schedule_signal);
	if (aux)
		return bpf_task_work_schedule_signal(task, tw, map, callback);
	___magic_keep(aux);
	return bpf_task_work_schedule_signal_impl(task, tw, map, callback, aux);
}

___magic_inline int ___magic_bpf_task_work_schedule_resume(struct task_struct *task, struct bpf_task_work *tw,
							   void *map,
							   int (*callback)(struct bpf_map *, void *, void *))
{
	___magic_register(aux, "r5");

	___magic_load(aux, bpf_task_work_schedule_resume);
	if (aux)
		return bpf_task_work_schedule_resume(task, tw, map, callback);
	___magic_keep(aux);
	return bpf_task_work_schedule_resume_impl(task, tw, map, callback, aux);
}

/* The one with three forms, so one load more where the kernel has not the first */
___magic_inline int ___magic_bpf_stream_vprintk(int stream_id, const char *fmt, const void *args, unsigned int len)
{
	___magic_register(aux, "r5");

	___magic_load(aux, ___magic_stream_4_args);
	if (aux)
		return ___magic_stream_4_args(stream_id, fmt, args, len);
	___magic_load(aux, ___magic_stream_5_args);
	if (aux)
		return ___magic_stream_5_args(stream_id, fmt, args, len, (void *)0);
	___magic_keep(aux);
	return bpf_stream_vprintk_impl(stream_id, fmt, args, len, aux);
}

___magic_inline void *___magic_bpf_obj_new(unsigned long long local_type_id)
{
	___magic_register(meta, "r2");
	void *ret;

	___magic_load(meta, bpf_obj_new);
	if (meta) {
		ret = bpf_obj_new(local_type_id);
	} else {
		___magic_keep(meta);
		ret = bpf_obj_new_impl(local_type_id, meta);
	}
	___magic_join(ret);
	return ret;
}

___magic_inline void ___magic_bpf_obj_drop(void *obj)
{
	___magic_register(meta, "r2");

	___magic_load(meta, bpf_obj_drop);
	if (meta) {
		bpf_obj_drop(obj);
		return;
	}
	___magic_keep(meta);
	bpf_obj_drop_impl(obj, meta);
}

___magic_inline void *___magic_bpf_percpu_obj_new(unsigned long long local_type_id)
{
	___magic_register(meta, "r2");
	void *ret;

	___magic_load(meta, bpf_percpu_obj_new);
	if (meta) {
		ret = bpf_percpu_obj_new(local_type_id);
	} else {
		___magic_keep(meta);
		ret = bpf_percpu_obj_new_impl(local_type_id, meta);
	}
	___magic_join(ret);
	return ret;
}

___magic_inline void ___magic_bpf_percpu_obj_drop(void *obj)
{
	___magic_register(meta, "r2");

	___magic_load(meta, bpf_percpu_obj_drop);
	if (meta) {
		bpf_percpu_obj_drop(obj);
		return;
	}
	___magic_keep(meta);
	bpf_percpu_obj_drop_impl(obj, meta);
}

___magic_inline void *___magic_bpf_refcount_acquire(void *obj)
{
	___magic_register(meta, "r2");
	void *ret;

	___magic_load(meta, bpf_refcount_acquire);
	if (meta) {
		ret = bpf_refcount_acquire(obj);
	} else {
		___magic_keep(meta);
		ret = bpf_refcount_acquire_impl(obj, meta);
	}
	___magic_join(ret);
	return ret;
}

___magic_inline int ___magic_bpf_list_push_front(struct bpf_list_head *head, struct bpf_list_node *node)
{
	___magic_register(meta, "r3");

	___magic_load(meta, bpf_list_push_front);
	if (meta)
		return bpf_list_push_front(head, node);
	___magic_keep(meta);
	return bpf_list_push_front_impl(head, node, meta, 0);
}

___magic_inline int ___magic_bpf_list_push_back(struct bpf_list_head *head, struct bpf_list_node *node)
{
	___magic_register(meta, "r3");

	___magic_load(meta, bpf_list_push_back);
	if (meta)
		return bpf_list_push_back(head, node);
	___magic_keep(meta);
	return bpf_list_push_back_impl(head, node, meta, 0);
}

___magic_inline int ___magic_bpf_rbtree_add(struct bpf_rb_root *root, struct bpf_rb_node *node,
					    _Bool (*less)(struct bpf_rb_node *, const struct bpf_rb_node *))
{
	___magic_register(meta, "r4");

	___magic_load(meta, bpf_rbtree_add);
	if (meta)
		return bpf_rbtree_add(root, node, less);
	___magic_keep(meta);
	return bpf_rbtree_add_impl(root, node, less, meta, 0);
}

/* ---- by their own names; what a name without arguments stands for is not changed: bpf_ksym_exists(bpf_obj_new) */

#define bpf_wq_set_callback(wq, callback, flags) ___magic_bpf_wq_set_callback(wq, callback, flags)
#define bpf_task_work_schedule_signal(task, tw, map, callback) \
	___magic_bpf_task_work_schedule_signal(task, tw, map, callback)
#define bpf_task_work_schedule_resume(task, tw, map, callback) \
	___magic_bpf_task_work_schedule_resume(task, tw, map, callback)
#define bpf_stream_vprintk(stream_id, fmt, args, len) ___magic_bpf_stream_vprintk(stream_id, fmt, args, len)
#define bpf_obj_new(type) ((type *)___magic_bpf_obj_new(__builtin_btf_type_id(*(__typeof__(type) *)0, 0)))
#define bpf_obj_drop(obj) ___magic_bpf_obj_drop(obj)
#define bpf_percpu_obj_new(type)								\
	((type __attribute__((btf_type_tag("percpu_kptr"))) *)					\
	 ___magic_bpf_percpu_obj_new(__builtin_btf_type_id(*(__typeof__(type) *)0, 0)))
#define bpf_percpu_obj_drop(obj) ___magic_bpf_percpu_obj_drop(obj)
#define bpf_refcount_acquire(obj) ___magic_bpf_refcount_acquire(obj)
#define bpf_list_push_front(head, node) ___magic_bpf_list_push_front(head, node)
#define bpf_list_push_back(head, node) ___magic_bpf_list_push_back(head, node)
#define bpf_rbtree_add(root, node, less) ___magic_bpf_rbtree_add(root, node, less)

/* Up to 12 arguments, each of at most 64 bits, as bpf_printk() takes them */
#define bpf_stream_printk(stream_id, fmt, args...)						\
({												\
	static const char ___fmt[] = fmt;							\
	unsigned long long ___param[___bpf_narg(args)];						\
												\
	_Pragma("clang diagnostic push")							\
	_Pragma("clang diagnostic ignored \"-Wint-conversion\"")				\
	___bpf_fill(___param, args);								\
	_Pragma("clang diagnostic pop")								\
	bpf_stream_vprintk(stream_id, ___fmt, ___param, sizeof(___param));			\
})

#endif
