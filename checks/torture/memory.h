/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that run often, and what memory the kernel has afterwards. lib/program.h comes before. */
#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

/* The memory that the kernel has in use, in KiB: that of the slab, per-cpu and vmalloc allocators */
static long memory(void)
{
	long kib, sum = 0;
	int found = 0;
	char line[128];
	FILE *f;

	/* what waits for the end of an RCU grace period */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	f = fopen("/proc/meminfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Slab: %ld", &kib) == 1 || sscanf(line, "Percpu: %ld", &kib) == 1 ||
		    sscanf(line, "VmallocUsed: %ld", &kib) == 1) {
			sum += kib;
			found++;
		}
	if (found != 3)
		die("/proc/meminfo");
	fclose(f);
	return sum;
}

/* Run the program so often; after each chunk between() is called if there is one. */
static void run(int fd, long runs, long chunk, void (*between)(int fd))
{
	unsigned char data[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = sizeof(data));

	for (; runs > 0; runs -= chunk) {
		opts.repeat = runs < chunk ? runs : chunk;
		if (bpf_prog_test_run_opts(fd, &opts))
			die("test run");
		if (between)
			between(fd);
	}
}

/* How much more there is than before, once that is below the limit, or after ten seconds; each time again(), if any. */
static long more(long before, long limit, void (*again)(void))
{
	long kib = memory() - before;
	int tries;

	for (tries = 0; tries < 100 && kib > limit; tries++) {
		if (again)
			again();
		usleep(100000);
		kib = memory() - before;
	}
	return kib;
}
