#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Golden tests of tests/tally.awk and tests/compare.awk: each tests/{tally,compare}/NAME.in holds input files,
# `== FILE` lines between them, and NAME.out what the program must print, and then `exit STATUS`. A file that
# NAME.in does not hold is missing, but plan, skips and splats have defaults. Prints
# `ok - tally-NAME`, `not ok - tally-NAME # detail`, or compare-NAME.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

tally() {
	printf 'wq\n' > plan
	: > skips
	: > not-built
	echo 'scanned 2 lines' > splats
	split "$1"
	[ "$name" != missing-splats ] || rm splats
	program tally results splats not-built plan skips series-small host
}

compare() {
	split "$1"
	program compare base series table again && rc=0 || rc=$?
	for f in table again; do echo "== $f" && cat $f; done
	return "$rc"
}

program() {
	program=$1
	shift
	awk -f "$root/tests/test_progs.awk" -f "$root/tests/$program.awk" "$@"
}

split() {
	awk '/^== / { file = $2; printf "" > file; next } { print > file }' "$1"
}

for program in tally compare; do
	dir=$root/build/host/$program
	rm -rf "$dir"
	mkdir -p "$dir"
	cd "$dir"
	for in in "$root/tests/$program"/*.in; do
		name=$(basename "$in" .in)
		mkdir "$name"
		cd "$name"
		rc=0
		$program "$in" > out 2>&1 || rc=$?
		echo "exit $rc" >> out
		if diff -u "$root/tests/$program/$name.out" out > "$dir/$name.diff"; then
			printf 'ok - %s-%s\n' $program "$name"
		else
			printf 'not ok - %s-%s # not as tests/%s/%s.out: see %s.diff\n' $program "$name" $program "$name" "$dir/$name"
		fi
		cd ..
	done
done
