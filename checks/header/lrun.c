// SPDX-License-Identifier: GPL-2.0
/*
 * The light skeleton of all.bpf.c: the kernel itself looks the names up. `lrun N`: it must find N of the twelve.
 * Exit status: 0 when it loads, each program returns 0 and the callbacks run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "all.lskel.h"
#include "kfuncs.h"

int main(int argc, char **argv)
{
	static char packet[64];
	struct all *skel = all__open_and_load();
	time_t end = time(NULL) + 10;
	int want = argc == 2 ? atoi(argv[1]) : -1, found;

	if (!skel) {
		printf("FAIL: light skeleton: load: %s\n", strerror(errno));
		return 1;
	}
	int fds[] = { skel->progs.wq.prog_fd, skel->progs.task_work.prog_fd, skel->progs.stream.prog_fd,
		      skel->progs.printk.prog_fd, skel->progs.refs.prog_fd, skel->progs.front.prog_fd,
		      skel->progs.back.prog_fd, skel->progs.tree.prog_fd, skel->progs.percpu.prog_fd };
	for (int i = 0; i < 9; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts);

		if (i >= 4) {
			opts.data_in = packet;
			opts.data_size_in = sizeof(packet);
		}
		if (bpf_prog_test_run_opts(fds[i], &opts) || opts.retval) {
			printf("FAIL: program %d: %s, returned %d\n", i, strerror(errno), (int)opts.retval);
			return 1;
		}
	}
	volatile typeof(*skel->bss) *bss = skel->bss;
	unsigned int works = bss->has & HAS_TASK_WORK ? 2 : 0;

	while ((bss->wq_ran < 1 || bss->task_work_ran < works) && time(NULL) < end)
		usleep(1000);
	found = __builtin_popcount(bss->has);
	printf("light skeleton: found %d kfuncs, callbacks: wq %u, task_work %u\n", found, bss->wq_ran,
	       bss->task_work_ran);
	return found != want || bss->wq_ran != 1 || bss->task_work_ran != works;
}
