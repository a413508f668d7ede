#include "ids.h"
/* a conversion that stopped half-way: it looks like the pair that the stage makes */
__bpf_kfunc int foo(int a) { return a; }
__bpf_kfunc int foo_impl(int a, void *aux__magic) { return a; }
MAGIC_FOO
