/* SPDX-License-Identifier: GPL-2.0 */
/* For what die() is there. */
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
