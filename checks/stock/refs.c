// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_refcount_acquire() of an object that only RCU protects: the pointer is read from a map, in a section or in a program
 * that is one, and the reference is taken in it, or after it has ended.
 *
 *   refs		load them all
 *   refs acquire	run the first demonstrator: acquire after unlock, in a sleepable program
 *   refs extension	run the second: an extension of a sleepable program, which is not in an RCU section
 *
 * Lines, with tabs, where MUST is "load" or "refuse", what the series has to do:
 *
 *   ref NAME MUST ERRNO HASH LOG
 *
 * NAME is PROGRAM/WHERE/SECTIONS: sections in the order in which they begin, "-" where the pointer is read, a section
 * again with a slash where it ends, and "+" where the reference is taken.
 *
 * A demonstrator drops the object that the pointer leads to, waits until another program has got its memory, and then takes
 * a reference: to the other object, as one of its own type. "demo NAME ERRNO TEXT REPORT" says how far it got: the last
 * thing is that it frees the other's object, and that the kernel uses it, which KASAN reports.
 */
#include "kit.h"

enum section { RCU, LOCK, PREEMPT, IRQ, NR_SECTIONS };

static const char *const section_names[] = { "rcu", "lock", "preempt", "irq" };

enum where { MAIN, FUNCTION, CALLBACK, NR_WHERE };

static const char *const where_names[] = { "main", "function", "callback" };

enum { SYSCALL, TC, EXT_SYSCALL, EXT_TC, NR_PROGS };

static const char *const prog_names[] = { "syscall", "tc", "extension of syscall", "extension of tc" };

enum { VALUE_LOCK = 0, VALUE_OBJECT = 8, VALUE_SIZE = 16, OBJECT_SIZE = 64, OTHERS = 4096 };
/* memory shared with programs */
enum { STAGE = 0, AT_OBJECT = 8, RESULT = 16, INDEX = 24, SHARED_SIZE = 4096 };

static int new_id, drop_id, acquire_id, enter_id[NR_SECTIONS], leave_id[NR_SECTIONS];
static int object, other, func, callback, global, prog_func;
static int object_map, kept_map, other_map, btf_fd, target[2];
static volatile __u64 *shared;

static void make_types(void)
{
	int lock, ref, proto, value, kept, others, kptr, other_kptr, i;
	struct btf *btf = new_btf();
	char name[16];

	lock = opaque(btf, "bpf_spin_lock", 4);
	ref = opaque(btf, "bpf_refcount", 4);
	object = btf__add_struct(btf, "stock_object", OBJECT_SIZE);
	btf__add_field(btf, "ref", ref, 0, 0);
	other = btf__add_struct(btf, "stock_other", OBJECT_SIZE);
	for (i = 0; i < OBJECT_SIZE / 4; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		btf__add_field(btf, name, INT_TYPE, i * 32, 0);
	}
	kptr = kptr_to(btf, "kptr", object);
	other_kptr = kptr_to(btf, "kptr", other);
	value = btf__add_struct(btf, "stock_value", VALUE_SIZE);
	btf__add_field(btf, "lock", lock, 0, 0);
	btf__add_field(btf, "object", kptr, VALUE_OBJECT * 8, 0);
	kept = btf__add_struct(btf, "stock_kept", 8);
	btf__add_field(btf, "object", kptr, 0, 0);
	others = btf__add_struct(btf, "stock_others", 8);
	btf__add_field(btf, "other", other_kptr, 0, 0);
	proto = btf__add_func_proto(btf, INT_TYPE);
	prog_func = btf__add_func(btf, "prog", BTF_FUNC_GLOBAL, proto);
	func = btf__add_func(btf, "func", BTF_FUNC_STATIC, proto);
	callback = btf__add_func(btf, "callback", BTF_FUNC_STATIC, proto);
	proto = btf__add_func_proto(btf, INT_TYPE);
	btf__add_func_param(btf, "arg", INT_TYPE);
	global = btf__add_func(btf, "target", BTF_FUNC_GLOBAL, proto);
	btf_fd = load_btf(btf);
	object_map = make_map("objects", VALUE_SIZE, 1, btf_fd, value, 0);
	kept_map = make_map("kept", 8, 1, btf_fd, kept, 0);
	other_map = make_map("others", 8, OTHERS, btf_fd, others, 0);
	shared = share(SHARED_SIZE);
}

static int load(int kind, const char *name, int log_level)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = verifier_log, .log_size = sizeof(verifier_log), .log_level = log_level);
	enum bpf_prog_type type = kind == SYSCALL ? BPF_PROG_TYPE_SYSCALL : kind == TC ? BPF_PROG_TYPE_SCHED_CLS :
				  BPF_PROG_TYPE_EXT;

	if (kind >= EXT_SYSCALL) {
		opts.attach_prog_fd = target[kind - EXT_SYSCALL];
		opts.attach_btf_id = global;
	}
	return load_code(type, name, btf_fd, &opts);
}

static int must_load(int kind, const char *name)
{
	int fd = load(kind, name, 1);

	if (fd >= 0)
		return fd;
	fprintf(stderr, "%s\n", verifier_log);
	errno = -fd;
	die(name);
}

/* Programs whose function an extension replaces. */
static void make_target(int kind)
{
	begin_program(prog_func);
	set(BPF_REG_1, NUM(0));
	add(CALL(1));
	add(EXIT);
	begin_func(global);
	end(0);
	target[kind] = must_load(kind, "target");
}

/* Enter or leave a section: by the helper for a lock, by the kfunc for the others */
static void add_section(enum section s, int helper, const int *kfunc)
{
	if (s == LOCK)
		call_helper(helper, REG(BPF_REG_8));
	else if (s == IRQ)
		call_kfunc(kfunc[s], AT(BPF_REG_10, -8));
	else
		call_kfunc(kfunc[s], REG(BPF_REG_10));
}

static void enter(enum section s)
{
	add_section(s, BPF_FUNC_spin_lock, enter_id);
}

static void leave(enum section s)
{
	add_section(s, BPF_FUNC_spin_unlock, leave_id);
}

static void drop(int reg)
{
	call_kfunc(drop_id, REG(reg), NUM(0));
}

/*
 * Enter the sections, read the pointer, leave the first of the ends, take a reference, leave the others. Sections and ends
 * are lists of nr; -1 is none.
 */
static void write_sections(const int *begins, const int *ends, int nr, int before)
{
	int i, none, over;

	set(BPF_REG_8, VALUE(object_map, 0));
	for (i = 0; i < nr; i++)
		enter(begins[i]);
	add(LOAD(BPF_DW, BPF_REG_7, BPF_REG_8, VALUE_OBJECT));
	add(MOV(BPF_REG_6, 0));
	/* NULL is tested where MEM_RCU still tells what it is */
	none = branch(BPF_JEQ, BPF_REG_7, 0);
	for (i = 0; i < before; i++)
		leave(ends[i]);
	call_kfunc(acquire_id, REG(BPF_REG_7), NUM(0));
	add(MOVR(BPF_REG_6, BPF_REG_0));
	for (; i < nr; i++)
		leave(ends[i]);
	over = branch(BPF_JEQ, BPF_REG_6, 0);
	drop(BPF_REG_6);
	land(over);
	end(0);
	land(none);
	for (i = 0; i < nr; i++)
		leave(ends[i]);
	end(0);
}

static void do_row(int kind, enum where where, const int *begins, const int *ends, int nr, int before)
{
	unsigned long long hash = 0;
	unsigned int n;
	int fd, i;
	char name[160];

	begin_program(kind < EXT_SYSCALL ? prog_func : global);
	if (where == FUNCTION) {
		add(CALL(2));
		end(0);
		begin_func(func);
	} else if (where == CALLBACK) {
		call_helper(BPF_FUNC_loop, NUM(3), FUNC(6), NUM(0), NUM(0));
		end(0);
		begin_func(callback);
	}
	write_sections(begins, ends, nr, before);
	snprintf(name, sizeof(name), "%s/%s/", prog_names[kind], where_names[where]);
	for (i = 0; i < nr; i++)
		sprintf(name + strlen(name), "%s ", section_names[begins[i]]);
	strcat(name, "-");
	for (i = 0; i <= nr; i++) {
		if (i == before)
			strcat(name, " +");
		if (i < nr)
			sprintf(name + strlen(name), " /%s", section_names[ends[i]]);
	}
	fd = load(kind, "refs", 0);
	if (fd >= 0)
		hash = translated(vmlinux, fd, NULL, &n);
	else
		load(kind, "refs", 1);
	printf("ref\t%s\t%s\t%d\t%016llx\t%s\n", name, kind % 2 == 0 && before == nr ? "refuse" : "load", fd < 0 ? -fd : 0, hash,
	       fd < 0 ? why() : "-");
	if (fd >= 0)
		close(fd);
}

static void load_all(void)
{
	int kind, where, a, b, before, swap, begins[2], ends[2];

	for (kind = 0; kind < NR_PROGS; kind++)
		for (where = 0; where < NR_WHERE; where++) {
			do_row(kind, where, NULL, NULL, 0, 0);
			for (a = 0; a < NR_SECTIONS; a++) {
				begins[0] = ends[0] = a;
				for (before = 0; before <= 1; before++)
					do_row(kind, where, begins, ends, 1, before);
				for (b = 0; b < NR_SECTIONS; b++)
					for (swap = 0; swap < 2; swap++)
						for (before = 0; before <= 2; before++) {
							if (a == b)
								continue;
							/* only kfuncs of graphs may be called with a lock held */
							if (a == LOCK || (b == LOCK && swap))
								continue;
							begins[1] = b;
							ends[swap] = b;
							ends[!swap] = a;
							do_row(kind, where, begins, ends, 2, before);
						}
			}
		}
}

/* ---- demonstrators */

static void drop_old(void)
{
	int none = branch(BPF_JEQ, BPF_REG_0, 0);

	drop(BPF_REG_0);
	land(none);
}

static int write_make(void)
{
	int none;

	begin_program(prog_func);
	call_kfunc(new_id, NUM(object), NUM(0));
	none = branch(BPF_JEQ, BPF_REG_0, 0);
	add(MOVR(BPF_REG_7, BPF_REG_0));
	exchange(VALUE(object_map, VALUE_OBJECT), REG(BPF_REG_7));
	drop_old();
	land(none);
	end(0);
	return must_load(SYSCALL, "make");
}

/* R8 = the value at INDEX of the map of others, or the program ends; R9 = the shared memory. */
static void begin_with_other(void)
{
	int found;

	begin_program(prog_func);
	set(BPF_REG_9, VALUE(shared_map, 0));
	add(LOAD(BPF_DW, BPF_REG_1, BPF_REG_9, INDEX));
	add(STORE(BPF_W, BPF_REG_10, BPF_REG_1, -16));
	set(BPF_REG_2, AT(BPF_REG_10, -16));
	call_helper(BPF_FUNC_map_lookup_elem, MAP(other_map));
	found = branch(BPF_JNE, BPF_REG_0, 0);
	end(0);
	land(found);
	add(MOVR(BPF_REG_8, BPF_REG_0));
}

/* Where a count would be, the object in R7 has 1. */
static void count_one(void)
{
	add(MOV(BPF_REG_1, 1));
	add(STORE(BPF_W, BPF_REG_7, BPF_REG_1, 0));
}

static void keep(void)
{
	exchange(REG(BPF_REG_8), REG(BPF_REG_7));
	drop_old();
}

/* Allocate another object, keep it at INDEX, and put its address in RESULT. */
static int write_other(void)
{
	int none;

	begin_with_other();
	call_kfunc(new_id, NUM(other), NUM(0));
	none = branch(BPF_JEQ, BPF_REG_0, 0);
	add(MOVR(BPF_REG_7, BPF_REG_0));
	count_one();
	add(STORE(BPF_DW, BPF_REG_9, BPF_REG_7, RESULT));
	keep();
	land(none);
	end(0);
	return must_load(SYSCALL, "other");
}

/* Of the other object at INDEX: write 1 where a count would be, or drop it. */
static int write_use(bool and_drop)
{
	int none;

	begin_with_other();
	exchange(REG(BPF_REG_8), NUM(0));
	none = branch(BPF_JEQ, BPF_REG_0, 0);
	add(MOVR(BPF_REG_7, BPF_REG_0));
	if (and_drop) {
		drop(BPF_REG_7);
	} else {
		count_one();
		keep();
	}
	land(none);
	end(0);
	return must_load(SYSCALL, "use");
}

/* Drop the reference that the demonstrator took. */
static int write_drop(void)
{
	begin_program(prog_func);
	exchange(VALUE(kept_map, 0), NUM(0));
	drop_old();
	end(0);
	return must_load(SYSCALL, "drop");
}

/* The demonstrator: read the pointer, drop the object, wait for STAGE 2, take a reference. */
static int write_demo(bool extension)
{
	int none, nobody, loop, failed;

	begin_program(extension ? global : prog_func);
	set(BPF_REG_9, VALUE(shared_map, 0));
	set(BPF_REG_8, VALUE(object_map, 0));
	if (!extension)
		enter(LOCK);
	add(LOAD(BPF_DW, BPF_REG_7, BPF_REG_8, VALUE_OBJECT));
	if (!extension)
		leave(LOCK);
	none = branch(BPF_JEQ, BPF_REG_7, 0);
	add(STORE(BPF_DW, BPF_REG_9, BPF_REG_7, AT_OBJECT));
	exchange(VALUE(object_map, VALUE_OBJECT), NUM(0));
	nobody = branch(BPF_JEQ, BPF_REG_0, 0);
	drop(BPF_REG_0);
	land(nobody);
	add(MOV(BPF_REG_1, 1));
	add(STORE(BPF_DW, BPF_REG_9, BPF_REG_1, STAGE));
	loop = cnt + 1;
	call_helper(BPF_FUNC_loop, NUM(1 << 23), FUNC(0), NUM(0), NUM(0));
	call_kfunc(acquire_id, REG(BPF_REG_7), NUM(0));
	failed = branch(BPF_JEQ, BPF_REG_0, 0);
	add(MOVR(BPF_REG_6, BPF_REG_0));
	add(STORE(BPF_DW, BPF_REG_9, BPF_REG_6, RESULT));
	exchange(VALUE(kept_map, 0), REG(BPF_REG_6));
	drop_old();
	land(failed);
	land(none);
	end(0);
	code[loop].imm = cnt - loop - 1;
	begin_func(callback);
	/* go on as long as STAGE is 1 */
	set(BPF_REG_9, VALUE(shared_map, 0));
	add(LOAD(BPF_DW, BPF_REG_1, BPF_REG_9, STAGE));
	add(MOV(BPF_REG_0, 0));
	add(JUMP(BPF_JEQ, BPF_REG_1, 1, 1));
	end(1);
	return load(extension ? EXT_SYSCALL : SYSCALL, "demo", 1);
}

static void demo(const char *name)
{
	bool extension = !strcmp(name, "extension");
	int make = write_make(), other_fd = write_other(), mark = write_use(false), use = write_use(true), drop = write_drop();
	int fd = write_demo(extension), i, status, link = 0;
	static char report[1024];
	const char *text;
	pid_t pid;

	if (fd < 0) {
		printf("demo\t%s\t%d\t%s\t-\n", name, -fd, why());
		return;
	}
	/* the memory of an object goes to the list of the CPU that it was dropped on */
	stay_on(0);
	if (extension) {
		link = bpf_raw_tracepoint_open(NULL, fd);
		if (link < 0)
			die("attach the extension");
	}
	run(make);
	shared[STAGE / 8] = 0;
	pid = fork();
	if (!pid) {
		run(extension ? target[SYSCALL] : fd);
		_exit(0);
	}
	while (shared[STAGE / 8] != 1 && waitpid(pid, &status, WNOHANG) == 0)
		usleep(1000);
	/* a grace period of plain RCU ends, though the program still has the pointer */
	wait_for_rcu();
	for (i = 0; i < OTHERS; i++) {
		shared[INDEX / 8] = i;
		run(other_fd);
		if (shared[RESULT / 8] == shared[AT_OBJECT / 8])
			break;
	}
	text = "memory was not used again";
	shared[RESULT / 8] = 0;
	shared[STAGE / 8] = 2;
	waitpid(pid, &status, 0);
	if (i < OTHERS) {
		text = "no reference";
		if (shared[RESULT / 8]) {
			run(mark);
			run(drop);
			for (i = 0; i < 5; i++)
				wait_for_rcu();
			run(use);
			text = "a reference to another type's object, which it frees";
		}
	}
	wait_for_rcu();
	read_reports(report, sizeof(report));
	printf("demo\t%s\t0\t%s\t%s\n", name, text, *report ? report : "-");
}

int main(int argc, char **argv)
{
	static const char *const enters[] = { "bpf_rcu_read_lock", NULL, "bpf_preempt_disable", "bpf_local_irq_save" };
	static const char *const leaves[] = { "bpf_rcu_read_unlock", NULL, "bpf_preempt_enable", "bpf_local_irq_restore" };
	int i;

	load_vmlinux_btf();
	new_id = need_func("bpf_obj_new_impl");
	drop_id = need_func("bpf_obj_drop_impl");
	acquire_id = need_func("bpf_refcount_acquire_impl");
	for (i = 0; i < NR_SECTIONS; i++) {
		enter_id[i] = i == LOCK ? 0 : need_func(enters[i]);
		leave_id[i] = i == LOCK ? 0 : need_func(leaves[i]);
	}
	make_types();
	make_target(SYSCALL);
	make_target(TC);
	open_kmsg();
	if (argc > 1)
		demo(argv[1]);
	else
		load_all();
	printf("done\n");
	return 0;
}
