# SPDX-License-Identifier: GPL-2.0
# Tests of checks/stock/judge.awk, with rows that no guest has written.

# rows CODE N: N programs whose code has this length and hash
rows() {
	seq "$2" | sed "s/.*/load\to.o\t&\tp\t0\tlog\twork\tlog\t9,1\tlines\t$1\t-\t/"
}

# judge ARCH CODE: of 100 programs, 4 have this code, and on stock one of 400 bytes; how many differ goes to out
judge() {
	rows 400,1 100 > stock
	{ rows "$2" 4 && rows 400,1 100 | tail -n +5; } > series
	: > excuses
	GUEST_ARCH=$1 awk -F'\t' -v tags= -f "$ROOT/checks/stock/judge.awk" excuses stock series > out || :
	tail -n 1 out
}

# on arm64 code may be shorter or longer by instructions, and lines may move in it, and nothing else
t_judge_code() {
	for code in 404,2 400,2; do
		judge arm64 $code | grep -q '[^0-9]0 differ$'
		judge x86 $code | grep -q '[^0-9]4 differ$'
	done
	for code in 0,00 401,2 9000,2; do
		judge arm64 $code | grep -q '[^0-9]4 differ$'
	done
}

# counted SED-SCRIPT [SED-SCRIPT]: 100 programs are loaded, loaded again and run; the first script changes what the series says, the
# second one what stock says
counted() {
	for what in load again; do rows 400,1 100 | sed "s/^load/$what/"; done > all
	seq 100 | sed 's/.*/run\to.o\t&\tp\t0\t7\t1,1\t0/' >> all
	sed "$1" all > series
	sed "${2-}" all > stock
	: > excuses
	awk -F'\t' -v tags= -f "$ROOT/checks/stock/judge.awk" excuses stock series > out || :
	tail -n 1 out
}

# what was not done is a difference, too
t_judge_missing() {
	counted '' | grep -q '[^0-9]0 differ$'
	counted '/^run/d' | grep -q '[^0-9]100 differ$'
	counted '/^again/d' | grep -q '[^0-9]100 differ$'
	# a few that are late do not count, and many do
	counted '/^load.*\to.o\t[1-5]\t/s/\tp\t0/\tp\t11/' | grep -q '[^0-9]0 differ$'
	counted '/^load.*\to.o\t[1-4].\t/s/\tp\t0/\tp\t11/' | grep -q '[^0-9]40 differ$'
	grep -q '^40 programs are out of time on the series, 0 on stock: too many$' out
	# something has to load, and objects have to be there
	counted 's/\tp\t0/\tp\t1/; /^run/d' 's/\tp\t0/\tp\t1/; /^run/d' | grep -q '[^0-9]1 differ$'
	grep -q '^no program loads on stock' out
	counted '1i died\tx.o\twhy' '1i died\tx.o\twhy' | grep -q '[^0-9]0 differ$'
	counted '1i died\tx.o\twhy\ndied\ty.o\twhy\ndied\tz.o\twhy' '1i died\tx.o\twhy\ndied\ty.o\twhy\ndied\tz.o\twhy' | grep -q '[^0-9]3 differ$'
	grep -q '^3 objects end the guest on both kernels' out
}

# a program that one kernel did not load in time is not run there
t_judge_late() {
	{ rows 400,1 2 && printf 'run\to.o\t1\tp\t0\t7\t1,1\t0\nrun\to.o\t2\tp\t0\t7\t1,1\t0\n'; } > stock
	sed 's/\t7\t/\t8\t/; /^load.*\t1\tp/s/\tp\t0/\tp\t11/' stock > series
	: > excuses
	awk -F'\t' -v tags= -f "$ROOT/checks/stock/judge.awk" excuses stock series > out || :
	# of the other one, the run is compared
	grep -q '^differs: run o.o 2 (p): result: stock 7, series 8' out
	tail -n 1 out | grep -q '[^0-9]1 differ$'
}

# programs of `make oracle` that do not load on stock show nothing
t_oracle_loads() {
	printf 'dead\t1\tcap\ttext\t-22\thash\t-\n' > stock
	cp stock series
	for errno in -22 0; do
		sed -i "s/-22/$errno/" stock series
		awk -f "$ROOT/checks/stock/compare.awk" dead stock series > "out$errno" || same "$errno" -22
	done
	grep -qx 'not ok 2 - only 0 of the programs load on stock' out-22
	not grep -q '^not ok' out0
}
