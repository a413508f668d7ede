#include "ids.h"
__bpf_kfunc void *foo(void *p) { return p; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_ARENA_ARG2)
BTF_KFUNCS_END(set)
