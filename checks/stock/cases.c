// SPDX-License-Identifier: GPL-2.0
/*
 * Load and run the programs of cases.bpf.c, which clang has merged calls of. KTAP on stdout; what a case is translated to
 * is in its line, for the comparison of two kernels: "ok 1 - dead_callbacks # 81d1...". Exit status: 0 if all are right.
 */
#include "kit.h"

#include <linux/pkt_cls.h>

static int failures, number;

static void report_case(const char *name, const char *wrong, unsigned long long hash)
{
	static char reports[1024];

	reports[0] = '\0';
	read_reports(reports, sizeof(reports));
	if (!wrong && *reports)
		wrong = reports;
	failures += !!wrong;
	printf("%sok %d - %s # ", wrong ? "not " : "", ++number, name);
	if (wrong)
		printf("%s\n", wrong);
	else
		printf("%016llx\n", hash);
}

/* Only these programs of the object, with the map of an earlier load if there is one. NULL if it does not load. */
static struct bpf_object *load_programs(const char *path, const char *const *names, int map)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = verifier_log, .kernel_log_size = sizeof(verifier_log));
	struct bpf_object *obj = bpf_object__open_file(path, &opts);
	struct bpf_program *prog;
	int i;

	if (!obj)
		die(path);
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, false);
	for (i = 0; names[i]; i++) {
		prog = bpf_object__find_program_by_name(obj, names[i]);
		if (!prog)
			die(names[i]);
		bpf_program__set_autoload(prog, true);
	}
	if (map >= 0 && bpf_map__reuse_fd(bpf_object__find_map_by_name(obj, "parts"), map))
		die("parts");
	verifier_log[0] = '\0';
	if (!bpf_object__load(obj))
		return obj;
	bpf_object__close(obj);
	return NULL;
}

static unsigned long long run_on(struct bpf_object *obj, const char *name, __u32 mark, int *retval)
{
	struct __sk_buff skb = { .mark = mark };
	unsigned char data[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = data, .data_size_in = sizeof(data), .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb));
	int fd = bpf_program__fd(bpf_object__find_program_by_name(obj, name));
	unsigned int n;

	if (bpf_prog_test_run_opts(fd, &run))
		die(name);
	*retval |= run.retval;
	return translated(vmlinux, fd, NULL, &n);
}

static void simple(const char *path, const char *name)
{
	struct bpf_object *obj = load_programs(path, (const char *[]){ name, NULL }, -1);
	unsigned long long hash;
	int retval = 0;

	if (!obj) {
		report_case(name, why(), 0);
		return;
	}
	run_on(obj, name, 0, &retval);
	hash = run_on(obj, name, 1, &retval);
	report_case(name, retval ? "does not return 0" : NULL, hash);
	bpf_object__close(obj);
}

static long long *data_of(struct bpf_object *obj)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".bss");
	size_t size;

	return bpf_map__initial_value(map, &size);
}

/* What the dropped objects hold is freed, whichever of both types they are of. */
static void merged_drop(const char *path)
{
	static const char *const names[] = { "fill_stash", "merged_drop", "count_part", NULL };
	struct bpf_object *obj = load_programs(path, names, -1);
	unsigned long long hash = 0;
	const char *wrong = NULL;
	int retval = 0, mark;

	if (!obj) {
		report_case("merged_drop", why(), 0);
		return;
	}
	for (mark = 0; mark < 2; mark++) {
		run_on(obj, "fill_stash", mark, &retval);
		hash = run_on(obj, "merged_drop", mark, &retval);
		if (retval)
			wrong = "does not return 0";
		run_on(obj, "count_part", mark, &retval);
		if (!wrong && retval != 1)
			wrong = "what the object held is not freed";
		retval = 0;
	}
	report_case("merged_drop", wrong, hash);
	bpf_object__close(obj);
}

static void restart(const char *path)
{
	struct bpf_object *obj = load_programs(path, (const char *[]){ "restart", "fill_stash", NULL }, -1), *again;
	int retval = 0, map;
	unsigned long long hash;

	if (!obj) {
		report_case("restart", why(), 0);
		return;
	}
	/* so that there is one to be found */
	run_on(obj, "fill_stash", 0, &retval);
	map = bpf_map__fd(bpf_object__find_map_by_name(obj, "parts"));
	again = load_programs(path, (const char *[]){ "restart", NULL }, map);
	if (!again) {
		report_case("restart", why(), 0);
		bpf_object__close(obj);
		return;
	}
	run_on(again, "restart", 0, &retval);
	hash = run_on(again, "restart", 0, &retval);
	report_case("restart", retval ? "does not return 0" : NULL, hash);
	bpf_object__close(obj);
	bpf_object__close(again);
}

/* by_name only where the kernel has a function of that name in its BTF */
static void fexit_case(const char *path, const char *name)
{
	const char *const names[] = { "set_callback", name, NULL };
	struct bpf_object *obj = load_programs(path, names, -1);
	bool by_impl = !strcmp(name, "by_impl");
	struct bpf_link *link;
	unsigned long long hash;
	const char *wrong = NULL;
	int retval = 0, i;

	if (!obj) {
		report_case(name, why(), 0);
		return;
	}
	link = bpf_program__attach(bpf_object__find_program_by_name(obj, name));
	if (!link)
		die(name);
	/* the second time bpf_wq_init() returns an error */
	data_of(obj)[by_impl ? 0 : 1] = 42;
	hash = run_on(obj, "set_callback", 0, &retval);
	i = data_of(obj)[by_impl ? 0 : 1];
	if (retval)
		wrong = "does not return 0";
	else if (i != data_of(obj)[2])
		wrong = "sees something else than the return value";
	report_case(name, wrong, hash);
	bpf_link__destroy(link);
	bpf_object__close(obj);
}

/* What libbpf warns of is not for stdout. */
static int print(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, fmt, args) : 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: cases OBJECT");
	libbpf_set_print(print);
	load_vmlinux_btf();
	open_kmsg();
	simple(argv[1], "dead_callbacks");
	simple(argv[1], "merged_insert");
	merged_drop(argv[1]);
	simple(argv[1], "shared_acquire");
	restart(argv[1]);
	fexit_case(argv[1], "by_impl");
	if (find_func("bpf_wq_set_callback"))
		fexit_case(argv[1], "by_name");
	printf("1..%d\n", number);
	return !!failures;
}
