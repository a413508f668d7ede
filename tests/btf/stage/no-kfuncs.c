#include "ids.h"
int foo(int a, void *aux__magic) { return a; }
BTF_ID_LIST(list)
BTF_ID(func, foo)
