# SPDX-License-Identifier: GPL-2.0
# Compare what judge.c printed on two kernels: awk -F'\t' -f judge.awk EXCUSES STOCK SERIES
#
# A line for each program that differs, in what, and what to type to load it again; then the counts. EXCUSES has
# OBJECT<TAB>PROGRAM<TAB>WHAT<TAB>reason; OBJECT and PROGRAM are patterns, WHAT is what differs. A row that excuses no
# difference is a failure where its program was loaded. Exit status: 1 when something differs that nothing excuses.
BEGIN {
	split("- - - - errno log work log2 translated info jited rnd -", column, " ")
	split("- - - - errno result data maps", run_column, " ")
}

function differs(key, what, stock, series,    i, f, object) {
	split(key, f, SUBSEP)
	object = f[2]
	sub(/^[^\/]*\//, "", object)
	sub(/\.o$/, "", object)
	for (i = 1; i <= excuses; i++) {
		if (object ~ ("^(" excuse[i, 1] ")$") && name[key] ~ ("^(" excuse[i, 2] ")$") && index(excuse[i, 3], what)) {
			excused[i]++
			n_excused++
			return 0
		}
	}
	printf "differs: %s %s %s (%s): %s: stock %s, series %s\n", f[1], f[2], f[3], name[key], what, stock, series
	return 1
}

FILENAME == ARGV[1] {
	if ($0 !~ /^#/ && NF >= 4) {
		excuses++
		for (i = 1; i <= 4; i++)
			excuse[excuses, i] = $i
	}
	next
}

FILENAME == ARGV[2] {
	if ($1 == "died") {
		stock_died[$2] = $3
	} else {
		stock[$1, $2, $3] = $0
		stock_rows++
		if ($1 == "load" && $5 == 0)
			stock_loads++
	}
	next
}

$1 == "died" {
	if (!($2 in stock_died)) {
		printf "differs: died %s: %s\n", $2, $3
		bad++
	}
	series_died[$2]
	next
}

{
	key = $1 SUBSEP $2 SUBSEP $3
	name[key] = $4
	if ($1 != "run")
		rows++
	if (!(key in stock)) {
		if ($2 in stock_died || $1 == "run")
			next
		printf "differs: %s %s %s (%s): not on stock\n", $1, $2, $3, $4
		bad++
		next
	}
	n = split(stock[key], s, "\t")
	seen[key]
	if ($1 == "none") {
		if ($5 != s[5])
			bad += differs(key, "libbpf", s[5], $5)
		next
	}
	if ($1 == "run") {
		runs++
		for (i = 5; i <= 8; i++)
			if (s[i] != "?" && $i != s[i]) {
				bad += differs(key, run_column[i], s[i], $i)
				break
			}
		next
	}
	loads++
	if ($5 == 0)
		loaded++
	if (s[5] == 11 || $5 == 11) {
		slow++
		next
	}
	# what does not load is not translated
	for (i = 5; i <= 12; i++) {
		if ($i != s[i]) {
			bad += differs(key, column[i], s[i] (i == 5 ? " " s[13] : ""), $i (i == 5 || i == 6 ? " " $13 : ""))
			break
		}
	}
	compared++
}

END {
	for (key in stock) {
		split(key, f, SUBSEP)
		if (!(key in seen) && !(f[2] in series_died) && f[1] != "run") {
			printf "differs: %s %s %s: only on stock\n", f[1], f[2], f[3]
			bad++
		}
	}
	for (i = 1; i <= excuses; i++)
		if (!excused[i])
			printf "unused excuse: %s %s %s\n", excuse[i, 1], excuse[i, 2], excuse[i, 3]
	printf "%d programs given to both kernels, %d load on stock, %d on the series, %d runs compared, %d out of time on either, %d excused, %d differ\n",
		compared, stock_loads, loaded, runs, slow, n_excused, bad
	if (!compared)
		print "judge: nothing was compared"
	exit bad || !compared
}
