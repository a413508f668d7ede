/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How programs are written: one instruction after the other goes to code[], which has cnt of them. The arguments of a
 * call are what is put into R1, R2 and so on before it:
 *
 *	call_helper(BPF_FUNC_kptr_xchg, VALUE(map, 8), REG(BPF_REG_7));
 *	call_kfunc(id, AT(BPF_REG_10, -16), NUM(0));
 *
 * What fails ends the process, with a line on stderr and exit status 1. It needs linux/bpf.h alone, no libbpf.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "insn.h"

#ifndef MAX_INSNS
#define MAX_INSNS 8192
#endif

static struct bpf_insn code[MAX_INSNS];
static int cnt;

extern char *program_invocation_short_name;

static inline void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static inline void add(struct bpf_insn insn)
{
	if (cnt == MAX_INSNS)
		die("program is too long");
	code[cnt++] = insn;
}

static inline void add_wide(int reg, int kind, int imm, int next)
{
	add(INSN(BPF_LD | BPF_IMM | BPF_DW, reg, kind, 0, imm));
	add(INSN(0, 0, 0, 0, next));
}

/* What goes into a register: what another has, or that and a number; a number; a map; a place in its value; a function. */
struct arg {
	enum { ARG_REG, ARG_AT, ARG_NUM, ARG_WIDE } kind;
	int a, b, c;
};

#define REG(reg) ((struct arg){ ARG_REG, reg, 0, 0 })
#define AT(reg, off) ((struct arg){ ARG_AT, reg, off, 0 })
#define NUM(n) ((struct arg){ ARG_NUM, n, 0, 0 })
#define MAP(fd) ((struct arg){ ARG_WIDE, BPF_PSEUDO_MAP_FD, fd, 0 })
#define VALUE(fd, off) ((struct arg){ ARG_WIDE, BPF_PSEUDO_MAP_VALUE, fd, off })
#define FUNC(to) ((struct arg){ ARG_WIDE, BPF_PSEUDO_FUNC, to, 0 })

static inline void set(int reg, struct arg arg)
{
	if (arg.kind == ARG_NUM) {
		add(MOV(reg, arg.a));
	} else if (arg.kind == ARG_WIDE) {
		add_wide(reg, arg.a, arg.b, arg.c);
	} else {
		if (arg.a != reg)
			add(MOVR(reg, arg.a));
		if (arg.kind == ARG_AT)
			add(ADD(reg, arg.b));
	}
}

static inline void set_args(const struct arg *args, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		set(BPF_REG_1 + i, args[i]);
}

static inline void add_call(struct bpf_insn insn, const struct arg *args, size_t nr)
{
	set_args(args, nr);
	add(insn);
}

#define ARGS(...) (struct arg[]){ __VA_ARGS__ }, sizeof((struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg)
#define SET_ARGS(...) set_args(ARGS(__VA_ARGS__))
#define call_helper(func, ...) add_call(HELPER(func), ARGS(__VA_ARGS__))
#define call_kfunc(id, ...) add_call(KFUNC(id), ARGS(__VA_ARGS__))

static inline void end(int ret)
{
	add(MOV(BPF_REG_0, ret));
	add(EXIT);
}

/* A branch to a place that comes later; land() says that it is here. */
static inline int branch(int op, int reg, int imm)
{
	add(JUMP(op, reg, imm, 0));
	return cnt - 1;
}

static inline void land(int at)
{
	code[at].off = cnt - at - 1;
}

/* R0 = the value of a map's key, which goes to the stack. */
static inline void lookup(int map, int key_at, int key)
{
	add(STORE_IMM(BPF_W, BPF_REG_10, key_at, key));
	set(BPF_REG_2, AT(BPF_REG_10, key_at));
	call_helper(BPF_FUNC_map_lookup_elem, MAP(map));
}

/* References to functions, and calls of them, have the number of the function: make it the distance to starts[number]. */
static inline void point_at_functions(const int *starts)
{
	int i;

	for (i = 0; i < cnt; i++)
		if ((code[i].code == (BPF_LD | BPF_IMM | BPF_DW) && code[i].src_reg == BPF_PSEUDO_FUNC) ||
		    (code[i].code == (BPF_JMP | BPF_CALL) && code[i].src_reg == BPF_PSEUDO_CALL))
			code[i].imm = starts[code[i].imm] - i - 1;
}

static unsigned int seed;

static inline unsigned int pick(unsigned int n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}
