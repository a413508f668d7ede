// SPDX-License-Identifier: GPL-2.0
/*
 * What a user of an unpatched 6.18 compiles: bpf_experimental.h and libbpf's headers come from the
 * tag `base`, and vmlinux.h gives types only. There bpf_wq_set_callback() is a macro around the
 * hand-written prototype of bpf_wq_set_callback_impl(), and bpf_stream_printk() calls
 * bpf_stream_vprintk_impl().
 */
#include "bpf_experimental.h"
#include "wq.bpf.h"

#ifndef bpf_wq_set_callback
#error "bpf_experimental.h: not the one of an unpatched 6.18"
#endif

SEC("syscall")
int run(void *ctx)
{
	struct bpf_wq *wq = new_wq(0);

	if (!wq)
		return 1;
	return bpf_stream_printk(BPF_STDOUT, GREETING) ?:
	       bpf_wq_set_callback(wq, callback, 0) ?: bpf_wq_start(wq, 0);
}
