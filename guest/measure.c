// SPDX-License-Identifier: GPL-2.0
/*
 * What guest/boot.sh wants to know of this machine.
 *
 *   measure khz	the frequency in kHz of the TSC that a guest under TCG sees: that of the host, or 1 GHz where the
 *			host is no x86. The kernel measures it against the PIT, which fails on a busy host; its clocks then
 *			have a resolution of 4 ms, and tests that measure time fail.
 *   measure speed	how many times slower this machine is now, with all that runs beside, than the one that the time
 *			limits were made for: 1 to 20. Two processes count, as two CPUs of a guest do.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#define MEASURE_NS 50000000ULL
/* the machine of docs/testing.md takes two thirds of that when it is idle */
#define ROUNDS 100000000UL
#define ROUNDS_MS 150

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static unsigned long long khz(void)
{
#ifdef __x86_64__
	unsigned long long start = now_ns(), tsc = __rdtsc(), end;

	do
		end = now_ns();
	while (end - start < MEASURE_NS);
	return (__rdtsc() - tsc) * 1000000 / (end - start);
#else
	return 1000000;
#endif
}

static unsigned long long speed(void)
{
	unsigned long long start = now_ns(), hash = 1, ms;

	for (int i = 0; i < 2; i++) {
		if (fork())
			continue;
		for (unsigned long n = 0; n < ROUNDS; n++)
			hash = (hash ^ n) * 0x100000001b3UL;
		_exit(hash & 1);	/* needs the result */
	}
	while (wait(NULL) > 0)
		;
	ms = (now_ns() - start) / 1000000;
	return ms <= ROUNDS_MS ? 1 : ms >= 20 * ROUNDS_MS ? 20 : (ms + ROUNDS_MS - 1) / ROUNDS_MS;
}

int main(int argc, char **argv)
{
	if (argc != 2 || (strcmp(argv[1], "khz") && strcmp(argv[1], "speed"))) {
		fprintf(stderr, "usage: measure khz|speed\n");
		return 2;
	}
	printf("%llu\n", argv[1][0] == 'k' ? khz() : speed());
	return 0;
}
