#include "ids.h"
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
asm(".globl foo_impl; .type foo_impl, @function; foo_impl: .zero 8");	/* not in BTF */
MAGIC_FOO
