#include "ids.h"
__bpf_kfunc int foo(int a, void *aux__magic) { return a; }
__bpf_kfunc int foo_impl(int a, void *aux__magic) { return a; }
MAGIC_FOO
