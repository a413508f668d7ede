/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What wq.bpf.c sends to wq.c */
#define COMM_LEN 16

struct report {
	char comm[COMM_LEN];
	unsigned int count;
};
