// SPDX-License-Identifier: GPL-2.0
/*
 * Magic kfuncs that come and go while they are called, in the guest.
 *
 *   races SECONDS
 *
 * So long, two processes do each one thing again and again: unload and load bpf_testmod; load and run programs that call
 * magic kfuncs of it and of vmlinux, by their own names and by those of the impls; the same with random programs; attach
 * programs to magic kfuncs of it and of vmlinux, by both names, and detach them. Any of it may be refused, as the module
 * may be gone or in use; those who use it pause now and then, or it would be in use all the time. The last lines are
 * counts, `races: what: N done, N refused`, with the error of the last refusal.
 *
 * bpf_testmod has to be loaded, and is to be /bpf_testmod.ko. What the kernel says meanwhile is for
 * checks/torture/guest.sh to judge. Exit status: 0, or 1 if one of the processes failed or did nothing, with a line on
 * stderr.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "programs.h"

#define PAUSE 40000
#define COPIES 2

struct count {
	unsigned long done, refused;
	int err;
};

/* What was done, or the error that it was refused with. */
static void tell(struct count *count, int ret)
{
	if (ret >= 0) {
		count->done++;
	} else {
		count->refused++;
		count->err = -ret;
	}
}

/* Pause, so that nobody has the module for a moment; then get its BTF, another one if it has been loaded again. */
static void open_module(void)
{
	/* longer, at times, than a grace period of RCU, until which a program's end is not the end of its hold */
	usleep(pick(PAUSE));
	close(module_fd);
	module_fd = find_module_btf("bpf_testmod");
}

static void module(struct count *count, unsigned int unused)
{
	int file = open("/bpf_testmod.ko", O_RDONLY);

	(void)unused;
	if (syscall(SYS_delete_module, "bpf_testmod", O_NONBLOCK)) {
		tell(count, -errno);
	} else if (!syscall(SYS_finit_module, file, "", 0)) {
		tell(count, 0);
	} else {
		die("bpf_testmod.ko"); /* only who has unloaded it loads it */
	}
	close(file);
	usleep(100);
}

static void load_and_run(struct count *count, int name)
{
	int fd = load_program(name, NULL, 0);

	tell(count, fd);
	if (fd < 0)
		return;
	run_program(fd);
	close(fd);
}

static void call_of_module(struct count *count, unsigned int turn)
{
	open_module();
	add_exact_program(FIRST_OF_MODULE + turn / 2 % (NR_KFUNCS - FIRST_OF_MODULE), BPF_PROG_TYPE_SCHED_CLS);
	load_and_run(count, turn % 2);
}

static void call_of_vmlinux(struct count *count, unsigned int turn)
{
	add_exact_program(turn / 2 % FIRST_OF_MODULE, turn % 3 ? BPF_PROG_TYPE_SYSCALL : BPF_PROG_TYPE_SCHED_CLS);
	load_and_run(count, turn % 2);
}

static void random_calls(struct count *count, unsigned int turn)
{
	open_module();
	add_program(turn);
	load_and_run(count, 0);
	load_and_run(count, 1);
}

static void trace(struct count *count, unsigned int turn)
{
	enum kfunc k = turn / 16 % NR_KFUNCS;
	int prog, link = -1;

	/* this takes long: three of four times the module has nothing to do with it */
	if (turn & 12)
		k %= FIRST_OF_MODULE;
	open_module();
	prog = load_tracing(k, turn & 1, turn & 2 ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY);
	if (prog >= 0)
		link = bpf_link_create(prog, 0, turn & 2 ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY, NULL);
	tell(count, prog < 0 ? prog : link);
	if (link >= 0)
		close(link);
	if (prog >= 0)
		close(prog);
}

static const struct {
	const char *name;
	void (*turn)(struct count *count, unsigned int turn);
} works[] = {
	{ "unload and load the module", module },
	{ "call kfuncs of the module", call_of_module },
	{ "call kfuncs of vmlinux", call_of_vmlinux },
	{ "random programs", random_calls },
	{ "attach and detach", trace },
};

#define NR_WORKS (sizeof(works) / sizeof(works[0]))
#define NR_PROCESSES (NR_WORKS * COPIES)

/* Is there some work that no process has done? On a slow kernel, the time may not be enough. */
static bool some_never_done(const struct count *counts)
{
	for (size_t i = 0; i < NR_WORKS; i++) {
		unsigned long done = 0;

		for (size_t k = i; k < NR_PROCESSES; k += NR_WORKS)
			done += ((volatile const struct count *)&counts[k])->done;
		if (!done)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct count *counts;
	int bad = 0, status;
	unsigned int turn;
	time_t end, late;
	size_t i, k;

	if (argc != 2 || atoi(argv[1]) <= 0) {
		fprintf(stderr, "usage: races SECONDS\n");
		return 2;
	}
	counts = mmap(NULL, sizeof(*counts) * NR_PROCESSES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		die("mmap");
	set_up(true);
	end = time(NULL) + atoi(argv[1]);
	late = time(NULL) + 9 * atoi(argv[1]);
	for (i = 0; i < NR_PROCESSES; i++) {
		if (fork())
			continue;
		for (turn = i / NR_WORKS; time(NULL) < (some_never_done(counts) ? late : end); turn++)
			works[i % NR_WORKS].turn(&counts[i], turn);
		_exit(0);
	}
	while (wait(&status) > 0)
		if (status) {
			fprintf(stderr, "races: a process ended with status %#x\n", status);
			bad = 1;
		}
	for (i = 0; i < NR_WORKS; i++) {
		for (k = i + NR_WORKS; k < NR_PROCESSES; k += NR_WORKS) {
			counts[i].done += counts[k].done;
			counts[i].refused += counts[k].refused;
			counts[i].err = counts[i].err ?: counts[k].err;
		}
		printf("races: %s: %lu done, %lu refused%s%s\n", works[i].name, counts[i].done, counts[i].refused,
		       counts[i].refused ? ", at last with " : "", counts[i].refused ? strerror(counts[i].err) : "");
		if (!counts[i].done) {
			fprintf(stderr, "races: %s: never done\n", works[i].name);
			bad = 1;
		}
	}
	printf("races: %s\n", bad ? "failed" : "done");
	return bad;
}
