// SPDX-License-Identifier: GPL-2.0
/*
 * What loading programs costs, in instructions: runs in a guest under -icount shift=0, where the TSC counts the
 * instructions that the one CPU has executed, and nothing else.
 *
 *   bench KERNEL [MAX]
 *
 * prints lines for bench/bench.py, `load,KERNEL,FUNCTION,CALLS,INSTRUCTIONS`: what the system call bpf(BPF_PROG_LOAD)
 * takes, from the instruction before it to that behind it in this program, for a program with 0 to MAX (10000) calls
 * of bpf_stream_vprintk(), if this kernel's BTF has it, and of bpf_stream_vprintk_impl(). The program passes what each
 * takes; for the impl that is one more instruction a call, the dummy. The cost of measuring, the same around a system
 * call that does nothing (getppid), is subtracted. A load is repeated, and the least is taken: the others met a timer
 * interrupt, or were the first to need something. Another program stays loaded all the time, or else the allocation
 * of memory for the JIT would fall into some of the loads.
 *
 * `lookup,KERNEL,WHAT,PAIRS,INSTRUCTIONS`: one look-up in a table of that many pairs, on average over all kfuncs
 * (WHAT is kfunc), all impls (impl) and as many functions that are neither (absent). It is the kernel's own code,
 * include/linux/btf_magic.h, compiled for this program; the loop around it is counted in, some ten instructions.
 * `naive`: finding foo_impl by name in this kernel's BTF, as btf_find_by_name_kind() does it: every type until it is
 * found. PAIRS is the number of types there.
 *
 * `self,KERNEL,EXPECTED,MEASURED`: a loop of a known number of instructions, measured in the same way. Exit status: 0,
 * or 1 with a line on stderr.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <stdbool.h>
typedef __u32 u32;
#include <linux/btf_magic.h>

#include "../vm/insn.h"
#include "now.h"

#define INSNS_A_CALL 9
#define ROUNDS 7

static const char *kernel;
static unsigned long long overhead;
static int fmt_map;

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A map whose one value is the format, which the verifier has to know. */
static int format_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_RDONLY_PROG);
	char value[8] = "hello\n";
	int key = 0, fd;

	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "fmt", sizeof(key), sizeof(value), 1, &opts);
	if (fd < 0 || bpf_map_update_elem(fd, &key, value, 0) || bpf_map_freeze(fd))
		die("map of the format");
	return fd;
}

/* A program with that many calls of the kfunc; an impl gets a dummy. Returns its length. */
static int fill(struct bpf_insn *insns, int calls, int id, int is_impl)
{
	struct bpf_insn *insn = insns;

	*insn++ = INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0);
	while (calls--) {
		*insn++ = MOV(BPF_REG_1, 1);
		*insn++ = INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0, fmt_map);
		*insn++ = INSN(0, 0, 0, 0, 0);
		*insn++ = MOVR(BPF_REG_3, BPF_REG_10);
		*insn++ = INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -8);
		*insn++ = MOV(BPF_REG_4, 8);
		if (is_impl)
			*insn++ = MOV(BPF_REG_5, 0);
		*insn++ = INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, id);
	}
	*insn++ = MOV(BPF_REG_0, 0);
	*insn++ = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return insn - insns;
}

static unsigned long long load(const struct bpf_insn *insns, int cnt, int *fd)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.prog_flags = BPF_F_SLEEPABLE,
		.insns = (unsigned long)insns,
		.insn_cnt = cnt,
		.license = (unsigned long)"GPL",
	};
	unsigned long long start = now(), end;

	*fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	end = now();
	if (*fd < 0)
		die("load");
	return end - start;
}

static void bench_load(const char *name, int id, int is_impl, int max)
{
	static struct bpf_insn insns[10000 * INSNS_A_CALL + 3];
	unsigned long long least, t;
	int calls, round, cnt, fd;

	for (calls = 0; calls <= max; calls = calls ? calls * 10 : 1) {
		cnt = fill(insns, calls, id, is_impl);
		least = ~0ULL;
		for (round = 0; round < (calls < 1000 ? ROUNDS : 2); round++) {
			t = load(insns, cnt, &fd);
			close(fd);
			usleep(20000); /* what is freed after a grace period */
			if (t < least)
				least = t;
		}
		printf("load,%s,%s,%d,%llu\n", kernel, name, calls, least - overhead);
		fflush(stdout);
	}
}

static const struct btf_magic_kfunc *volatile found;

/* Look ids up, from first on in steps of two: in the table, those are kfuncs, impls, or between the kfuncs. */
static unsigned long long look_up(const struct btf_magic_kfunc *tab, u32 pairs, u32 first)
{
	unsigned long long start, end, least = ~0ULL;
	int round;
	u32 i;

	for (round = 0; round < 3; round++) {
		start = now();
		for (i = 0; i < pairs; i++)
			found = btf_magic_kfuncs_find(tab, pairs, first + 2 * i);
		end = now();
		if (end - start < least)
			least = end - start;
	}
	return least / pairs;
}

static void bench_lookup(const struct btf *btf)
{
	static struct btf_magic_kfunc tab[16384];
	unsigned long long start, end;
	const struct btf_type *t;
	u32 pairs, i, nr = btf__type_cnt(btf);

	for (pairs = 4; pairs <= 16384; pairs *= 4) {
		for (i = 0; i < pairs; i++)
			tab[i] = (struct btf_magic_kfunc){ 2 + 2 * i, 2 + 2 * pairs + 2 * i };
		printf("lookup,%s,kfunc,%u,%llu\n", kernel, pairs, look_up(tab, pairs, 2));
		printf("lookup,%s,impl,%u,%llu\n", kernel, pairs, look_up(tab, pairs, 2 + 2 * pairs));
		printf("lookup,%s,absent,%u,%llu\n", kernel, pairs, look_up(tab, pairs, 3));
	}

	start = now();
	for (i = 1; i < nr; i++) {
		t = btf__type_by_id(btf, i);
		if (btf_is_func(t) && !strcmp(btf__name_by_offset(btf, t->name_off), "bpf_stream_vprintk_impl"))
			break;
	}
	end = now();
	printf("lookup,%s,naive,%u,%llu\n", kernel, nr, end - start);
}

static unsigned long long measure_loop(unsigned long n)
{
	unsigned long long start = now();

	/* two instructions a turn, and one */
	asm volatile ("mov %0, %%rcx\n1: dec %%rcx\njnz 1b" : : "r"(n) : "rcx", "cc");
	return now() - start;
}

static unsigned long long least_of(unsigned long long (*measure)(unsigned long), unsigned long arg)
{
	unsigned long long least = ~0ULL, t;
	int i;

	for (i = 0; i < 20; i++) {
		t = measure(arg);
		if (t < least)
			least = t;
	}
	return least;
}

static unsigned long long measure_nothing(unsigned long unused)
{
	unsigned long long start = now();

	(void)unused;
	syscall(SYS_getppid);
	return now() - start;
}

int main(int argc, char **argv)
{
	const char *names[] = { "bpf_stream_vprintk", "bpf_stream_vprintk_impl" };
	unsigned long long one, more;
	struct bpf_insn insns[3];
	int i, id, held, max;
	struct btf *btf;

	if (argc < 2) {
		fprintf(stderr, "usage: bench KERNEL [MAX]\n");
		return 2;
	}
	kernel = argv[1];
	btf = btf__load_vmlinux_btf();
	if (!btf)
		die("BTF of vmlinux");

	one = least_of(measure_loop, 1);
	more = least_of(measure_loop, 1001);
	printf("self,%s,2000,%llu\n", kernel, more - one);
	if (more - one != 2000) {
		fprintf(stderr, "bench: 1000 turns of a loop of two instructions took %llu\n", more - one);
		return 1;
	}

	overhead = least_of(measure_nothing, 0);
	fmt_map = format_map();
	load(insns, fill(insns, 0, 0, 0), &held);
	bench_lookup(btf);
	max = argc > 2 ? atoi(argv[2]) : 10000;
	for (i = 0; i < 2; i++) {
		id = btf__find_by_name_kind(btf, names[i], BTF_KIND_FUNC);
		if (id > 0)
			bench_load(names[i], id, i, max);
	}
	return 0;
}
