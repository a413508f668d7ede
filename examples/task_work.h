/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What task_work.bpf.c sends to task_work.c: arguments, each with a 0 behind it */
struct report {
	int pid;
	unsigned int len;
	char args[1024];
};
