// SPDX-License-Identifier: GPL-2.0
/*
 * Calls bpf_stream_vprintk() by both names, which bpf_helpers.h declares, at the first system call
 * after it was attached. Needs no vmlinux.h, so that one object is for every kernel, and no network, as running it
 * on demand would.
 */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define BPF_STDOUT 1

static const char api[] = "by the kfunc's name\n";
static const char impl[] = "by the impl's name\n";

int runs;

SEC("tp_btf/sys_enter")
int calls(void *ctx)
{
	__u64 none = 0;

	if (__sync_fetch_and_add(&runs, 1))
		return 0;
	bpf_stream_vprintk(BPF_STDOUT, api, &none, 0);
	bpf_stream_vprintk_impl(BPF_STDOUT, impl, &none, 0, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
