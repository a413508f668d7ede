/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Tells in its own stream, which the kernel keeps for each program, who starts processes. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "magic_kfuncs.bpf.h"
#include "stream.h"

char LICENSE[] SEC("license") = "GPL";

int missing;	/* this kernel has no streams, as those before 6.17 */

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (!magic_kfunc_exists(bpf_stream_vprintk)) {
		missing = 1;
		return 0;
	}
	bpf_stream_printk(STREAM_STDOUT, "%s (%d) starts %d\n", parent->comm, parent->pid, child->pid);
	return 0;
}
