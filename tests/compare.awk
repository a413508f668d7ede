# SPDX-License-Identifier: GPL-2.0
# Compare what test_progs said on two kernels.
#
#   awk -f test_progs.awk -f compare.awk BASE SERIES TABLE AGAIN
#
# BASE		what the guest wrote on the base; guest/init.c shows the format
# SERIES	the same on the series
# TABLE		is written: a line for each result, `test[/subtest]<TAB>base<TAB>series<TAB>remark`
# AGAIN		is written: the jobs with a result that differs, one a line
#
# A file may hold several boots and several runs of a job. What counts is the leaves: a test without subtests is one, with
# subtests each subtest is one. A job that broke off (a signal, its time limit, the guest's end: `@end NAME
# status=guest-died`) is one as well, `NAME (job)`. A kernel's word about a leaf is `pass`, `fail` or `skip` if all of its
# runs agree, `-` if it has none, and else counts them: `pass 3, fail 2`.
#
# The leaves that differ are printed, then comes the sum. A leaf that passed in each run on the base but not in each run on
# the series is a regression, and so is one that failed in runs on the series only.
#
# Exit status: 0 without a regression, 1 with one or when there was nothing to compare, 2 for wrong usage.
BEGIN {
	if (ARGC != 5) {
		print "usage: compare.awk BASE SERIES TABLE AGAIN" > "/dev/stderr"
		exit 2
	}
	split("OK FAIL SKIP", verdicts, " ")
	split("pass fail skip", words, " ")
	read_results("base", ARGV[1])
	read_results("series", ARGV[2])
	exit report(ARGV[3], ARGV[4])
}

# In the order of their first appearance; a job's own word about itself has no leaf's name.
function count(kernel, job, name, verdict) {
	if (!(name in job_of)) {
		leaves[++nr_leaves] = name
		job_of[name] = job
	}
	n[kernel, name, verdict]++
	runs[kernel, name]++
}

function read_results(kernel, path,    line, got, job, failed, status, verdict) {
	while ((got = (getline line < path)) > 0) {
		sub(/\r$/, "", line)
		if (line ~ /^@begin /) {
			job = substr(line, 8)
			failed = 0
			begin_test_progs()
		} else if (line ~ /^@end /) {
			# what it says by its exit status alone; one of its own failures explains the status
			status = line
			sub(/.*=/, "", status)
			count(kernel, job, job " (job)", status == "0" || (status ~ /^[0-9]*$/ && failed) ? "OK" : "FAIL")
		} else if ((verdict = verdict_of(line)) != "") {
			failed += verdict == "FAIL"
			count(kernel, job, leaf_name, verdict)
		}
	}
	if (got < 0) {
		print "compare: " path ": cannot be read" > "/dev/stderr"
		exit 1
	}
	close(path)
}

# Did each run, and there was one, end so?
function always(kernel, name, verdict) {
	return n[kernel, name, verdict] && n[kernel, name, verdict] == runs[kernel, name]
}

function describe(kernel, name,    v, text) {
	for (v = 1; v <= 3; v++) {
		if (always(kernel, name, verdicts[v]))
			return words[v]
		if (n[kernel, name, verdicts[v]])
			text = text (text == "" ? "" : ", ") words[v] " " n[kernel, name, verdicts[v]]
	}
	return text == "" ? "-" : text
}

# Write both files, print what differs and the sum; 1 if there is a regression, or if nothing passed.
function report(table, again,    i, name, v, results, same, differ, regressions, is_same, remark, base, series, last) {
	printf "" > table
	printf "" > again
	for (i = 1; i <= nr_leaves; i++) {
		name = leaves[i]
		base = describe("base", name)
		series = describe("series", name)
		# a job that ended well has said nothing beyond its leaves
		if (name == job_of[name] " (job)" && base == "pass" && series == "pass")
			continue
		results++
		is_same = 0
		for (v = 1; v <= 3; v++)
			is_same = is_same || (base == words[v] && series == words[v])
		remark = ""
		if (is_same) {
			same[base]++
		} else if (base == "pass" || (n["series", name, "FAIL"] && !n["base", name, "FAIL"])) {
			remark = "REGRESSION"
			regressions++
		} else {
			remark = runs["base", name] && series == "pass" ? "better" : "differs"
			differ++
		}
		printf "%s\t%s\t%s\t%s\n", name, base, series, remark > table
		if (remark == "")
			continue
		printf "%-50s base: %s; series: %s%s\n", name, base, series, remark == "REGRESSION" ? "; REGRESSION" : ""
		if (last != job_of[name])
			print job_of[name] > again
		last = job_of[name]
	}
	printf "regress: %d results: on both kernels %d pass, %d skip, %d fail; %d differ, %d regressions\n", results,
		same["pass"], same["skip"], same["fail"], differ, regressions
	return regressions || !same["pass"]
}
