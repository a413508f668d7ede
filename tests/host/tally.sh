# SPDX-License-Identifier: GPL-2.0
# Golden tests of tests/tally.awk and tests/compare.awk: each tests/{tally,compare}/NAME.in holds input files,
# `== FILE` lines between them, and NAME.out what the program must print, and then `exit STATUS`. A file that
# NAME.in does not hold is missing, but plan, skips and splats have defaults. Prints a line for each.
tally() {
	program tally results splats not-built plan skips series-small host
}

compare() {
	program compare base series table again && rc=0 || rc=$?
	for f in table again; do echo "== $f" && cat $f; done
	return "$rc"
}

program() {
	program=$1
	shift
	awk -f "$ROOT/tests/test_progs.awk" -f "$ROOT/tests/$program.awk" "$@"
}

for program in tally compare; do
	for in in "$ROOT/tests/$program"/*.in; do
		name=$(basename "$in" .in)
		dir=$ROOT/build/host/$program/$name
		rm -rf "$dir"
		mkdir -p "$dir"
		cd "$dir"
		printf 'wq\n' > plan
		: > skips
		: > not-built
		[ "$name" = missing-splats ] || echo 'scanned 2 lines' > splats
		awk '/^== / { file = $2; printf "" > file; next } { print > file }' "$in"
		rc=0
		$program > out 2>&1 || rc=$?
		echo "exit $rc" >> out
		if diff -u "${in%.in}.out" out > changes; then
			echo "ok - $program-$name"
		else
			echo "not ok - $program-$name # not as tests/$program/$name.out: see $dir/changes"
		fi
	done
done
