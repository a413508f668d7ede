# SPDX-License-Identifier: GPL-2.0
# Tests of tests/host/run.sh.

# repo: two files of tests, the second of which says what the file `says` has
repo() {
	mkdir -p repo/tests/host repo/build/linux
	cp "$ROOT/tests/lib.sh" repo/tests/
	cp "$ROOT/tests/host/run.sh" repo/tests/host/
	cd repo
	printf 'echo ran >> build/ran\necho "ok 7 - one"\necho "ok - two # SKIP why"\n' > tests/host/a.sh
	printf 'cat says\n' > tests/host/b.sh
	echo 'ok - three' > says
	git init -q .
	git add .
	git init -q build/linux
	git -C build/linux commit -q --allow-empty -m x
	echo build > .gitignore
}

run() {
	tests/host/run.sh build/results/host.txt
}

t_run_ktap() {
	repo
	run > "$T/out"
	tail -n 1 "$T/out" | grep -qx 'host tests: 2 passed, 0 failed, 1 skipped'
	same "$(cat build/results/host.txt)" 'KTAP version 1
1..3
ok 1 - one
ok 2 - two # SKIP why
ok 3 - three'
}

t_run_again() {
	repo
	run
	run > "$T/out"
	grep -q '^host tests: 3 passed before' "$T/out"
	same "$(wc -l < build/ran)" 1
	for change in 'echo x > new' 'echo "ok - four" > says' 'git -C build/linux commit -q --allow-empty -m y; echo z > build/linux/z;
		git -C build/linux add z' 'export FORCE=1'; do
		n=$(wc -l < build/ran)
		eval "$change"
		run
		same "$(wc -l < build/ran)" $((n + 1))
	done
}

t_run_fails() {
	repo
	for says in 'not ok - three # bad' '' 'no result'; do
		echo "$says" > says
		fails run
		# what failed is not remembered as passed
		fails run
	done
	# why it failed is said, and only there
	printf 'ok - two\n# of two\nnot ok - three # bad\n# of three\n' > says
	fails run
	same "$(grep '^#' "$T/out")" '# of three'
	echo 'ok - three' > says
	printf 'exit 3\n' >> tests/host/b.sh
	fails run
	grep -q '^not ok [0-9]* - b.sh # broke off with status 3$' build/results/host.txt
}

# a failed test is told with its log, of which every line is a comment, also one without an end
t_run_log() {
	printf 't_one() { echo "not ok - a"; printf x; false; }\nt_two() { printf y; false; }\n' > tests.sh
	HOST_DIR=$PWD/h "$ROOT/tests/lib.sh" tests.sh > out
	same "$(cat out)" 'not ok - one # x (build/host/one.log)
# not ok - a
# x
not ok - two # y (build/host/two.log)
# y'
}
