// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail, in the guest: the first of an operation, then the second, and so on until it has no more.
 *
 *   nth MODULE
 *
 * The operations: to load a program with a call of each magic kfunc, by either name; to load a program that traces one,
 * to attach a first one, a second, and so on to the 38th; to load MODULE, a file with magic kfuncs of its own, and to
 * unload it. When an allocation has failed, the operation fails, with an errno, or it has done without. It never fails
 * otherwise. Afterwards there are as many programs, maps, BTFs, links and modules as before. For each operation a line
 * tells how many allocations it has, and what came of that:
 *
 *   nth: load bpf_obj_new_impl: 96 allocations: 90 ENOMEM, 6 done without
 *
 * The kernel needs FAULT_INJECTION, FAILSLAB, FAIL_PAGE_ALLOC, and FAULT_INJECTION_DEBUG_FS, and bpf_testmod has to be
 * loaded. Detaching is not among the operations: 6.18 warns when the allocation for that fails, whatever is traced, in
 * bpf_tracing_link_release(). What the kernel says meanwhile is for checks/torture/guest.sh to judge. Exit status: 0, or 1
 * with a line on stderr.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>

#include "programs.h"

#define LINKS 38
#define MAX_ERRNO 1024

static int fail_nth, bad;
static enum kfunc kfunc;
static int name, progs[LINKS], links[LINKS], attached, module_file;

static void set_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	if (pwrite(fail_nth, text, strlen(text), 0) < 0)
		die("fail-nth");
}

static int left(void)
{
	char text[16] = {};

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 0)
		die("fail-nth");
	return atoi(text);
}

static struct {
	unsigned int allocations, without, errors[MAX_ERRNO];
} tally;

/* What is undone is what operation() has done when it returned no error. */
static void inject(const char *what, int (*operation)(void), void (*undo)(void))
{
	int n, ret, rest;

	for (n = 1;; n++) {
		set_nth(n);
		ret = operation();
		rest = left();
		set_nth(0);
		if (ret >= 0)
			undo();
		if (rest)
			break;
		tally.allocations++;
		if (ret >= 0)
			tally.without++;
		else
			tally.errors[-ret % MAX_ERRNO]++;
	}
	if (ret < 0) {
		fprintf(stderr, "nth: %s: fails without a fault: %s\n", what, strerror(-ret));
		bad = 1;
	}
}

/* What came of it. An operation that cannot do without any allocation fails with some, or nothing was tested. */
static void report(const char *what, bool needs_some)
{
	int i;

	printf("nth: %s: %u allocations:", what, tally.allocations);
	for (i = 1; i < MAX_ERRNO; i++)
		if (tally.errors[i])
			printf(" %u %s,", tally.errors[i], strerrorname_np(i) ?: "ENOTSUPP");
	printf(" %u done without\n", tally.without);
	fflush(stdout);
	if (needs_some && !tally.errors[ENOMEM]) {
		fprintf(stderr, "nth: %s: never failed with ENOMEM\n", what);
		bad = 1;
	}
	memset(&tally, 0, sizeof(tally));
}

static int fd;

static int op_load(void)
{
	return fd = load_program(name, NULL, 0);
}

static int op_load_tracing(void)
{
	return fd = load_tracing(kfunc, name, BPF_TRACE_FEXIT);
}

static void undo_load(void)
{
	close(fd);
}

/* Attach one more. */
static int op_attach(void)
{
	return links[attached] = bpf_link_create(progs[attached], 0, BPF_TRACE_FEXIT, NULL);
}

static void undo_attach(void)
{
	close(links[attached]);
}

static int op_module(void)
{
	return syscall(SYS_finit_module, module_file, "", 0) ? -errno : 0;
}

static int op_unload(void)
{
	return syscall(SYS_delete_module, "torture_kfuncs", O_NONBLOCK) ? -errno : 0;
}

static void undo_module(void)
{
	if (op_unload())
		die("torture_kfuncs: not unloaded");
}

static void undo_unload(void)
{
	if (op_module())
		die("torture_kfuncs: not loaded");
}

static int count_ids(int (*next)(__u32, __u32 *))
{
	__u32 id = 0;
	int n = 0;

	while (!next(id, &id))
		n++;
	return n;
}

static void count(int *counts)
{
	char line[256];
	FILE *f = fopen("/proc/modules", "r");

	counts[0] = count_ids(bpf_prog_get_next_id);
	counts[1] = count_ids(bpf_map_get_next_id);
	counts[2] = count_ids(bpf_btf_get_next_id);
	counts[3] = count_ids(bpf_link_get_next_id);
	counts[4] = 0;
	while (f && fgets(line, sizeof(line), f))
		counts[4]++;
	if (f)
		fclose(f);
}

static void same_counts(const int *before, const char *what)
{
	static const char * const of[] = { "programs", "maps", "BTFs", "links", "modules" };
	int counts[5], i, tries;

	/* some go in the background */
	for (tries = 0; tries < 50; tries++) {
		count(counts);
		if (!memcmp(before, counts, sizeof(counts)))
			return;
		usleep(100000);
	}
	for (i = 0; i < 5; i++)
		if (counts[i] != before[i])
			fprintf(stderr, "nth: %s: %d %s before, %d after\n", what, before[i], of[i], counts[i]);
	bad = 1;
}

int main(int argc, char **argv)
{
	static const enum kfunc traced[] = { STREAM, FIVE };
	char what[128];
	int before[5];
	size_t t;

	if (argc != 2) {
		fprintf(stderr, "usage: nth MODULE\n");
		return 2;
	}
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_nth < 0)
		die("/proc/thread-self/fail-nth");
	/* allocations that may sleep fail as well, of a single page as well, and not each is to be reported */
	write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/failslab/verbose", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	set_up(true);
	module_file = open(argv[1], O_RDONLY);
	if (module_file < 0)
		die(argv[1]);
	count(before);

	for (kfunc = 0; kfunc < NR_KFUNCS; kfunc++) {
		for (name = 0; name < 2; name++) {
			snprintf(what, sizeof(what), "load %s%s", kfuncs[kfunc].name, name ? "_impl" : "");
			add_exact_program(kfunc, BPF_PROG_TYPE_SCHED_CLS);
			inject(what, op_load, undo_load);
			report(what, true);
			same_counts(before, what);
		}
	}
	for (t = 0; t < sizeof(traced) / sizeof(traced[0]); t++) {
		kfunc = traced[t];
		for (name = 0; name < 2; name++) {
			snprintf(what, sizeof(what), "trace %s%s", kfuncs[kfunc].name, name ? "_impl" : "");
			inject(what, op_load_tracing, undo_load);
			report(what, true);
			same_counts(before, what);
		}
		snprintf(what, sizeof(what), "attach %d programs to %s", LINKS, kfuncs[kfunc].name);
		for (attached = 0; attached < LINKS; attached++) {
			progs[attached] = load_tracing(kfunc, attached % 2, BPF_TRACE_FEXIT);
			if (progs[attached] < 0)
				die("program that traces");
			inject(what, op_attach, undo_attach);
			if (op_attach() < 0)
				die(what);
		}
		for (attached = 0; attached < LINKS; attached++) {
			undo_attach();
			close(progs[attached]);
		}
		report(what, true);
		same_counts(before, what);
	}
	inject("load a module", op_module, undo_module);
	report("load a module", true);
	same_counts(before, "load a module");
	undo_unload();
	inject("unload it", op_unload, undo_unload);
	report("unload it", false);
	undo_module();
	same_counts(before, "unload it");
	printf("nth: %s\n", bad ? "failed" : "done");
	return bad;
}
