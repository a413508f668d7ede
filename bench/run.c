// SPDX-License-Identifier: GPL-2.0
/*
 * What the calls of magic kfuncs cost in a program that runs, in instructions: in a guest under -icount shift=0, see
 * bench.c.
 *
 *   run KERNEL
 *
 * For each kfunc of vmlinux there is a program that calls it, with what has to be around that: an object is allocated
 * before it is dropped, and so on (checks/torture/programs.h). It is there with the kfunc, if this kernel has it, to
 * which nothing is passed for magic arguments, and with the impl, which gets a zero for each. Lines for bench.py,
 * `run,KERNEL,FUNCTION,XLATED,JITED,INSTRUCTIONS`: instructions of the translated program, bytes of machine code, and
 * instructions that one run executes. Those are counted around the system call bpf(BPF_PROG_TEST_RUN), from the
 * instruction before it to that behind it; what the same takes with a program that does nothing but return is
 * subtracted. It is the median of ROUNDS: nearly all take the same, a few are interrupted by a timer, refill a cache or
 * are the first. Each begins with lists and trees that are empty, and has to return that the kfunc did what it is for.
 *
 * `run,KERNEL,self,0,0,MEASURED`: a program with EXTRA additions against one without, which have to be as many
 * instructions more. Exit status: 0, or 1 with a line on stderr.
 *
 * As PID 1, with rdinit=/run, it prints `boot,INSTRUCTIONS` on the console, what the CPU has executed since it was
 * reset, and becomes /init. The start of this program, some thousand instructions, the same on each kernel, is counted
 * in.
 */
#include <sys/syscall.h>

#include "../checks/torture/programs.h"
#include "now.h"

#define ROUNDS 200
#define EXTRA 100

static int compare(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* What a run of the program takes, which has to return that value. */
static unsigned long long run(int fd, unsigned int retval)
{
	unsigned char data[64] = {}, empty[GRAPH_SIZE] = {};
	union bpf_attr attr = { .test = {
		.prog_fd = fd, .data_in = (unsigned long)data, .data_size_in = sizeof(data), .repeat = 1,
	} };
	unsigned long long start, took[ROUNDS];
	int i, key = 0;

	for (i = 0; i < ROUNDS; i++) {
		if (bpf_map_update_elem(map_graph, &key, empty, 0))
			die("empty the list and the tree");
		start = now();
		if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)))
			die("test run");
		took[i] = now() - start;
		if (attr.test.retval != retval) {
			fprintf(stderr, "run: a program returned %u, not %u\n", attr.test.retval, retval);
			exit(1);
		}
		usleep(1000); /* what is freed after a grace period */
	}
	qsort(took, ROUNDS, sizeof(took[0]), compare);
	return took[ROUNDS / 2];
}

/* A program that does nothing, so often. */
static int load_nothing(int additions)
{
	struct bpf_insn insns[EXTRA + 2];
	int i, fd;

	insns[0] = MOV(BPF_REG_0, 0);
	for (i = 1; i <= additions; i++)
		insns[i] = ADD(BPF_REG_0, 1);
	insns[i] = EXIT;
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nothing", "GPL", insns, i + 1, NULL);
	if (fd < 0)
		die("program that does nothing");
	return fd;
}

int main(int argc, char **argv)
{
	struct bpf_prog_info info;
	unsigned long long nothing, boot = now();
	unsigned int len;
	enum kfunc k;
	int name, fd;

	if (getpid() == 1) {
		printf("boot,%llu\n", boot);
		fflush(stdout);
		execl("/init", "init", NULL);
		die("/init");
	}
	if (argc != 2) {
		fprintf(stderr, "usage: run KERNEL\n");
		return 2;
	}
	set_up(false);
	nothing = run(load_nothing(0), 0);
	printf("run,%s,self,0,0,%llu\n", argv[1], run(load_nothing(EXTRA), EXTRA) - nothing);
	for (k = 0; k < FIRST_OF_MODULE; k++) {
		for (name = 0; name < 2; name++) {
			if (!kfuncs[k].id[name])
				continue;
			dummies = name ? ZERO : NOTHING;
			add_exact_program(k, BPF_PROG_TYPE_SCHED_CLS);
			fd = load_program(name, NULL, 0);
			if (fd < 0)
				die(kfuncs[k].name);
			memset(&info, 0, sizeof(info));
			len = sizeof(info);
			if (bpf_prog_get_info_by_fd(fd, &info, &len))
				die("info of the program");
			printf("run,%s,%s%s,%zu,%u,%llu\n", argv[1], kfuncs[k].name, name ? "_impl" : "",
			       info.xlated_prog_len / sizeof(struct bpf_insn), info.jited_prog_len, run(fd, 1) - nothing);
			fflush(stdout);
			close(fd);
		}
	}
	return 0;
}
