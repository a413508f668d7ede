# SPDX-License-Identifier: GPL-2.0
# What bench/objects.sh makes of what two guests said, with -v csv=FILE, which it writes: of each program a line
#
#   csv,OBJECT,PROGRAM,VERDICT,SIZE,INSTRUCTIONS,STATES,PEAK STATES,DURATION
function said_work() {
	return $6 " instructions, " $7 " states, " $8 " at a time"
}
$1 != "csv" { next }
{ name = $2 "," $3 }
FILENAME == ARGV[1] {
	verdict[name] = $4
	size[name] = $5
	work[name] = said_work()
	for (i = 6; i <= 9; i++)
		base[name, i] = $i
	programs++
	next
}
{ seen[name] }
verdict[name] != $4 { print "bench: " name ": " verdict[name] " on base, " $4 " on the series"; bad = 1; next }
$4 != "success" { next }
{
	if ($6 > base[name, 6] + 0 || $7 > base[name, 7] + 0 || $8 > base[name, 8] + 0) {
		print "bench: " name ": more work: " work[name] " on base, " said_work() " on the series"
		bad = 1
	}
	differ += said_work() != work[name]
	print name "," size[name] "," base[name, 9] "," $9 > csv
	loaded++
	for (i = 6; i <= 9; i++) {
		sum[i] += base[name, i]
		sum2[i] += $i
	}
	large[$2] += size[name]
	a[$2] += base[name, 9]
	b[$2] += $9
}
END {
	for (name in verdict)
		if (!(name in seen)) {
			print "bench: " name ": " verdict[name] " on base, nothing on the series"
			bad = 1
		}
	if (!loaded) { print "bench: nothing loads"; exit 1 }
	printf "%d programs, %d load on both, %d of these differ in work\n", programs, loaded, differ
	printf "verified on base: %d instructions, %d states, %d at a time; on the series: %d, %d, %d\n", sum[6], sum[7], sum[8],
		sum2[6], sum2[7], sum2[8]
	printf "all: %.1f M instructions on base, %.1f M on the series: %.4f\n", sum[9] / 1000, sum2[9] / 1000, sum2[9] / sum[9]
	print "the 20 with most instructions: object, these, M to load on base, on the series, ratio"
	while (n++ < 20) {
		best = ""
		for (o in large)
			if (best == "" || large[o] > large[best])
				best = o
		if (best == "")
			break
		printf "%-40s %6d %9.1f %9.1f %.4f\n", best, large[best], a[best] / 1000, b[best] / 1000, b[best] / a[best]
		sum20 += a[best]; sum220 += b[best]
		delete large[best]
	}
	printf "these: %.4f\n", sum220 / sum20
	exit bad
}
