# SPDX-License-Identifier: GPL-2.0
# What tally.awk and compare.awk know about the output of test_progs.
#
# Of a job, which they begin with begin_test_progs(), verdict_of() takes a line that has the verdict of a test or a subtest;
# the subtests come before their test:
#
#   #32/12   verifier_spin_lock/spin_lock: test6 missing unlock @unpriv:SKIP
#   #32      verifier_spin_lock:OK (SKIP: 12/26)
#
# It returns OK, FAIL or SKIP for a leaf, whose name is in leaf_name, and "" for every other line.
function begin_test_progs() {
	in_logs = subtests = sub_failed = 0
}

function verdict_of(line,    verdict) {
	# after this line test_progs says everything about its failures once more
	if (line == "All error logs:")
		in_logs = 1
	if (in_logs || line !~ /^#[0-9]+(\/[0-9]+)? +.+:(OK|FAIL|SKIP)( \(SKIP: [0-9\/]+\))?$/)
		return ""
	sub(/ \(SKIP: [0-9\/]+\)$/, "", line)
	verdict = line
	sub(/.*:/, "", verdict)
	leaf_name = substr(line, 1, length(line) - length(verdict) - 1)
	sub(/^#[0-9]+(\/[0-9]+)? +/, "", leaf_name)
	if (line ~ /^#[0-9]+\//) {
		subtests++
		sub_failed += verdict == "FAIL"
		return verdict
	}
	# the test itself is a leaf only if it has no subtests or failed outside of them
	if (subtests && !(verdict == "FAIL" && !sub_failed))
		verdict = ""
	subtests = sub_failed = 0
	return verdict
}
