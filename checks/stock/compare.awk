# SPDX-License-Identifier: GPL-2.0
# Compare what the programs of this folder found on the unpatched kernel and on the series. KTAP on stdout.
#
#   awk -f compare.awk records|dead|refs|cases STOCK SERIES
#
# For records, what comes first is, for each kfunc, a square of types: the type of the first path down, that of the path
# that the verifier walks last across, and for each pair:
#
#   =	loads on both, translated to the same, and the same happens
#   +	loads on both; memory is damaged on stock, not on the series
#   *	loads on both; the series frees more
#   x	refused by the series; memory is damaged on stock
#   !	a failure
#
# What the series refuses and stock loads without damage, and damage on the series, is a failure, and so is any other
# difference. A refcount's warning alone is no damage.
#
# For dead, every line has to be the same, and the kernel reports nothing that stock does not; for refs, what has to load
# and loads on stock has to be translated to the same; for cases, all have to be right, and translated to the same.
# Exit status: 0 if there is no failure and something was compared; 1 otherwise.
BEGIN {
	what = ARGV[1]
	ARGV[1] = ""
	word = what == "records" ? "row" : what == "refs" ? "ref" : what
	columns = what == "records" ? 11 : what == "dead" ? 6 : 5
	if (ARGC != 4 || what !~ /^(records|dead|refs|cases)$/)
		die("usage: compare.awk records|dead|refs|cases STOCK SERIES")
	print "TAP version 13"
}

function die(why) {
	print "compare: " why > "/dev/stderr"
	died = 1
	exit 1
}

{ sub(/\r$/, "") }

# ---- lines of KTAP, as cases.c prints them: "ok 1 - name # hash"; a guest that dies prints no plan

what == "cases" && /^1\.\.[0-9]+$/ { plan[FILENAME] = substr($0, 4) }

what == "cases" && /^(not )?ok / {
	name = $0
	sub(/^(not )?ok [0-9]* - /, "", name)
	sub(/#.*/, "", name)
	n = ++nr[FILENAME]
	if (FILENAME == ARGV[2]) {
		line[name] = $0
		next
	}
	# a case that stock does not have is one of names that only the series has
	wrong = /^not / || (name in line && line[name] != $0)
	failures += wrong
	print (wrong && !/^not / ? "not " : "") $0
	next
}

# ---- lines of the others, with tabs between their columns: of stock in B, of the series in S

index($0, word) == 1 && substr($0, length(word) + 1, 1) ~ /[ \t]/ {
	if (split(substr($0, length(word) + 2), f, "\t") < columns)
		die(FILENAME ": a row with too few columns")
	n = ++nr[FILENAME]
	for (i = 1; i <= columns; i++)
		if (FILENAME == ARGV[2])
			B[n, i] = f[i]
		else
			S[n, i] = f[i]
	if (FILENAME == ARGV[2] && !((f[2], f[3], f[4]) in stock_row))
		stock_row[f[2], f[3], f[4]] = n
}

# more than what a count that is no count gives
function reported(text) {
	return text ~ /KASAN|Oops|BUG|corruption|general protection/
}

# Everything that the series does happens on stock, too, or is what has to happen.
function no_worse(stock, series,    n, i, f) {
	n = split(series, f, ",")
	for (i = 1; i <= n; i++)
		if (!index(stock, f[i]) && f[i] != "freed" && f[i] != "kept")
			return 0
	return 1
}

# Sets why, which is empty if it is no failure; returns the mark.
function judge(i, b,    loads, stock_loads, damaged) {
	why = ""
	if (!b) {
		why = "no such row on stock"
		return "!"
	}
	loads = S[i, 5] == "0"
	stock_loads = B[b, 5] == "0"
	damaged = B[b, 9] != "-" || reported(B[b, 10])
	if (S[i, 5] == "names" || S[i, 5] == "states")
		why = "the verdict or the translation differs with " (S[i, 5] == "names" ? "the other name" : "more states")
	else if (loads && (S[i, 9] != "-" || S[i, 10] != "-"))
		why = "on the series: " S[i, 9] "; " S[i, 10]
	else if (!loads && !stock_loads && S[i, 5] != B[b, 5])
		why = "error " S[i, 5] ", on stock " B[b, 5] ": " S[i, 11]
	else if (!loads && stock_loads && !damaged)
		why = "refused, and stock does no damage (" B[b, 7] "; " B[b, 8] "; " B[b, 10] "): " S[i, 11]
	else if (loads && !stock_loads)
		why = "loads, and not on stock: " B[b, 11]
	else if (!loads)
		return stock_loads ? "x" : "="
	else if (damaged)
		return "+"
	else if (S[i, 6] != B[b, 6])
		why = "translated to something else"
	else if (S[i, 7] == B[b, 7] && S[i, 8] == B[b, 8])
		return "="
	else if (no_worse(B[b, 7], S[i, 7]) && no_worse(B[b, 8], S[i, 8]))
		return "*"
	else
		why = S[i, 7] " and " S[i, 8] ", on stock " B[b, 7] " and " B[b, 8]
	return "!"
}

# the order in which the squares have the types
function place(name) {
	if (!(name in place_of)) {
		place_of[name] = ++nr_names
		names[nr_names] = name
	}
	return place_of[name]
}

function print_square(kfunc, n,    i, k, count, first, last, at, used) {
	for (i = 1; i <= n; i++) {
		if (S[i, 2] != kfunc)
			continue
		count[mark[i]]++
		first = place(S[i, 3])
		last = place(S[i, 4])
		at[first, last] = mark[i]
		used[first]
		used[last]
	}
	printf "\n%s: %d the same, %d mended, %d better, %d refused for damage, %d failures\n\n", kfunc, count["="],
		count["+"], count["*"], count["x"], count["!"]
	for (i = 1; i <= nr_names; i++) {
		if (!(i in used))
			continue
		printf "  %-20s ", names[i]
		for (k = 1; k <= nr_names; k++)
			if (k in used)
				printf "%s", (i, k) in at ? at[i, k] : " "
		print ""
	}
}

# Programs that are refused on stock show nothing.
function want_loads(loads, n, least) {
	if (loads >= least && loads)
		return
	printf "not ok %d - only %d of the programs load on stock\n", n + 1, loads
	failures++
}

function compare_records(n,    i, b, last, loads) {
	for (i = 1; i <= n; i++) {
		loads += B[i, 5] == "0"
		b = (S[i, 2], S[i, 3], S[i, 4]) in stock_row ? stock_row[S[i, 2], S[i, 3], S[i, 4]] : 0
		mark[i] = judge(i, b)
		reason[i] = why
		if (mark[i] != "!")
			reason[i] = mark[i] " stock: " B[b, 7] "; " B[b, 8] "; " B[b, 9] "; " B[b, 10] "; series: " \
				(S[i, 5] == "0" ? "loads" : "refused") "; " S[i, 7] "; " S[i, 8]
		failures += mark[i] == "!"
	}
	for (i = 1; i <= n; i++) {
		if (S[i, 2] != last)
			print_square(S[i, 2], n)
		last = S[i, 2]
	}
	for (i = 1; i <= n; i++)
		printf "%sok %d - %s %s, %s # %s\n", mark[i] == "!" ? "not " : "", i, S[i, 2], S[i, 3], S[i, 4], reason[i]
	want_loads(loads, n, 1)
}

# dead SEED WHO TEXT ERRNO HASH REPORT, in the same order on both
function compare_dead(n,    i, k, differs, loads) {
	for (i = 1; i <= n; i++) {
		loads += B[i, 4] == "0"
		# what stock reports, too, may differ in a number of a line or instruction
		differs = reported(S[i, 6]) || (S[i, 6] != "-" && B[i, 6] == "-")
		for (k = 1; k <= 5; k++)
			differs = differs || S[i, k] != B[i, k]
		failures += differs
		printf "%sok %d - %s, %s: %s # %s %s%s\n", differs ? "not " : "", i, S[i, 1], S[i, 2], S[i, 3], S[i, 4], S[i, 5],
			differs ? "; on stock " B[i, 4] " " B[i, 5] "; " S[i, 6] : ""
	}
	want_loads(loads, n, 1)
}

# ref NAME MUST ERRNO HASH LOG, in the same order on both. What has to load has to where stock loads it.
function compare_refs(n,    i, wrong, loads) {
	for (i = 1; i <= n; i++) {
		wrong = ""
		loads += B[i, 3] == "0"
		if (S[i, 1] != B[i, 1])
			wrong = "another program than on stock"
		else if (S[i, 2] == "refuse" && S[i, 3] == "0")
			wrong = "loads, and what it uses may be gone"
		else if (S[i, 2] == "load" && S[i, 3] != "0" && B[i, 3] == "0")
			wrong = S[i, 5]
		else if (S[i, 2] == "load" && B[i, 3] == "0" && S[i, 4] != B[i, 4])
			wrong = "translated to something else"
		failures += wrong != ""
		printf "%sok %d - %s # %s, stock %s%s\n", wrong == "" ? "" : "not ", i, S[i, 1], S[i, 3] == "0" ? "loads" : "refused",
			B[i, 3] == "0" ? "loads" : "refuses", wrong == "" ? "" : ": " wrong
	}
	want_loads(loads, n, (nr[ARGV[3]] - 1) / 2)
}

END {
	if (died)
		exit 1
	stock = nr[ARGV[2]] + 0
	series = nr[ARGV[3]] + 0
	n = stock < series ? stock : series
	if (what == "records")
		compare_records(series)
	else if (what == "dead")
		compare_dead(n)
	else if (what == "refs")
		compare_refs(n)
	else if (stock == plan[ARGV[2]] && series == plan[ARGV[3]] && stock == series - 1)
		stock = series
	else if (!(ARGV[2] in plan) || stock != plan[ARGV[2]] || series != plan[ARGV[3]])
		stock = -1
	if (!series || series != stock) {
		printf "not ok %d - %d on the series, %d on stock\n", series + 1, series, stock
		failures++
	}
	printf "1..%d\n%s: %d compared, %d failures\n", series, what, series, failures
	exit !!failures
}
