#include "ids.h"
typedef void *handle_t;
typedef const struct btf_struct_meta *meta_t;
__bpf_kfunc void *push(void *head, void *node, void *less, void *meta__magic, u64 off__magic) { return head; }
__bpf_kfunc void typed(struct bpf_prog_aux *aux__magic, const meta_t meta__magic, const u64 off__magic) { }
__bpf_kfunc void none(handle_t aux__magic) { }
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, none, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, push, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, typed, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, none)
BTF_ID(func, none_impl)
BTF_ID(func, push)
BTF_ID(func, push_impl)
BTF_ID(func, typed)
BTF_ID(func, typed_impl)
BTF_ID_LIST_END(magic_kfuncs)
