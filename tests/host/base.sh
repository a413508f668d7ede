# SPDX-License-Identifier: GPL-2.0
# base.sh: host tests of scripts/base.sh and of make export VERSION, over a toy kernel

# other SED-SCRIPT FILE: the toy kernel changes, after toy_series
other() {
	sed -i "$1" "$T/tree/$2"
	git -C "$T/tree" commit -q -a -m "a change of $2"
}

t_base_pinned() {
	toy_series
	mirror 6.18.3 6.18.1
	echo "LINUX_OTHER := $(tail -n 1 "$T/pins")" | sed -i -e '1s/ \\$//; 2d; 1r /dev/stdin' linux.mk
	scripts/base.sh 6.18.1 >"$T/out"
	same "$(grep -c 'patch: applies$' "$T/out")" 4
	same "$(tail -n 1 "$T/out")" "linux 6.18.1: 4 of 4 patches apply, 0 are there already, 0 do not apply, of which git merges 0 (each tried with those before it mended)"
	not [ -e build/linux-6.18.1 ]
	scripts/base.sh --check 6.18.1 >"$T/out"
	same "$(cat "$T/out")" ""
	# nothing falls back to it
	rm "$pool"/*6.18.3*
	refuses 'the mirror has none of the versions' scripts/fetch.sh
	rc=0
	scripts/base.sh 6.18.3 2>"$T/err" || rc=$?
	same "$rc" 2
	says 'linux_6.18.3.orig.tar.xz: fetch: the mirror has not got it'
	refuses '6.18.9: fetch: not a pinned version' scripts/base.sh 6.18.9
}

t_base_offsets() {
	toy_series
	other '1s/^/0\n0\n/' kernel/a.c
	scripts/base.sh >"$T/out"
	same "$(grep -c 'patch: applies, 2 lines off$' "$T/out")" 3
	grep -q '^1-fixes: 2 of 2 patches apply, 1 with offsets; 0 are there already, 0 do not apply$' "$T/out"
}

# of 1-fixes, the first is there already; a hunk of the second; another line is where 2-magic 1 wants to go, whose text the
# last one has for context; a new line stands beside what the last one changes
t_base_says_why() {
	toy_series
	fixup 'kernel: Change b' kernel/b.c '60s/$/ more/'
	fixup 'kernel: Change a a third time' kernel/a.c 's/^53$/53 too/'
	squash
	scripts/series.sh export
	other 's/^10$/ten/; s/^50$/fifty-one/; s/^89$/&\n89.5/' kernel/a.c
	other '60s/$/ more/' kernel/b.c
	git -C build/linux rev-parse HEAD >"$T/before"
	scripts/base.sh >"$T/out" 2>"$T/err"
	cat "$T/out" "$T/err"
	sed -n 's/^patches.*-kernel-\([^ ]*\).patch: /\1: /p' "$T/out" | diff - /dev/fd/3 3<<-END
		Change-a: is there already
		Change-b: does not apply: kernel/b.c:57: hunk 2: is there already; git merges it
		Change-a-again: does not apply: kernel/a.c:47: hunk 1: context changed
		Change-a-a-third-time: does not apply: kernel/a.c:87: hunk 2: context changed
	END
	tail -n 1 "$T/out" | grep -q ' 0 of 4 patches apply, 1 are there already, 3 do not apply, of which git merges 1 ('
	rc=0
	scripts/base.sh --check >"$T/wrong" || rc=$?
	same "$rc" 1
	grep '^patches' "$T/out" | diff - "$T/wrong"
	git -C build/linux rev-parse HEAD | diff - "$T/before"
	same "$(git -C build/linux status --porcelain)" ""
}

# a patch that is there already, whose context is at another place as well
t_base_twice() {
	toy_series
	other '20s/$/\n7\n8\n9\n10\n11\n12\n13/; s/^10$/ten/' kernel/a.c
	scripts/base.sh >"$T/out"
	grep -q '0001-kernel-Change-a.patch: is there already, and applies to another place: look at it$' "$T/out"
	grep -q '^1-fixes: 1 of 2 patches apply, 0 with offsets; 1 are there already, 0 do not apply$' "$T/out"
}

# a file that the other kernel lacks, and one that it has already
t_base_files() {
	toy_series
	echo new >build/linux/kernel/new.c
	git -C build/linux add kernel/new.c
	commit "kernel: New" kernel/b.c 's/^220$/x/' "Series: 3-later"
	scripts/series.sh export
	git -C "$T/tree" rm -q kernel/b.c
	echo newer >"$T/tree/kernel/new.c"
	git -C "$T/tree" add kernel/new.c
	other 's/^1$/1/' kernel/a.c || git -C "$T/tree" commit -q -m files
	scripts/base.sh >"$T/out"
	cat "$T/out"
	grep -q '0002-kernel-Change-b.patch: does not apply: kernel/b.c: No such file or directory$' "$T/out"
	grep -q '0001-kernel-New.patch: does not apply: kernel/b.c: No such file or directory; kernel/new.c: already exists in' "$T/out"
	same "$(grep -c 'patch: applies$' "$T/out")" 3
}

# what has to be mended is left where git stops, and is exported from there
t_base_mend() {
	toy_series
	other 's/^50$/fifty-one/' kernel/a.c
	scripts/base.sh >"$T/out" 2>"$T/err"
	grep -q "^build/linux-tree: stopped at 'kernel: Change a again': kernel/a.c" "$T/err"
	scripts/base.sh 2>"$T/err" >"$T/out"
	says 'build/linux-tree: is there, and left as it is'
	refuses 'build/linux-tree: export: HEAD is amid a cherry-pick' scripts/series.sh export tree
	grep -q '^<<<<<<<' build/linux-tree/kernel/a.c
	sed -i '/^<<<<<<</,/^>>>>>>>/c\fifty' build/linux-tree/kernel/a.c
	git -C build/linux-tree commit -q -a --no-edit
	refuses 'HEAD is amid a cherry-pick' scripts/series.sh export tree
	git -C build/linux-tree -c core.editor=: cherry-pick --continue
	scripts/series.sh export tree
	same "$(changed)" 1
	grep -qx -- -fifty-one patches/2-magic/0001-*.patch
	git -C build/linux reset -q --hard "$(cut -d' ' -f2 build/linux/.git/magic/applied)"
	scripts/series.sh apply
	grep -qx fifty build/linux/kernel/a.c
	scripts/base.sh | grep -q ': 4 of 4 patches apply'
	refuses 'build/linux-6.18.7: export: not there: make base VERSION=6.18.7 first' scripts/series.sh export 6.18.7
}

# replacements for another release: made by mending, used from then on, also where another patch has to be mended
t_base_instead() {
	toy_series
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 19/' "$T/tree/Makefile"
	other 's/^50$/fifty-one/; s/^90$/NINETY/' kernel/a.c
	scripts/base.sh >"$T/out"
	grep -q ': 2 of 4 patches apply, ' "$T/out"
	sed -i '/^<<<<<<</,/^>>>>>>>/c\fifty' build/linux-tree/kernel/a.c
	git -C build/linux-tree commit -q -a --no-edit
	not git -C build/linux-tree -c core.editor=: cherry-pick --continue
	git -C build/linux-tree checkout -q --ours kernel/a.c
	git -C build/linux-tree add kernel/a.c
	git -C build/linux-tree commit -q --allow-empty -m "kernel: Change a a third time"
	scripts/series.sh export tree
	same "$(changed)" 0
	same "$(echo patches-6.19/*/*)" "patches-6.19/2-magic/0001-kernel-Change-a-again.patch patches-6.19/2-magic/0002-kernel-Change-a-a-third-time.patch"
	scripts/base.sh --check >"$T/out"
	same "$(cat "$T/out")" ""
	scripts/base.sh >"$T/out"
	grep -q '^patches-6.19/2-magic/0001-kernel-Change-a-again.patch: applies$' "$T/out"
	grep -q '^patches-6.19/2-magic/0002-.*: applies; changes nothing$' "$T/out"
	grep -q '^linux 6.19.3 .* with 2 patches of patches-6.19: 4 of 4 patches apply, ' "$T/out"

	rm -r build/linux-tree
	other 's/^10$/diez/' kernel/a.c
	scripts/base.sh >"$T/out"
	grep -q ': 3 of 4 patches apply, ' "$T/out"
	sed -i '/^<<<<<<</,/^>>>>>>>/c\ten' build/linux-tree/kernel/a.c
	git -C build/linux-tree commit -q -a --no-edit
	git -C build/linux-tree -c core.editor=: cherry-pick --continue
	scripts/series.sh export tree
	same "$(find patches-6.19 -name '*.patch' | wc -l)" 3

	# it stands for another patch now
	sed -i 's/^Subject: .*/& once more/' patches/2-magic/0001-*
	fails scripts/base.sh --check
	says '^patches-6.19: base: made for what has changed since in patches/: 2-magic/0001-kernel-Change-a-again.patch: bring it along, '
	sed -i 's/ once more$//' patches/2-magic/0001-*

	sed -i 's/^-fifty-one$/-fifty-two/' patches-6.19/2-magic/0001-*
	fails scripts/base.sh --check
	same "$(cut -d: -f1,2 "$T/out" "$T/err" | grep -c '^patches-6.19/2-magic/0001-.*: does not apply')" 1
	mv patches-6.19/2-magic/0001-* patches-6.19/2-magic/0009-kernel-Change-a-again.patch
	fails scripts/base.sh --check
	says '^patches-6.19/2-magic/0009-kernel-Change-a-again.patch: base: there is no patches/2-magic/0009-'
}

# the whole of another release, with the series
t_base_other_tree() {
	toy_series
	mirror 6.18.3 6.18.1
	scripts/base.sh --tree 6.18.1 >"$T/out"
	tar -xJOf build/dl/linux_6.18.1.orig.tar.xz linux-6.18.1/MAINTAINERS | cmp - build/linux-6.18.1/MAINTAINERS
	grep -qx fifty build/linux-6.18.1/kernel/a.c
	same "$(git -C build/linux-6.18.1 rev-list --count base..series)" 4
	scripts/base.sh --tree 6.18.1 >"$T/out"
	same "$(cat "$T/out")" ""
	git -C build/linux commit -q --amend -m "kernel: Change a for the third time"
	scripts/series.sh export
	fails scripts/base.sh --tree 6.18.1
	says 'build/linux-6.18.1: base: was made from other patches'
	rm build/linux-6.18.1/Makefile
	fails scripts/base.sh --tree 6.18.1
	says 'build/linux-6.18.1: base: not a whole tree'
}

t_base_refuses() {
	toy_series
	unset LINUX_TREE
	refuses 'base: which. give VERSION=' scripts/base.sh
	LINUX_TREE=$T refuses 'HEAD is no kernel' scripts/base.sh
	export LINUX_TREE="$T/tree"
	rm patches/2-magic/0002-*.patch
	refuses 'base: not what patches/ has' scripts/base.sh
	rm -rf build/linux
	refuses 'not there: make apply first' scripts/base.sh
}
