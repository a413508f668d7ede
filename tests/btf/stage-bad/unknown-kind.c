#include "ids.h"
__bpf_kfunc int foo(int a, void *prog__magic) { return a; }
MAGIC_FOO
