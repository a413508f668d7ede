/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that call magic kfuncs, for the other files of this directory and bench/run.c: random ones, add_program(),
 * and for each kfunc one that loads, add_exact_program(). They are in prog, with calls of impls; load_program() loads
 * them with either name. set_up() comes first, and needs bpf_testmod if all kfuncs are to be there. What fails here ends
 * the process, with a line on stderr and exit status 1, but for find_module_btf(), load_program() and load_tracing().
 *
 * An exact program returns 1 if its call of a kfunc of vmlinux did what it is for, and got the object that it needs.
 *
 * A program is a row of snippets. Each sets up the arguments of a kfunc as they have to be and calls it; what is done
 * to that at random is in change_args(), add_snippet() and add_program().
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../../lib/insn.h"

#define MAX_INSNS 1024
#define MAX_SNIPPETS 8

enum kfunc {
	WQ, SIGNAL, RESUME, STREAM, NEW, DROP, PERCPU_NEW, PERCPU_DROP, ACQUIRE, PUSH_FRONT, PUSH_BACK, RB_ADD,
	PROG_ID, ONE, FIVE, OBJ, META, REF, NR_KFUNCS, FIRST_OF_MODULE = PROG_ID
};

static struct {
	const char *name;
	int nargs, magic;	/* all arguments; those at the end that are magic */
	int id[2];		/* its own and its impl's */
	unsigned long loaded;	/* calls in programs that load */
} kfuncs[NR_KFUNCS] = {
	[WQ] = { .name = "bpf_wq_set_callback", 4, 1 },
	[SIGNAL] = { .name = "bpf_task_work_schedule_signal", 5, 1 },
	[RESUME] = { .name = "bpf_task_work_schedule_resume", 5, 1 },
	[STREAM] = { .name = "bpf_stream_vprintk", 5, 1 },
	[NEW] = { .name = "bpf_obj_new", 2, 1 },
	[DROP] = { .name = "bpf_obj_drop", 2, 1 },
	[PERCPU_NEW] = { .name = "bpf_percpu_obj_new", 2, 1 },
	[PERCPU_DROP] = { .name = "bpf_percpu_obj_drop", 2, 1 },
	[ACQUIRE] = { .name = "bpf_refcount_acquire", 2, 1 },
	[PUSH_FRONT] = { .name = "bpf_list_push_front", 4, 2 },
	[PUSH_BACK] = { .name = "bpf_list_push_back", 4, 2 },
	[RB_ADD] = { .name = "bpf_rbtree_add", 5, 2 },
	[PROG_ID] = { .name = "bpf_kfunc_prog_id_test", 1, 1 },
	[ONE] = { .name = "bpf_kfunc_magic_one_test", 2, 1 },
	[FIVE] = { .name = "bpf_kfunc_magic_five_test", 5, 1 },
	[OBJ] = { .name = "bpf_kfunc_magic_obj_test", 4, 3 },
	[META] = { .name = "bpf_kfunc_magic_meta_test", 2, 1 },
	[REF] = { .name = "bpf_kfunc_magic_ref_test", 2, 1 },
};

/* other kfuncs */
static int wq_init_id, wq_start_id, rcu_lock_id, rcu_unlock_id, task_id;

/* types of the programs' BTF, and where the fields of node are */
static int btf_fd, node_type, plain_type, callback_type, prog_type_id;
enum { NODE_LIST = 8, NODE_RB = 32, NODE_REF = 64, NODE_SIZE = 72 };
/* of the values of map graph */
enum { GRAPH_LOCK = 0, GRAPH_HEAD = 8, GRAPH_ROOT = 24, GRAPH_SIZE = 40 };

static int map_wq, map_work, map_work2, map_graph, map_fmt, module_fd;

static struct program {
	struct bpf_insn insns[MAX_INSNS];
	int cnt, nr_funcs, funcs[4];	/* where functions begin */
	enum bpf_prog_type type;
	bool sleepable, skip[MAX_SNIPPETS];
	unsigned int calls[NR_KFUNCS];
} prog;

static unsigned int random_state;
static bool exact;	/* nothing goes wrong on purpose */
/* What exact programs pass for magic arguments, and if they start a work: junk, and they do; nothing; zero. */
static enum { JUNK, NOTHING, ZERO } dummies;

static unsigned int pick(unsigned int n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static bool one_in(unsigned int n)
{
	return !pick(n) && !exact;
}

static void add(struct bpf_insn insn)
{
	if (prog.cnt < MAX_INSNS - 64)
		prog.insns[prog.cnt++] = insn;
}

static void add_wide(int reg, int kind, int imm, int next)
{
	add(INSN(BPF_LD | BPF_IMM | BPF_DW, reg, kind, 0, imm));
	add(INSN(0, 0, 0, 0, next));
}

/* References to callbacks hold their number, 0 or 1, until their place is known. */
static void add_callback(int reg, int which)
{
	add_wide(reg, BPF_PSEUDO_FUNC, which, 0);
}

static void add_kfunc(int id, int off)
{
	add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, off, id));
}

/* R0 = the value of an array's only element; if there is none, the program ends. */
static void add_lookup(int map, int reg)
{
	add(INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0));
	add(MOVR(BPF_REG_2, BPF_REG_10));
	add(ADD(BPF_REG_2, -4));
	add_wide(BPF_REG_1, BPF_PSEUDO_MAP_FD, map, 0);
	add(HELPER(BPF_FUNC_map_lookup_elem));
	add(JUMP(BPF_JNE, BPF_REG_0, 0, 2));
	add(MOV(BPF_REG_0, 0));
	add(EXIT);
	add(MOVR(reg, BPF_REG_0));
}

/* What may go wrong with the arguments that are not magic: one in eight. */
static void change_args(enum kfunc k)
{
	int visible = kfuncs[k].nargs - kfuncs[k].magic, reg;

	if (!visible || !one_in(8))
		return;
	reg = BPF_REG_1 + pick(visible);
	switch (pick(9)) {
	case 0:
		add(MOV(reg, 0));
		break;
	case 1:
		add(MOV(reg, pick(1 << 30)));
		break;
	case 2: /* uninitialised */
		add(HELPER(BPF_FUNC_get_prandom_u32));
		break;
	case 3:
		add(ADD(reg, 1 + pick(16)));
		break;
	case 4:
		add(MOVR(reg, BPF_REG_10));
		break;
	case 5:
		add(MOVR(reg, BPF_REG_1 + pick(5)));
		break;
	case 6:
		add_wide(reg, BPF_PSEUDO_MAP_FD, one_in(2) ? map_work2 : map_wq, 0);
		break;
	case 7: /* unless it takes one: 6.18 has a verifier bug for functions that are mentioned and never used */
		if (k != WQ && k != SIGNAL && k != RESUME && k != RB_ADD)
			add_callback(reg, pick(2));
		break;
	default: /* through the stack, which changes nothing */
		add(INSN(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, reg, -40, 0));
		add(INSN(BPF_LDX | BPF_MEM | BPF_DW, reg, BPF_REG_10, -40, 0));
	}
}

/* Junk for the magic arguments, and the call. */
static void call(enum kfunc k)
{
	int reg;

	change_args(k);
	for (reg = BPF_REG_1 + kfuncs[k].nargs - kfuncs[k].magic; reg <= kfuncs[k].nargs; reg++) {
		switch (dummies == JUNK ? pick(5) : 4) {
		case 0:
			add(MOV(reg, pick(1 << 30)));
			break;
		case 1:
			add(MOVR(reg, BPF_REG_10));
			break;
		case 2:
			add_wide(reg, 0, pick(1 << 30), -1);
			break;
		case 3:
			add_wide(reg, BPF_PSEUDO_MAP_FD, map_wq, 0);
			break;
		default: /* whatever is in it, or nothing */
			if (dummies == ZERO)
				add(MOV(reg, 0));
		}
	}
	prog.calls[k]++;
	add_kfunc(kfuncs[k].id[1], k >= FIRST_OF_MODULE ? 1 : 0);
	if (exact && k < NEW) { /* the others return objects, or cannot fail */
		add(JUMP(BPF_JNE, BPF_REG_0, 0, 1));
		add(MOV(BPF_REG_9, 1));
	}
	if (one_in(40)) /* nobody may see what was injected */
		add(MOVR(BPF_REG_0, kfuncs[k].nargs));
}

/* R0 = a new object, which R7 keeps. Returns where the branch is that skips what is done with it. */
static int add_new(enum kfunc k, int type)
{
	add(MOV(BPF_REG_1, type));
	call(k);
	add(JUMP(BPF_JEQ, BPF_REG_0, 0, 0));
	add(MOVR(BPF_REG_7, BPF_REG_0));
	return prog.cnt - 2;
}

static void end_new(int branch)
{
	if (exact)
		add(MOV(BPF_REG_9, 1));
	if (branch >= 0 && branch < prog.cnt)
		prog.insns[branch].off = prog.cnt - branch - 1;
}

/* The object in R7 goes, most of the time. */
static void add_drop(enum kfunc k)
{
	if (one_in(30))
		return;
	add(MOVR(BPF_REG_1, BPF_REG_7));
	call(k);
}

static void add_insert(enum kfunc k)
{
	int branch, node = k == RB_ADD ? NODE_RB : NODE_LIST, root = k == RB_ADD ? GRAPH_ROOT : GRAPH_HEAD;
	bool lock = !one_in(20);

	add_lookup(map_graph, BPF_REG_8);
	branch = add_new(NEW, one_in(20) ? plain_type : node_type);
	add(MOVR(BPF_REG_1, BPF_REG_8));
	if (lock)
		add(HELPER(BPF_FUNC_spin_lock));
	add(MOVR(BPF_REG_1, BPF_REG_8));
	add(ADD(BPF_REG_1, root));
	add(MOVR(BPF_REG_2, BPF_REG_7));
	add(ADD(BPF_REG_2, one_in(20) ? NODE_LIST + NODE_RB - node : node));
	if (k == RB_ADD)
		add_callback(BPF_REG_3, one_in(20) ? 0 : 1);
	call(k);
	add(MOVR(BPF_REG_1, BPF_REG_8));
	if (lock)
		add(HELPER(BPF_FUNC_spin_unlock));
	if (one_in(30))
		add_drop(DROP);
	end_new(branch);
}

static void add_call_of(enum kfunc k)
{
	int branch;

	switch (k) {
	case WQ:
		add_lookup(map_wq, BPF_REG_6);
		add(MOVR(BPF_REG_1, BPF_REG_6));
		add_wide(BPF_REG_2, BPF_PSEUDO_MAP_FD, map_wq, 0);
		add(MOV(BPF_REG_3, 0));
		if (!one_in(10))
			add_kfunc(wq_init_id, 0);
		add(MOVR(BPF_REG_1, BPF_REG_6));
		add_callback(BPF_REG_2, 0);
		add(MOV(BPF_REG_3, 0));
		call(k);
		if (dummies != JUNK || (!exact && one_in(2)))
			break;
		add(MOVR(BPF_REG_1, BPF_REG_6));
		add(MOV(BPF_REG_2, 0));
		add_kfunc(wq_start_id, 0);
		break;
	case SIGNAL:
	case RESUME:
		add_lookup(map_work, BPF_REG_6);
		add(HELPER(BPF_FUNC_get_current_task_btf));
		add(MOVR(BPF_REG_1, BPF_REG_0));
		add(MOVR(BPF_REG_2, BPF_REG_6));
		add_wide(BPF_REG_3, BPF_PSEUDO_MAP_FD, one_in(20) ? map_work2 : map_work, 0);
		add_callback(BPF_REG_4, 0);
		call(k);
		break;
	case STREAM:
		add(INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -16, pick(100)));
		add(MOV(BPF_REG_1, 1 + pick(2)));
		add_wide(BPF_REG_2, BPF_PSEUDO_MAP_VALUE, map_fmt, 0);
		add(MOVR(BPF_REG_3, BPF_REG_10));
		add(ADD(BPF_REG_3, -16));
		add(MOV(BPF_REG_4, one_in(10) ? 4 * pick(5) : 8));
		call(k);
		break;
	case NEW:
	case DROP:
		branch = add_new(NEW, one_in(2) ? plain_type : node_type);
		add_drop(DROP);
		end_new(branch);
		break;
	case PERCPU_NEW:
	case PERCPU_DROP:
		branch = add_new(PERCPU_NEW, one_in(10) ? node_type : plain_type);
		add_drop(one_in(15) ? DROP : PERCPU_DROP);
		end_new(branch);
		break;
	case ACQUIRE:
		branch = add_new(NEW, one_in(20) ? plain_type : node_type);
		add(MOVR(BPF_REG_1, BPF_REG_7));
		call(ACQUIRE);
		add(MOVR(BPF_REG_1, BPF_REG_0));
		call(DROP);
		add_drop(DROP);
		end_new(branch);
		break;
	case PUSH_FRONT:
	case PUSH_BACK:
	case RB_ADD:
		add_insert(k);
		break;
	case OBJ:
	case META:
	case REF:
		branch = add_new(NEW, one_in(k == REF ? 20 : 2) ? plain_type : node_type);
		add(INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_7, 0, 0, 0));
		add(MOVR(BPF_REG_1, BPF_REG_7));
		add(ADD(BPF_REG_1, one_in(10) ? 8 * pick(12) : 0));
		call(k);
		add_drop(DROP);
		end_new(branch);
		break;
	default: /* PROG_ID, ONE, FIVE */
		add(MOV(BPF_REG_1, pick(10)));
		add(MOV(BPF_REG_2, pick(10)));
		add(MOV(BPF_REG_3, pick(10)));
		add(MOV(BPF_REG_4, pick(10)));
		call(k);
		/* the id of the program is in what it returns, its last digits are of the arguments */
		if (k != PROG_ID)
			add(INSN(BPF_ALU64 | BPF_MOD | BPF_K, BPF_REG_0, 0, 0, k == ONE ? 10 : 10000));
		else
			add(MOV(BPF_REG_0, 3));
		add(INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_9, BPF_REG_0, 0, 0));
	}
}

/* One kfunc, with what may be around it. */
static void add_snippet(void)
{
	int around = pick(16), branch = -1;
	enum kfunc k = pick(NR_KFUNCS);

	if (around == 0) { /* over it, perhaps */
		add(HELPER(BPF_FUNC_get_prandom_u32));
		branch = prog.cnt;
		add(JUMP(one_in(2) ? BPF_JEQ : BPF_JGT, BPF_REG_0, pick(1000), 0));
	} else if (around == 1) {
		add_kfunc(rcu_lock_id, 0);
	} else if (around == 2) { /* it is dead */
		branch = prog.cnt;
		add(JUMP(BPF_JNE, BPF_REG_10, 0, 0));
	}
	add_call_of(k);
	if (around == 1 && !one_in(10))
		add_kfunc(rcu_unlock_id, 0);
	end_new(branch);
}

static const enum bpf_prog_type types[] = {
	BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_SCHED_CLS,
	BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_PERF_EVENT,
};

static void begin_program(unsigned int seed)
{
	prog.cnt = prog.nr_funcs = 0;
	memset(prog.calls, 0, sizeof(prog.calls));
	random_state = seed * 2654435761u + 1;
}

/* What is first in the program, or in its subprogram. */
static void begin_function(void)
{
	prog.funcs[prog.nr_funcs++] = prog.cnt;
	add(MOV(BPF_REG_9, 0));
}

/* The end, and the two callbacks, if there is a reference to them: functions that nobody refers to are refused. */
static void end_program(enum bpf_prog_type type)
{
	struct bpf_insn *insn;
	int i, k, before;
	bool used;

	prog.type = type;
	prog.sleepable = type == BPF_PROG_TYPE_SYSCALL;
	add(MOVR(BPF_REG_0, BPF_REG_9));
	add(EXIT);
	for (k = 0; k < 2; k++) {
		used = false;
		before = prog.cnt;
		for (i = 0; i < before; i++) {
			insn = &prog.insns[i];
			/* a distance is 2 at least */
			if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) || insn->src_reg != BPF_PSEUDO_FUNC ||
			    insn->imm != k)
				continue;
			insn->imm = before - i - 1;
			used = true;
		}
		if (!used)
			continue;
		prog.funcs[prog.nr_funcs++] = before;
		add(MOV(BPF_REG_0, 0));
		add(EXIT);
	}
}

static void die(const char *what)
{
	fprintf(stderr, "torture: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A program that calls one kfunc as it has to be called. */
static inline void add_exact_program(enum kfunc k, enum bpf_prog_type type)
{
	exact = true;
	begin_program(k);
	begin_function();
	add_call_of(k);
	end_program(type);
	exact = false;
}

/* The program of a seed, without the snippets that are to be skipped. */
static inline void add_program(unsigned int seed)
{
	enum bpf_prog_type type;
	unsigned int state;
	int i, nr, before;

	begin_program(seed);
	type = types[pick(sizeof(types) / sizeof(types[0]))];
	nr = 1 + pick(4);
	begin_function();
	if (one_in(6)) { /* all of it in a subprogram */
		add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1));
		add(EXIT);
		begin_function();
	}
	for (i = 0; i < nr; i++) {
		state = pick(1 << 24);
		before = prog.cnt;
		random_state = state;
		add_snippet();
		if (prog.skip[i])
			prog.cnt = before;
		random_state = state * 69069 + i;
	}
	end_program(type);
}

/* Load the program with calls of kfuncs (0) or of impls (1); the log is for the caller. Returns as bpf_prog_load(). */
static inline int load_program(int name, char *log, size_t size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = size, .log_level = log ? 2 : 0,
		    .prog_btf_fd = btf_fd);
	static struct bpf_insn insns[MAX_INSNS];
	int fds[2] = { 0, module_fd }, i, k;
	struct bpf_func_info funcs[4];

	memcpy(insns, prog.insns, prog.cnt * sizeof(*insns));
	for (i = 0; i < prog.cnt; i++)
		for (k = 0; k < NR_KFUNCS; k++)
			if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == BPF_PSEUDO_KFUNC_CALL &&
			    insns[i].imm == kfuncs[k].id[1] && insns[i].off == (k >= FIRST_OF_MODULE))
				insns[i].imm = kfuncs[k].id[name], k = NR_KFUNCS;

	for (i = 0; i < prog.nr_funcs; i++)
		funcs[i] = (struct bpf_func_info){ prog.funcs[i], i ? callback_type : prog_type_id };
	opts.func_info = funcs;
	opts.func_info_cnt = prog.nr_funcs;
	opts.func_info_rec_size = sizeof(*funcs);
	opts.fd_array = fds;
	opts.prog_flags = prog.sleepable ? BPF_F_SLEEPABLE : 0;
	return bpf_prog_load(prog.type, "torture", "GPL", insns, prog.cnt, &opts);
}

/* A program that does nothing when a magic kfunc is entered, found by its own id (0) or its impl's (1). */
static inline int load_tracing(enum kfunc k, int name, enum bpf_attach_type type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .attach_btf_id = kfuncs[k].id[name],
		    .attach_btf_obj_fd = k >= FIRST_OF_MODULE ? module_fd : 0);
	struct bpf_insn insns[] = { MOV(BPF_REG_0, 0), EXIT };

	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "trace", "GPL", insns, 2, &opts);
}

/* Run it, if there is a way to do that. Returns what it returned, or an error. */
static inline int run_program(int fd)
{
	unsigned char data[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run);

	if (prog.type == BPF_PROG_TYPE_SCHED_CLS || prog.type == BPF_PROG_TYPE_XDP) {
		run.data_in = data;
		run.data_size_in = sizeof(data);
	} else if (prog.type != BPF_PROG_TYPE_SYSCALL) {
		return 0;
	}
	return bpf_prog_test_run_opts(fd, &run) ?: (int)run.retval;
}

/* A struct of size bytes with the name of one of the kernel's, which tells the verifier what it is. */
static int opaque(struct btf *btf, const char *name, int size, int u32_type)
{
	int array = btf__add_array(btf, u32_type, u32_type, size / 4), id;

	id = btf__add_struct(btf, name, size);
	btf__add_field(btf, "opaque", array, 0, 0);
	return id;
}

static int graph_type, wq_value_type, work_value_type;

static void make_btf(void)
{
	int u32_type, u64_type, wq, work, list_node, rb_node, refcount, lock, head, root, proto;
	struct btf *btf = btf__new_empty();

	u32_type = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	u64_type = btf__add_int(btf, "long", 8, 0);
	wq = btf__add_struct(btf, "bpf_wq", 16);
	btf__add_field(btf, "a", u64_type, 0, 0);
	btf__add_field(btf, "b", u64_type, 64, 0);
	work = btf__add_struct(btf, "bpf_task_work", 8);
	btf__add_field(btf, "a", u64_type, 0, 0);
	list_node = opaque(btf, "bpf_list_node", 24, u32_type);
	rb_node = opaque(btf, "bpf_rb_node", 32, u32_type);
	refcount = opaque(btf, "bpf_refcount", 4, u32_type);
	lock = opaque(btf, "bpf_spin_lock", 4, u32_type);
	head = opaque(btf, "bpf_list_head", 16, u32_type);
	root = opaque(btf, "bpf_rb_root", 16, u32_type);
	node_type = btf__add_struct(btf, "node", NODE_SIZE);
	btf__add_field(btf, "data", u64_type, 0, 0);
	btf__add_field(btf, "list", list_node, NODE_LIST * 8, 0);
	btf__add_field(btf, "rb", rb_node, NODE_RB * 8, 0);
	btf__add_field(btf, "ref", refcount, NODE_REF * 8, 0);
	plain_type = btf__add_struct(btf, "plain", 24);
	btf__add_field(btf, "a", u64_type, 0, 0);
	btf__add_field(btf, "b", u64_type, 64, 0);
	btf__add_field(btf, "c", u64_type, 128, 0);
	graph_type = btf__add_struct(btf, "graph", GRAPH_SIZE);
	btf__add_field(btf, "lock", lock, GRAPH_LOCK * 8, 0);
	btf__add_field(btf, "head", head, GRAPH_HEAD * 8, 0);
	btf__add_field(btf, "root", root, GRAPH_ROOT * 8, 0);
	btf__add_decl_tag(btf, "contains:node:list", graph_type, 1);
	btf__add_decl_tag(btf, "contains:node:rb", graph_type, 2);
	wq_value_type = btf__add_struct(btf, "wq_value", 16);
	btf__add_field(btf, "wq", wq, 0, 0);
	work_value_type = btf__add_struct(btf, "work_value", 8);
	btf__add_field(btf, "work", work, 0, 0);
	proto = btf__add_func_proto(btf, u32_type);
	prog_type_id = btf__add_func(btf, "prog", BTF_FUNC_STATIC, proto);
	callback_type = btf__add_func(btf, "callback", BTF_FUNC_STATIC, proto);
	if (btf__load_into_kernel(btf))
		die("BTF of the programs");
	btf_fd = btf__fd(btf);
	task_id = u32_type;
}

static int make_map(const char *name, int value_size, int value_type, int flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags, .btf_fd = value_type ? btf_fd : 0,
		    .btf_key_type_id = value_type ? task_id : 0, .btf_value_type_id = value_type);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, value_size, 1, &opts);

	if (fd < 0)
		die(name);
	return fd;
}

static int find(const struct btf *btf, const char *name, bool needed)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

	if (id <= 0 && needed)
		die(name);
	return id > 0 ? id : 0;
}

/* The BTF of the module that was loaded last: an earlier one stays as long as somebody has it. -1 if there is none. */
static int find_module_btf(const char *module)
{
	unsigned int id = 0, len;
	int fd, found = -1;

	while (!bpf_btf_get_next_id(id, &id)) {
		char name[64] = {};
		struct bpf_btf_info info = { .name = (__u64)(unsigned long)name, .name_len = sizeof(name) };

		fd = bpf_btf_get_fd_by_id(id);
		len = sizeof(info);
		if (fd >= 0 && !bpf_btf_get_info_by_fd(fd, &info, &len) && info.kernel_btf && !strcmp(name, module)) {
			close(found);
			found = fd;
		} else if (fd >= 0) {
			close(fd);
		}
	}
	return found;
}

/* Everything that the programs need; without bpf_testmod, and without names that vmlinux has not got, if not all. */
static void set_up(bool all)
{
	struct btf *vmlinux, *module;
	char name[64], fmt[8] = "%d\n";
	int k, key = 0;

	vmlinux = btf__load_vmlinux_btf();
	module = all ? btf__load_module_btf("bpf_testmod", vmlinux) : NULL;
	if (!vmlinux || (all && !module))
		die("BTF of vmlinux or bpf_testmod");
	for (k = 0; k < (all ? NR_KFUNCS : FIRST_OF_MODULE); k++) {
		snprintf(name, sizeof(name), "%s_impl", kfuncs[k].name);
		kfuncs[k].id[0] = find(k >= FIRST_OF_MODULE ? module : vmlinux, kfuncs[k].name, all);
		kfuncs[k].id[1] = find(k >= FIRST_OF_MODULE ? module : vmlinux, name, true);
	}
	wq_init_id = find(vmlinux, "bpf_wq_init", true);
	wq_start_id = find(vmlinux, "bpf_wq_start", true);
	rcu_lock_id = find(vmlinux, "bpf_rcu_read_lock", true);
	rcu_unlock_id = find(vmlinux, "bpf_rcu_read_unlock", true);
	module_fd = all ? find_module_btf("bpf_testmod") : 0;
	if (module_fd < 0)
		die("bpf_testmod");
	make_btf();
	map_wq = make_map("wq", 16, wq_value_type, 0);
	map_work = make_map("work", 8, work_value_type, 0);
	map_work2 = make_map("work2", 8, work_value_type, 0);
	map_graph = make_map("graph", GRAPH_SIZE, graph_type, 0);
	map_fmt = make_map("fmt", 8, 0, BPF_F_RDONLY_PROG);
	if (bpf_map_update_elem(map_fmt, &key, fmt, 0) || bpf_map_freeze(map_fmt))
		die("format");
}
