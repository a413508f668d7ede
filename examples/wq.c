/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* wq COMMAND...: run it, and say how often which programs were executed meanwhile */
#include <stdio.h>
#include <bpf/libbpf.h>
#include "run.h"
#include "wq.h"
#include "wq.skel.h"

static int print_report(void *ctx, void *data, size_t size)
{
	const struct report *report = data;

	(void)ctx, (void)size;
	printf("%u %s\n", report->count, report->comm);
	return 0;
}

int main(int argc, char **argv)
{
	struct wq_bpf *skel = wq_bpf__open_and_load();
	struct ring_buffer *reports;

	if (!skel || wq_bpf__attach(skel))
		return 1;
	reports = ring_buffer__new(bpf_map__fd(skel->maps.reports), print_report, NULL, NULL);
	if (!reports || run(argc, argv))
		return 1;
	while (ring_buffer__poll(reports, 1000) > 0)	/* until nothing came for a second */
		;
	ring_buffer__free(reports);
	wq_bpf__destroy(skel);
	return 0;
}
