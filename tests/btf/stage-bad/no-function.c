#include "ids.h"
__bpf_kfunc int bar(int a, void *aux__magic) { return a; }
MAGIC_FOO
