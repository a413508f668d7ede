// SPDX-License-Identifier: GPL-2.0
/* A tracing program as it was written for 6.18: it knows the impl only, and reads all arguments and what it returns. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* calls; those of which flags or the return value were not 0; those whose aux was not a pointer of the kernel */
__u64 calls, wrong, no_aux;

SEC("fexit/bpf_wq_set_callback_impl")
int BPF_PROG(trace, struct bpf_wq *wq, void *callback, unsigned int flags, void *aux, int ret)
{
	__sync_fetch_and_add(&calls, 1);
	if (flags || ret)
		__sync_fetch_and_add(&wrong, 1);
	if ((long)aux >= 0)
		__sync_fetch_and_add(&no_aux, 1);
	return 0;
}
