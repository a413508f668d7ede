/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* stream COMMAND...: run it, then print what the BPF program has written to its stream */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <bpf/libbpf.h>
#include "run.h"
#include "stream.h"
#include "stream.skel.h"

/* bpf_prog_stream_read() of libbpf 1.6 and newer, for the older ones */
static int stream_read(int prog_fd, unsigned int stream_id, void *buf, unsigned int len)
{
	struct {
		uint64_t buf;
		uint32_t len, stream_id, prog_fd;
	} attr = { (uintptr_t)buf, len, stream_id, prog_fd };
	const int BPF_PROG_STREAM_READ_BY_FD = 37;

	return syscall(SYS_bpf, BPF_PROG_STREAM_READ_BY_FD, &attr, 20);
}

int main(int argc, char **argv)
{
	struct stream_bpf *skel = stream_bpf__open_and_load();
	char buf[4096];
	int len;

	if (!skel || stream_bpf__attach(skel) || run(argc, argv))
		return 1;
	if (skel->bss->missing) {
		fprintf(stderr, "%s: this kernel has no bpf_stream_vprintk()\n", argv[0]);
		return 1;
	}
	while ((len = stream_read(bpf_program__fd(skel->progs.on_fork), STREAM_STDOUT, buf, sizeof(buf))) > 0)
		fwrite(buf, len, 1, stdout);
	if (len < 0)
		perror("stream");
	stream_bpf__destroy(skel);
	return len < 0;
}
