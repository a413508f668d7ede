#include "ids.h"
/* as in 7.x: the old name is another kfunc */
__bpf_kfunc int foo(int a, struct bpf_prog_aux *aux) { return a; }
__bpf_kfunc int foo_impl(int a, void *aux__prog) { return foo(a, aux__prog); }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, foo_impl)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
