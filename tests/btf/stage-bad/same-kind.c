#include "ids.h"
__bpf_kfunc int foo(int a, struct bpf_prog_aux *aux, void *aux__magic) { return a; }
MAGIC_FOO
