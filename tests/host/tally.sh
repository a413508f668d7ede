#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Golden tests of tests/tally.c: each tests/tally/NAME.in holds its input files, `== FILE` lines between
# them, and NAME.out what the tally must print and then `exit STATUS`. A file that NAME.in does not
# hold is missing, but plan, skips and splats have defaults. Prints `ok|FAIL<TAB>tally-NAME<TAB>detail`.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$root/build/host/tally
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
gcc -O1 -g -fsanitize=address,undefined -Wall -Wextra -Werror -o tally "$root/tests/tally.c"

for in in "$root"/tests/tally/*.in; do
	name=$(basename "$in" .in)
	mkdir "$name"
	cd "$name"
	printf 'wq\n' > plan
	: > skips
	: > not-built
	echo 'WARNING:' > splats
	awk '/^== / { file = $2; printf "" > file; next } { print > file }' "$in"
	rc=0
	ASAN_OPTIONS=detect_leaks=0 ../tally results console not-built plan skips splats series-small host > out 2>&1 || rc=$?
	echo "exit $rc" >> out
	if diff -u "$root/tests/tally/$name.out" out > "$dir/$name.diff"; then
		printf 'ok\ttally-%s\t\n' "$name"
	else
		printf 'FAIL\ttally-%s\tnot as tests/tally/%s.out: see %s.diff\n' "$name" "$name" "$dir/$name"
	fi
	cd ..
done
