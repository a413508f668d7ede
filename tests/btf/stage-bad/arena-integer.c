#include "ids.h"
__bpf_kfunc int foo(int a, void *p) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_ARENA_ARG1)
BTF_KFUNCS_END(set)
