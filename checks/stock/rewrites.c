// SPDX-License-Identifier: GPL-2.0
/*
 * Random programs for what the verifier does to a program after it has accepted it: each block is something that it
 * removes, replaces or puts something before, and there are branches over all of it. The same ones each time.
 *
 *   rewrites [-bdu] [-s FIRST] COUNT
 *
 * prints a line for each, to be compared between two kernels:
 *
 *   rewrite NUMBER,INSTRUCTIONS,HASH,JITED,RUNS	hashes of the translated program (translated.h), the sizes of its
 *						functions, 0 if they depend on random numbers, and what runs return
 *   rewrite NUMBER,ERRNO				for a program that does not load
 *
 * and what the programs had, of those that load. A third is loaded without CAP_PERFMON, so with barriers against
 * speculation, and some with BPF_F_TEST_RND_HI32. -u loads what needs no capability, without any; kernel.unprivileged_bpf_disabled has to be 0. -b says that constants are
 * blinded. -d prints instructions; -s begins with program FIRST. Exit status: 0, or
 * 1 if not a quarter of the programs loads.
 */
#include "../../lib/capabilities.h"
#include "../../lib/translated.h"
#include "../../lib/types.h"

#ifndef BPF_JCOND
#define BPF_JCOND 0xe0
#endif
#define MAY_GOTO(off) INSN(BPF_JMP | BPF_JCOND, 0, 0, off, 0)
#define ALU(op, reg, imm) INSN(BPF_ALU64 | (op) | BPF_K, reg, 0, 0, imm)
#define MAX_FUNCS 6

enum kind {
	DIV, NARROW, LD_ABS, MAY_GOTO_ON, MAY_GOTO_BACK, NOPS, GOTOS, DEAD, BRANCH, HELPERS, MAP, TAIL_CALL, CALL, LOOP, DEAD_LOOP,
	FOR_EACH, THROW, PACKET, ATOMIC, BACK, TO_START, ARITH, STREAM, KINDS
};

static const char *const kind_names[KINDS] = {
	"div", "narrow load", "ld_abs", "may_goto", "may_goto back", "nops", "goto", "dead branch", "branch", "helpers", "map",
	"tail call", "call", "bpf_loop", "dead bpf_loop", "for_each", "throw", "packet", "atomic", "loop", "to the start",
	"arithmetic", "magic kfunc",
};

static bool blind, unpriv;
static int array_map, prog_map, fmt_map, throw_id, stream_id;
static unsigned int seen, kinds_loaded[KINDS], runs;

/* In R7, what the verifier does not know, from R8. */
static void add_unknown(void)
{
	add(ALU(BPF_MUL, BPF_REG_8, 1664525));
	add(ADD(BPF_REG_8, 1013904223));
	add(MOVR(BPF_REG_7, BPF_REG_8));
	add(ALU(BPF_RSH, BPF_REG_7, 16));
	add(ALU(BPF_AND, BPF_REG_7, 1023));
}

static void add_div(void)
{
	static const unsigned char ops[] = { BPF_DIV, BPF_MOD };
	unsigned char class = pick(2) ? BPF_ALU : BPF_ALU64, op = ops[pick(2)];

	if (pick(3))
		add(INSN(class | op | BPF_X, BPF_REG_8, BPF_REG_7, pick(2), 0));
	else
		add(INSN(class | op | BPF_K, BPF_REG_8, 0, 1, pick(2) ? -1 : 3));
}

static void add_helpers(void)
{
	static const int helpers[] = { BPF_FUNC_get_smp_processor_id, BPF_FUNC_jiffies64, BPF_FUNC_ktime_get_ns,
				       BPF_FUNC_get_prandom_u32 };

	add(HELPER(helpers[pick(4)]));
}

static void add_lookup(void)
{
	add(STORE_IMM(BPF_W, BPF_REG_10, -16, pick(6)));
	SET_ARGS(MAP(array_map), AT(BPF_REG_10, -16));
	if (pick(4)) {
		add(HELPER(BPF_FUNC_map_lookup_elem));
		add(JUMP(BPF_JEQ, BPF_REG_0, 0, 3));
		add(LOAD(BPF_DW, BPF_REG_1, BPF_REG_0, 0));
		if (pick(2)) { /* pointer arithmetic that is masked without CAP_PERFMON */
			add(ALU(BPF_AND, BPF_REG_1, 7));
			add(INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0));
		} else {
			add(ADD(BPF_REG_1, 1));
			add(STORE(BPF_DW, BPF_REG_0, BPF_REG_1, 0));
		}
	} else {
		add(HELPER(BPF_FUNC_map_delete_elem));
	}
}

static void add_packet(void)
{
	add(LOAD(BPF_W, BPF_REG_2, BPF_REG_6, offsetof(struct __sk_buff, data)));
	add(LOAD(BPF_W, BPF_REG_3, BPF_REG_6, offsetof(struct __sk_buff, data_end)));
	set(BPF_REG_4, AT(BPF_REG_2, 14));
	add(INSN(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_3, 1, 0));
	if (pick(2))
		add(STORE_IMM(BPF_B, BPF_REG_2, pick(14), 7));
	else
		add(LOAD(BPF_H, BPF_REG_8, BPF_REG_2, pick(12)));
}

static void add_nops(void)
{
	int n = 1 + pick(4), i;

	for (i = 0; i < n; i++)
		switch (pick(4)) {
		case 0:
			add(GOTO(0));
			break;
		case 1:
			add(MAY_GOTO(0));
			break;
		case 2:
			add(MAY_GOTO(n - 1 - i));
			break;
		default: /* the first goto leads over the second, which another branch reaches */
			add(JUMP(BPF_JEQ, BPF_REG_7, pick(1000), 1));
			add(GOTO(1));
			add(pick(2) ? GOTO(0) : MAY_GOTO(0));
		}
}

static void add_narrow(void)
{
	static const int fields[] = { offsetof(struct __sk_buff, mark), offsetof(struct __sk_buff, len),
		offsetof(struct __sk_buff, pkt_type), offsetof(struct __sk_buff, protocol), offsetof(struct __sk_buff, tstamp),
		offsetof(struct __sk_buff, cb[1]), offsetof(struct __sk_buff, hash), offsetof(struct __sk_buff, gso_segs) };
	static const int sizes[] = { BPF_B, BPF_H, BPF_W };
	int field = pick(8), size = pick(3);

	if (pick(4) || field > 5)
		add(LOAD(sizes[size], BPF_REG_8, BPF_REG_6, fields[field] + (size < 2 && pick(2) ? 2 * size : 0)));
	else
		add(STORE(BPF_W, BPF_REG_6, BPF_REG_8, fields[pick(2) ? 0 : 5]));
}

static void call_with_context(int nth)
{
	add(MOVR(BPF_REG_1, BPF_REG_6));
	add(CALL(nth));
}

static void add_loop(int nr, bool dead)
{
	if (dead || pick(4)) {
		add(MOV(BPF_REG_1, dead ? 0 : 2));
	} else {
		add(MOVR(BPF_REG_1, BPF_REG_7));
		add(ALU(BPF_AND, BPF_REG_1, 3));
	}
	call_helper(BPF_FUNC_loop, REG(BPF_REG_1), FUNC(nr - 2), NUM(0), NUM(0));
}

static void add_for_each(int nr)
{
	call_helper(BPF_FUNC_for_each_map_elem, MAP(array_map), FUNC(nr - 1), NUM(0), NUM(0));
}

/* Branches of a function to the beginning of blocks that are not written yet. */
static struct { int at, block; } branches[MAX_INSNS];
static int nr_branches, block_start[64];

static void branch_to(int block, struct bpf_insn insn)
{
	branches[nr_branches].at = cnt;
	branches[nr_branches++].block = block;
	add(insn);
}

static void end_branches(void)
{
	struct bpf_insn *insn;
	int i, to;

	for (i = 0; i < nr_branches; i++) {
		insn = &code[branches[i].at];
		to = block_start[branches[i].block] - branches[i].at - 1;
		if (insn->code == (BPF_JMP32 | BPF_JA))
			insn->imm = to;
		else
			insn->off = to;
	}
}

/*
 * The nth of nr functions, which may call those behind it, by number for now. R6 is the context, except in callbacks,
 * the last two. starts[nth] becomes where it starts. If it has to end, no loop in it waits for may_goto to end it.
 */
static void add_function(int nth, int nr, int *starts, bool ends)
{
	int block, blocks = 4 + pick(30), to, kind;
	bool callback = nth && nth >= nr - 2, start_is_goal = pick(3) == 0 && !ends && !unpriv;

	nr_branches = 0;
	starts[nth] = cnt;
	if (start_is_goal) {
		branch_to(blocks + 1, MAY_GOTO(0));
		seen |= 1 << TO_START;
	}
	if (start_is_goal && pick(2)) {
		/* what leads back here must find the same registers */
		add(GOTO(0));
	}
	add(MOVR(BPF_REG_6, BPF_REG_1));
	if (callback && nth == nr - 2) /* of bpf_loop(): the index */
		add(MOVR(BPF_REG_8, BPF_REG_1));
	else if (callback) /* of bpf_for_each_map_elem(): in the value */
		add(LOAD(BPF_W, BPF_REG_8, BPF_REG_3, 0));
	else
		add(LOAD(BPF_W, BPF_REG_8, BPF_REG_6, offsetof(struct __sk_buff, mark)));
	add(MOV(BPF_REG_9, pick(3)));
	add_unknown();
	/* no function may be left out */
	if (!nth && nr > 1) {
		add_loop(nr, pick(2));
		add_for_each(nr);
	}
	if (nth + 1 < nr - 2)
		call_with_context(nth + 1);
	for (block = 0; block < blocks; block++) {
		block_start[block] = cnt;
		kind = pick(KINDS);
		if (callback && (kind == NARROW || kind == LD_ABS || kind == TAIL_CALL || kind == PACKET || kind == TO_START ||
				 kind == CALL || kind == LOOP || kind == DEAD_LOOP || kind == FOR_EACH))
			kind = NOPS;
		if (unpriv && (1 << kind & (1 << MAY_GOTO_ON | 1 << MAY_GOTO_BACK | 1 << NOPS | 1 << PACKET | 1 << BACK | 1 << THROW |
					 1 << STREAM)))
			kind = BRANCH;
		if (ends && kind == MAY_GOTO_BACK)
			kind = MAY_GOTO_ON;
		if (nth && kind == LD_ABS)
			kind = NARROW;
		switch (kind) {
		case DIV:
			add_div();
			break;
		case NARROW:
			add_narrow();
			break;
		case LD_ABS:
			add(INSN(BPF_LD | BPF_ABS | (pick(2) ? BPF_W : BPF_B), 0, 0, 0, pick(40)));
			break;
		case MAY_GOTO_ON:
			branch_to(block + 1 + pick(blocks - block), MAY_GOTO(0));
			break;
		case MAY_GOTO_BACK:
			add(MAY_GOTO(1));
			add(GOTO(block_start[pick(block + 1)] - cnt - 1));
			break;
		case NOPS:
			add_nops();
			break;
		case DEAD: /* on what the verifier knows: one side is dead */
			to = block + 1 + pick(blocks - block);
			branch_to(to, JUMP(BPF_JEQ, BPF_REG_9, pick(3), 0));
			break;
		case GOTOS: /* behind a branch over them */
			add_unknown();
			add(JUMP(BPF_JEQ, BPF_REG_7, pick(1000), 1));
			to = block + 1 + pick(blocks - block);
			branch_to(to, INSN((pick(2) ? BPF_JMP : BPF_JMP32) | BPF_JA, 0, 0, 0, 0));
			break;
		case HELPERS:
			add_helpers();
			break;
		case MAP:
			add_lookup();
			break;
		case TAIL_CALL:
			SET_ARGS(REG(BPF_REG_6), MAP(prog_map));
			if (pick(2))
				add(MOV(BPF_REG_3, pick(2)));
			else
				add(MOVR(BPF_REG_3, BPF_REG_7));
			add(HELPER(BPF_FUNC_tail_call));
			break;
		case CALL:
			if (nth + 1 >= nr - 2)
				break;
			call_with_context(nth + 1 + pick(nr - 2 - nth - 1));
			break;
		case LOOP:
		case DEAD_LOOP:
			if (nr < 3)
				break;
			add_loop(nr, kind == DEAD_LOOP);
			break;
		case FOR_EACH:
			if (nr < 3)
				break;
			add_for_each(nr);
			break;
		case THROW:
			if (callback || throw_id < 0 || pick(3))
				break;
			add_unknown();
			add(JUMP(BPF_JNE, BPF_REG_7, pick(1000), 2));
			call_kfunc(throw_id, NUM(3));
			break;
		case PACKET:
			add_packet();
			break;
		case ATOMIC:
			add(STORE_IMM(BPF_DW, BPF_REG_10, -24, 1));
			add(MOV(BPF_REG_0, 1));
			to = pick(2) ? BPF_CMPXCHG : BPF_ADD | BPF_FETCH;
			add(INSN(BPF_STX | BPF_ATOMIC | (pick(2) ? BPF_W : BPF_DW), BPF_REG_10, BPF_REG_8, -24, to));
			break;
		case BACK: /* a loop over what is in it */
			add(MOV(BPF_REG_9, 0));
			to = cnt;
			add_nops();
			add_div();
			if (!callback)
				add_narrow();
			add_helpers();
			add(ADD(BPF_REG_9, 1));
			add(JUMP(pick(2) ? BPF_JLT : BPF_JNE, BPF_REG_9, 2 + pick(2), to - cnt - 1));
			break;
		case TO_START:
			if (!start_is_goal)
				break;
			add(MOVR(BPF_REG_1, BPF_REG_6));
			add(JUMP(BPF_JEQ, BPF_REG_7, pick(1000), starts[nth] - cnt - 1));
			break;
		case ARITH:
			add(INSN(pick(2) ? BPF_ALU | BPF_ADD | BPF_X : BPF_ALU64 | BPF_SUB | BPF_X, BPF_REG_8, BPF_REG_7, 0, 0));
			break;
		case STREAM: /* whose last argument, in R5, is for the verifier to load */
			add(STORE_IMM(BPF_DW, BPF_REG_10, -32, 7));
			call_kfunc(stream_id, NUM(1), VALUE(fmt_map, 0), AT(BPF_REG_10, -32), NUM(8));
			break;
		default: /* BRANCH: on what nobody knows, 64 or 32 bits */
			add_unknown();
			to = block + 1 + pick(blocks - block);
			branch_to(to, INSN((pick(2) ? BPF_JMP : BPF_JMP32) | (pick(2) ? BPF_JEQ : BPF_JGT) | BPF_K, BPF_REG_7, 0, 0,
					   pick(1000)));
		}
		if (cnt > block_start[block] && kind != TO_START)
			seen |= 1 << kind;
	}
	block_start[blocks] = cnt;
	if (callback) {
		add(MOV(BPF_REG_0, 0));
	} else { /* what a run gives, of which the verifier knows nothing */
		add(MOVR(BPF_REG_0, BPF_REG_8));
		add(INSN(BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_0, BPF_REG_7, 0, 0));
	}
	add(EXIT);
	block_start[blocks + 1] = cnt;
	if (start_is_goal) /* here the other registers may not be set */
		end(0);
	end_branches();
}

/* What runs of the program return, for some marks of the packet. Not if it loops until time is over. */
static unsigned long long run(int fd)
{
	static const __u32 marks[] = { 0, 1, 77, 0xdeadbeef };
	unsigned char packet[64] = { 1, 2, 3 };
	struct __sk_buff ctx = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet), .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx));
	unsigned long long h = 0xcbf29ce484222325ULL;
	__u32 zero[4] = {};
	size_t i;
	int key;

	if (seen & (1 << MAY_GOTO_BACK | 1 << TO_START))
		return 0;
	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		for (key = 0; key < 4; key++)
			bpf_map_update_elem(array_map, &key, zero, 0);
		ctx.mark = marks[i];
		if (bpf_prog_test_run_opts(fd, &opts))
			die("run");
		h = hash(h, &opts.retval, sizeof(opts.retval));
		runs++;
	}
	return h;
}

/* Returns whether it loads. */
static bool load_random(unsigned int nr, bool dump)
{
	static char log[1 << 20];
	static struct bpf_line_info lines[MAX_INSNS];
	int starts[MAX_FUNCS], i, k, fd, last, nr_lines = 0, proto, name, ptr, sparse;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log), .log_level = dump);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info), lens[256];
	unsigned long long h, jited;
	unsigned int nr_insns;
	char prog[32];
	struct btf *btf;

	seed = nr * 2654435761U;
	pick(2);
	cnt = 0;
	seen = 0;
	nr_funcs = 1 + pick(MAX_FUNCS);
	if (nr_funcs == 2)
		nr_funcs = 3;
	if (unpriv)
		nr_funcs = 1;
	for (i = 0; i < nr_funcs; i++)
		add_function(i, nr_funcs, starts, nr % 2);
	point_at_functions(starts);

	btf = new_btf();
	ptr = btf__add_ptr(btf, btf__add_struct(btf, "__sk_buff", 4));
	proto = btf__add_func_proto(btf, INT_TYPE);
	btf__add_func_param(btf, "ctx", ptr);
	name = btf__add_str(btf, "a line");
	sparse = 1 + pick(6);
	for (i = 0; i < nr_funcs; i++) {
		snprintf(prog, sizeof(prog), "f%d", i);
		funcs[i] = (struct bpf_func_info){ starts[i], btf__add_func(btf, prog, BTF_FUNC_STATIC, proto) };
		last = i + 1 < nr_funcs ? starts[i + 1] : cnt;
		for (k = starts[i]; k < last; k += 1 + pick(sparse)) {
			if (!code[k].code)
				k++; /* a line begins with an instruction, not in it */
			if (k >= last)
				break;
			lines[nr_lines] = (struct bpf_line_info){ .insn_off = k, .file_name_off = name,
				.line_off = name, .line_col = (nr_lines + 1) << 10 };
			nr_lines++;
		}
	}
	load_btf(btf);
	opts.line_info = lines;
	opts.line_info_cnt = unpriv ? 0 : nr_lines;
	opts.line_info_rec_size = sizeof(*lines);
	opts.prog_flags = pick(8) == 0 && !unpriv ? BPF_F_TEST_RND_HI32 : 0;
	if (unpriv || nr % 3 == 0)
		set_capabilities(unpriv ? 0 : ~(1ULL << CAP_SYS_ADMIN | 1ULL << CAP_PERFMON));
	fd = load_code(unpriv ? BPF_PROG_TYPE_SOCKET_FILTER : BPF_PROG_TYPE_SCHED_CLS, "random", unpriv ? 0 : btf__fd(btf), &opts);
	set_capabilities(ALL_CAPABILITIES);
	if (dump)
		printf("%s\n", log);
	btf__free(btf);
	if (fd < 0) {
		printf("rewrite %u,%d\n", nr, -fd);
		return false;
	}
	snprintf(prog, sizeof(prog), "%u", nr);
	h = translated(vmlinux, fd, dump ? prog : NULL, &nr_insns);
	info.jited_func_lens = (unsigned long)lens;
	info.nr_jited_func_lens = sizeof(lens) / sizeof(*lens);
	if (bpf_prog_get_info_by_fd(fd, &info, &len) || !h)
		die("information about the program");
	/* the size of an immediate depends on its value */
	jited = blind || opts.prog_flags & BPF_F_TEST_RND_HI32 ? 0 : hash(h, lens, info.nr_jited_func_lens * sizeof(*lens));
	printf("rewrite %u,%u,%016llx,%016llx,%016llx\n", nr, nr_insns, h, jited, run(fd));
	for (i = 0; i < KINDS; i++)
		kinds_loaded[i] += seen >> i & 1;
	close(fd);
	return true;
}

int main(int argc, char **argv)
{
	int i, opt, first = 1, count, loaded = 0;
	bool dump = false;

	while ((opt = getopt(argc, argv, "bdus:")) != -1) {
		if (opt == 'b')
			blind = true;
		else if (opt == 'd')
			dump = true;
		else if (opt == 'u')
			unpriv = true;
		else if (opt == 's')
			first = atoi(optarg);
		else
			return 1;
	}
	if (optind + 1 != argc)
		return 1;
	count = atoi(argv[optind]);
	load_vmlinux_btf();
	array_map = make_map("array", 16, 4, 0, 0, 0);
	prog_map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "progs", 4, 4, 2, NULL);
	if (prog_map < 0)
		die("progs");
	fmt_map = format_map("%d\n");
	stream_id = need_func("bpf_stream_vprintk_impl");
	throw_id = btf__find_by_name_kind(vmlinux, "bpf_throw", BTF_KIND_FUNC);
	for (i = first; i < first + count; i++)
		loaded += load_random(i, dump);
	for (i = 0; i < KINDS; i++)
		printf("# %u with %s\n", kinds_loaded[i], kind_names[i]);
	printf("# %u runs\n# %d of %d load\n", runs, loaded, count);
	return loaded * 4 < count;
}
