#include "ids.h"
__bpf_kfunc int foo(void *aux__prog, void *aux__magic) { return 0; }
MAGIC_FOO
