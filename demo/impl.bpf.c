// SPDX-License-Identifier: GPL-2.0
/*
 * A program that calls the kfunc by its impl's name and passes a dummy, as programs had to; again
 * the prototype is the one in vmlinux.h.
 */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include "wq.bpf.h"

SEC("syscall")
int run(void *ctx)
{
	struct bpf_wq *wq = new_wq(0);

	if (!wq)
		return 1;
	return bpf_wq_set_callback_impl(wq, callback, 0, NULL) ?: bpf_wq_start(wq, 0);
}
