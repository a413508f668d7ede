#include "ids.h"
__bpf_kfunc int foo(int a, unsigned long meta__magic) { return a; }
MAGIC_FOO
