// SPDX-License-Identifier: GPL-2.0
/*
 * Read everything that a test run left behind and give the verdict.
 *
 *   tally RESULTS SPLATS NOT-BUILT PLAN SKIPS WHERE HOST...
 *
 * RESULTS	what the guest wrote; guest/init.c shows the format
 * SPLATS	what guest/boot.sh found in the guest's console and taint: `job<TAB>what`, and `scanned N lines` at its end
 * NOT-BUILT	planned tests that guest/selftests.sh could not build, `test<TAB>reason`
 * PLAN	the planned tests, tests/plan
 * SKIPS	the skips that are expected, tests/skips
 * WHERE	TREE-CONFIG, as the second and third columns of SKIPS and PLAN mean it
 * HOST	tests that ran on the host, in KTAP, or in TAP as bats writes it: `ok 7 - export-twice`, `not ok 8 - other # detail`,
 *	`ok 9 - third # SKIP reason`; with a plan, `1..9`, there must be as many
 *
 * What counts is the leaves: a test_progs test without subtests is one, with subtests each subtest
 * is one; a job of the guest that reports no results of its own is one, by its exit status. A check
 * that could not be made counts as a failure. Failures and skips are named, then comes the line
 *
 *   412 passed, 0 failed, 3 skipped
 *
 * Exit status: 0 when nothing failed and something passed, 1 otherwise, 2 for wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "test_progs.h"

#define COLUMNS 5
/* Splats are repetitive: the first of them say what happened. */
#define SPLATS_SHOWN 10
/* A row of tab-separated columns; missing ones are empty. used: something matched it. */
struct row {
	char *col[COLUMNS];
	bool used;
};

struct table {
	struct row *rows;
	size_t n;
};

static struct table plan, skips, not_built;
static const char *where, *results_path;
static unsigned int passed, failed, skipped;

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "tally: allocate: out of memory\n");
		exit(1);
	}
	return p;
}

static void __attribute__((format(printf, 2, 3))) fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	failed++;
	printf("FAIL %s: ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void skip(const char *name)
{
	for (size_t i = 0; i < skips.n; i++) {
		struct row *r = &skips.rows[i];

		if (strcmp(r->col[2], "skips") || fnmatch(r->col[0], name, 0))
			continue;
		r->used = true;
		skipped++;
		printf("skip %s: %s\n", name, r->col[3]);
		return;
	}
	fail(name, "skipped, and tests/skips does not say why");
}

/* Read a line without its end; NULL at the end of the file. The buffer is reused. */
static char *next_line(FILE *f)
{
	static char *line;
	static size_t size;

	if (getline(&line, &size, f) < 0)
		return NULL;
	line[strcspn(line, "\r\n")] = 0;
	return line;
}

static FILE *open_or_fail(const char *path, const char *what)
{
	FILE *f = fopen(path, "r");

	if (!f)
		fail(what, "%s: %s", path, strerror(errno));
	return f;
}

/* Read rows; comments and empty lines are left out, as are rows for another WHERE. */
static void read_table(struct table *t, const char *path, const char *what, int where_col)
{
	FILE *f = open_or_fail(path, what);
	char *line;

	while (f && (line = next_line(f))) {
		char *rest = must(strdup(line)), *col;
		struct row r = {};

		if (!*line || *line == '#')
			continue;
		for (int i = 0; i < COLUMNS; i++) {
			col = strsep(&rest, "\t");
			r.col[i] = col ? col : "";
		}
		if (where_col >= 0 && *r.col[where_col] && fnmatch(r.col[where_col], where, 0))
			continue;
		t->rows = must(realloc(t->rows, (t->n + 1) * sizeof(r)));
		t->rows[t->n++] = r;
	}
	if (f)
		fclose(f);
}

static struct row *find(struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->rows[i].col[0], name))
			return &t->rows[i];
	return NULL;
}

/* A line of KTAP that has a verdict: false for every other. *name and *detail, which may be NULL, point into the line. */
static bool parse_ktap(char *line, bool *ok, char **name, char **detail)
{
	*ok = strncmp(line, "not ", 4);
	line += *ok ? 0 : 4;
	if (strncmp(line, "ok ", 3))
		return false;
	line += 3;
	line += strspn(line, "0123456789");
	line += strspn(line, " ");
	if (!strncmp(line, "- ", 2))
		line += 2;
	*name = line;
	*detail = strstr(line, " # ");
	if (*detail) {
		**detail = 0;
		*detail += 3;
	}
	return **name;
}

static void read_host(const char *path)
{
	FILE *f = open_or_fail(path, "host tests");
	unsigned int n = 0, want = 0;
	char *line, *name, *detail;
	bool ok;

	while (f && (line = next_line(f))) {
		if (sscanf(line, "1..%u", &want) == 1 || *line == '#' || !strncmp(line, "KTAP version ", 13) ||
		    !strncmp(line, "TAP version ", 12))
			continue;
		n++;
		if (!parse_ktap(line, &ok, &name, &detail))
			fail("host tests", "%s: no line of KTAP: %s", path, line);
		else if (!ok)
			fail(name, "%s", detail ?: "failed");
		else if (detail && !strncasecmp(detail, "SKIP", 4))
			skip(name);
		else
			passed++;
	}
	if (f && !n)
		fail("host tests", "%s: is empty", path);
	else if (want && n != want)
		fail("host tests", "%s: %u tests of %u", path, n, want);
	if (f)
		fclose(f);
}

/* The job of the guest that is being read. */
struct job {
	char name[256];
	bool open;		/* begun, not ended */
	bool in_logs;		/* past ERROR_LOGS */
	unsigned int results;	/* leaves so far */
	unsigned int failures;	/* those that failed */
	unsigned int subtests;	/* of the test that is running */
	unsigned int sub_failures;
};

static void leaf(struct job *job, const char *name, const char *verdict)
{
	struct row *row = find(&skips, name);

	job->results++;
	if (row && !strcmp(row->col[2], "left-out"))
		row->used = true;
	if (!strcmp(verdict, "OK")) {
		passed++;
	} else if (!strcmp(verdict, "SKIP")) {
		skip(name);
	} else {
		job->failures++;
		fail(name, "see job %s in %s", job->name, results_path);
	}
}

/* A line of test_progs. */
static void test_progs_line(struct job *job, char *line)
{
	char *name, *verdict;
	bool sub;

	if (job->in_logs || !parse_verdict(line, &name, &verdict, &sub))
		return;
	if (sub) {
		job->subtests++;
		job->sub_failures += !strcmp(verdict, "FAIL");
		leaf(job, name, verdict);
		return;
	}
	/* the test itself is a leaf only if it has no subtests or failed outside of them */
	if (!job->subtests || (!strcmp(verdict, "FAIL") && !job->sub_failures))
		leaf(job, name, verdict);
	job->subtests = job->sub_failures = 0;
}

static void end_job(struct job *job, const char *status)
{
	job->open = false;
	if (strcmp(status, "0")) {
		if (!strcmp(status, "timeout"))
			fail(job->name, "did not end within its time limit");
		else if (!job->failures)
			fail(job->name, "ended with status %s", status);
	} else if (!job->results && find(&plan, job->name)) {
		fail(job->name, "planned, but it reported no result");
	} else if (!job->results) {
		passed++;
	}
}

static void read_results(void)
{
	const char *path = results_path;
	FILE *f = open_or_fail(path, "guest");
	struct job job = {};
	bool done = false;
	struct row *row;
	char *line, *p;

	while (f && (line = next_line(f))) {
		if (done) {
			fail("guest", "%s: wrote after @done: %s", path, line);
			break;
		}
		if (!strncmp(line, "@begin ", 7)) {
			if (job.open)
				fail(job.name, "began, but did not end");
			job = (struct job){ .open = true };
			snprintf(job.name, sizeof(job.name), "%s", line + 7);
			row = find(&plan, job.name);
			if (row)
				row->used = true;
		} else if (!strncmp(line, "@end ", 5)) {
			p = strrchr(line, '=');
			if (!job.open || !p || strncmp(line + 5, job.name, strlen(job.name)))
				fail("guest", "%s: no such job began: %s", path, line);
			else
				end_job(&job, p + 1);
		} else if (!strncmp(line, "@error ", 7)) {
			fail("guest", "%s", line + 7);
		} else if (!strncmp(line, "@leak ", 6)) {
			if (strstr(line, "unreferenced object"))
				fail("kmemleak", "%s see %s", line + 6, path);
		} else if (!strcmp(line, "@done")) {
			done = true;
		} else if (!strcmp(line, ERROR_LOGS)) {
			job.in_logs = true;
		} else if (job.open) {
			test_progs_line(&job, line);
		}
	}
	if (!f)
		return;
	fclose(f);
	if (job.open)
		fail(job.name, "began, but did not end");
	if (!done)
		fail("guest", "%s: does not end with @done: it hung, panicked or was stopped", path);
}

/* Planned is run: a test that is missing is named, with the reason if the build knows it. */
static void check_plan(void)
{
	if (!plan.n)
		fail("plan", "no test is planned for %s", where);
	for (size_t i = 0; i < plan.n; i++) {
		const char *name = plan.rows[i].col[0];
		struct row *r = find(&not_built, name);

		if (r)
			fail(name, "not built: %s", r->col[1]);
		else if (!plan.rows[i].used)
			fail(name, "planned, but it did not run");
	}
}

static void check_skips(void)
{
	for (size_t i = 0; i < skips.n; i++) {
		struct row *r = &skips.rows[i];

		if (!*r->col[3] || !*r->col[4]) {
			fail(r->col[0], "tests/skips: wants test, where, how, reason and until when");
		} else if (!strcmp(r->col[2], "left-out")) {
			if (!r->used) {
				skipped++;
				printf("skip %s: %s\n", r->col[0], r->col[3]);
			} else {
				fail(r->col[0], "ran, though tests/skips leaves it out");
			}
		} else if (strcmp(r->col[2], "skips")) {
			fail(r->col[0], "tests/skips: how is skips or left-out, not %s", r->col[2]);
		} else if (!r->used) {
			fail(r->col[0], "did not skip: remove it from tests/skips");
		}
	}
}

/* What the scan of the guest found. Without its last line it did not get to its end. */
static void read_splats(const char *path)
{
	FILE *f = open_or_fail(path, "console");
	bool complete = false;
	unsigned int n = 0;
	char *line, *what;

	while (f && (line = next_line(f))) {
		complete = !strncmp(line, "scanned ", 8);
		if (complete || ++n > SPLATS_SHOWN)
			continue;
		what = strchr(line, '\t');
		fail("console", "%.*s: %s", what ? (int)(what - line) : 0, line, what ? what + 1 : line);
	}
	if (f && !complete)
		fail("console", "%s: the scan did not get to its end", path);
	if (n > SPLATS_SHOWN)
		printf("     (%u more such lines)\n", n - SPLATS_SHOWN);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	if (argc < 8) {
		fprintf(stderr, "usage: tally RESULTS SPLATS NOT-BUILT PLAN SKIPS WHERE HOST...\n");
		return 2;
	}
	results_path = argv[1];
	where = argv[6];
	read_table(&not_built, argv[3], "selftests", -1);
	read_table(&plan, argv[4], "plan", 2);
	read_table(&skips, argv[5], "skips", 1);
	for (int i = 7; i < argc; i++)
		read_host(argv[i]);
	read_results();
	read_splats(argv[2]);
	check_plan();
	check_skips();
	if (!passed && !failed)
		fail("tally", "no test ran");
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed || !passed;
}
