#include "ids.h"
__bpf_kfunc int mod_kfunc(int a, void *aux__magic) { return a; }
__bpf_kfunc struct bpf_prog_aux *other(u64 a, struct bpf_prog_aux *aux__magic) { return aux__magic; }
__bpf_kfunc int plain(int a) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, plain)
BTF_ID_FLAGS(func, mod_kfunc, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, other, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, unresolved)
BTF_KFUNCS_END(set)
