// SPDX-License-Identifier: GPL-2.0
/*
 * What loading programs costs, in instructions: runs in a guest under -icount shift=0, where the TSC counts the
 * instructions that the one CPU has executed, and nothing else.
 *
 *   bench KERNEL [MAX | kill NUMBER]
 *
 * prints lines for bench/bench.py, `load,KERNEL,WHAT,NUMBER,INSTRUCTIONS`: what the system call bpf(BPF_PROG_LOAD)
 * takes, from the instruction before it to that behind it in this program, for a program with 0 to MAX (10000) calls
 * of bpf_stream_vprintk(), if this kernel's BTF has it, and of bpf_stream_vprintk_impl(), and as many of what else the
 * verifier rewrites (kinds[]). The program passes what each kfunc takes; for the impl that is one more instruction a
 * call, the dummy. The cost of measuring, the same around a system call that does nothing (getppid), is subtracted. A
 * load is repeated, and the least is taken: the others met a timer interrupt, or were the first to need something.
 * Another program stays loaded all the time, or else the allocation of memory for the JIT would fall into some of the
 * loads.
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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <stdbool.h>
typedef __u32 u32;
#include <linux/btf_magic.h>

#include "../lib/insn.h"
#include "now.h"

#define MAX_INSNS 900100 /* 100,000 calls of nine instructions */
#define ROUNDS 7

static const char *kernel;
static unsigned long long overhead;
static int fmt_map, prog_map;
/* what a program with a callback has to have: types of its functions, and where the second begins, or 0 */
static int btf_fd, func_ids[2], callback_at;

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

static unsigned long long load(int type, const struct bpf_insn *insns, int cnt, int *fd)
{
	union bpf_attr attr = {
		.prog_type = type,
		.prog_flags = type == BPF_PROG_TYPE_SYSCALL ? BPF_F_SLEEPABLE : 0,
		.insns = (unsigned long)insns,
		.insn_cnt = cnt,
		.license = (unsigned long)"GPL",
	};
	struct bpf_func_info funcs[2] = { { 0, func_ids[0] }, { callback_at, func_ids[1] } };
	unsigned long long start, end;

	if (callback_at) {
		attr.prog_btf_fd = btf_fd;
		attr.func_info = (unsigned long)funcs;
		attr.func_info_cnt = 2;
		attr.func_info_rec_size = sizeof(*funcs);
	}
	start = now();
	*fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	end = now();
	if (*fd < 0)
		die("load");
	return end - start;
}

static void print_load(int type, const char *name, int nr, const struct bpf_insn *insns, int cnt)
{
	unsigned long long least = ~0ULL, t;
	int round, fd;

	for (round = 0; round < (nr < 1000 ? ROUNDS : 2); round++) {
		t = load(type, insns, cnt, &fd);
		close(fd);
		usleep(20000); /* what is freed after a grace period */
		if (t < least)
			least = t;
	}
	printf("load,%s,%s,%d,%llu\n", kernel, name, nr, least - overhead);
	fflush(stdout);
}

static struct bpf_insn insns[MAX_INSNS];

static void bench_load(const char *name, int id, int is_impl, int max)
{
	int calls;

	for (calls = 0; calls <= max; calls = calls ? calls * 10 : 1)
		print_load(BPF_PROG_TYPE_SYSCALL, name, calls, insns, fill(insns, calls, id, is_impl));
}

static struct bpf_insn *wide(struct bpf_insn *insn, int reg, int src, int imm)
{
	*insn++ = INSN(BPF_LD | BPF_IMM | BPF_DW, reg, src, 0, imm);
	*insn++ = INSN(0, 0, 0, 0, 0);
	return insn;
}

/*
 * What the verifier rewrites: each is something that it replaces by more, or removes. They write instructions and return
 * where those end. R6 is the context, R7 unknown, R8 zero.
 */
static struct bpf_insn *division(struct bpf_insn *insn)
{
	*insn++ = INSN(BPF_ALU | BPF_DIV | BPF_X, BPF_REG_9, BPF_REG_7, 0, 0);
	return insn;
}

static struct bpf_insn *context(struct bpf_insn *insn)
{
	*insn++ = LOAD(BPF_W, BPF_REG_0, BPF_REG_6, offsetof(struct __sk_buff, pkt_type));
	return insn;
}

static struct bpf_insn *nop(struct bpf_insn *insn)
{
	*insn++ = INSN(BPF_JMP | BPF_JA, 0, 0, 0, 0);
	return insn;
}

static struct bpf_insn *dead_branch(struct bpf_insn *insn)
{
	*insn++ = JUMP(BPF_JEQ, BPF_REG_8, 0, 1);
	*insn++ = MOV(BPF_REG_0, 1);
	return insn;
}

static struct bpf_insn *helper(struct bpf_insn *insn)
{
	*insn++ = HELPER(BPF_FUNC_get_smp_processor_id);
	return insn;
}

static struct bpf_insn *lookup(struct bpf_insn *insn)
{
	insn = wide(insn, BPF_REG_1, BPF_PSEUDO_MAP_FD, fmt_map);
	*insn++ = MOVR(BPF_REG_2, BPF_REG_10);
	*insn++ = ADD(BPF_REG_2, -8);
	*insn++ = HELPER(BPF_FUNC_map_lookup_elem);
	return insn;
}

static struct bpf_insn *tail_call(struct bpf_insn *insn)
{
	*insn++ = MOVR(BPF_REG_1, BPF_REG_6);
	insn = wide(insn, BPF_REG_2, BPF_PSEUDO_MAP_FD, prog_map);
	*insn++ = MOV(BPF_REG_3, 0);
	*insn++ = HELPER(BPF_FUNC_tail_call);
	return insn;
}

static struct bpf_insn *loop(struct bpf_insn *insn)
{
	*insn++ = MOV(BPF_REG_1, 1);
	insn = wide(insn, BPF_REG_2, BPF_PSEUDO_FUNC, 0);
	*insn++ = MOV(BPF_REG_3, 0);
	*insn++ = MOV(BPF_REG_4, 0);
	*insn++ = HELPER(BPF_FUNC_loop);
	return insn;
}

static const struct {
	const char *name;
	struct bpf_insn *(*write)(struct bpf_insn *insn);
} kinds[] = {
	{ "division", division }, { "context access", context }, { "nop", nop }, { "dead branch", dead_branch },
	{ "inlined helper", helper }, { "map look-up", lookup }, { "tail call", tail_call }, { "bpf_loop", loop },
};

/* A program with nr of one kind, and the callback that bpf_loop() needs. Returns its length. */
static int fill_kind(struct bpf_insn *(*write)(struct bpf_insn *), int nr)
{
	struct bpf_insn *insn = insns, *ref;

	*insn++ = MOVR(BPF_REG_6, BPF_REG_1);
	*insn++ = HELPER(BPF_FUNC_get_prandom_u32);
	*insn++ = MOVR(BPF_REG_7, BPF_REG_0);
	*insn++ = MOV(BPF_REG_8, 0);
	*insn++ = MOV(BPF_REG_9, 9);
	*insn++ = INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0);
	while (nr--)
		insn = write(insn);
	*insn++ = MOV(BPF_REG_0, 0);
	*insn++ = EXIT;
	callback_at = write == loop ? insn - insns : 0;
	if (!callback_at)
		return insn - insns;
	for (ref = insns; ref < insn; ref++)
		if (ref->code == (BPF_LD | BPF_IMM | BPF_DW))
			ref->imm = insn - ref - 1;
	*insn++ = MOV(BPF_REG_0, 0);
	*insn++ = EXIT;
	return insn - insns;
}

/* BTF with two functions of no arguments */
static void load_btf(void)
{
	struct btf *btf = btf__new_empty();
	int proto = btf__add_func_proto(btf, btf__add_int(btf, "int", 4, BTF_INT_SIGNED));

	func_ids[0] = btf__add_func(btf, "program", BTF_FUNC_GLOBAL, proto);
	func_ids[1] = btf__add_func(btf, "callback", BTF_FUNC_STATIC, proto);
	if (btf__load_into_kernel(btf))
		die("BTF");
	btf_fd = btf__fd(btf);
}

static void bench_kinds(int max)
{
	int nr, most;
	size_t i;

	load_btf();
	/* at most 1024 tail calls whose map and index are known, and 8192 branches that are not finished */
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		most = kinds[i].write == tail_call || kinds[i].write == loop ? 1000 : max;
		for (nr = kinds[i].write == loop; nr <= max && nr <= most; nr = nr ? nr * 10 : 1)
			print_load(BPF_PROG_TYPE_SCHED_CLS, kinds[i].name, nr, insns, fill_kind(kinds[i].write, nr));
	}
}

/*
 * SIGKILL for a process that loads a program with nr divisions and has verified them: how many instructions go by until
 * it is gone. `kill,KERNEL,NUMBER,killed,INSTRUCTIONS`; loaded, if it was too late.
 */
static void bench_kill(int nr)
{
	int cnt = fill_kind(division, nr), fd;
	unsigned long long start;
	pid_t child = fork();

	if (!child) {
		load(BPF_PROG_TYPE_SCHED_CLS, insns, cnt, &fd);
		_exit(0);
	}
	usleep(nr * 3); /* verified by then; nr * 1 us on this clock */
	start = now();
	if (child < 0 || kill(child, SIGKILL) || waitpid(child, &fd, 0) != child)
		die("kill");
	printf("kill,%s,%d,%s,%llu\n", kernel, nr, WIFSIGNALED(fd) ? "killed" : "loaded", now() - start);
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
	int i, id, held, max;
	struct btf *btf;

	if (argc < 2) {
		fprintf(stderr, "usage: bench KERNEL [MAX | kill NUMBER]\n");
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
	prog_map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "progs", 4, 4, 1, NULL);
	if (prog_map < 0)
		die("map of programs");
	load(BPF_PROG_TYPE_SYSCALL, insns, fill(insns, 0, 0, 0), &held);
	if (argc > 3) {
		bench_kill(atoi(argv[3]));
		return 0;
	}
	bench_lookup(btf);
	max = argc > 2 ? atoi(argv[2]) : 10000;
	for (i = 0; i < 2; i++) {
		id = btf__find_by_name_kind(btf, names[i], BTF_KIND_FUNC);
		if (id > 0)
			bench_load(names[i], id, i, max);
	}
	bench_kinds(max);
	return 0;
}
