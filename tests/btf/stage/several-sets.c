#include "ids.h"
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
__bpf_kfunc int bar(int a) { return a; }
int plain(int a) { return a; }
BTF_KFUNCS_START(one)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, bar)
BTF_KFUNCS_END(one)
BTF_KFUNCS_START(empty)
BTF_KFUNCS_END(empty)
BTF_KFUNCS_START(two)
BTF_ID_FLAGS(func, bar, KF_FASTCALL)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS | KF_SLEEPABLE)
BTF_KFUNCS_END(two)
BTF_SET8_START(no_kfuncs)
BTF_ID_FLAGS(func, plain, KF_MAGIC_ARGS)
BTF_SET8_END(no_kfuncs)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
