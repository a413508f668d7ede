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

#include <linux/capability.h>

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
	int nr_cb, starts[MAX_CALLBACKS + 2], nr_funcs;
	char text[128];
} prog;

static int new_id[2], drop_id[2], wq_init, wq_callback[2], work[2][2], task_func_type, u32_type, prog_func;
static int for_map, timer_map, wq_map, work_map, btf_fd;
static unsigned int seed;
static int name; /* of the kfuncs: 0 the impl's, 1 its own */

static unsigned int pick(unsigned int n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void make_types(void)
{
	struct btf *btf = btf__new_empty();
	int proto, id[3], value[3], i, array;
	static const char *const fields[] = { "bpf_timer", "bpf_wq", "bpf_task_work" };
	static const int sizes[] = { 16, 16, 8 };
	LIBBPF_OPTS(bpf_map_create_opts, opts);

	u32_type = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	for (i = 0; i < 3; i++) {
		array = btf__add_array(btf, u32_type, u32_type, sizes[i] / 4);
		id[i] = btf__add_struct(btf, fields[i], sizes[i]);
		btf__add_field(btf, "opaque", array, 0, 0);
		value[i] = btf__add_struct(btf, "value", sizes[i]);
		btf__add_field(btf, "field", id[i], 0, 0);
	}
	task_func_type = btf__add_struct(btf, "object", 16);
	btf__add_field(btf, "a", u32_type, 0, 0);
	proto = btf__add_func_proto(btf, u32_type);
	prog_func = btf__add_func(btf, "func", BTF_FUNC_STATIC, proto);
	if (btf__load_into_kernel(btf))
		die("BTF of the programs");
	btf_fd = btf__fd(btf);
	for_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "for", 4, 8, 1, NULL);
	opts.btf_fd = btf_fd;
	opts.btf_key_type_id = u32_type;
	opts.btf_value_type_id = value[0];
	timer_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "timer", 4, 16, 1, &opts);
	opts.btf_value_type_id = value[1];
	wq_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "wq", 4, 16, 1, &opts);
	opts.btf_value_type_id = value[2];
	work_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "work", 4, 8, 1, &opts);
	if (for_map < 0 || timer_map < 0 || wq_map < 0 || work_map < 0)
		die("maps of the programs");
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
		add(MOV(BPF_REG_1, task_func_type));
		add(MOV(BPF_REG_2, 0));
		add_kfunc(new_id[name]);
		none = branch(BPF_JEQ, BPF_REG_0, 0);
		add(MOVR(BPF_REG_1, BPF_REG_0));
		add(MOV(BPF_REG_2, 0));
		add_kfunc(drop_id[name]);
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

/* A callback's address is its number until all functions are written. */
static void add_address(int reg, int cb)
{
	add_wide(reg, BPF_PSEUDO_FUNC, NUMBER + cb, 0);
}

static int lookup(int map)
{
	add(INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0));
	add(MOVR(BPF_REG_2, BPF_REG_10));
	add(ADD(BPF_REG_2, -4));
	add_wide(BPF_REG_1, BPF_PSEUDO_MAP_FD, map, 0);
	add(HELPER(BPF_FUNC_map_lookup_elem));
	return branch(BPF_JEQ, BPF_REG_0, 0);
}

/* The reference stays, the call goes: the verifier knows R6. */
static int skip_call(bool dead)
{
	return dead ? branch(BPF_JEQ, BPF_REG_6, 0) : -1;
}

static void end_call(int skip)
{
	if (skip >= 0)
		land(skip);
}

static void add_ref(int nr)
{
	const struct callback *cb = &prog.cb[nr];
	int none = -1, skip;

	add(MOV(BPF_REG_6, 0));
	switch (cb->ref) {
	case LOOP: /* with no iterations the callback is dead, and the call is not */
		add(INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -16, 0));
		add(MOV(BPF_REG_1, cb->dead ? 0 : 1 + pick(3)));
		add_address(BPF_REG_2, nr);
		add(MOVR(BPF_REG_3, BPF_REG_10));
		add(ADD(BPF_REG_3, -16));
		add(MOV(BPF_REG_4, 0));
		add(HELPER(BPF_FUNC_loop));
		return;
	case ADDRESS: /* alive only by another's call */
		add_address(BPF_REG_2, nr);
		if (cb->dead)
			return;
		add(MOV(BPF_REG_1, 2));
		add(MOV(BPF_REG_3, 0));
		add(MOV(BPF_REG_4, 0));
		add(HELPER(BPF_FUNC_loop));
		return;
	case FOR_EACH:
		add_wide(BPF_REG_1, BPF_PSEUDO_MAP_FD, for_map, 0);
		add_address(BPF_REG_2, nr);
		add(MOV(BPF_REG_3, 0));
		add(MOV(BPF_REG_4, 0));
		skip = skip_call(cb->dead);
		add(HELPER(BPF_FUNC_for_each_map_elem));
		end_call(skip);
		return;
	case TIMER:
		none = lookup(timer_map);
		add(MOVR(BPF_REG_1, BPF_REG_0));
		add_address(BPF_REG_2, nr);
		skip = skip_call(cb->dead);
		add(HELPER(BPF_FUNC_timer_set_callback));
		end_call(skip);
		break;
	case WQ:
		none = lookup(wq_map);
		add(MOVR(BPF_REG_7, BPF_REG_0));
		add(MOVR(BPF_REG_1, BPF_REG_7));
		add_wide(BPF_REG_2, BPF_PSEUDO_MAP_FD, wq_map, 0);
		add(MOV(BPF_REG_3, 0));
		add_kfunc(wq_init);
		add(MOVR(BPF_REG_1, BPF_REG_7));
		add_address(BPF_REG_2, nr);
		add(MOV(BPF_REG_3, 0));
		add(MOV(BPF_REG_4, 0));
		skip = skip_call(cb->dead);
		add_kfunc(wq_callback[name]);
		end_call(skip);
		break;
	default: /* SIGNAL, RESUME */
		none = lookup(work_map);
		add(MOVR(BPF_REG_7, BPF_REG_0));
		add(HELPER(BPF_FUNC_get_current_task_btf));
		add(MOVR(BPF_REG_1, BPF_REG_0));
		add(MOVR(BPF_REG_2, BPF_REG_7));
		add_wide(BPF_REG_3, BPF_PSEUDO_MAP_FD, work_map, 0);
		add_address(BPF_REG_4, nr);
		add(MOV(BPF_REG_5, 0));
		skip = skip_call(cb->dead);
		add_kfunc(work[cb->ref == RESUME][name]);
		end_call(skip);
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
	cnt = 0;
	prog.type = pick(2) ? BPF_PROG_TYPE_SYSCALL : BPF_PROG_TYPE_SCHED_CLS;
	by_hand = choose(nr);
	if (prog.nr_cb < 0)
		prog.type = BPF_PROG_TYPE_SOCKET_FILTER;
	nr_cb = prog.nr_cb < 0 ? 0 : prog.nr_cb;
	prog.nr_funcs = 0;
	prog.text[0] = '\0';
	for (i = 0; i < nr_cb; i++)
		sprintf(prog.text + strlen(prog.text), "%s%s%s", i ? "," : "", prog.cb[i].dead ? "-" : "",
			ref_names[prog.cb[i].ref]);
	if (!nr_cb)
		strcpy(prog.text, "none");
	/* all in a static function, or not */
	in_func = nr_cb && !by_hand && !pick(4);
	prog.starts[prog.nr_funcs++] = 0;
	if (in_func) {
		add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1));
		add(EXIT);
		prog.starts[prog.nr_funcs++] = cnt;
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
	add(MOV(BPF_REG_0, 0));
	add(EXIT);
	for (i = 0; i < nr_cb; i++) {
		int start = cnt;

		/* what refers to it */
		for (k = 0; k < start; k++)
			if (is_wide(&code[k]) && code[k].src_reg == BPF_PSEUDO_FUNC && code[k].imm == NUMBER + i)
				code[k].imm = start - k - 1;
		prog.starts[prog.nr_funcs++] = start;
		/* no address of a context here: R8 is not set, and no number that looks like a reference's is lost */
		for (n = pick(5); n > 0; n--)
			add(MOV(BPF_REG_0, n));
		if (pick(3) == 0) {
			add(HELPER(BPF_FUNC_get_prandom_u32));
			add(MOV(BPF_REG_1, 7));
			add(INSN(BPF_ALU64 | BPF_DIV | BPF_X, BPF_REG_1, BPF_REG_0, 0, 0));
		}
		add(MOV(BPF_REG_0, 0));
		add(EXIT);
	}
}

static int load(void)
{
	struct bpf_func_info funcs[MAX_CALLBACKS + 2];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = verifier_log, .log_size = sizeof(verifier_log), .log_level = 1,
		    .prog_flags = prog.type == BPF_PROG_TYPE_SYSCALL ? BPF_F_SLEEPABLE : 0);
	int i, fd;

	for (i = 0; i < prog.nr_funcs; i++)
		funcs[i] = (struct bpf_func_info){ prog.starts[i], prog_func };
	if (prog.nr_cb >= 0) { /* who has no capability may not use BTF */
		opts.prog_btf_fd = btf_fd;
		opts.func_info = funcs;
		opts.func_info_cnt = prog.nr_funcs;
		opts.func_info_rec_size = sizeof(*funcs);
	}
	verifier_log[0] = '\0';
	fd = bpf_prog_load(prog.type, "dead", "GPL", code, cnt, &opts);
	return fd < 0 ? -errno : fd;
}

enum who { ROOT, BPF_ALONE, BLINDED, NOBODY, NR_WHO };

static const char *const who_names[] = { "root", "CAP_BPF", "blinded", "nobody" };

/* Have the capabilities that these have; all of them stay permitted. */
static void become(enum who who)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_capget, &header, data))
		die("capabilities");
	data[0].effective = who == BPF_ALONE || who == NOBODY ? 0 : data[0].permitted;
	data[1].effective = who == BPF_ALONE ? 1 << (CAP_BPF - 32) : who == NOBODY ? 0 : data[1].permitted;
	if (syscall(__NR_capset, &header, data))
		die("capabilities");
}

static void do_row(unsigned int nr, enum who who, char *report, size_t size)
{
	unsigned long long h[2] = {};
	int fd[2] = { -ENOENT, -ENOENT }, i;
	unsigned int n;

	for (i = 0; i < 2; i++) {
		if (i && !new_id[1])
			break;
		name = i;
		write_program(nr);
		become(who);
		fd[i] = load();
		become(ROOT);
		if (fd[i] >= 0)
			h[i] = translated(vmlinux, fd[i], NULL, &n);
	}
	read_reports(report, size);
	printf("dead %u\t%s\t%s %s\t", nr, who_names[who], libbpf_bpf_prog_type_str(prog.type), prog.text);
	if (new_id[1] && ((fd[0] < 0) != (fd[1] < 0) || (fd[0] < 0 && fd[0] != fd[1]) || (h[0] != h[1] && who != BLINDED)))
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
	int status, i;

	if (argc != 3)
		die("usage: dead FIRST COUNT");
	first = atoi(argv[1]);
	count = atoi(argv[2]);
	load_vmlinux_btf();
	new_id[0] = need_func("bpf_obj_new_impl");
	new_id[1] = find_func("bpf_obj_new");
	drop_id[0] = need_func("bpf_obj_drop_impl");
	drop_id[1] = find_func("bpf_obj_drop");
	wq_init = need_func("bpf_wq_init");
	wq_callback[0] = need_func("bpf_wq_set_callback_impl");
	wq_callback[1] = find_func("bpf_wq_set_callback");
	for (i = 0; i < 2; i++) {
		work[i][0] = need_func(i ? "bpf_task_work_schedule_resume_impl" : "bpf_task_work_schedule_signal_impl");
		work[i][1] = find_func(i ? "bpf_task_work_schedule_resume" : "bpf_task_work_schedule_signal");
	}
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
