#include "ids.h"
__bpf_kfunc int foo(int a, void *prog__magic, u64 aux__magic) { return a; }
__bpf_kfunc int bar(void *aux__magic) { return 0; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)
BTF_KFUNCS_START(other)
BTF_ID_FLAGS(func, bar)
BTF_ID_FLAGS(func, baz, KF_MAGIC_ARGS)
BTF_KFUNCS_END(other)

