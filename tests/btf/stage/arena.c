#include "ids.h"
/* alloc and other share a prototype, alloc and shared an address space; foo has a pair as well */
typedef const void *ptr;
struct item { int a; };
__bpf_kfunc void *alloc(void *map, void *addr, int n) { return addr; }
__bpf_kfunc void *other(void *map, void *addr, int n) { return addr; }
__bpf_kfunc void *shared(void *map, void *addr, int n) { return addr; }
__bpf_kfunc int free_item(const struct item *const item, ptr p) { return item->a; }
__bpf_kfunc struct item *foo(struct item *item, void *aux__magic) { return item; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, alloc, KF_SLEEPABLE | KF_ARENA_RET | KF_ARENA_ARG2)
BTF_ID_FLAGS(func, other)
BTF_ID_FLAGS(func, shared, KF_ARENA_RET)
BTF_ID_FLAGS(func, free_item, KF_ARENA_ARG1 | KF_ARENA_ARG2)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS | KF_ARENA_RET | KF_ARENA_ARG1)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
