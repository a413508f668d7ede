/* SPDX-License-Identifier: GPL-2.0 */
/* What demo.c and the BPF programs agree on. */
#ifndef OUTCOME_H
#define OUTCOME_H

#define WORKQUEUES	2		/* elements of the map, each with a bpf_wq */
#define VALUE(key)	(6018 + (key))	/* what a program writes beside the bpf_wq of element key */
#define GREETING	"hello from a program\n"	/* what some programs write to their stream */
#define MAX_CALLS	4		/* that the kprobe of aux.bpf.c remembers */

/* Which of the two functions a program that could do with either has called. */
enum called {
	CALLED_NONE,
	CALLED_KFUNC,
	CALLED_IMPL,
};

/* The whole .bss of a program that includes wq.bpf.h. */
struct outcome {
	enum called called;		/* set by portable.bpf.c */
	unsigned int ran;		/* callbacks that have run */
	unsigned int saw[WORKQUEUES];	/* the value that the callback of each element read */
};

#endif
