#include "ids.h"
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS | KF_ARENA_ARG2)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
