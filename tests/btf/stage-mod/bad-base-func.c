#include "ids.h"
/* foo is a function of the base */
int x(int a) { return a; }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)
