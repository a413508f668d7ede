// SPDX-License-Identifier: GPL-2.0
/* A kprobe on the one kernel function: whose aux does it receive as its fourth argument? */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "outcome.h"

__u32 calls;
__u32 ids[MAX_CALLS];

char LICENSE[] SEC("license") = "GPL";

SEC("kprobe/bpf_wq_set_callback")
int BPF_KPROBE(probe, struct bpf_wq *wq, void *callback, unsigned int flags,
	       struct bpf_prog_aux *aux)
{
	__u32 call = calls++;

	if (call < MAX_CALLS)
		ids[call] = BPF_CORE_READ(aux, id);
	return 0;
}
