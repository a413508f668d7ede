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
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MAX_INSNS 900100 /* 100,000 calls of nine instructions */
#include "../lib/types.h"
#include "now.h"

typedef __u32 u32;
#include <linux/btf_magic.h>

#define ROUNDS 7

static const char *kernel;
static unsigned long long overhead;
static int fmt_map, prog_map;
/* what a program with a callback has to have: types of its functions, and where the second begins, or 0 */
static int btf_fd, func_ids[2], callback_at;

/* A program with that many calls of the kfunc; an impl gets a dummy. */
static void fill(int calls, int id, int is_impl)
{
	cnt = 0;
	add(STORE_IMM(BPF_DW, BPF_REG_10, -8, 0));
	while (calls--) {
		SET_ARGS(NUM(1), VALUE(fmt_map, 0), AT(BPF_REG_10, -8), NUM(8));
		if (is_impl)
			add(MOV(BPF_REG_5, 0));
		add(KFUNC(id));
	}
	end(0);
}

static unsigned long long load(int type, int *fd)
{
	union bpf_attr attr = {
		.prog_type = type,
		.prog_flags = type == BPF_PROG_TYPE_SYSCALL ? BPF_F_SLEEPABLE : 0,
		.insns = (unsigned long)code,
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

static void print_load(int type, const char *name, int nr)
{
	unsigned long long least = ~0ULL, t;
	int round, fd;

	for (round = 0; round < (nr < 1000 ? ROUNDS : 2); round++) {
		t = load(type, &fd);
		close(fd);
		usleep(20000); /* what is freed after a grace period */
		if (t < least)
			least = t;
	}
	printf("load,%s,%s,%d,%llu\n", kernel, name, nr, least - overhead);
	fflush(stdout);
}

static void bench_load(const char *name, int id, int is_impl, int max)
{
	int calls;

	for (calls = 0; calls <= max; calls = calls ? calls * 10 : 1) {
		fill(calls, id, is_impl);
		print_load(BPF_PROG_TYPE_SYSCALL, name, calls);
	}
}

/* What the verifier rewrites: each is something that it replaces by more, or removes. */
enum kind { DIVISION, CONTEXT, NOP, DEAD_BRANCH, INLINED_HELPER, MAP_LOOKUP, TAIL_CALL, LOOP };

static const char *const kinds[] = {
	"division", "context access", "nop", "dead branch", "inlined helper", "map look-up", "tail call", "bpf_loop",
};

/* R6 is the context, R7 unknown, R8 zero. */
static void add_kind(enum kind kind)
{
	switch (kind) {
	case DIVISION:
		add(INSN(BPF_ALU | BPF_DIV | BPF_X, BPF_REG_9, BPF_REG_7, 0, 0));
		break;
	case CONTEXT:
		add(LOAD(BPF_W, BPF_REG_0, BPF_REG_6, offsetof(struct __sk_buff, pkt_type)));
		break;
	case NOP:
		add(GOTO(0));
		break;
	case DEAD_BRANCH:
		add(JUMP(BPF_JEQ, BPF_REG_8, 0, 1));
		add(MOV(BPF_REG_0, 1));
		break;
	case INLINED_HELPER:
		add(HELPER(BPF_FUNC_get_smp_processor_id));
		break;
	case MAP_LOOKUP:
		call_helper(BPF_FUNC_map_lookup_elem, MAP(fmt_map), AT(BPF_REG_10, -8));
		break;
	case TAIL_CALL:
		call_helper(BPF_FUNC_tail_call, REG(BPF_REG_6), MAP(prog_map), NUM(0));
		break;
	case LOOP:
		call_helper(BPF_FUNC_loop, NUM(1), FUNC(1), NUM(0), NUM(0));
	}
}

/* A program with nr of one kind, and the callback that bpf_loop() needs. */
static void fill_kind(enum kind kind, int nr)
{
	cnt = 0;
	add(MOVR(BPF_REG_6, BPF_REG_1));
	add(HELPER(BPF_FUNC_get_prandom_u32));
	add(MOVR(BPF_REG_7, BPF_REG_0));
	add(MOV(BPF_REG_8, 0));
	add(MOV(BPF_REG_9, 9));
	add(STORE_IMM(BPF_DW, BPF_REG_10, -8, 0));
	while (nr--)
		add_kind(kind);
	end(0);
	callback_at = kind == LOOP ? cnt : 0;
	if (!callback_at)
		return;
	point_at_functions((int[]){ 0, cnt });
	end(0);
}

/* BTF with two functions of no arguments */
static void make_functions(void)
{
	struct btf *btf = new_btf();
	int proto = btf__add_func_proto(btf, INT_TYPE);

	func_ids[0] = btf__add_func(btf, "program", BTF_FUNC_GLOBAL, proto);
	func_ids[1] = btf__add_func(btf, "callback", BTF_FUNC_STATIC, proto);
	btf_fd = load_btf(btf);
}

static void bench_kinds(int max)
{
	int nr, most;
	enum kind i;

	make_functions();
	/* at most 1024 tail calls whose map and index are known, and 8192 branches that are not finished */
	for (i = DIVISION; i <= LOOP; i++) {
		most = i == TAIL_CALL || i == LOOP ? 1000 : max;
		for (nr = i == LOOP; nr <= max && nr <= most; nr = nr ? nr * 10 : 1) {
			fill_kind(i, nr);
			print_load(BPF_PROG_TYPE_SCHED_CLS, kinds[i], nr);
		}
	}
}

/*
 * SIGKILL for a process that loads a program with nr divisions, when it has done 10, 20, ... 90 % of what a load takes: how
 * many instructions go by until it is gone. `kill,KERNEL,NUMBER,PERCENT,killed,INSTRUCTIONS`, loaded if it was too late;
 * with 100 % the whole load.
 */
static void bench_kill(int nr)
{
	unsigned long long start, whole = ~0ULL;
	int percent, status;
	pid_t child;

	fill_kind(DIVISION, nr);
	for (percent = 100; percent; percent -= 10) {
		start = now();
		child = fork();
		if (!child) {
			load(BPF_PROG_TYPE_SCHED_CLS, &status);
			_exit(0);
		}
		if (percent < 100)
			usleep(whole / 100 * percent / 1000); /* an instruction is 1 ns on this clock */
		if (child < 0 || (percent < 100 && (start = now(), kill(child, SIGKILL))) ||
		    waitpid(child, &status, 0) != child)
			die("kill");
		if (percent == 100)
			whole = now() - start;
		printf("kill,%s,%d,%d,%s,%llu\n", kernel, nr, percent, WIFSIGNALED(status) ? "killed" : "loaded",
		       now() - start);
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
	int i, id, held, max;

	if (argc < 2) {
		fprintf(stderr, "usage: bench KERNEL [MAX | kill NUMBER]\n");
		return 2;
	}
	kernel = argv[1];
	load_vmlinux_btf();

	one = least_of(measure_loop, 1);
	more = least_of(measure_loop, 1001);
	printf("self,%s,2000,%llu\n", kernel, more - one);
	if (more - one != 2000) {
		fprintf(stderr, "bench: 1000 turns of a loop of two instructions took %llu\n", more - one);
		return 1;
	}

	overhead = least_of(measure_nothing, 0);
	fmt_map = format_map("hello\n");
	prog_map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "progs", 4, 4, 1, NULL);
	if (prog_map < 0)
		die("map of programs");
	fill(0, 0, 0);
	load(BPF_PROG_TYPE_SYSCALL, &held);
	if (argc > 3) {
		bench_kill(atoi(argv[3]));
		return 0;
	}
	bench_lookup(vmlinux);
	max = argc > 2 ? atoi(argv[2]) : 10000;
	for (i = 0; i < 2; i++) {
		id = find_func(names[i]);
		if (id)
			bench_load(names[i], id, i, max);
	}
	bench_kinds(max);
	return 0;
}
