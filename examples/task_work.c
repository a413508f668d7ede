/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* task_work COMMAND...: run it, and print the command lines that were executed meanwhile */
#include <stdio.h>
#include <bpf/libbpf.h>
#include "run.h"
#include "task_work.h"
#include "task_work.skel.h"

static int print_report(void *ctx, void *data, size_t size)
{
	const struct report *report = data;

	(void)ctx, (void)size;
	printf("%d:", report->pid);
	for (unsigned int i = 0; i < report->len; i++)
		printf("%s%.1s", i && report->args[i - 1] ? "" : " ", &report->args[i]);
	printf("\n");
	return 0;
}

int main(int argc, char **argv)
{
	struct task_work_bpf *skel = task_work_bpf__open_and_load();
	struct ring_buffer *reports;

	if (!skel || task_work_bpf__attach(skel))
		return 1;
	reports = ring_buffer__new(bpf_map__fd(skel->maps.reports), print_report, NULL, NULL);
	if (!reports || run(argc, argv))
		return 1;
	if (skel->bss->missing) {
		fprintf(stderr, "%s: this kernel has no bpf_task_work_schedule_resume()\n", argv[0]);
		return 1;
	}
	ring_buffer__consume(reports);	/* each was sent before its program ran */
	ring_buffer__free(reports);
	task_work_bpf__destroy(skel);
	return 0;
}
