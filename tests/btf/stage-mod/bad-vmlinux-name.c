#include "ids.h"
/* the base has a function taken_impl */
__bpf_kfunc int taken(int a, void *aux__magic) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, taken, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)
