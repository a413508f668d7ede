/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* run(): the command that stands behind the example's name, to its end */
#ifndef RUN_H
#define RUN_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int run(int argc, char **argv)
{
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: %s COMMAND [ARGUMENT...]\n", argv[0]);
		return 1;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) != pid;
}

#endif
