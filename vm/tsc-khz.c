// SPDX-License-Identifier: GPL-2.0
/*
 * Print the frequency in kHz of the TSC that a guest under TCG sees: that of the host, or 1 GHz where the
 * host is no x86. The kernel measures it against the PIT, which fails on a busy host; its clocks then have a
 * resolution of 4 ms, and tests that measure time fail.
 */
#include <stdio.h>
#ifdef __x86_64__
#include <time.h>
#include <x86intrin.h>

#define MEASURE_NS 50000000ULL

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int main(void)
{
	unsigned long long start = now_ns(), tsc = __rdtsc(), end;

	do
		end = now_ns();
	while (end - start < MEASURE_NS);
	printf("%llu\n", (__rdtsc() - tsc) * 1000000 / (end - start));
	return 0;
}
#else
int main(void)
{
	printf("1000000\n");
	return 0;
}
#endif
