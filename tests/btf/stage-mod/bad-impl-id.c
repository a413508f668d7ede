#include "ids.h"
/* impls of the base and of the module */
__bpf_kfunc int mod_kfunc(int a, void *aux__magic) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, mod_kfunc, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)
BTF_ID_LIST(list)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID(func, mod_kfunc_impl)
BTF_ID(func, taken_impl)
