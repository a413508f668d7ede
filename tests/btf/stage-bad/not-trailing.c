#include "ids.h"
__bpf_kfunc int foo(void *aux__magic, int a) { return a; }
MAGIC_FOO
