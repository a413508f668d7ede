#include "ids.h"
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
BTF_KFUNCS_START(one)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)
BTF_KFUNCS_END(one)
BTF_KFUNCS_START(two)
BTF_ID_FLAGS(func, foo, KF_SLEEPABLE)
BTF_KFUNCS_END(two)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
