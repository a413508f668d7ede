#include "ids.h"
__bpf_kfunc int result(int a) { return a; }
__bpf_kfunc int integer(int a, void *p) { return a; }
__bpf_kfunc void *missing(void *p) { return p; }
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
BTF_KFUNCS_START(set2)
BTF_ID_FLAGS(func, result, KF_ARENA_RET)
BTF_ID_FLAGS(func, integer, KF_ARENA_ARG1)
BTF_ID_FLAGS(func, missing, KF_ARENA_ARG2)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS | KF_ARENA_ARG2)
BTF_KFUNCS_END(set2)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
