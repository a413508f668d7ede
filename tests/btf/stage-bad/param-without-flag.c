#include "ids.h"
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_SLEEPABLE)
BTF_KFUNCS_END(set)

