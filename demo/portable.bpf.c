// SPDX-License-Identifier: GPL-2.0
/*
 * One source and one object for every kernel: those that have only the impl (a stock 6.18), only the
 * kfunc that takes no dummy, or both. Each function is a weak extern, so libbpf loads the object
 * where one of them is missing, and the verifier drops the branch that the kernel cannot take.
 *
 * vmlinux.h of one kernel does not declare what only another one has: hence the two declarations
 * here, which may stand beside those of any vmlinux.h. bpf_stream_printk() does the same inside, and
 * include/magic_kfuncs.bpf.h for all twelve: this is the way for a kfunc that is not among them.
 */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include "wq.bpf.h"

extern int bpf_wq_set_callback(struct bpf_wq *wq, int (*callback_fn)(void *, int *, void *),
			       unsigned int flags) __weak __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback_fn)(void *, int *, void *),
				    unsigned int flags, void *aux) __weak __ksym;

static __always_inline int set_callback(struct bpf_wq *wq)
{
	if (bpf_ksym_exists(bpf_wq_set_callback)) {
		outcome.called = CALLED_KFUNC;
		return bpf_wq_set_callback(wq, callback, 0);
	}
	outcome.called = CALLED_IMPL;
	return bpf_wq_set_callback_impl(wq, callback, 0, NULL);
}

SEC("syscall")
int run(void *ctx)
{
	struct bpf_wq *wq = new_wq(0);

	if (!wq)
		return 1;
	return bpf_stream_printk(BPF_STDOUT, GREETING) ?: set_callback(wq) ?: bpf_wq_start(wq, 0);
}
