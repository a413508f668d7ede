// SPDX-License-Identifier: GPL-2.0
/*
 * A program that sets a callback the new way: three arguments, and no declaration of its own. The
 * prototype is the one in vmlinux.h, which bpftool made from the BTF of the kernel under test.
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
	return bpf_wq_set_callback(wq, callback, 0) ?: bpf_wq_start(wq, 0);
}
