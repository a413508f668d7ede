#include "ids.h"
/* One prototype for four functions, two of them without the flag. */
int before(int a, void *p, void *aux__magic) { return a; }
__bpf_kfunc int zz(int a, void *p, void *aux__magic) { return a; }
__bpf_kfunc int aa(int a, void *p, void *aux__magic) { return a; }
__bpf_kfunc int fast(int a) { return a; }
int after(int a, void *p, void *aux__magic) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, aa, KF_MAGIC_ARGS | KF_SLEEPABLE)
BTF_ID_FLAGS(func, fast, KF_FASTCALL)
BTF_ID_FLAGS(func, zz, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, aa)
BTF_ID(func, aa_impl)
BTF_ID(func, zz)
BTF_ID(func, zz_impl)
BTF_ID_LIST_END(magic_kfuncs)
