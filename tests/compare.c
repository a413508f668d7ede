// SPDX-License-Identifier: GPL-2.0
/*
 * Compare what test_progs said on two kernels.
 *
 *   compare BASE SERIES TABLE AGAIN
 *
 * BASE	what the guest wrote on the base; guest/init.c shows the format
 * SERIES	the same on the series
 * TABLE	is written: a line for each result, `test[/subtest]<TAB>base<TAB>series<TAB>remark`
 * AGAIN	is written: the jobs with a result that differs, one a line
 *
 * A file may hold several boots and several runs of a job. What counts is the leaves: a test without
 * subtests is one, with subtests each subtest is one. A job that broke off (a signal, its time limit,
 * the guest's end: `@end NAME status=guest-died`) is one as well, `NAME (job)`. A kernel's word
 * about a leaf is `pass`, `fail` or `skip` if all of its runs agree, `-` if it has none, and else counts
 * them: `pass 3, fail 2`.
 *
 * The leaves that differ are printed, then comes the sum. A leaf that passed in each run on the base
 * but not in each run on the series is a regression.
 *
 * Exit status: 0 without a regression, 1 with one or when there was nothing to compare, 2 for wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test_progs.h"

enum kernel { BASE, SERIES, KERNELS };
enum verdict { PASS, FAIL, SKIP, VERDICTS };

static const char *const words[VERDICTS] = { "pass", "fail", "skip" };

/* In the order of their first appearance. A few thousand: a search may be linear. */
static struct leaf {
	char *name, *job;
	bool is_job;
	unsigned int n[KERNELS][VERDICTS];
} *leaves;
static size_t leaf_cnt;

static void __attribute__((noreturn)) die(const char *object)
{
	fprintf(stderr, "compare: %s: %s\n", object, strerror(errno));
	exit(1);
}

/* NAME is NULL for the job itself. */
static void count(enum kernel kernel, const char *job, const char *name, enum verdict verdict)
{
	bool is_job = !name;
	struct leaf *leaf;

	name = name ?: job;
	for (size_t i = 0; i < leaf_cnt; i++) {
		if (leaves[i].is_job == is_job && !strcmp(leaves[i].name, name)) {
			leaves[i].n[kernel][verdict]++;
			return;
		}
	}
	leaves = realloc(leaves, (leaf_cnt + 1) * sizeof(*leaves));
	if (!leaves)
		die("allocate");
	leaf = &leaves[leaf_cnt++];
	*leaf = (struct leaf){ .name = strdup(name), .job = strdup(job), .is_job = is_job };
	if (!leaf->name || !leaf->job)
		die("allocate");
	leaf->n[kernel][verdict] = 1;
}

/* The job that is being read. */
struct job {
	char name[256];
	bool in_logs;
	bool failed;		/* one of its leaves */
	unsigned int subtests;	/* of the test that is running */
	bool sub_failed;
};

static void read_verdict(enum kernel kernel, struct job *job, char *line)
{
	char *name, *word;
	enum verdict verdict;
	bool sub;

	if (job->in_logs || !parse_verdict(line, &name, &word, &sub))
		return;
	verdict = *word == 'O' ? PASS : *word == 'F' ? FAIL : SKIP;
	job->failed |= verdict == FAIL;
	if (sub) {
		job->subtests++;
		job->sub_failed |= verdict == FAIL;
	}
	/* the test itself is a leaf only if it has no subtests or failed outside of them */
	if (sub || !job->subtests || (verdict == FAIL && !job->sub_failed))
		count(kernel, job->name, name, verdict);
	if (!sub) {
		job->subtests = 0;
		job->sub_failed = false;
	}
}

/* What a job says by its exit status alone; one of its own failures explains the status. */
static void end_job(enum kernel kernel, struct job *job, const char *status)
{
	bool exited = status[strspn(status, "0123456789")] == 0;

	count(kernel, job->name, NULL, exited && (!strcmp(status, "0") || job->failed) ? PASS : FAIL);
}

static void read_results(enum kernel kernel, const char *path)
{
	FILE *f = fopen(path, "re");
	struct job job = {};
	char *line = NULL, *status;
	size_t size = 0;

	if (!f)
		die(path);
	while (getline(&line, &size, f) >= 0) {
		line[strcspn(line, "\r\n")] = 0;
		if (!strncmp(line, "@begin ", 7)) {
			job = (struct job){};
			snprintf(job.name, sizeof(job.name), "%s", line + 7);
		} else if (!strncmp(line, "@end ", 5)) {
			status = strrchr(line, '=');
			end_job(kernel, &job, status ? status + 1 : "none");
		} else if (!strcmp(line, ERROR_LOGS)) {
			job.in_logs = true;
		} else {
			read_verdict(kernel, &job, line);
		}
	}
	free(line);
	fclose(f);
}

static unsigned int runs(const unsigned int *n)
{
	return n[PASS] + n[FAIL] + n[SKIP];
}

/* True when each run, and there was one, ended so. */
static bool always(const unsigned int *n, enum verdict verdict)
{
	return n[verdict] && n[verdict] == runs(n);
}

static const char *describe(const unsigned int *n, char *buf, size_t size)
{
	size_t len = 0;

	for (int v = 0; v < VERDICTS; v++) {
		if (always(n, v))
			return words[v];
		if (n[v])
			len += snprintf(buf + len, size - len, "%s%s %u", len ? ", " : "", words[v], n[v]);
	}
	return len ? buf : "-";
}

static FILE *create(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		die(path);
	return f;
}

static void finish(FILE *f, const char *path)
{
	if (ferror(f) | fclose(f))
		die(path);
}

static bool is_same(const struct leaf *leaf)
{
	for (int v = 0; v < VERDICTS; v++)
		if (always(leaf->n[BASE], v) && always(leaf->n[SERIES], v))
			return true;
	return false;
}

/* Write both files, print what differs and the sum; the number of regressions. */
static unsigned int report(const char *table_path, const char *again_path)
{
	FILE *table = create(table_path), *again = create(again_path);
	unsigned int results = 0, same[VERDICTS] = {}, differ = 0, regressions = 0;
	const char *last = "";

	for (size_t i = 0; i < leaf_cnt; i++) {
		const struct leaf *leaf = &leaves[i];
		const unsigned int *b = leaf->n[BASE], *s = leaf->n[SERIES];
		const char *remark = "";
		char name[512], base[64], series[64];

		/* a job that ended well has said nothing beyond its leaves */
		if (leaf->is_job && always(b, PASS) && always(s, PASS))
			continue;
		results++;
		if (is_same(leaf)) {
			for (int v = 0; v < VERDICTS; v++)
				same[v] += always(b, v);
		} else if (always(b, PASS) && !always(s, PASS)) {
			remark = "REGRESSION";
			regressions++;
		} else {
			remark = runs(b) != b[PASS] && always(s, PASS) ? "better" : "differs";
			differ++;
		}
		snprintf(name, sizeof(name), "%s%s", leaf->name, leaf->is_job ? " (job)" : "");
		fprintf(table, "%s\t%s\t%s\t%s\n", name, describe(b, base, sizeof(base)),
			describe(s, series, sizeof(series)), remark);
		if (!*remark)
			continue;
		printf("%-50s base: %s; series: %s%s%s\n", name, describe(b, base, sizeof(base)),
		       describe(s, series, sizeof(series)), *remark == 'R' ? "; " : "",
		       *remark == 'R' ? remark : "");
		if (strcmp(last, leaf->job))
			fprintf(again, "%s\n", leaf->job);
		last = leaf->job;
	}
	finish(table, table_path);
	finish(again, again_path);
	printf("regress: %u results: on both kernels %u pass, %u skip, %u fail; %u differ, %u regressions\n",
	       results, same[PASS], same[SKIP], same[FAIL], differ, regressions);
	return regressions + !same[PASS];
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: compare BASE SERIES TABLE AGAIN\n");
		return 2;
	}
	read_results(BASE, argv[1]);
	read_results(SERIES, argv[2]);
	return report(argv[3], argv[4]) ? 1 : 0;
}
