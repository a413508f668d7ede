#include "ids.h"
__bpf_kfunc int foo(int a, struct btf_struct_meta *aux__magic) { return a; }
MAGIC_FOO
