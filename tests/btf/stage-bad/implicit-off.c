#include "ids.h"
/* as in 7.x: off is magic there for standing behind meta */
__bpf_kfunc int foo(void *node, struct btf_struct_meta *meta, u64 off) { return 0; }
MAGIC_FOO
