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
