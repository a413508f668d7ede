#include "ids.h"
/* magic by their types, as kernels from 7.0 on have it; aux and twin share a prototype, and so does plain */
#define KF_IMPLICIT_ARGS KF_MAGIC_ARGS
__bpf_kfunc int aux(int a, struct bpf_prog_aux *aux) { return a; }
__bpf_kfunc int twin(int a, struct bpf_prog_aux *aux) { return a; }
__bpf_kfunc int plain(int a, struct bpf_prog_aux *aux) { return a; }
__bpf_kfunc int meta(void *p, const struct btf_struct_meta *const ign__x) { return 0; }
__bpf_kfunc int both(void *p, struct btf_struct_meta *meta, u64 off__magic, struct bpf_prog_aux *x) { return 0; }
__bpf_kfunc void only(struct bpf_prog_aux *aux) {}
__bpf_kfunc int foo(int a, struct bpf_prog_aux *aux__magic) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, aux, KF_IMPLICIT_ARGS)
BTF_ID_FLAGS(func, twin, KF_IMPLICIT_ARGS | KF_SLEEPABLE)
BTF_ID_FLAGS(func, plain)
BTF_ID_FLAGS(func, meta, KF_IMPLICIT_ARGS)
BTF_ID_FLAGS(func, both, KF_IMPLICIT_ARGS)
BTF_ID_FLAGS(func, only, KF_IMPLICIT_ARGS)
BTF_ID_FLAGS(func, foo, KF_IMPLICIT_ARGS)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, aux)
BTF_ID(func, aux_impl)
BTF_ID(func, twin)
BTF_ID(func, twin_impl)
BTF_ID(func, meta)
BTF_ID(func, meta_impl)
BTF_ID(func, both)
BTF_ID(func, both_impl)
BTF_ID(func, only)
BTF_ID(func, only_impl)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
