# SPDX-License-Identifier: GPL-2.0
# Read everything that a test run left behind and give the verdict.
#
#   awk -f test_progs.awk -f tally.awk RESULTS SPLATS NOT-BUILT PLAN SKIPS WHERE HOST...
#
# RESULTS	what the guest wrote; guest/init.c shows the format
# SPLATS	what guest/boot.sh found in the guest's console and taint: `job<TAB>what`, and `scanned N lines` at its end
# NOT-BUILT	planned tests that guest/selftests.sh could not build, `test<TAB>reason`
# PLAN		the planned tests, tests/plan
# SKIPS		the skips that are expected, tests/skips
# WHERE		TREE-CONFIG, as the second and third columns of SKIPS and PLAN mean it
# HOST		tests that ran on the host, in KTAP, or in TAP as bats writes it: `ok 7 - export-twice`, `not ok 8 - other # detail`,
#		`ok 9 - third # SKIP reason`; with a plan, `1..9`, there must be as many
#
# What counts is the leaves: a test_progs test without subtests is one, with subtests each subtest is one; a job of the guest
# that reports no results of its own is one, by its exit status. A check that could not be made counts as a failure.
# Failures and skips are named, then comes the line
#
#   412 passed, 0 failed, 3 skipped
#
# Exit status: 0 when nothing failed and something passed, 1 otherwise, 2 for wrong usage.
BEGIN {
	if (ARGC < 8) {
		print "usage: tally.awk RESULTS SPLATS NOT-BUILT PLAN SKIPS WHERE HOST..." > "/dev/stderr"
		exit 2
	}
	SPLATS_SHOWN = 10 # they are repetitive: the first of them say what happened
	passed = failed = skipped = 0
	results_path = ARGV[1]
	where = ARGV[6]
	nr_built = read_table("built", ARGV[3], "selftests", 0)
	nr_plan = read_table("plan", ARGV[4], "plan", 3)
	nr_skips = read_table("skips", ARGV[5], "skips", 2)
	for (arg = 7; arg < ARGC; arg++)
		read_host(ARGV[arg])
	read_results(results_path)
	read_splats(ARGV[2])
	check_plan()
	check_skips()
	if (!passed && !failed)
		fail("tally", "no test ran")
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed || !passed
}

function fail(name, why) {
	failed++
	print "FAIL " name ": " why
}

# Is the text what the pattern of a shell means?
function matches(text, pattern) {
	gsub(/[.+(){}|^$\\]/, "\\\\&", pattern)
	gsub(/\*/, ".*", pattern)
	gsub(/\?/, ".", pattern)
	return text ~ "^" pattern "$"
}

function skip(name,    i) {
	for (i = 1; i <= nr_skips; i++) {
		if (col["skips", i, 3] != "skips" || !matches(name, col["skips", i, 1]))
			continue
		used["skips", i] = 1
		skipped++
		print "skip " name ": " col["skips", i, 4]
		return
	}
	fail(name, "skipped, and tests/skips does not say why")
}

# The next line of a file, in `line`; the first one that is not there is a failure of `what`.
function next_line(path, what,    got) {
	got = (getline line < path)
	if (got < 0)
		fail(what, path ": cannot be read")
	sub(/\r.*/, "", line)
	return got > 0
}

# Read rows into col[table, row, column]; comments and empty lines are left out, as are rows for another WHERE. col also has
# the first row of each name. Returns how many.
function read_table(table, path, what, where_col,    n, f, i) {
	while (next_line(path, what)) {
		if (line == "" || line ~ /^#/)
			continue
		split(line, f, "\t")
		if (where_col && f[where_col] != "" && !matches(where, f[where_col]))
			continue
		n++
		for (i = 1; i <= 5; i++)
			col[table, n, i] = f[i]
		if (!((table, f[1]) in row_of))
			row_of[table, f[1]] = n
	}
	return n
}

function read_host(path,    n, want, name, detail, is_ok) {
	while (next_line(path, "host tests")) {
		if (line ~ /^1\.\.[0-9]+/) {
			want = substr(line, 4) + 0
			continue
		}
		if (line ~ /^(#|KTAP version |TAP version )/)
			continue
		n++
		name = line
		is_ok = !sub(/^not /, "", name)
		if (!sub(/^ok [0-9]* *(- )?/, "", name) || name == "") {
			fail("host tests", path ": no line of KTAP: " line)
			continue
		}
		detail = ""
		if (match(name, / # /)) {
			detail = substr(name, RSTART + 3)
			name = substr(name, 1, RSTART - 1)
		}
		if (!is_ok)
			fail(name, detail == "" ? "failed" : detail)
		else if (detail ~ /^[Ss][Kk][Ii][Pp]/)
			skip(name)
		else
			passed++
	}
	if (close(path) == 0 && !n)
		fail("host tests", path ": is empty")
	else if (want && n != want)
		fail("host tests", path ": " n " tests of " want)
}

# What a line of test_progs says, in a job.
function leaf(verdict, name) {
	results++
	if (("skips", name) in row_of && col["skips", row_of["skips", name], 3] == "left-out")
		used["skips", row_of["skips", name]] = 1
	if (verdict == "OK") {
		passed++
	} else if (verdict == "SKIP") {
		skip(name)
	} else {
		failures++
		fail(name, "see job " job " in " results_path)
	}
}

function end_job(status) {
	open = 0
	if (status == "timeout")
		fail(job, "did not end within its time limit")
	else if (status != "0" && !failures)
		fail(job, "ended with status " status)
	else if (status == "0" && !results && ("plan", job) in row_of)
		fail(job, "planned, but it reported no result")
	else if (status == "0" && !results)
		passed++
}

function read_results(path,    done, status, verdict) {
	while (next_line(path, "guest")) {
		if (done) {
			fail("guest", path ": wrote after @done: " line)
			break
		}
		if (line ~ /^@begin /) {
			if (open)
				fail(job, "began, but did not end")
			job = substr(line, 8)
			open = 1
			results = failures = 0
			begin_test_progs()
			if (("plan", job) in row_of)
				used["plan", row_of["plan", job]] = 1
		} else if (line ~ /^@end /) {
			status = line
			if (!open || !sub(/.*=/, "", status) || index(substr(line, 6), job) != 1)
				fail("guest", path ": no such job began: " line)
			else
				end_job(status)
		} else if (line ~ /^@error /) {
			fail("guest", substr(line, 8))
		} else if (line ~ /^@leak /) {
			if (line ~ /unreferenced object/)
				fail("kmemleak", substr(line, 7) " see " path)
		} else if (line == "@done") {
			done = 1
		} else if (open && (verdict = verdict_of(line)) != "") {
			leaf(verdict, leaf_name)
		}
	}
	if (close(path) != 0)
		return
	if (open)
		fail(job, "began, but did not end")
	if (!done)
		fail("guest", path ": does not end with @done: it hung, panicked or was stopped")
}

# Planned is run: a test that is missing is named, with the reason if the build knows it.
function check_plan(    i, name) {
	if (!nr_plan)
		fail("plan", "no test is planned for " where)
	for (i = 1; i <= nr_plan; i++) {
		name = col["plan", i, 1]
		if (("built", name) in row_of)
			fail(name, "not built: " col["built", row_of["built", name], 2])
		else if (!used["plan", i])
			fail(name, "planned, but it did not run")
	}
}

function check_skips(    i, name, how) {
	for (i = 1; i <= nr_skips; i++) {
		name = col["skips", i, 1]
		how = col["skips", i, 3]
		if (col["skips", i, 4] == "" || col["skips", i, 5] == "") {
			fail(name, "tests/skips: wants test, where, how, reason and until when")
		} else if (how == "left-out" && !used["skips", i]) {
			skipped++
			print "skip " name ": " col["skips", i, 4]
		} else if (how == "left-out") {
			fail(name, "ran, though tests/skips leaves it out")
		} else if (how != "skips") {
			fail(name, "tests/skips: how is skips or left-out, not " how)
		} else if (!used["skips", i]) {
			fail(name, "did not skip: remove it from tests/skips")
		}
	}
}

# What the scan of the guest found. Without its last line it did not get to its end.
function read_splats(path,    n, complete, tab) {
	while (next_line(path, "console")) {
		complete = line ~ /^scanned /
		if (complete || ++n > SPLATS_SHOWN)
			continue
		tab = index(line, "\t")
		fail("console", (tab ? substr(line, 1, tab - 1) : "") ": " substr(line, tab + 1))
	}
	if (close(path) == 0 && !complete)
		fail("console", path ": the scan did not get to its end")
	if (n > SPLATS_SHOWN)
		printf "     (%d more such lines)\n", n - SPLATS_SHOWN
}
