#include "ids.h"
/* clang only: tags of the author's own, one on a parameter that goes */
#define tag(x) __attribute__((btf_decl_tag(x)))
tag("mine") __bpf_kfunc int foo(int a tag("on a"), void *aux__magic tag("on aux")) { return a; }
tag("bpf_kfunc") __bpf_kfunc int has(int a) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, has)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(magic_kfuncs)
