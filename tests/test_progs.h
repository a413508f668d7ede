/* SPDX-License-Identifier: GPL-2.0 */
/* What tally.c and compare.c know about the output of test_progs. */
#ifndef TEST_PROGS_H
#define TEST_PROGS_H

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>

/* After this line test_progs says everything about its failures once more. */
#define ERROR_LOGS "All error logs:"

/*
 * Take a line apart that has the verdict of a test or a subtest; the subtests come before their test:
 *   #32/12   verifier_spin_lock/spin_lock: test6 missing unlock @unpriv:SKIP
 *   #32      verifier_spin_lock:OK (SKIP: 12/26)
 * False for every other line. *name and *verdict point into the line, which is cut into pieces.
 */
static bool parse_verdict(char *line, char **name, char **verdict, bool *sub)
{
	static regex_t re;
	regmatch_t m[5];

	if (!re.re_nsub &&
	    regcomp(&re, "^#[0-9]+(/[0-9]+)? +(.+):(OK|FAIL|SKIP)( \\(SKIP: [0-9/]+\\))?$",
		    REG_EXTENDED))
		abort();
	if (regexec(&re, line, 5, m, 0))
		return false;
	*sub = m[1].rm_so >= 0;
	*name = line + m[2].rm_so;
	line[m[2].rm_eo] = 0;
	*verdict = line + m[3].rm_so;
	line[m[3].rm_eo] = 0;
	return true;
}

#endif
