#include "ids.h"
__bpf_kfunc int foo(int a, unsigned int off__magic, void *meta__magic) { return a; }
MAGIC_FOO
