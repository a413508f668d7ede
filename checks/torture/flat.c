// SPDX-License-Identifier: GPL-2.0
/*
 * Many calls of magic kfuncs, by their own names, and what memory the kernel has before and after, in the guest.
 *
 *   flat CALLS
 *
 * Every magic kfunc is called so often but those that insert into a list or tree, which would grow. What the others
 * need they give back: a work's callback is set and the work is started, what is written to a stream is read, an object
 * is dropped. A line tells what they left, `flat: bpf_obj_new: 1000000 calls, 12 KiB more`. If each call kept the
 * smallest object there is, 8 bytes, a million would keep 7,812 KiB; more than half of that is a failure. What caches
 * and the allocator of per-cpu memory keep is 1 or 2 MiB, however many calls there are: fewer than a million say little.
 *
 * That memory() sees what is kept, a first line shows: with 4,096 sockets there are at least 4 MiB more. bpf_testmod has to
 * be loaded. Exit status: 0, or 1 with a line on stderr.
 */
#include <sys/socket.h>

#include "programs.h"
#include "memory.h"

#define SOCKETS 4096
#define CHUNK 10000

static void check_measure(void)
{
	static int sockets[SOCKETS];
	long before = memory(), kib;
	int i;

	for (i = 0; i < SOCKETS; i++) {
		sockets[i] = socket(AF_UNIX, SOCK_DGRAM, 0);
		if (sockets[i] < 0)
			die("socket");
	}
	kib = memory() - before;
	for (i = 0; i < SOCKETS; i++)
		close(sockets[i]);
	printf("flat: %d sockets: %ld KiB more\n", SOCKETS, kib);
	if (kib < SOCKETS) {
		errno = ERANGE;
		die("sockets take no memory");
	}
}

static int fd;
static long chunk;
static void (*between)(int fd);
static unsigned long bytes;	/* that came out of the program's streams */

static void read_streams(int fd)
{
	static char text[100000];
	int ret, stream;

	for (stream = 1; stream <= 2; stream++)
		while ((ret = bpf_prog_stream_read(fd, stream, text, sizeof(text), NULL)) > 0)
			bytes += ret;
}

/* What was freed and waits in the caches of BPF's allocator goes on its way when there are some more calls. */
static void again(void)
{
	run(fd, 100, chunk, between);
}

int main(int argc, char **argv)
{
	long calls, kib;
	enum kfunc k;
	int bad = 0;

	calls = argc == 2 ? atol(argv[1]) : 0;
	if (calls <= 0) {
		fprintf(stderr, "usage: flat CALLS\n");
		return 2;
	}
	set_up(true);
	check_measure();
	for (k = 0; k < NR_KFUNCS; k++) {
		if (k == PUSH_FRONT || k == PUSH_BACK || k == RB_ADD)
			continue;
		add_exact_program(k, BPF_PROG_TYPE_SCHED_CLS);
		fd = load_program(0, NULL, 0);
		if (fd < 0)
			die(kfuncs[k].name);
		/* a task work is free again when the system call has returned; a stream takes 100,000 bytes */
		chunk = k == SIGNAL || k == RESUME ? 1 : CHUNK;
		between = k == STREAM ? read_streams : NULL;
		run(fd, CHUNK, chunk, between);	/* what is allocated once, or kept in caches */
		bytes = 0;
		kib = memory();
		run(fd, calls, chunk, between);
		kib = more(kib, calls / 256, again);
		printf("flat: %s: %ld calls, %ld KiB more\n", kfuncs[k].name, calls, kib);
		fflush(stdout);
		if (kib > calls / 256) {
			fprintf(stderr, "flat: %s: keeps memory\n", kfuncs[k].name);
			bad = 1;
		}
		/* a digit or two, and the end of the line */
		if (k == STREAM && (bytes < 2 * (unsigned long)calls || bytes % calls)) {
			fprintf(stderr, "flat: %ld lines were written, %lu bytes read\n", calls, bytes);
			bad = 1;
		}
		close(fd);
	}
	printf("flat: %s\n", bad ? "failed" : "done");
	return bad;
}
