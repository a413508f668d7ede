# SPDX-License-Identifier: GPL-2.0
# What bench/objects.sh makes of what two guests said, with -v csv=FILE, which it writes: of each load of a program a line
#
#   csv,OBJECT,PROGRAM,VERDICT,SIZE,INSTRUCTIONS,STATES,PEAK STATES,DURATION
#
# Of a program that was loaded several times, the least DURATION counts. Exit status: 1 if a program does not get the same
# verdict or is more work for the verifier on the series, if one of the 20 largest objects takes more than 1.005 of base to
# load and a million instructions more, or if these take more in sum. So much can be chance: ten loads of netif_receive_skb took
# 49.6 to 50.6 million on one kernel, for work that the kernel has put off falls into them.
function wrong(what) { print "bench: " what; bad = 1 }
function work(k, name) {
	return said[k, name, 6] " instructions, " said[k, name, 7] " states, " said[k, name, 8] " at a time"
}
$1 != "csv" { next }
{ k = FILENAME == ARGV[1] ? "base" : "series"; name = $2 "," $3 }
(k, name, 4) in said {
	if (said[k, name, 4] != $4)
		wrong(name ": " said[k, name, 4] ", then " $4 " on " k)
	if ($9 < said[k, name, 9])
		said[k, name, 9] = $9 + 0
	next
}
{
	for (i = 4; i <= 9; i++)
		said[k, name, i] = i == 4 ? $i : $i + 0
	object[name] = $2
	if (k == "base")
		names[++programs] = name
	else if (!(("base", name, 4) in said))
		wrong(name ": nothing on base, " $4 " on series")
}
END {
	for (n = 1; n <= programs; n++) {
		name = names[n]
		verdict = ("series", name, 4) in said ? said["series", name, 4] : "nothing"
		if (verdict != said["base", name, 4])
			wrong(name ": " said["base", name, 4] " on base, " verdict " on series")
		if (verdict != "success" || said["base", name, 4] != "success")
			continue
		for (i = 6; i <= 9; i++) {
			sum["base", i] += said["base", name, i]
			sum["series", i] += said["series", name, i]
		}
		for (i = 6; i <= 8; i++)
			if (said["series", name, i] > said["base", name, i]) {
				wrong(name ": more work: " work("base", name) " on base, " work("series", name) " on series")
				break
			}
		differ += work("base", name) != work("series", name)
		print name "," said["base", name, 5] "," said["base", name, 9] "," said["series", name, 9] > csv
		loaded++
		large[object[name]] += said["base", name, 5]
		a[object[name]] += said["base", name, 9]
		b[object[name]] += said["series", name, 9]
	}
	if (!loaded) { print "bench: nothing loads"; exit 1 }
	printf "%d programs, %d load on both, %d of these differ in work\n", programs, loaded, differ
	printf "verified on base: %d instructions, %d states, %d at a time; on the series: %d, %d, %d\n", sum["base", 6],
		sum["base", 7], sum["base", 8], sum["series", 6], sum["series", 7], sum["series", 8]
	printf "all: %.1f M instructions on base, %.1f M on the series: %.4f\n", sum["base", 9] / 1000, sum["series", 9] / 1000,
		sum["series", 9] / sum["base", 9]
	print "the 20 with most instructions: object, these, M to load on base, on the series, ratio"
	for (n = 0; n < 20; n++) {
		best = ""
		for (o in large)
			if (best == "" || large[o] > large[best])
				best = o
		if (best == "")
			break
		printf "%-40s %6d %9.1f %9.1f %.4f\n", best, large[best], a[best] / 1000, b[best] / 1000, b[best] / a[best]
		if (b[best] > 1.005 * a[best] && b[best] - a[best] > 1000)
			wrong(best ": more than 1.005 of base")
		sum20 += a[best]; sum220 += b[best]
		delete large[best]
	}
	printf "these: %.4f\n", sum220 / sum20
	if (sum220 > sum20)
		wrong("these: more than on base")
	exit bad
}
