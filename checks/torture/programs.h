/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that call magic kfuncs, for the other files of this directory and bench/run.c: random ones, add_program(),
 * and for each kfunc one that loads, add_exact_program(). They are in code (lib/program.h), with calls of impls;
 * load_program() loads them with either name. set_up() comes first, and needs bpf_testmod if all kfuncs are to be there. What fails here ends
 * the process, with a line on stderr and exit status 1, but for find_module_btf(), load_program() and load_tracing().
 *
 * An exact program returns 1 if its call of a kfunc of vmlinux did what it is for, and got the object that it needs.
 *
 * A program is a row of snippets. Each sets up the arguments of a kfunc as they have to be and calls it; what is done
 * to that at random is in change_args(), add_snippet() and add_program().
 */
#include "../../lib/types.h"

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
static int wq_init_id, wq_start_id, rcu_lock_id, rcu_unlock_id;

/* types of the programs' BTF, and where the fields of node are */
static int btf_fd, node_type, plain_type, callback_type, prog_type_id;
enum { NODE_LIST = 8, NODE_RB = 32, NODE_REF = 64, NODE_SIZE = 72 };
/* of the values of map graph */
enum { GRAPH_LOCK = 0, GRAPH_HEAD = 8, GRAPH_ROOT = 24, GRAPH_SIZE = 40 };

static int map_wq, map_work, map_work2, map_graph, map_fmt, module_fd;

static struct program {
	enum bpf_prog_type type;
	bool skip[MAX_SNIPPETS];
	unsigned int calls[NR_KFUNCS];
} prog;

static bool exact;	/* nothing goes wrong on purpose */
/* What exact programs pass for magic arguments, and if they start a work: junk, and they do; nothing; zero. */
static enum { JUNK, NOTHING, ZERO } dummies;

static bool one_in(unsigned int n)
{
	return !pick(n) && !exact;
}

/* References to callbacks hold their number, 0 or 1, until their place is known. */
static void add_callback(int reg, int which)
{
	set(reg, FUNC(which));
}

static void add_kfunc(enum kfunc k)
{
	struct bpf_insn insn = KFUNC(kfuncs[k].id[1]);

	insn.off = k >= FIRST_OF_MODULE;
	add(insn);
}

/* The register = the value of an array's only element; if there is none, the program ends. */
static void add_lookup(int map, int reg)
{
	lookup(map, -4, 0);
	add(JUMP(BPF_JNE, BPF_REG_0, 0, 2));
	end(0);
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
		set(reg, MAP(one_in(2) ? map_work2 : map_wq));
		break;
	case 7: /* unless it takes one: 6.18 has a verifier bug for functions that are mentioned and never used */
		if (k != WQ && k != SIGNAL && k != RESUME && k != RB_ADD)
			add_callback(reg, pick(2));
		break;
	default: /* through the stack, which changes nothing */
		add(STORE(BPF_DW, BPF_REG_10, reg, -40));
		add(LOAD(BPF_DW, reg, BPF_REG_10, -40));
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
			set(reg, MAP(map_wq));
			break;
		default: /* whatever is in it, or nothing */
			if (dummies == ZERO)
				add(MOV(reg, 0));
		}
	}
	prog.calls[k]++;
	add_kfunc(k);
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
	branch(BPF_JEQ, BPF_REG_0, 0);
	add(MOVR(BPF_REG_7, BPF_REG_0));
	return cnt - 2;
}

static void end_new(int none)
{
	if (exact)
		add(MOV(BPF_REG_9, 1));
	if (none >= 0)
		land(none);
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
	int none, node = k == RB_ADD ? NODE_RB : NODE_LIST, root = k == RB_ADD ? GRAPH_ROOT : GRAPH_HEAD;
	bool lock = !one_in(20);

	add_lookup(map_graph, BPF_REG_8);
	none = add_new(NEW, one_in(20) ? plain_type : node_type);
	add(MOVR(BPF_REG_1, BPF_REG_8));
	if (lock)
		add(HELPER(BPF_FUNC_spin_lock));
	SET_ARGS(AT(BPF_REG_8, root), AT(BPF_REG_7, one_in(20) ? NODE_LIST + NODE_RB - node : node));
	if (k == RB_ADD)
		add_callback(BPF_REG_3, one_in(20) ? 0 : 1);
	call(k);
	add(MOVR(BPF_REG_1, BPF_REG_8));
	if (lock)
		add(HELPER(BPF_FUNC_spin_unlock));
	if (one_in(30))
		add_drop(DROP);
	end_new(none);
}

static void add_call_of(enum kfunc k)
{
	int none, reg;

	switch (k) {
	case WQ:
		add_lookup(map_wq, BPF_REG_6);
		SET_ARGS(REG(BPF_REG_6), MAP(map_wq), NUM(0));
		if (!one_in(10))
			add(KFUNC(wq_init_id));
		SET_ARGS(REG(BPF_REG_6), FUNC(0), NUM(0));
		call(k);
		if (dummies != JUNK || (!exact && one_in(2)))
			break;
		call_kfunc(wq_start_id, REG(BPF_REG_6), NUM(0));
		break;
	case SIGNAL:
	case RESUME:
		add_lookup(map_work, BPF_REG_6);
		add(HELPER(BPF_FUNC_get_current_task_btf));
		SET_ARGS(REG(BPF_REG_0), REG(BPF_REG_6), MAP(one_in(20) ? map_work2 : map_work), FUNC(0));
		call(k);
		break;
	case STREAM:
		add(STORE_IMM(BPF_DW, BPF_REG_10, -16, pick(100)));
		add(MOV(BPF_REG_1, 1 + pick(2)));
		set(BPF_REG_2, VALUE(map_fmt, 0));
		set(BPF_REG_3, AT(BPF_REG_10, -16));
		add(MOV(BPF_REG_4, one_in(10) ? 4 * pick(5) : 8));
		call(k);
		break;
	case NEW:
	case DROP:
		none = add_new(NEW, one_in(2) ? plain_type : node_type);
		add_drop(DROP);
		end_new(none);
		break;
	case PERCPU_NEW:
	case PERCPU_DROP:
		none = add_new(PERCPU_NEW, one_in(10) ? node_type : plain_type);
		add_drop(one_in(15) ? DROP : PERCPU_DROP);
		end_new(none);
		break;
	case ACQUIRE:
		none = add_new(NEW, one_in(20) ? plain_type : node_type);
		add(MOVR(BPF_REG_1, BPF_REG_7));
		call(ACQUIRE);
		add(MOVR(BPF_REG_1, BPF_REG_0));
		call(DROP);
		add_drop(DROP);
		end_new(none);
		break;
	case PUSH_FRONT:
	case PUSH_BACK:
	case RB_ADD:
		add_insert(k);
		break;
	case OBJ:
	case META:
	case REF:
		none = add_new(NEW, one_in(k == REF ? 20 : 2) ? plain_type : node_type);
		add(STORE_IMM(BPF_DW, BPF_REG_7, 0, 0));
		set(BPF_REG_1, AT(BPF_REG_7, one_in(10) ? 8 * pick(12) : 0));
		call(k);
		add_drop(DROP);
		end_new(none);
		break;
	default: /* PROG_ID, ONE, FIVE */
		for (reg = BPF_REG_1; reg <= BPF_REG_4; reg++)
			add(MOV(reg, pick(10)));
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
	int around = pick(16), over = -1;
	enum kfunc k = pick(NR_KFUNCS);

	if (around == 0) { /* over it, perhaps */
		add(HELPER(BPF_FUNC_get_prandom_u32));
		over = cnt;
		add(JUMP(one_in(2) ? BPF_JEQ : BPF_JGT, BPF_REG_0, pick(1000), 0));
	} else if (around == 1) {
		add(KFUNC(rcu_lock_id));
	} else if (around == 2) { /* it is dead */
		over = branch(BPF_JNE, BPF_REG_10, 0);
	}
	add_call_of(k);
	if (around == 1 && !one_in(10))
		add(KFUNC(rcu_unlock_id));
	end_new(over);
}

static const enum bpf_prog_type types[] = {
	BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_SCHED_CLS,
	BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_PERF_EVENT,
};

static void begin_random(unsigned int nr)
{
	cnt = nr_funcs = 0;
	memset(prog.calls, 0, sizeof(prog.calls));
	seed = nr * 2654435761u + 1;
}

/* What is first in the program, or in its subprogram. */
static void begin_function(int type)
{
	begin_func(type);
	add(MOV(BPF_REG_9, 0));
}

/* The end, and the two callbacks, if there is a reference to them: functions that nobody refers to are refused. */
static void end_program(enum bpf_prog_type type)
{
	int i, k, before;
	bool used;

	prog.type = type;
	add(MOVR(BPF_REG_0, BPF_REG_9));
	add(EXIT);
	for (k = 0; k < 2; k++) {
		used = false;
		before = cnt;
		for (i = 0; i < before; i++) {
			/* a distance is 2 at least */
			if (code[i].code != (BPF_LD | BPF_IMM | BPF_DW) || code[i].src_reg != BPF_PSEUDO_FUNC ||
			    code[i].imm != k)
				continue;
			code[i].imm = before - i - 1;
			used = true;
		}
		if (!used)
			continue;
		begin_func(callback_type);
		end(0);
	}
}

/* A program that calls one kfunc as it has to be called. */
static inline void add_exact_program(enum kfunc k, enum bpf_prog_type type)
{
	exact = true;
	begin_random(k);
	begin_function(prog_type_id);
	add_call_of(k);
	end_program(type);
	exact = false;
}

/* The program of a seed, without the snippets that are to be skipped. */
static inline void add_program(unsigned int nr)
{
	enum bpf_prog_type type;
	unsigned int state;
	int i, snippets, before;

	begin_random(nr);
	type = types[pick(sizeof(types) / sizeof(types[0]))];
	snippets = 1 + pick(4);
	begin_function(prog_type_id);
	if (one_in(6)) { /* all of it in a subprogram */
		add(CALL(1));
		add(EXIT);
		begin_function(callback_type);
	}
	for (i = 0; i < snippets; i++) {
		state = pick(1 << 24);
		before = cnt;
		seed = state;
		add_snippet();
		if (prog.skip[i])
			cnt = before;
		seed = state * 69069 + i;
	}
	end_program(type);
}

/* Load the program with calls of kfuncs (0) or of impls (1); the log is for the caller. Returns as bpf_prog_load(). */
static inline int load_program(int name, char *log, size_t size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = size, .log_level = log ? 2 : 0);
	static struct bpf_insn impls[MAX_INSNS];
	int fds[2] = { 0, module_fd }, i, k, fd;

	memcpy(impls, code, cnt * sizeof(*code));
	for (i = 0; i < cnt; i++)
		for (k = 0; k < NR_KFUNCS; k++)
			if (impls[i].code == (BPF_JMP | BPF_CALL) && impls[i].src_reg == BPF_PSEUDO_KFUNC_CALL &&
			    impls[i].imm == kfuncs[k].id[1] && impls[i].off == (k >= FIRST_OF_MODULE))
				code[i].imm = kfuncs[k].id[name];
	opts.fd_array = fds;
	fd = load_code(prog.type, "torture", btf_fd, &opts);
	memcpy(code, impls, cnt * sizeof(*code));
	return fd;
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

static int graph_type, wq_value_type, work_value_type;

static void make_btf(void)
{
	int u64_type, wq, work, list_node, rb_node, refcount, lock, head, root, proto;
	struct btf *btf = new_btf();

	u64_type = btf__add_int(btf, "long", 8, 0);
	wq = btf__add_struct(btf, "bpf_wq", 16);
	btf__add_field(btf, "a", u64_type, 0, 0);
	btf__add_field(btf, "b", u64_type, 64, 0);
	work = btf__add_struct(btf, "bpf_task_work", 8);
	btf__add_field(btf, "a", u64_type, 0, 0);
	list_node = opaque(btf, "bpf_list_node", 24);
	rb_node = opaque(btf, "bpf_rb_node", 32);
	refcount = opaque(btf, "bpf_refcount", 4);
	lock = opaque(btf, "bpf_spin_lock", 4);
	head = opaque(btf, "bpf_list_head", 16);
	root = opaque(btf, "bpf_rb_root", 16);
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
	proto = btf__add_func_proto(btf, INT_TYPE);
	prog_type_id = btf__add_func(btf, "prog", BTF_FUNC_STATIC, proto);
	callback_type = btf__add_func(btf, "callback", BTF_FUNC_STATIC, proto);
	btf_fd = load_btf(btf);
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
	struct btf *module;
	int k;

	load_vmlinux_btf();
	module = all ? btf__load_module_btf("bpf_testmod", vmlinux) : NULL;
	if (all && !module)
		die("BTF of bpf_testmod");
	for (k = 0; k < (all ? NR_KFUNCS : FIRST_OF_MODULE); k++) {
		find_pair(k >= FIRST_OF_MODULE ? module : vmlinux, kfuncs[k].name, kfuncs[k].id);
		if (all && !kfuncs[k].id[0])
			die(kfuncs[k].name);
	}
	wq_init_id = need_func("bpf_wq_init");
	wq_start_id = need_func("bpf_wq_start");
	rcu_lock_id = need_func("bpf_rcu_read_lock");
	rcu_unlock_id = need_func("bpf_rcu_read_unlock");
	module_fd = all ? find_module_btf("bpf_testmod") : 0;
	if (module_fd < 0)
		die("bpf_testmod");
	make_btf();
	map_wq = make_map("wq", 16, 1, btf_fd, wq_value_type, 0);
	map_work = make_map("work", 8, 1, btf_fd, work_value_type, 0);
	map_work2 = make_map("work2", 8, 1, btf_fd, work_value_type, 0);
	map_graph = make_map("graph", GRAPH_SIZE, 1, btf_fd, graph_type, 0);
	map_fmt = format_map("%d\n");
}
