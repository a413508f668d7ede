#include "ids.h"
__bpf_kfunc int foo(int a, int b, int c, int d, void *meta__magic, u64 off__magic) { return a; }
MAGIC_FOO
