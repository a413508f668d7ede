#include "ids.h"
/* a deny set and a list that name the impl, which no call has */
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
MAGIC_FOO
BTF_SET8_START(deny)
BTF_ID_FLAGS(func, foo_impl)
BTF_SET8_END(deny)
BTF_ID_LIST(list)
BTF_ID(func, foo)
BTF_ID(func, foo_impl)
BTF_ID_LIST_END(list)
