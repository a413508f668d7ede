/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* index COMMAND...: run it, and print which processes that were started meanwhile still run, the oldest first */
#include <stdio.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "run.h"
#include "index.skel.h"

int main(int argc, char **argv)
{
	struct index_bpf *skel = index_bpf__open_and_load();
	char packet[64] = {};
	int err;

	if (!skel || index_bpf__attach(skel) || run(argc, argv))
		return 1;
	index_bpf__detach(skel);
	for (;;) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet));

		err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.take_oldest), &opts);
		if (err || opts.retval == 2)
			break;
		if (opts.retval == 0)
			printf("%d runs for %d ms\n", skel->bss->pid, skel->bss->age_ms);
	}
	index_bpf__destroy(skel);
	return err != 0;
}
