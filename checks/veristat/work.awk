# SPDX-License-Identifier: GPL-2.0
# Compare two tables of checks/veristat/run.sh, that of the base and that of the series; fails for more work or another verdict.
# Fields: file, prog, verdict, insns, states, peak states, xlated size, jited size.
{ key = $1 "/" $2 }
NR == FNR { line[key] = $0; next }
{
	if (!(key in line)) {
		bad++
		only++
		print "only on the series: " key
		next
	}
	split(line[key], b, ",")
	delete line[key]
	programs += $3 != "failed"
	if (b[3] != $3) {
		bad++
		print "verdict: " key ": " b[3] " on the base, " $3 " on the series"
		next
	}
	if ($3 == "failed") {
		print "neither kernel gets through: " $1
		next
	}
	if ($3 != "success") {
		failing++
		next
	}
	loaded++
	for (i = 4; i <= 8; i++) {
		base[i] += b[i]
		series[i] += $i
	}
	if ($4 > b[4] + 0 || $5 > b[5] + 0 || $6 > b[6] + 0) {
		bad++
		printf "more work: %s: %d, %d, %d on the base, %d, %d, %d on the series (insns, states, peak states)\n",
			key, b[4], b[5], b[6], $4, $5, $6
	}
	if ($4 + 0 != b[4] + 0 || $5 + 0 != b[5] + 0)
		differ[++n] = sprintf("%d %s: %d instructions and %d states on the base, %d and %d on the series",
			($4 > b[4] + 0 ? $4 - b[4] : b[4] - $4), key, b[4], b[5], $4, $5)
}
END {
	for (key in line) {
		bad++
		only++
		print "only on the base: " key
	}
	split("insns,states,peak states,xlated bytes,jited bytes", name, ",")
	printf "%d programs on both kernels: %d load, %d are refused by both, %d differ in work, %d only on one\n",
		programs, loaded, failing, n, only
	for (i = 4; i <= 8; i++)
		printf "%-12s  base %10d  series %10d  %+.3f %%\n", name[i - 3], base[i], series[i],
			base[i] ? (series[i] - base[i]) * 100 / base[i] : 0
	for (k = 0; k < 5 && k < n; k++) {
		best = 0
		for (i = 1; i <= n; i++)
			if (i in differ && (!best || differ[i] + 0 > differ[best] + 0))
				best = i
		print differ[best]
		delete differ[best]
	}
	exit bad || !loaded
}
