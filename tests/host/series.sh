# SPDX-License-Identifier: GPL-2.0
# series.sh: host tests of scripts/series.sh and scripts/check.sh, over a toy kernel

t_tree_not_618() {
	toy
	sed -i 's/^PATCHLEVEL.*/PATCHLEVEL = 17/' "$T/tree/Makefile"
	git -C "$T/tree" commit -q -a -m old
	refuses 'tree: import: HEAD is linux 6.17.3, the series is for 6.18' scripts/series.sh apply
	same "$(find build -maxdepth 1 -name 'linux*')" ""
}

t_tree_not_a_kernel() {
	toy
	git -C "$T/tree" rm -q Makefile
	git -C "$T/tree" commit -q -m none
	refuses 'HEAD is no kernel' scripts/series.sh apply
	mkdir "$T/empty"
	LINUX_TREE=$T/empty refuses 'empty: import: not a git tree' scripts/series.sh apply
}

# nothing in patches/ is no error, and the base is the same on every machine
t_apply_nothing() {
	toy
	scripts/series.sh apply
	same "$(tip)" "$(git -C build/linux rev-parse base)"
	first=$(tip)
	rm -rf build
	HOME=/nonexistent GIT_AUTHOR_NAME=other scripts/series.sh apply
	same "$(tip)" "$first"
}

t_apply_does_not_apply() {
	toy_series
	first=$(tip)
	sed -i 's/^-50$/-51/' patches/2-magic/0001-*.patch
	refuses '^patches/2-magic/0001-kernel-Change-a-again.patch: apply: ' scripts/series.sh apply
	same "$(tip)" "$first"
	same "$(git -C build/linux status --porcelain)" ""
	fails scripts/series.sh ensure
	# and on a fresh import
	rm -rf build
	refuses '^patches/2-magic/0001-kernel-Change-a-again.patch: apply: ' scripts/series.sh ensure
	fails scripts/series.sh ensure
	cp -a "$T/patches" .
	scripts/series.sh apply
	same "$(git -C build/linux rev-list --count base..series)" 4
}

# context that differs is fuzz; patch(1) would take it
t_apply_no_fuzz() {
	toy_series
	sed -i 's/^ 49$/ 49 /' patches/2-magic/0001-*.patch
	refuses 'apply: patch failed: kernel/a.c|does not apply' scripts/series.sh apply
}

t_apply_twice() {
	toy_series
	before=$(find build/linux patches -newer "$T/patches/2-magic/cover-letter.txt" -type f ! -path '*/.git/*')
	scripts/series.sh apply >"$T/out"
	same "$(cat "$T/out")" ""
	same "$(find build/linux patches -newer "$T/patches/2-magic/cover-letter.txt" -type f ! -path '*/.git/*')" "$before"
}

# only what differs is written, so that the next kernel build is incremental
t_apply_touches_little() {
	toy_series
	find build/linux -type f ! -path '*/.git/*' -exec touch -d '2020-01-01' {} +
	rm patches/1-fixes/0002-*.patch
	scripts/series.sh apply
	same "$(find build/linux -type f -newermt 2021-01-01 ! -path '*/.git/*')" build/linux/kernel/b.c
	same "$(git -C build/linux rev-list --count base..series)" 3
}

t_apply_refuses_unexported_commit() {
	toy_series
	commit "kernel: Mine" kernel/b.c 's/^250$/mine/'
	mine=$(tip)
	refuses '^build/linux: apply: branch series has commits that were not exported' scripts/series.sh apply
	rm patches/2-magic/0002-*.patch
	refuses 'branch series has commits' scripts/series.sh ensure
	same "$(tip)" "$mine"
}

t_apply_refuses_dirty_tree() {
	toy_series
	echo mine >>build/linux/kernel/a.c
	refuses 'the work tree has changes' scripts/series.sh apply
	same "$(tail -n 1 build/linux/kernel/a.c)" mine
}

t_apply_refuses_rebase() {
	toy_series
	git -C build/linux checkout -q --detach
	refuses 'HEAD is not on branch series' scripts/series.sh apply
}

t_ensure_builds_unexported() {
	toy_series
	commit "kernel: Mine" kernel/b.c 's/^250$/mine/'
	scripts/series.sh ensure >"$T/out"
	grep -q 'built as it stands' "$T/out"
}

t_apply_another_base() {
	toy_series
	sed -i 's/^SUBLEVEL.*/SUBLEVEL = 4/' "$T/tree/Makefile"
	git -C "$T/tree" commit -q -a -m newer
	git -C build/linux branch mine
	refuses 'there are refs of yours .mine' scripts/series.sh apply
	git -C build/linux branch -q -D mine
	scripts/series.sh apply
	grep -q '^SUBLEVEL = 4' build/linux/Makefile
	same "$(git -C build/linux rev-list --count base..series)" 4
}

t_base_tree() {
	toy_series
	scripts/series.sh base
	grep -q '^10$' build/tree-base/linux/kernel/a.c
	# a check out that was interrupted
	rm -r build/tree-base/linux
	mkdir build/tree-base/linux.tmp
	scripts/series.sh base
	grep -q '^10$' build/tree-base/linux/kernel/a.c
	grep -q '^ten$' build/linux/kernel/a.c
}

# naive LINE...: build/tree-naive/linux has these
naive() {
	scripts/series.sh naive
	for line; do grep -qx "$line" build/tree-naive/linux/kernel/a.c; done
}

# the series with a patch of the benchmarks: follows both, and a patch that does not fit leaves nothing to build
t_naive_tree() {
	toy_series
	mkdir bench
	printf -- '--- a/kernel/a.c\n+++ b/kernel/a.c\n@@ -9,3 +9,3 @@\n 9\n-ten\n+naive\n 11\n' >bench/naive.patch
	naive naive ninety
	grep -q '^ten$' build/linux/kernel/a.c
	was=$(stat -c %y build/tree-naive/linux/kernel/a.c)
	naive
	same "$(stat -c %y build/tree-naive/linux/kernel/a.c)" "$was"
	sed -i s/naive/simple/ bench/naive.patch
	naive simple
	commit "kernel: Change a a fourth time" kernel/a.c 's/^80$/eighty/'
	naive eighty
	cp bench/naive.patch good
	for after in change clean; do
		[ $after = change ] || rm -r build/tree-naive/linux
		sed -i s/ten/eleven/ bench/naive.patch
		refuses 'naive.patch: does not apply to the series' scripts/series.sh naive
		fails scripts/series.sh naive
		cp good bench/naive.patch
		naive simple
	done
}

t_interrupted_import() {
	toy
	mkdir -p build/linux.tmp/.git build/linux.tmp/kernel
	echo half >build/linux.tmp/kernel/half.c
	scripts/series.sh apply
	[ ! -e build/linux/kernel/half.c ]
	[ ! -e build/linux.tmp ]
}

# killed between the new commits and the work tree, and while git am was at work
t_interrupted_apply() {
	toy_series
	new=$(tip)
	hash=$(cut -d' ' -f1 build/linux/.git/magic/applied)
	rm patches/*/*.patch
	scripts/series.sh apply
	cp -a "$T/patches" .
	echo "$hash $new" >build/linux/.git/magic/pending
	sed -i 's/^10$/ten/' build/linux/kernel/a.c
	touch build/linux/.git/index.lock
	git -C build/linux worktree add -q "$PWD/build/linux-am" base
	scripts/series.sh apply
	same "$(tip)" "$new"
	same "$(git -C build/linux status --porcelain)" ""
	same "$(git -C build/linux worktree list | wc -l)" 1
}

t_not_ours() {
	toy
	mkdir -p build/linux
	refuses '^build/linux: apply: not made by this harness' scripts/series.sh apply
}

t_export_byte_stable() {
	toy_series
	rm -rf build
	scripts/series.sh apply
	first=$(tip)
	scripts/series.sh export
	same "$(changed)" 0
	scripts/series.sh roundtrip
	rm -rf build
	scripts/series.sh apply
	same "$(tip)" "$first"
}

# what a user has set does not show, nor does git's environment in a hook
t_export_user_settings() {
	toy_series
	mkdir "$T/home"
	printf '[user]\nname = Me\nemail = me@me\n[diff]\nnoprefix = true\nalgorithm = patience\ncontext = 9\n[format]\nsignature = mine\nnumbered = true\nsubjectPrefix = RFC\n[commit]\ngpgsign = true\n[core]\nautocrlf = true\n' >"$T/home/.gitconfig"
	rm -rf build
	export HOME="$T/home" GIT_CONFIG_GLOBAL="$T/home/.gitconfig" GIT_DIR=/nonexistent GIT_AUTHOR_NAME=me
	scripts/series.sh apply
	scripts/series.sh export
	same "$(changed)" 0
}

# the first commit grows: the positions in the later patches to that file shift, their files do not change
t_export_edit_changes_one_file() {
	toy_series
	fixup 'kernel: Change a' kernel/a.c '20s/$/\nnew line\nand another/'
	refuses 'not squashed yet' scripts/series.sh export
	squash
	scripts/series.sh export
	same "$(changed)" 1
	not cmp -s patches/1-fixes/0001-kernel-Change-a.patch "$T/patches/1-fixes/0001-kernel-Change-a.patch"
	want=$(git -C build/linux rev-parse 'series^{tree}')
	scripts/series.sh roundtrip
	rm -rf build
	scripts/series.sh apply
	same "$(git -C build/linux rev-parse 'series^{tree}')" "$want"
}

# an old file that would go to another place in the new tree is not kept
t_export_position_matters() {
	toy
	printf '%s\n' a b c d e f a b c d e f a b c d e f >"$T/tree/kernel/a.c"
	git -C "$T/tree" commit -q -a -m repeats
	scripts/series.sh apply
	commit "kernel: One" kernel/b.c 's/^210$/x/' "Series: 1-fixes"
	commit "kernel: Two" kernel/a.c '9s/$/ second/'
	scripts/series.sh export
	git -C build/linux reset -q --hard base
	sed -i '1s/^/a\nb\nc\nd\ne\nf\n/' build/linux/kernel/a.c
	commit "kernel: One" kernel/b.c 's/^210$/x/'
	commit "kernel: Two" kernel/a.c '15s/$/ second/'
	want=$(git -C build/linux rev-parse 'series^{tree}')
	scripts/series.sh export
	rm -rf build
	scripts/series.sh apply
	same "$(git -C build/linux rev-parse 'series^{tree}')" "$want"
}

t_export_new_and_gone() {
	toy_series
	git -C build/linux reset -q --hard HEAD~2
	commit "kernel: New in fixes" kernel/b.c 's/^250$/new/'
	commit "kernel: New in later" kernel/b.c 's/^280$/new/' "Series: 3-later"
	scripts/series.sh export
	same "$(cd patches && echo */*.patch)" "1-fixes/0001-kernel-Change-a.patch 1-fixes/0002-kernel-Change-b.patch 1-fixes/0003-kernel-New-in-fixes.patch 3-later/0001-kernel-New-in-later.patch"
	same "$(grep -l '^Series:' patches/*/*.patch)" ""
	scripts/series.sh apply
}

t_export_which_series() {
	toy
	scripts/series.sh apply
	commit "kernel: Change a" kernel/a.c 's/^10$/ten/'
	refuses "kernel: Change a.: export: no patch says which series" scripts/series.sh export
	git -C build/linux commit -q --amend -m "kernel: Change a" -m "Series: 2-magic"
	commit "kernel: Change b" kernel/b.c 's/^210$/x/' "Series: 1-fixes"
	refuses 'belongs to 1-fixes, but stands behind' scripts/series.sh export
	same "$(find patches -type f)" ""
}

t_export_keeps_edited_patches() {
	toy_series
	sed -i 's/^Why it is so/Why it was so/' patches/1-fixes/0001-*.patch
	refuses 'patches: export: not the patches that were applied' scripts/series.sh export
	same "$(changed)" 1
	scripts/series.sh apply
	scripts/series.sh export
	same "$(changed)" 1
}

t_export_refuses_lossy_message() {
	toy
	scripts/series.sh apply
	commit "kernel: Change a" kernel/a.c 's/^10$/ten/' "Series: 1-fixes
diff --git a/kernel/b.c b/kernel/b.c
--- a/kernel/b.c
+++ b/kernel/b.c
@@ -1 +1 @@
-200
+2000"
	refuses 'does not give its commit back' scripts/series.sh export
	same "$(find patches -type f)" ""
}

t_roundtrip_finds_edits() {
	toy_series
	printf -- '-- \n2.39.5\n' >>patches/1-fixes/0001-kernel-Change-a.patch
	refuses '^patches/1-fixes/0001-kernel-Change-a.patch: roundtrip: differs' scripts/series.sh roundtrip
	cp "$T"/patches/1-fixes/0001-* patches/1-fixes/
	mv patches/1-fixes/0002-kernel-Change-b.patch patches/1-fixes/0005-b.patch
	refuses 'roundtrip: < ./1-fixes/0005-b.patch' scripts/series.sh roundtrip
}

# the line of the README, on a clean check out of the real base, without this repository's settings
t_git_am_line() {
	linux=$ROOT/build/linux
	(cd "$ROOT" && find patches -name '*.patch' -exec sed -n 's|^diff --git a/\(.*\) b/\(.*\)$|\1\n\2|p' {} +) | sort -u >"$T/touched"
	[ -s "$T/touched" ] || { echo "patches/ is empty" && return 1; }
	git -C "$linux" ls-tree -r --name-only base | sort | comm -12 - "$T/touched" >"$T/files"
	mkdir tree
	# archive refuses a path that base has not, and takes them from no file
	tr '\n' '\0' <"$T/files" | xargs -0 git -C "$linux" archive base -- | tar -xf - -C tree
	git init -q tree
	git -C tree add -Af
	git -C tree commit -q --allow-empty -m base
	ln -s "$ROOT/patches" tree/patches
	cd tree || return 1
	git am -q patches/*/*.patch
	while read -r f; do
		same "$(git rev-parse -q --verify "HEAD:$f" || echo gone)" \
			"$(git -C "$linux" rev-parse -q --verify "$(cut -d' ' -f2 "$linux/.git/magic/applied"):$f" || echo gone)"
	done <"$T/touched"
}

# toy_check: toy_series with a mirror that has two more releases
toy_check() {
	toy_series
	mirror 6.18.3 6.18.2 6.18.1
	export LINUX_TREE="$T/tree"
	mkdir results bench docs
	printf 'x.txt\tx\tlinux.mk\ta check\n' >results/checks
	echo '# none' >results/constants
	echo '345 passed' >results/x.txt
	echo '345 of them; `kernel/a.c`' | tee README.md >docs/x.md
	git init -q .
	echo build >.gitignore
}

t_check_passes() {
	toy_check
	rm "$pool/linux_6.18.1.orig.tar.xz"
	scripts/check.sh >"$T/out" || { cat "$T/out" && { grep "^not ok" "$T/out" || :; } && return 1; }
	grep -q '^ok [0-9]* - series: applies to linux 6.18.1 # SKIP .*the mirror has not got it' "$T/out"
	grep -q '^ok [0-9]* - series: applies to linux 6.18.2' "$T/out"
	grep -qE '^check: [0-9]+ passed, 0 failed, 1 skipped$' "$T/out"
}

# a tree that has one patch of the series, and another change where the last one wants to go
t_check_names_patches_of_the_tree() {
	toy_check
	scripts/check.sh >"$T/out" || { cat "$T/out" && return 1; }
	grep -q '^ok [0-9]* - series: applies to LINUX_TREE' "$T/out"
	git -C "$T/tree" apply "$PWD"/patches/1-fixes/0002-*.patch
	sed -i 's/^90$/91/' "$T/tree/kernel/a.c"
	git -C "$T/tree" commit -q -a -m "a stable release"
	fails scripts/check.sh
	grep -A 9 '^not ok [0-9]* - series: applies to LINUX_TREE' "$T/out" | grep '^#   ' >"$T/named"
	same 2 "$(wc -l <"$T/named")"
	grep -q '1-fixes/0002-.*.patch: is there already$' "$T/named"
	grep -q '2-magic/0002-.*.patch: does not apply: kernel/a.c:87: hunk 1: context changed$' "$T/named"
}

t_check_finds() {
	toy_check
	sed -i 's/^50$/51/' "$T/linux-6.18.1/kernel/a.c"
	tar -C "$T" -cJf "$pool/linux_6.18.1.orig.tar.xz" linux-6.18.1
	sed -i "s/^\(.*6.18.1\) .*/\1 $(sha256sum <"$pool/linux_6.18.1.orig.tar.xz" | cut -d' ' -f1)/" linux.mk
	rm patches/2-magic/cover-letter.txt
	sed -i 's/^Why it is so/Signed-off-by: me\nUGLY/' patches/1-fixes/0001-*.patch
	sed -i 's/^Subject: .*/Subject: [PATCH] does something./' patches/1-fixes/0002-*.patch
	printf 'echo $1\nfalse |%s ! true\n' '|' >>scripts/stage.sh # in two pieces, or it would be found here
	echo "http://ftp.debian.""org" >README.md
	echo '346 of them; `kernel/c.c`' >docs/x.md
	mkdir -p tests checks/torture/faults
	printf -- '--- a/kernel/a.c\n+++ b/kernel/a.c\n@@ -1 +1 @@\n-not there\n+fault\n' >checks/torture/faults/1-x.patch
	cp checks/torture/faults/1-x.patch bench/naive.patch
	printf 'NOTHING\t*\tfor no reason\n' >tests/checkpatch.ignore
	printf '# x\nkernel: Change a\tadd()\nkernel: Nothing\tsub()\t6.18.1\n' >patches/fixes
	fails scripts/check.sh
	cat "$T/out"
	for want in 'everything is exported' 'shape of patches' subjects 'trailers and authors' 'round trip' \
		'applies to linux 6.18.1' checkpatch 'deliberate faults' shellcheck "'! command'" \
		"registry's host name" 'figures are' 'functions, files'; do
		grep -q "^not ok .*$want" "$T/out" || { echo "not found: $want" && return 1; }
	done
	grep -q 'WARNING:UGLY' "$T/out"
	grep -q '1-fixes/0001-.*.patch:[0-9]*:Signed-off-by: me$' "$T/out"
	grep -q 'patches/fixes: kernel: Change a: want subject' "$T/out"
	grep -q 'patches/fixes: kernel: Nothing: no patch' "$T/out"
	grep -q 'faults/1-x.patch: does not apply' "$T/out"
	grep -q 'bench/naive.patch: does not apply' "$T/out"
	grep -q 'NOTHING.*excuses nothing' "$T/out"
	# excused, with a reason
	printf 'UGLY\t1-fixes/*\tthe test wants it so\n' >tests/checkpatch.ignore
	fails_with '^ok [0-9]* - series: checkpatch' scripts/check.sh
}
