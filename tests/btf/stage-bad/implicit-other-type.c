#include "ids.h"
/* an integer, another struct, a pointer to a pointer */
struct bpf_prog;
__bpf_kfunc int foo(unsigned long aux, struct bpf_prog *prog, struct bpf_prog_aux **p) { return 0; }
MAGIC_FOO
