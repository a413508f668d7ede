# SPDX-License-Identifier: GPL-2.0
# Tests of scripts/results.sh and scripts/figures.py, over a repository of a few files.

# repo: two checks, one of which writes a body of its own, and a kernel tree
repo() {
	mkdir -p repo/scripts repo/results repo/src repo/build/linux/kernel
	cp "$ROOT"/scripts/results.sh "$ROOT"/scripts/figures.py "$ROOT"/scripts/lib.sh repo/scripts/
	cd repo
	printf 'one.txt\tone\tsrc/one.c\tthe first\ntwo.txt\tCONFIG=x two\tsrc/two.c\tthe second\n' > results/checks
	printf '# constants\n65,279\ta limit\n' > results/constants
	echo one > src/one.c
	echo two > src/two.c
	printf 'one two:\n\t@scripts/results.sh run $@.txt echo "$@ is 1,234"\n' > Makefile
	git init -q .
	echo build > .gitignore
	git add .
	git init -q -b series build/linux
	printf 'static int a_function(void)\n\tverbose(env, "the %%s is not as it was\\n");\n' > build/linux/kernel/a.c
	ln -s "$T/out" out
	tree x
}

# tree TEXT: another patched tree
tree() {
	echo "$1" > build/linux/kernel/x
	git -C build/linux add .
	git -C build/linux commit -q -m "$1"
}

t_results_run() {
	repo
	scripts/results.sh run one.txt sh -c 'echo "[   1 s] a stage"; echo 1,234 passed' > out
	grep -qx '\[   1 s\] a stage' out
	same "$(sed 's/ .*//; /^#/d; /^$/d' results/one.txt)" 1,234
	grep -qx "# tree: $(git -C build/linux rev-parse 'series^{tree}')" results/one.txt
	grep -qxE '# sources: [0-9a-f]{40}' results/one.txt
	grep -qxE '# took: [0-9]+ s' results/one.txt
	# of what is not committed there is no result that counts
	echo y > build/linux/kernel/x
	scripts/results.sh run one.txt echo 1,234
	git -C build/linux checkout -q .
	scripts/results.sh stale > out || :
	grep -q '^results/one.txt: of another tree' out
	scripts/results.sh run one.txt echo 1,234
	# what fails leaves the result as it was
	cp results/one.txt before
	fails scripts/results.sh run one.txt sh -c 'echo bad; exit 3'
	cmp before results/one.txt
	fails scripts/results.sh run one.txt true
	refuses 'three.txt: no such check' scripts/results.sh run three.txt echo x
	# a body that the command wrote
	scripts/results.sh run one.txt sh -c 'echo said; echo 77 > build/results/one.txt.body'
	tail -n 1 results/one.txt | grep -qx 77
}

t_results_stale() {
	repo
	make -s one two > /dev/null
	scripts/results.sh stale
	git -C build/linux commit -q --amend -m "Another message"
	scripts/results.sh stale
	echo more >> src/two.c
	fails_with '^results/two.txt: of other sources, [0-9-]+: make CONFIG=x two$' scripts/results.sh stale
	same "$(wc -l < out)" 1
	tree y
	fails scripts/results.sh stale
	same "$(grep -c 'of another tree' out)" 2
	rm results/one.txt
	fails_with '^results/one.txt: never made: make one$' scripts/results.sh stale
	scripts/results.sh list > out
	grep -qE '^  CONFIG=x two +[0-9]+ s  the second \(of another tree, .*\)$' out
	grep -qE '^  one +-  the first \(never made\)$' out
}

t_results_release() {
	repo
	scripts/results.sh release
	scripts/results.sh stale
	# only what is old runs again, and what fails does not stop the rest
	cp results/one.txt before
	echo more >> src/two.c
	same "$(scripts/results.sh release | grep -c 'release: make')" 1
	cmp before results/one.txt
	tree y
	printf 'one:\n\tfalse\ntwo:\n\t@scripts/results.sh run $@.txt echo 5\n' > Makefile
	fails_with 'release: failed: one.txt$' scripts/results.sh release
	tail -n 1 results/two.txt | grep -qx 5
}

figures() {
	scripts/figures.py figures results/one.txt -- README.md letter.txt
}

t_figures() {
	repo
	printf '# tree: 4567\n\n1,234 passed, 35 skipped, 0.9 %% more, 12 of 1235\n' > results/one.txt
	echo 'A letter: 1,234 passed, in 2 parts and 88 lines, on x86_64 with 6.18.15, 2026-11-28.' > letter.txt
	printf 'Text with 35 and 99, and 1235.\n\n- See `results/one.txt`: 12, 35 and 0.9 %%.\n\n```\ncode 7777\n```\n' > README.md
	figures
	for wrong in '1,235 passed' '4,567' '0.8 %' '777'; do
		echo "A letter: $wrong passed" > letter.txt
		case $wrong in 1,235*) figures ;; *) fails_with '^letter.txt:1: .*: not in any result$' figures ;; esac
	done
	echo 'No more than 65,279.' > letter.txt
	figures
	printf '\n- See `results/one.txt`: 13 of it\n' >> README.md
	fails_with '^README.md:9: 13: not in results/one.txt$' figures
	printf 'See `results/none.txt`\n' > README.md
	fails_with 'results/none.txt: is not there' figures
}

t_figures_csv() {
	repo
	echo 'a,123,456' > results/one.csv
	printf 'It is 123 and 456.\n' > README.md
	scripts/figures.py figures results/one.csv -- README.md
	printf 'It is 123,456.\n' > README.md
	fails scripts/figures.py figures results/one.csv -- README.md
}

t_names() {
	repo
	names() { scripts/figures.py names build/linux README.md; }
	printf '`a_function()` in `kernel/a.c`, `a.c` and `src/one.c`; `the foo is not as it was`; `make what is not there`.\n' > README.md
	git add README.md
	names
	for wrong in 'b_function()' kernel/b.c b.c src/three.c 'the foo is not as it is' nodir/; do
		printf 'It is `%s`.\n' "$wrong" > README.md
		fails_with "^README.md:1: $(echo "$wrong" | sed 's/[().]/[&]/g'): no such (function|file|message)$" names
	done
}
