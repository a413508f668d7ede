// SPDX-License-Identifier: GPL-2.0
/* The kfunc of the module in kfuncs.rst, called by both names: each program returns its own id. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern int bpf_example_prog_id(__u32 *id, __u64 flags) __ksym;
extern int bpf_example_prog_id_impl(__u32 *id, __u64 flags, struct bpf_prog_aux *aux) __ksym;

char LICENSE[] SEC("license") = "GPL";

SEC("syscall")
int by_name(void *ctx)
{
	__u32 id = 0;

	return bpf_example_prog_id(&id, 0) ?: id;
}

SEC("syscall")
int by_impl(void *ctx)
{
	__u32 id = 0;

	return bpf_example_prog_id_impl(&id, 0, NULL) ?: id;
}
