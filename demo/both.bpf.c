// SPDX-License-Identifier: GPL-2.0
/* One program that calls the kfunc by either name, each for a work queue of its own. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include "wq.bpf.h"

SEC("syscall")
int run(void *ctx)
{
	struct bpf_wq *first = new_wq(0), *second = new_wq(1);

	if (!first || !second)
		return 1;
	return bpf_wq_set_callback(first, callback, 0) ?:
	       bpf_wq_set_callback_impl(second, callback, 0, NULL) ?:
	       bpf_wq_start(first, 0) ?: bpf_wq_start(second, 0);
}
