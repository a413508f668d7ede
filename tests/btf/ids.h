/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kfunc's author writes in the kernel, for the small C files of the
 * host tests: the layout of .BTF_ids is that of include/linux/btf_ids.h.
 */
#ifndef IDS_H
#define IDS_H

#define __bpf_kfunc __attribute__((__used__, __noinline__))

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define STR_(x...) #x
#define STR(x...) STR_(x)

#define KF_SLEEPABLE	(1 << 5)
#define KF_FASTCALL	(1 << 12)
#define KF_ARENA_RET	(1 << 13)
#define KF_ARENA_ARG1	(1 << 14)
#define KF_ARENA_ARG2	(1 << 15)
#define KF_MAGIC_ARGS	(1 << 16)

#define IDS(text)						\
	asm(".pushsection .BTF_ids,\"a\"\n" text ".popsection\n");

#define ID__(symbol, word)					\
	IDS(".local " #symbol "\n"				\
	    ".type " #symbol ", STT_OBJECT\n"			\
	    ".size " #symbol ", 4\n"				\
	    #symbol ":\n.zero 4\n" word)
#define ID_(symbol, word) ID__(symbol, word)
#define UNIQUE(prefix) PASTE(PASTE(prefix, __COUNTER__), __LINE__)

#define BTF_ID(kind, name) \
	ID_(UNIQUE(__BTF_ID__##kind##__##name##__), "")
#define BTF_ID_FLAGS_(kind, name, flags, ...) \
	ID_(UNIQUE(__BTF_ID__##kind##__##name##__), ".long " STR(flags) "\n")
#define BTF_ID_FLAGS(kind, name, ...) \
	BTF_ID_FLAGS_(kind, name, ##__VA_ARGS__, 0)

#define BTF_ID_LIST(name)	IDS(".local " #name "\n" #name ":;\n")
#define BTF_ID_LIST_END(name)	IDS(".local " #name "_end\n" #name "_end:;\n")

#define SET8_START(name, flags)					\
	BTF_ID_LIST(name)					\
	IDS(".local __BTF_ID__set8__" #name "\n"		\
	    "__BTF_ID__set8__" #name ":;\n.zero 4\n.long " #flags "\n")
#define BTF_SET8_START(name)	SET8_START(name, 0)
#define BTF_SET8_END(name) \
	IDS(".size __BTF_ID__set8__" #name ", .-" #name "\n")
#define BTF_KFUNCS_START(name)	SET8_START(name, 1)
#define BTF_KFUNCS_END(name)	BTF_SET8_END(name)

/* What a magic kfunc foo of vmlinux has besides its prototype, where the test is about that. */
#define MAGIC_FOO						\
	BTF_KFUNCS_START(set)					\
	BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS)			\
	BTF_KFUNCS_END(set)					\
	BTF_ID_LIST(magic_kfuncs)				\
	BTF_ID(func, foo)					\
	BTF_ID(func, foo_impl)					\
	BTF_ID_LIST_END(magic_kfuncs)

typedef unsigned long long u64;
struct bpf_prog_aux;
struct btf_struct_meta;

#endif
