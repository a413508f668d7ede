#include "ids.h"
__bpf_kfunc int foo(struct bpf_prog_aux *aux, int flags, void *p) { return 0; }
MAGIC_FOO
