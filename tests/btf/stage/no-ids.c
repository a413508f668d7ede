int foo(int a, void *aux__magic) { return a; }
