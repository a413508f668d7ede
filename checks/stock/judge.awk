# SPDX-License-Identifier: GPL-2.0
# Compare what judge.c printed on two kernels: awk -F'\t' -f judge.awk EXCUSES STOCK SERIES
#
# With -v refuse=FILE, what generated.sh says of pairs of types: that one call of a generated program serves two of them is an
# excuse only if they are a pair there; with -v tags=FILE, @PATTERN excuses a generated program that has such a tag. A line for each program that differs, in what, and how often each row of EXCUSES was used; then the counts. EXCUSES says
# what its rows are. Exit status: 1 when something differs that nothing excuses, or when nothing was compared.
BEGIN {
	split("- - - - errno log work log2 translated info jited rnd why", column, " ")
	split("- - - - errno result data maps", run_column, " ")
	while (refuse != "" && (getline line < refuse) > 0)
		pairs[line]
	while (tags != "" && (getline line < tags) > 0) {
		split(line, f, "\t")
		tags_of[f[1], f[2]] = f[3]
	}
}

# "kfunc bpf_obj_new_impl# has an object of struct n5, of struct n1 on another path": is that so for what the kfunc uses?
function damages(object, why,    w) {
	if (object !~ /^gen\// || why !~ /has an object of struct/)
		return 1
	gsub(/,/, "", why)
	split(why, w, " ")
	sub(/^bpf_(obj_|refcount_)?/, "", w[2])
	sub(/(_impl)?#?$/, "", w[2])
	return (object " " w[2] " " w[8] " " w[11]) in pairs
}

function differs(key, what, stock, series, why, stock_why,    i, f, object, want, pattern) {
	split(key, f, SUBSEP)
	object = f[2]
	sub(/^[^\/]*\//, "", object)
	sub(/\.o$/, "", object)
	for (i = 1; i <= excuses; i++) {
		want = pattern = excuse[i, 3]
		sub(/:.*/, "", want)
		pattern = index(pattern, ":") ? substr(pattern, length(want) + 2) : ""
		if (pattern ~ /^</ ? stock_why !~ substr(pattern, 2) : pattern ~ /^@/ ? tags_of[f[2], name[key]] !~ substr(pattern, 2) : why !~ pattern)
			continue
		if (what == want && damages(f[2], why) && object ~ ("^(" excuse[i, 1] ")$") && name[key] ~ ("^(" excuse[i, 2] ")$")) {
			used[i]++
			return 0
		}
	}
	printf "differs: %s %s %s (%s): %s: stock %s, series %s%s\n", f[1], f[2], f[3], name[key], what, stock, series,
		why == "" ? "" : " (" why ")"
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
		if ($1 == "load" && $5 == 0)
			stock_loads++
	}
	next
}

$1 == "died" {
	if (!($2 in stock_died)) {
		printf "differs: died %s: %s\n", $2, $3
		bad++
	} else {
		both_died++
	}
	series_died[$2]
	next
}

{
	key = $1 SUBSEP $2 SUBSEP $3
	name[key] = $4
	if (!(key in stock)) {
		# a program that loads on one kernel only has been seen already
		if ($2 in stock_died || $1 == "run" || $1 == "again")
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
		# judge.c ran another program in its place
		if (($2, $3) in late)
			next
		runs++
		for (i = 5; i <= 8; i++)
			if (s[i] != "?" && $i != s[i] && differs(key, run_column[i], s[i], $i)) {
				bad++
				break
			}
		next
	}
	if ($1 == "load" && $5 == 0) {
		loaded++
		if (s[5] == 0)
			both_load[$2, $3]
	}
	if (s[5] == 11 || s[5] == 4 || $5 == 11 || $5 == 4) {
		slow++
		late[$2, $3]
		if ($1 == "load") {
			late_here += $5 == 11 || $5 == 4
			late_stock += s[5] == 11 || s[5] == 4
		}
		next
	}
	if ($1 == "again")
		twice++
	else
		compared++
	for (i = 5; i <= 12; i++) {
		if ($i == s[i] || ((i == 8 || i == 12) && ($i == "-" || s[i] == "-")))
			continue
		# x86: the address of a private stack takes 3 bytes less in percpu's first chunk, whose addresses fit in 32 bits
		if (i == 11 && ($i - s[i]) ^ 2 == 9) {
			stacks++
			continue
		}
		# arm64: an address that is loaded takes as many instructions, of 4 bytes, as it has halfwords that are not 0xffff.
		# One may take more and another one less, so that lines move in code of the same size. What is before this
		# column is the same.
		if (i == 11 && ENVIRON["GUEST_ARCH"] == "arm64" && $i * s[i] && ($i - s[i]) % 4 == 0 &&
		    ($i - s[i]) ^ 2 < 400 ^ 2) {
			addresses++
			continue
		}
		if (differs(key, column[i], s[i] (i == 5 ? " " s[13] : ""), $i, $13, s[13])) {
			if (!first)
				first = compared + twice
			bad++
			break
		}
		# what one log has, the other has, too; what does not load is not translated
		if (i == 5 || (i == 6 && $5) || i == 9)
			break
		if (i == 6)
			$8 = s[8]
	}
}

END {
	for (key in stock) {
		split(key, f, SUBSEP)
		# what loads on one kernel only has been seen already, and is neither run nor loaded again there
		if (!(key in seen) && !(f[2] in series_died) && (f[1] != "run" && f[1] != "again" ||
		    ((f[2], f[3]) in both_load && !((f[2], f[3]) in late)))) {
			printf "differs: %s %s %s: only on stock\n", f[1], f[2], f[3]
			bad++
		}
	}
	for (i = 1; i <= excuses; i++) {
		printf "excused: %d: %s %s %s: %s\n", used[i], excuse[i, 1], excuse[i, 2], excuse[i, 3], excuse[i, 4]
		excused += used[i]
	}
	# few have one, and fewer of these are there
	if (stacks * 50 > compared)
		bad += stacks
	if (stacks)
		printf "%d programs are 3 bytes longer or shorter: a private stack in another chunk of percpu memory%s\n", stacks,
			(stacks * 50 > compared ? "? too many" : "")
	if (addresses * 20 > compared)
		bad += addresses
	if (addresses)
		printf "%d programs have more or less instructions for an address%s\n", addresses, (addresses * 20 > compared ? "? too many" : "")
	if (late_here > late_stock + 5 && (late_here - late_stock) * 50 > compared) {
		printf "%d programs are out of time on the series, %d on stock: too many\n", late_here, late_stock
		bad += late_here - late_stock
	}
	if (both_died)
		printf "%d objects end the guest on both kernels%s\n", both_died, (both_died * 50 > compared ? "? too many" : "")
	if (both_died * 50 > compared)
		bad += both_died
	if (compared && !stock_loads) {
		print "no program loads on stock: is the corpus, or the loader, broken?"
		bad++
	}
	if (first)
		printf "the first difference is in the program number %d\n", first
	printf "%d programs given to both kernels, %d load on stock, %d on the series, %d a second time, %d runs, %d out of time on either, %d differences excused, %d differ\n",
		compared, stock_loads, loaded, twice, runs, slow, excused, bad
	if (!compared)
		print "judge: nothing was compared"
	exit bad || !compared
}
