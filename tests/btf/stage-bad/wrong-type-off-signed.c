#include "ids.h"
__bpf_kfunc int foo(int a, long long off__magic) { return a; }
MAGIC_FOO
