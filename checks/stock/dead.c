// SPDX-License-Identifier: GPL-2.0
/*
 * Programs with references to callbacks that are dead: no path of the verifier enters them, so they are removed, and what
 * refers to them is not. Beside them, calls of kfuncs, divisions and accesses to the context, for which instructions are
 * inserted, which moves what is behind them.
 *
 *   dead FIRST COUNT
 *
 * Loads the programs with the seeds FIRST to FIRST + COUNT - 1, the first of which are made by hand: every kind of
 * reference, with the dead callback alone, first, in the middle, last, and all of them dead. Each is loaded with all
 * capabilities, with CAP_BPF alone, with blinded constants, and, for those that have no function but the first,
 * unprivileged. A line for each, with tabs:
 *
 *   dead SEED WHO TEXT ERRNO HASH REPORT
 *
 * TEXT names the references. HASH is what it is translated to (lib/translated.h), "-" with blinding, as that is random.
 * On a kernel with both names of a kfunc, calls go to both: a difference between them is the ERRNO "names".
 */
#include "kit.h"

#include "../../lib/capabilities.h"

enum ref { LOOP, ADDRESS, FOR_EACH, TIMER, WQ, SIGNAL, RESUME, NR_REFS };

static const char *const ref_names[] = { "loop", "address", "for_each", "timer", "wq", "signal", "resume" };

#define MAX_CALLBACKS 4
#define ALONE_UNPRIV 8	/* one program in so many has no callbacks, and is for everyone */
#define NUMBER (1 << 20)	/* what no distance is */

struct callback {
	enum ref ref;
	bool dead;
};

static struct {
	enum bpf_prog_type type;
	struct callback cb[MAX_CALLBACKS];
	int nr_cb;
	char text[128];
} prog;

/* of the kfuncs: 0 its own, 1 the impl's */
static int new_id[2], drop_id[2], wq_init, wq_callback[2], work[2][2], object_type, prog_func;
static int for_map, timer_map, wq_map, work_map, btf_fd;
static int name; /* which of them */

static void make_types(void)
{
	struct btf *btf = new_btf();
	int id, value[3], i;
	static const char *const fields[] = { "bpf_timer", "bpf_wq", "bpf_task_work" };
	static const int sizes[] = { 16, 16, 8 };

	for (i = 0; i < 3; i++) {
		id = opaque(btf, fields[i], sizes[i]);
		value[i] = btf__add_struct(btf, "value", sizes[i]);
		btf__add_field(btf, "field", id, 0, 0);
	}
	object_type = btf__add_struct(btf, "object", 16);
	btf__add_field(btf, "a", INT_TYPE, 0, 0);
	prog_func = btf__add_func(btf, "func", BTF_FUNC_STATIC, btf__add_func_proto(btf, INT_TYPE));
	btf_fd = load_btf(btf);
	for_map = make_map("for", 8, 1, 0, 0, 0);
	timer_map = make_map("timer", sizes[0], 1, btf_fd, value[0], 0);
	wq_map = make_map("wq", sizes[1], 1, btf_fd, value[1], 0);
	work_map = make_map("work", sizes[2], 1, btf_fd, value[2], 0);
}

/* Something for which instructions are inserted. */
static void add_insertion(void)
{
	int none;

	switch (pick(4)) {
	case 0: /* of a context: convert_ctx_accesses() */
		if (prog.type != BPF_PROG_TYPE_SYSCALL) {
			add(STORE(BPF_DW, BPF_REG_10, BPF_REG_8, -24));
			add(LOAD(BPF_DW, BPF_REG_1, BPF_REG_10, -24));
			add(LOAD(BPF_W, BPF_REG_0, BPF_REG_1, offsetof(struct __sk_buff, ifindex)));
			break;
		}
		/* fallthrough */
	case 1: /* a division */
		add(HELPER(BPF_FUNC_get_prandom_u32));
		add(MOV(BPF_REG_1, 100));
		add(INSN((pick(2) ? BPF_ALU64 : BPF_ALU) | (pick(2) ? BPF_DIV : BPF_MOD) | BPF_X, BPF_REG_1, BPF_REG_0, 0, 0));
		break;
	default: /* two kfuncs */
		if (prog.nr_cb < 0) {
			add(HELPER(BPF_FUNC_get_prandom_u32));
			break;
		}
		call_kfunc(new_id[name], NUM(object_type), NUM(0));
		none = branch(BPF_JEQ, BPF_REG_0, 0);
		call_kfunc(drop_id[name], REG(BPF_REG_0), NUM(0));
		land(none);
	}
}

static void add_dead_code(void)
{
	int over, i, n = 1 + pick(5);

	add(MOV(BPF_REG_6, 1));
	over = branch(BPF_JEQ, BPF_REG_6, 1);
	for (i = 0; i < n; i++)
		add(ADD(BPF_REG_6, i));
	land(over);
}

/* The value of the array's element, or a branch to where there is none. */
static int lookup_first(int map)
{
	lookup(map, -4, 0);
	return branch(BPF_JEQ, BPF_REG_0, 0);
}

/* The arguments are there, and if the callback is dead the call goes: the verifier knows R6. */
static void call_unless(bool dead, struct bpf_insn call)
{
	int skip = dead ? branch(BPF_JEQ, BPF_REG_6, 0) : -1;

	add(call);
	if (skip >= 0)
		land(skip);
}

static void add_ref(int nr)
{
	const struct callback *cb = &prog.cb[nr];
	/* a callback's address is its number until all functions are written */
	struct arg address = FUNC(NUMBER + nr);
	int none = -1;

	add(MOV(BPF_REG_6, 0));
	switch (cb->ref) {
	case LOOP: /* with no iterations the callback is dead, and the call is not */
		add(STORE_IMM(BPF_DW, BPF_REG_10, -16, 0));
		call_helper(BPF_FUNC_loop, NUM(cb->dead ? 0 : 1 + (int)pick(3)), address, AT(BPF_REG_10, -16), NUM(0));
		return;
	case ADDRESS: /* alive only by another's call */
		set(BPF_REG_2, address);
		if (cb->dead)
			return;
		add(MOV(BPF_REG_1, 2));
		add(MOV(BPF_REG_3, 0));
		add(MOV(BPF_REG_4, 0));
		add(HELPER(BPF_FUNC_loop));
		return;
	case FOR_EACH:
		SET_ARGS(MAP(for_map), address, NUM(0), NUM(0));
		call_unless(cb->dead, HELPER(BPF_FUNC_for_each_map_elem));
		return;
	case TIMER:
		none = lookup_first(timer_map);
		SET_ARGS(REG(BPF_REG_0), address);
		call_unless(cb->dead, HELPER(BPF_FUNC_timer_set_callback));
		break;
	case WQ:
		none = lookup_first(wq_map);
		add(MOVR(BPF_REG_7, BPF_REG_0));
		call_kfunc(wq_init, REG(BPF_REG_7), MAP(wq_map), NUM(0));
		SET_ARGS(REG(BPF_REG_7), address, NUM(0), NUM(0));
		call_unless(cb->dead, KFUNC(wq_callback[name]));
		break;
	default: /* SIGNAL, RESUME */
		none = lookup_first(work_map);
		add(MOVR(BPF_REG_7, BPF_REG_0));
		add(HELPER(BPF_FUNC_get_current_task_btf));
		SET_ARGS(REG(BPF_REG_0), REG(BPF_REG_7), MAP(work_map), address, NUM(0));
		call_unless(cb->dead, KFUNC(work[cb->ref == RESUME][name]));
	}
	land(none);
}

/* Which callbacks there are: by hand for the first seeds, at random for the others. Returns false after the last by hand. */
static bool choose(unsigned int nr)
{
	enum { ALONE, FIRST, MIDDLE, LAST, ALL, NR_PLACES };
	unsigned int ref = nr / NR_PLACES, place = nr % NR_PLACES;
	int i;

	prog.nr_cb = 0;
	if (ref < NR_REFS) {
		prog.nr_cb = place == ALONE ? 1 : 3;
		for (i = 0; i < prog.nr_cb; i++) {
			prog.cb[i].dead = place == ALONE || place == ALL || i == (int)place - FIRST;
			prog.cb[i].ref = prog.cb[i].dead ? ref : LOOP;
		}
		return true;
	}
	if (!pick(ALONE_UNPRIV)) {
		prog.nr_cb = -1;
		return false;
	}
	prog.nr_cb = 1 + pick(MAX_CALLBACKS);
	for (i = 0; i < prog.nr_cb; i++)
		prog.cb[i] = (struct callback){ pick(NR_REFS), pick(3) > 0 };
	return false;
}

static void write_program(unsigned int nr)
{
	int i, k, n, order[MAX_CALLBACKS], nr_cb;
	bool by_hand, in_func;

	seed = nr * 2654435761u + 1;
	begin_program(prog_func);
	prog.type = pick(2) ? BPF_PROG_TYPE_SYSCALL : BPF_PROG_TYPE_SCHED_CLS;
	by_hand = choose(nr);
	if (prog.nr_cb < 0)
		prog.type = BPF_PROG_TYPE_SOCKET_FILTER;
	nr_cb = prog.nr_cb < 0 ? 0 : prog.nr_cb;
	prog.text[0] = '\0';
	for (i = 0; i < nr_cb; i++)
		sprintf(prog.text + strlen(prog.text), "%s%s%s", i ? "," : "", prog.cb[i].dead ? "-" : "",
			ref_names[prog.cb[i].ref]);
	if (!nr_cb)
		strcpy(prog.text, "none");
	/* all in a static function, or not */
	in_func = nr_cb && !by_hand && !pick(4);
	if (in_func) {
		add(CALL(1));
		add(EXIT);
		begin_func(prog_func);
	}
	add(MOVR(BPF_REG_8, BPF_REG_1));
	for (i = 0, n = pick(4); i < n + by_hand; i++)
		add_insertion();
	/* references in another order than the functions */
	for (i = 0; i < nr_cb; i++)
		order[i] = i;
	for (i = 0; i < nr_cb && !by_hand; i++) {
		k = pick(nr_cb);
		n = order[k];
		order[k] = order[i];
		order[i] = n;
	}
	for (i = 0; i < nr_cb; i++) {
		add_ref(order[i]);
		if (!pick(3))
			add_insertion();
		if (!pick(3))
			add_dead_code();
	}
	if (!nr_cb) {
		add_dead_code();
		add_insertion();
		add_dead_code();
	}
	for (i = 0, n = pick(3); i < n; i++)
		add_insertion();
	end(0);
	for (i = 0; i < nr_cb; i++) {
		int start = cnt;

		/* what refers to it */
		for (k = 0; k < start; k++)
			if (is_wide(&code[k]) && code[k].src_reg == BPF_PSEUDO_FUNC && code[k].imm == NUMBER + i)
				code[k].imm = start - k - 1;
		begin_func(prog_func);
		/* no address of a context here: R8 is not set, and no number that looks like a reference's is lost */
		for (n = pick(5); n > 0; n--)
			add(MOV(BPF_REG_0, n));
		if (pick(3) == 0) {
			add(HELPER(BPF_FUNC_get_prandom_u32));
			add(MOV(BPF_REG_1, 7));
			add(INSN(BPF_ALU64 | BPF_DIV | BPF_X, BPF_REG_1, BPF_REG_0, 0, 0));
		}
		end(0);
	}
}

static int load(void)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = verifier_log, .log_size = sizeof(verifier_log), .log_level = 1);

	/* who has no capability may not use BTF */
	return load_code(prog.type, "dead", prog.nr_cb < 0 ? 0 : btf_fd, &opts);
}

enum who { ROOT, BPF_ALONE, BLINDED, NOBODY, NR_WHO };

static const char *const who_names[] = { "root", "CAP_BPF", "blinded", "nobody" };

static const unsigned long long capabilities[] = { ALL_CAPABILITIES, 1ULL << CAP_BPF, ALL_CAPABILITIES, 0 };

static void do_row(unsigned int nr, enum who who, char *report, size_t size)
{
	unsigned long long h[2] = {};
	int fd[2] = { -ENOENT, -ENOENT }, i;
	unsigned int n;

	for (i = 0; i < (new_id[0] ? 2 : 1); i++) {
		name = !i;
		write_program(nr);
		set_capabilities(capabilities[who]);
		fd[i] = load();
		set_capabilities(ALL_CAPABILITIES);
		if (fd[i] >= 0)
			h[i] = translated(vmlinux, fd[i], NULL, &n);
	}
	read_reports(report, size);
	printf("dead %u\t%s\t%s %s\t", nr, who_names[who], libbpf_bpf_prog_type_str(prog.type), prog.text);
	if (new_id[0] && ((fd[0] < 0) != (fd[1] < 0) || (fd[0] < 0 && fd[0] != fd[1]) || (h[0] != h[1] && who != BLINDED)))
		printf("names\t-\t");
	else if (fd[0] < 0)
		printf("%d\t%s\t", -fd[0], why());
	else if (who == BLINDED)
		printf("0\t-\t");
	else
		printf("0\t%016llx\t", h[0]);
	printf("%s\n", *report ? report : "-");
	for (i = 0; i < 2; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

int main(int argc, char **argv)
{
	unsigned int nr, first, count;
	static char report[1024];
	enum who who;
	pid_t pid;
	int status;

	if (argc != 3)
		die("usage: dead FIRST COUNT");
	first = atoi(argv[1]);
	count = atoi(argv[2]);
	load_vmlinux_btf();
	find_pair(vmlinux, "bpf_obj_new", new_id);
	find_pair(vmlinux, "bpf_obj_drop", drop_id);
	wq_init = need_func("bpf_wq_init");
	find_pair(vmlinux, "bpf_wq_set_callback", wq_callback);
	find_pair(vmlinux, "bpf_task_work_schedule_signal", work[0]);
	find_pair(vmlinux, "bpf_task_work_schedule_resume", work[1]);
	make_types();
	open_kmsg();
	write_file("/proc/sys/kernel/unprivileged_bpf_disabled", "0");
	for (who = 0; who < NR_WHO; who++) {
		write_file("/proc/sys/net/core/bpf_jit_harden", who == BLINDED ? "2" : "0");
		fflush(stdout);
		pid = fork();
		if (!pid) {
			for (nr = first; nr < first + count; nr++) {
				write_program(nr);
				if (who == NOBODY && prog.nr_cb >= 0)
					continue;
				if (who == BPF_ALONE && prog.type == BPF_PROG_TYPE_SCHED_CLS)
					continue;
				report[0] = '\0';
				do_row(nr, who, report, sizeof(report));
			}
			fflush(stdout);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			die(who_names[who]);
	}
	printf("done\n");
	return 0;
}
