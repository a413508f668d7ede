// SPDX-License-Identifier: GPL-2.0
/*
 * Compare what the programs of this folder found on the unpatched kernel and on the series. KTAP on stdout.
 *
 *   compare records STOCK SERIES [KNOWN]
 *   compare dead|refs|cases STOCK SERIES
 *
 * For records, what comes first is, for each kfunc, a square of types: the type of the first path down, that of the path
 * that the verifier walks last across, and for each pair:
 *
 *   =	loads on both, translated to the same, and the same happens
 *   +	loads on both; memory is damaged on stock, not on the series
 *   *	loads on both; the series frees more
 *   x	refused by the series; memory is damaged on stock
 *   !	a failure
 *
 * What the series refuses and stock loads without damage, and damage on the series, is a failure, and so is any other
 * difference. A refcount's warning alone is no damage. With KNOWN, which an earlier comparison has written, stock has only
 * loaded the programs, and whether that is damage is looked up there.
 *
 * For dead, every line has to be the same, and the kernel reports nothing that stock does not; for refs, what has to load
 * and loads on stock has to be translated to the same; for cases, all have to be right, and translated to the same.
 * Exit status: 0 if there is no failure and something was compared; 1 otherwise.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW, KFUNC, FIRST, LAST, ERRNO, HASH, EFFECT_FIRST, EFFECT_LAST, DAMAGE, REPORT, LOG, COLUMNS };

#define MAX_ROWS 8192
#define MAX_NAMES 128

struct row {
	char *col[COLUMNS];
	struct row *stock;	/* of the series' row */
	char mark;
	char why[512];
};

struct table {
	struct row rows[MAX_ROWS];
	int nr;
};

static struct table stock, series;
static char *known;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "compare: %s: %s\n", what, why);
	exit(1);
}

static FILE *open_file(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		die(path, "does not open");
	return f;
}

/* Lines that begin with that word, split at tabs. */
static void read_rows(const char *path, struct table *t, const char *word, int columns)
{
	FILE *f = open_file(path);
	static char line[8192];
	char *s, *col;
	int i;

	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, word, strlen(word)) || !strchr(" \t", line[strlen(word)]))
			continue;
		s = strdup(line + strlen(word) + 1);
		if (t->nr == MAX_ROWS || !s)
			die(path, "too many rows");
		for (i = 0; i < columns && (col = strsep(&s, "\t")); i++)
			t->rows[t->nr].col[i] = col;
		if (i < columns)
			die(path, "a row with too few columns");
		t->nr++;
	}
	fclose(f);
}

static void read_known(const char *path)
{
	FILE *f = open_file(path);
	size_t size = 0, n;

	known = malloc(1 << 22);
	while (known && (n = fread(known + size, 1, (1 << 22) - 1 - size, f)) > 0)
		size += n;
	if (!known || !size)
		die(path, "is empty");
	known[size] = '\0';
	fclose(f);
}

static bool same(const struct row *a, const struct row *b, int col)
{
	return !strcmp(a->col[col], b->col[col]);
}

static bool is(const struct row *r, int col, const char *text)
{
	return !strcmp(r->col[col], text);
}

static void __attribute__((format(printf, 2, 3))) fail(struct row *r, const char *fmt, ...)
{
	va_list ap;

	r->mark = '!';
	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
}

/* Did the kernel report more than what a count that is no count gives? */
static bool reported(const struct row *r)
{
	return strstr(r->col[REPORT], "KASAN") || strstr(r->col[REPORT], "Oops") || strstr(r->col[REPORT], "BUG") ||
	       strstr(r->col[REPORT], "corruption") || strstr(r->col[REPORT], "general protection");
}

/* Everything that the series does happens on stock, too, or is what has to happen. */
static bool no_worse(const char *stock_effect, const char *series_effect)
{
	char copy[256], *s = copy, *effect;

	snprintf(copy, sizeof(copy), "%s", series_effect);
	while ((effect = strsep(&s, ",")))
		if (!strstr(stock_effect, effect) && strcmp(effect, "freed") && strcmp(effect, "kept"))
			return false;
	return true;
}

/* Does what is known say that stock does damage? The line is "ok 7 - bpf_obj_new plain, leaf # x stock: ...". */
static bool known_damage(const struct row *r)
{
	char text[256], *s;

	snprintf(text, sizeof(text), " - %s %s, %s # ", r->col[KFUNC], r->col[FIRST], r->col[LAST]);
	s = strstr(known, text);
	return s && strchr("x+", s[strlen(text)]);
}

static void judge(struct row *r)
{
	struct row *s = r->stock;
	bool damaged;

	if (!s) {
		fail(r, "no such row on stock");
		return;
	}
	damaged = known ? known_damage(r) : !is(s, DAMAGE, "-") || reported(s);
	if (is(r, ERRNO, "names") || is(r, ERRNO, "states"))
		fail(r, "the verdict or the translation differs with %s", is(r, ERRNO, "names") ? "the other name" : "more states");
	else if (is(r, ERRNO, "0") && (!is(r, DAMAGE, "-") || !is(r, REPORT, "-")))
		fail(r, "on the series: %s; %s", r->col[DAMAGE], r->col[REPORT]);
	else if (!is(r, ERRNO, "0") && !is(s, ERRNO, "0") && !same(r, s, ERRNO))
		fail(r, "error %s, on stock %s: %s", r->col[ERRNO], s->col[ERRNO], r->col[LOG]);
	else if (!is(r, ERRNO, "0") && is(s, ERRNO, "0") && !damaged)
		fail(r, "refused, and stock does no damage (%s; %s; %s): %s", s->col[EFFECT_FIRST], s->col[EFFECT_LAST],
		     s->col[REPORT], r->col[LOG]);
	else if (is(r, ERRNO, "0") && !is(s, ERRNO, "0"))
		fail(r, "loads, and not on stock: %s", s->col[LOG]);
	else if (!is(r, ERRNO, "0"))
		r->mark = is(s, ERRNO, "0") ? 'x' : '=';
	else if (damaged)
		r->mark = '+';
	else if (!same(r, s, HASH))
		fail(r, "translated to something else");
	else if (known || (same(r, s, EFFECT_FIRST) && same(r, s, EFFECT_LAST)))
		r->mark = '=';
	else if (no_worse(s->col[EFFECT_FIRST], r->col[EFFECT_FIRST]) && no_worse(s->col[EFFECT_LAST], r->col[EFFECT_LAST]))
		r->mark = '*';
	else
		fail(r, "%s and %s, on stock %s and %s", r->col[EFFECT_FIRST], r->col[EFFECT_LAST], s->col[EFFECT_FIRST],
		     s->col[EFFECT_LAST]);
}

static char *names[MAX_NAMES];
static int nr_names;

static int name_index(char *name)
{
	int i;

	for (i = 0; i < nr_names; i++)
		if (!strcmp(names[i], name))
			return i;
	if (nr_names == MAX_NAMES)
		die(name, "too many types");
	names[nr_names] = name;
	return nr_names++;
}

static void print_square(const char *kfunc)
{
	static char marks[MAX_NAMES][MAX_NAMES];
	int i, k, count[128] = {}, line[MAX_NAMES] = {};

	memset(marks, ' ', sizeof(marks));
	for (i = 0; i < series.nr; i++) {
		struct row *r = &series.rows[i];

		if (strcmp(r->col[KFUNC], kfunc))
			continue;
		count[(int)r->mark]++;
		marks[name_index(r->col[FIRST])][name_index(r->col[LAST])] = r->mark;
	}
	printf("\n%s: %d the same, %d mended, %d better, %d refused for damage, %d failures\n\n", kfunc, count['='], count['+'],
	       count['*'], count['x'], count['!']);
	for (i = 0; i < nr_names; i++)
		for (k = 0; k < nr_names; k++)
			if (marks[i][k] != ' ')
				line[i] = line[k] = 1;
	for (i = 0; i < nr_names; i++) {
		if (!line[i])
			continue;
		printf("  %-20s ", names[i]);
		for (k = 0; k < nr_names; k++)
			if (line[k])
				putchar(marks[i][k]);
		putchar('\n');
	}
}

static int compare_records(void)
{
	int i, k, failures = 0;
	const char *last = "";

	for (i = 0; i < series.nr; i++) {
		for (k = 0; k < stock.nr && !series.rows[i].stock; k++)
			if (same(&series.rows[i], &stock.rows[k], KFUNC) && same(&series.rows[i], &stock.rows[k], FIRST) &&
			    same(&series.rows[i], &stock.rows[k], LAST))
				series.rows[i].stock = &stock.rows[k];
		judge(&series.rows[i]);
		failures += series.rows[i].mark == '!';
	}
	for (i = 0; i < series.nr && !known; i++) {
		if (strcmp(last, series.rows[i].col[KFUNC]))
			print_square(series.rows[i].col[KFUNC]);
		last = series.rows[i].col[KFUNC];
	}
	for (i = 0; i < series.nr; i++) {
		struct row *r = &series.rows[i];

		printf("%sok %d - %s %s, %s # ", r->mark == '!' ? "not " : "", i + 1, r->col[KFUNC], r->col[FIRST],
		       r->col[LAST]);
		if (r->mark == '!')
			printf("%s\n", r->why);
		else
			printf("%c stock: %s; %s; %s; %s; series: %s; %s; %s\n", r->mark, r->stock->col[EFFECT_FIRST],
			       r->stock->col[EFFECT_LAST], r->stock->col[DAMAGE], r->stock->col[REPORT],
			       is(r, ERRNO, "0") ? "loads" : "refused", r->col[EFFECT_FIRST], r->col[EFFECT_LAST]);
	}
	return failures;
}

/* dead SEED WHO TEXT ERRNO HASH REPORT, in the same order on both */
static int compare_dead(void)
{
	enum { SEED, WHO, TEXT, ERROR, XLATED, KMSG };
	int i, k, failures = 0;
	bool differs;

	for (i = 0; i < series.nr && i < stock.nr; i++) {
		differs = false;
		for (k = SEED; k <= XLATED; k++)
			differs |= !same(&series.rows[i], &stock.rows[i], k);
		differs |= reported(&(struct row){ .col[REPORT] = series.rows[i].col[KMSG] });
		/* what stock reports, too, may differ in a number of a line or instruction */
		differs |= !is(&series.rows[i], KMSG, "-") && is(&stock.rows[i], KMSG, "-");
		failures += differs;
		printf("%sok %d - %s, %s: %s # %s %s", differs ? "not " : "", i + 1, series.rows[i].col[SEED],
		       series.rows[i].col[WHO], series.rows[i].col[TEXT], series.rows[i].col[ERROR],
		       series.rows[i].col[XLATED]);
		if (differs)
			printf("; on stock %s %s; %s", stock.rows[i].col[ERROR], stock.rows[i].col[XLATED],
			       series.rows[i].col[KMSG]);
		putchar('\n');
	}
	return failures;
}

/* ref NAME MUST ERRNO HASH LOG, in the same order on both. What has to load has to where stock loads it. */
static int compare_refs(void)
{
	enum { NAME, MUST, ERROR, XLATED, MESSAGE };
	int i, failures = 0, loads = 0;
	const char *wrong;

	for (i = 0; i < series.nr && i < stock.nr; i++) {
		struct row *r = &series.rows[i], *s = &stock.rows[i];

		wrong = NULL;
		loads += is(s, ERROR, "0");
		if (!same(r, s, NAME))
			wrong = "another program than on stock";
		else if (is(r, MUST, "refuse") && is(r, ERROR, "0"))
			wrong = "loads, and what it uses may be gone";
		else if (is(r, MUST, "load") && !is(r, ERROR, "0") && is(s, ERROR, "0"))
			wrong = r->col[MESSAGE];
		else if (is(r, MUST, "load") && is(s, ERROR, "0") && !same(r, s, XLATED))
			wrong = "translated to something else";
		failures += !!wrong;
		printf("%sok %d - %s # %s, stock %s", wrong ? "not " : "", i + 1, r->col[NAME],
		       is(r, ERROR, "0") ? "loads" : "refused", is(s, ERROR, "0") ? "loads" : "refuses");
		printf("%s%s\n", wrong ? ": " : "", wrong ?: "");
	}
	if (loads < series.nr / 2) {
		printf("not ok %d - only %d of the programs load on stock\n", i + 1, loads);
		failures++;
	}
	return failures;
}

/* Lines of KTAP: "ok 1 - name # hash". A case that stock does not have is one of names that only the series has. */
static int compare_cases(const char *stock_path, const char *series_path)
{
	FILE *f = open_file(stock_path);
	static char lines[64][512], line[512];
	int nr = 0, failures = 0, i, stock_plan = -1, series_plan = -1;
	char *name;

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "1..%d", &stock_plan) != 1 &&
		    (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7)) && nr < 64)
			strcpy(lines[nr++], line);
	fclose(f);
	f = open_file(series_path);
	while (fgets(line, sizeof(line), f)) {
		bool wrong = !strncmp(line, "not ok ", 7);

		sscanf(line, "1..%d", &series_plan);
		if (!wrong && strncmp(line, "ok ", 3))
			continue;
		name = strstr(line, " - ");
		for (i = 0; name && i < nr; i++)
			if (!strncmp(lines[i] + (name - line), name, strcspn(name, "#")) && strcmp(lines[i], line))
				wrong = true;
		failures += wrong;
		printf("%s%s", wrong && strncmp(line, "not ", 4) ? "not " : "", line);
		series.nr++;
	}
	fclose(f);
	/* a guest that dies prints no plan */
	if (nr == stock_plan && series.nr == series_plan && (nr == series.nr || nr == series.nr - 1))
		stock.nr = series.nr;
	else
		stock.nr = -1;
	return failures;
}

int main(int argc, char **argv)
{
	int failures;

	if (argc < 4)
		die("usage", "compare records|dead|refs|cases STOCK SERIES [KNOWN]");
	printf("TAP version 13\n");
	if (!strcmp(argv[1], "cases")) {
		failures = compare_cases(argv[2], argv[3]);
	} else {
		bool records = !strcmp(argv[1], "records"), dead = !strcmp(argv[1], "dead");
		const char *word = records ? "row" : dead ? "dead" : "ref";

		read_rows(argv[2], &stock, word, records ? COLUMNS : dead ? 6 : 5);
		read_rows(argv[3], &series, word, records ? COLUMNS : dead ? 6 : 5);
		if (argc > 4)
			read_known(argv[4]);
		failures = records ? compare_records() : dead ? compare_dead() : compare_refs();
	}
	if (!series.nr || series.nr != stock.nr) {
		printf("not ok %d - %d on the series, %d on stock\n", series.nr + 1, series.nr, stock.nr);
		failures++;
	}
	printf("1..%d\n%s: %d compared, %d failures\n", series.nr, argv[1], series.nr, failures);
	return !!failures;
}
