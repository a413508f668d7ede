# SPDX-License-Identifier: GPL-2.0
# awk -f fails.awk FAILS TABLE: is what fails what the table FAILS says?
#
# FAILS has rows `result<TAB>reason`; a result that ends in * stands for all that begin so, of which one fails at least. A
# third column says of a row that it is for what fails on the `series` only, or for what fails `sometimes`, on any kernel: not
# for what fails in all runs on the series and in none on the base.
# TABLE is what tests/compare.awk writes. Printed are results that neither pass nor skip on both kernels and have no row,
# results that are not as their row says, and rows for which there is none; then how many fail for which reason.
#
# Exit status: 0 if only the last is printed, else 1.
BEGIN { FS = "\t" }
/^#/ || !NF { next }
FILENAME == ARGV[1] {
	if (NF < 2 || NF > 3 || (NF == 3 && $3 != "series" && $3 != "sometimes") || $1 in reason)
		wrong("fails: " $1 ": want one row: result, reason, and perhaps `series` or `sometimes`")
	reason[$1] = $2
	kind[$1] = $3
	next
}
{
	row = $1
	if (!(row in reason))
		for (r in reason)
			if (r ~ /\*$/ && index($1, substr(r, 1, length(r) - 1)) == 1)
				row = r
	fine = $2 == $3 && ($2 == "pass" || $2 == "skip")
	if (!(row in reason)) {
		if (!fine)
			wrong($1 ": base: " $2 "; series: " $3 "; no row in " ARGV[1])
		next
	}
	only_series = $2 == "pass" && $3 == "fail"
	if (kind[row] == "sometimes" ? !only_series : kind[row] == "series" ? only_series : $2 == $3 && !fine) {
		n[row]++
		why[reason[row]] += !fine
	} else if (fine && row == $1) {
		wrong($1 ": " $2 " on both, has a row in " ARGV[1])
	} else if (!fine) {
		wrong($1 ": base: " $2 "; series: " $3 "; its row in " ARGV[1] " is for what fails " (kind[row] == "sometimes" ? kind[row] : kind[row] == "series" ? "on the series only" : "on both"))
	}
}
END {
	for (r in reason)
		if (!n[r])
			wrong(r ": has a row in " ARGV[1] ", no result fails")
	for (w in why)
		printf "%4d fail: %s\n", why[w], w | "sort -rn"
	exit bad
}
function wrong(text) { print text; bad = 1 }
