#include "ids.h"
__bpf_kfunc int foo(int a) { return a; }
MAGIC_FOO
