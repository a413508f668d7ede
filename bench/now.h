/* SPDX-License-Identifier: GPL-2.0 */
/*
 * now(): what the TSC says, which under QEMU's -icount shift=0 is how many instructions the one CPU has executed. Those
 * of now() itself are in what lies between two calls, and have to be subtracted.
 */
#include <x86intrin.h>

static unsigned long long now(void)
{
	unsigned long long t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}
