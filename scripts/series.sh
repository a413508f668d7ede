#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# series.sh apply|ensure|base|naive|export|roundtrip|status: patches/ to build/linux and back
#
# build/linux is a git repository: tag `base` is the pristine kernel, branch `series` has one commit a
# patch on top. build/linux/.git/magic/ says which tarball or tree `base` is (source) and which patches
# and which commit of `series` belong together (applied: `hash commit`), and which patches give their trees (gave).
#
#   apply      make `series` equal patches/; does nothing when it is, rewrites only files that differ
#              when it is not, refuses while build/linux holds work that was not exported
#   ensure     apply for those who build: unexported work on unchanged patches/ is built as it stands
#   base       ensure, and build/tree-base/linux, a work tree of tag `base`
#   naive      ensure, and build/tree-naive/linux, a work tree of `series` as committed, with bench/naive.patch
#   export     write `series` to patches/; export VERSION: from build/linux-VERSION, which scripts/base.sh has made; if that is
#              no 6.18, write to patches-6.19/, say, the patches that do not give the same there as they are
#   roundtrip  apply in a scratch work tree, export from there, and compare with patches/
#   status     say what is where
#
# LINUX_TREE=DIR takes HEAD of a git tree as the base, LINUX_TARBALL=FILE a pinned tarball (fetch.sh).
#
# Which directory a commit goes to: the one that holds a patch of the same subject; else the one that a
# line `Series: N-name` in its message names (export strips the line); else that of the commit before.
#
# Exported patches are normalised, so that one change makes one diff: one author and date, no `index`
# lines in text diffs (blob ids change in every later patch to the same file), and a patch that differs
# from its exported self in hunk headers only keeps its bytes when it still gives the same tree.
#
# Exit status: 0, or 1 with a line on stderr; then patches/ and `series` are as they were.
# shellcheck disable=SC2086 # $linux and $state have no spaces
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

case ${2-} in *[!a-z0-9.]*) die "$2: $1: not a version" ;; esac
linux=build/linux${2:+-$2}
state=$linux/.git/magic
scratch=build/linux-am
tmp=build/series.tmp
log=build/log/series.log
index=$PWD/$tmp/index

into=patches

drop_scratch() {
	rm -rf "$scratch" "$tmp"
	[ ! -e $linux/.git ] || git -C $linux worktree prune
}
trap drop_scratch EXIT
trap 'exit 1' HUP INT TERM

commit_of() {
	git -C $linux rev-parse -q --verify "$1^{commit}"
}

applied() {
	cut -d' ' -f"$1" $state/applied
}

# put FILE TEXT: atomically
put() {
	printf '%s\n' "$2" >"$1.tmp"
	mv "$1.tmp" "$1"
}

# ---- the base

# wanted_source: what build/linux/.git/magic/source should say
wanted_source() {
	if [ -n "${LINUX_TREE:-}" ]; then
		# a directory inside of another tree has a prefix there
		git -c safe.directory='*' -C "$LINUX_TREE" rev-parse -q --verify 'HEAD^{tree}' >/dev/null 2>&1 &&
			prefix=$(git -c safe.directory='*' -C "$LINUX_TREE" rev-parse --show-prefix) || prefix=none
		[ -z "$prefix" ] ||
			die "$LINUX_TREE: import: not a git tree with a commit: LINUX_TREE wants a clone of linux"
		makefile=$(git -c safe.directory='*' -C "$LINUX_TREE" show HEAD:./Makefile 2>/dev/null) || makefile=
		version=$(printf '%s\n' "$makefile" | version_of)
		series=$(pins | head -n 1 | cut -d. -f1,2)
		case $version in
		"$series".*) ;;
		*) die "$LINUX_TREE: import: HEAD is ${version:+linux }${version:-no kernel}, the series is for $series: check out a $series release there" ;;
		esac
		echo "tree $version $(git -c safe.directory='*' -C "$LINUX_TREE" rev-parse 'HEAD^{tree}')"
	elif [ -n "${LINUX_TARBALL:-}" ]; then
		scripts/fetch.sh >&2
		awk '{ print "tarball", $1, $2 }' build/dl/current
	else
		# any pin will do when it is there already
		pins | sed 's/^/tarball /' | grep -xF "$(cat $state/source 2>/dev/null)" || echo pin
	fi
}

# import SOURCE: a new build/linux, under another name until it is complete
import() {
	want=$1
	if [ "$want" = pin ]; then
		scripts/fetch.sh
		want=$(awk '{ print "tarball", $1, $2 }' build/dl/current)
	fi
	# shellcheck disable=SC2086
	set -- $want
	say import "linux $2 ($1)"
	rm -rf $linux.tmp
	mkdir -p $linux.tmp
	# -m: files are as new as the import, so that objects of another base are rebuilt
	case $1 in
	tree) git -c safe.directory='*' -C "$LINUX_TREE" archive HEAD . | tar -xmf - -C $linux.tmp ;;
	tarball) tar -xmf "$(cut -d' ' -f3- build/dl/current)" --strip-components=1 -C $linux.tmp ;;
	esac || die "linux: import: cannot unpack $want: see above"
	git init -q -b base $linux.tmp
	git -C $linux.tmp config user.name "$GIT_AUTHOR_NAME"
	git -C $linux.tmp config user.email "$GIT_AUTHOR_EMAIL"
	git -C $linux.tmp config core.autocrlf false
	git -C $linux.tmp config gc.auto 0
	git -C $linux.tmp -c core.looseCompression=1 add -Af
	git -C $linux.tmp commit -q -m "Linux $2"
	git -C $linux.tmp checkout -q -b series
	git -C $linux.tmp branch -q -D base
	git -C $linux.tmp tag base
	mkdir $linux.tmp/.git/magic
	put $linux.tmp/.git/magic/source "$want"
	put $linux.tmp/.git/magic/applied "$(: | sha256sum | cut -d' ' -f1) $(git -C $linux.tmp rev-parse base)"
	rm -rf $linux build/tree-base/linux build/tree-naive/linux build/linux-base build/linux-naive
	mv $linux.tmp $linux
}

# unexported: print what build/linux holds that patches/ does not; nothing when it holds nothing
unexported() {
	if [ "$(git -C $linux symbolic-ref -q HEAD)" != refs/heads/series ]; then
		echo "HEAD is not on branch series (a rebase under way?)"
	elif [ -e $linux/.git/sequencer ] || [ -e $linux/.git/CHERRY_PICK_HEAD ]; then
		echo "HEAD is amid a cherry-pick"
	elif [ "$(commit_of series)" != "$(applied 2)" ]; then
		echo "branch series has commits that were not exported"
	elif [ -n "$(git -C $linux status --porcelain -uno)" ]; then
		echo "the work tree has changes that were not committed"
	fi
}

# own_refs: branches and stashes that a new import would lose
own_refs() {
	git -C $linux for-each-ref --format='%(refname:short)' refs/heads refs/stash | grep -vx series | tr '\n' ' '
}

ensure_base() {
	want=$(wanted_source)
	if [ -e $linux ]; then
		[ -e $state/source ] || die "$linux: apply: not made by this harness: move it away"
		finish_pending
		[ "$(cat $state/source)" != "$want" ] || return 0
		why=$(unexported)
		[ -z "$why" ] || die "$linux: import: another base is asked for, but $why: make export first"
		why=$(own_refs)
		[ -z "$why" ] || die "$linux: import: another base is asked for, but there are refs of yours ($why): move $linux away"
	fi
	import "$want"
}

# ---- applying

# am_scratch: patches/ on `base` with git am, in a linked work tree that holds no file but those touched
am_scratch() {
	drop_scratch
	mkdir -p $tmp
	git -C $linux worktree add -q --no-checkout --detach "$PWD/$scratch" base
	sparse=$(git -C $scratch rev-parse --git-path info/sparse-checkout)
	mkdir -p "${sparse%/*}"
	touched patches | sed 's|^|/|' >"$sparse"
	git -C $scratch -c core.sparseCheckout=true -c core.sparseCheckoutCone=false read-tree -mu HEAD
	am_all $scratch $log || die "$bad: mend that patch (series is as it was, log: $log)"
}

# finish_pending: an update of the work tree that was interrupted; it was clean before
finish_pending() {
	[ -e $state/pending ] || return 0
	rm -f $linux/.git/index.lock $linux/.git/HEAD.lock $linux/.git/refs/heads/series.lock
	read -r hash tip <$state/pending
	git -C $linux reset -q --hard "$tip"
	put $state/applied "$hash $tip"
	rm $state/pending
}

# apply strict|build
apply() {
	ensure_base
	hash=$(patches_hash)
	why=$(unexported)
	if [ -n "$why" ] && [ "$1" = build ] && [ "$hash" = "$(applied 1)" ]; then
		say series "$why: built as it stands"
		return
	fi
	[ -z "$why" ] || die "$linux: apply: $why: make export, or git -C $linux reset --hard $(applied 2) to drop them"
	[ "$hash" != "$(applied 1)" ] || return 0
	say series "apply $(patch_files | wc -l) patches to linux $(cut -d' ' -f2 $state/source)"
	am_scratch
	# only files that differ are written, so the next build is incremental
	put $state/pending "$hash $(git -C $scratch rev-parse HEAD)"
	finish_pending
}

base() {
	apply build
	[ -e build/tree-base/linux/.git ] &&
		[ "$(git -C build/tree-base/linux rev-parse HEAD)" = "$(commit_of base)" ] && return
	check_out base base
}

# check_out NAME COMMIT: build/tree-NAME/linux, a new work tree of that commit
check_out() {
	say series "check out build/tree-$1/linux"
	rm -rf "build/tree-$1/linux" "build/tree-$1/linux.tmp" "build/linux-$1" # the last is where it was once
	git -C $linux worktree prune
	git -C $linux worktree add -q --detach "$PWD/build/tree-$1/linux.tmp" "$2"
	git -C $linux worktree move "$PWD/build/tree-$1/linux.tmp" "$PWD/build/tree-$1/linux"
}

naive() {
	apply build
	want="$(commit_of series) $(sha256sum <bench/naive.patch)"
	[ -e build/tree-naive/linux/.git ] && [ "$(cat $state/naive 2>/dev/null)" = "$want" ] && return
	# from here on it is not known what is there
	rm -f $state/naive
	if [ -e build/tree-naive/linux/.git ]; then
		# only files that differ are written, so the next build is incremental
		git -C build/tree-naive/linux reset -q --hard "$(commit_of series)"
	else
		check_out naive series
	fi
	git -C build/tree-naive/linux apply "$PWD/bench/naive.patch" 2>>$log ||
		die "bench/naive.patch: does not apply to the series: mend it (log: $log)"
	put $state/naive "$want"
}

# ---- exporting

# known FIELD SUBJECT: directory (1) or file (2) of the existing patch of that subject
known() {
	s=$2 awk -F'\t' -v n="$1" '$3 == ENVIRON["s"] { print $n; exit }' $tmp/known
}

# plan TIP: write $tmp/plan, `directory commit` lines for base..TIP, with normalised commits
plan() {
	patch_files | while read -r f; do
		printf '%s\t%s\t%s\n' "$(basename "$(dirname "$f")")" "$f" "$(subject_of "$f")"
	done >$tmp/known
	: >$tmp/subjects
	git -C $linux rev-list --reverse base.."$1" >$tmp/commits
	prev=$(commit_of base) dir='' last=0
	while read -r c; do
		subject=$(git -C $linux log -1 --format=%s "$c")
		short="$(git -C $linux log -1 --format=%h "$c") ($subject)"
		case $subject in
		fixup!* | squash!* | amend!*) die "$short: export: not squashed yet: git rebase -i --autosquash base" ;;
		esac
		[ "$(git -C $linux log -1 --format=%P "$c" | wc -w)" -eq 1 ] || die "$short: export: a merge: rebase to one line of commits"
		! grep -qxF "$subject" $tmp/subjects || die "$short: export: an earlier commit has the same subject: change one"
		printf '%s\n' "$subject" >>$tmp/subjects
		git -C $linux log -1 --format=%B "$c" >$tmp/raw
		found=$(known 1 "$subject")
		[ -n "$found" ] || found=$(sed -n 's/^Series: *\([1-9][0-9]*-[a-z0-9-]*\)$/\1/p' $tmp/raw | tail -n 1)
		dir=${found:-$dir}
		[ -n "$dir" ] || die "$short: export: no patch says which series it belongs to: add a line 'Series: 1-name' to its message"
		[ "${dir%%-*}" -ge "$last" ] || die "$short: export: belongs to $dir, but stands behind a commit of a later series: reorder"
		last=${dir%%-*}
		sed '/^Series: *[1-9][0-9]*-[a-z0-9-]*$/d' $tmp/raw | git stripspace >$tmp/message
		prev=$(git -C $linux commit-tree -p "$prev" -F "$PWD/$tmp/message" "$c^{tree}")
		printf '%s %s\n' "$dir" "$prev"
	done <$tmp/commits >$tmp/plan
}

# no_index: drop the index lines of text diffs
no_index() {
	awk '
		/^diff --git / { diff = 1 }
		held != "" { if (/^GIT binary patch|^Binary files/) print held; held = "" }
		diff && /^index [0-9a-f]+\.\.[0-9a-f]+/ { held = $0; next }
		{ print }' "$1"
}

# gives FILE TREE PREVIOUS: true when FILE on the tree of commit PREVIOUS gives TREE; what did is not tried again
gives() {
	gave="$(sha256sum <"$1" | cut -d' ' -f1) $(git -C $linux rev-parse "$3^{tree}") $2"
	! grep -qxF "$gave" $state/gave 2>/dev/null || return 0
	GIT_INDEX_FILE=$index git -C $linux read-tree "$3"
	GIT_INDEX_FILE=$index git -C $linux apply --allow-empty --cached "$PWD/$1" 2>/dev/null || return 1
	[ "$(GIT_INDEX_FILE=$index git -C $linux write-tree)" = "$2" ] || return 1
	echo "$gave" >>$state/gave
}

# export_to DIR TIP: write base..TIP to DIR, as patches/ should be; the cover letters are not touched
export_to() {
	out=$1
	rm -rf "$out"
	mkdir -p "$out"
	plan "$2"
	prev=$(commit_of base) dir='' n=0
	while read -r d c; do
		if [ "$d" != "$dir" ]; then
			dir=$d n=0
			mkdir -p "$out/$d"
		fi
		n=$((n + 1))
		# --always: one that changes nothing; -N: no n/m, a new patch must not change the others; --zero-commit, --no-signature: no
		# commit id and no git version in the files; -M and the prefixes: whatever the user set
		f=$(git -C $linux format-patch -1 --always -N --start-number=$n --zero-commit --no-signature --abbrev=12 \
			-M --diff-algorithm=myers --src-prefix=a/ --dst-prefix=b/ --no-color -o "$PWD/$out/$d" "$c" </dev/null)
		f=$out/$d/${f##*/}
		no_index "$f" >$tmp/new
		mv $tmp/new "$f"
		tree=$(git -C $linux rev-parse "$c^{tree}")
		subject=$(subject_of "$f")
		old=$(known 2 "$subject")
		if [ -n "$old" ] && ! cmp -s "$old" "$f" &&
			{ [ $into != patches ] || [ "$(positions "$old")" = "$(positions "$f")" ]; } &&
			gives "$old" "$tree" "$prev"; then
			cp "$old" "$f"
		else
			gives "$f" "$tree" "$prev" ||
				die "$(basename "$f"): export: does not give its commit back when it is applied: is there a diff in the message?"
		fi
		prev=$c
	done <$tmp/plan
	tip=$prev
}

do_export() {
	[ -e "$state/source" ] || die "$linux: export: not there: make ${1:+base VERSION=}${1:-apply} first"
	finish_pending
	why=$(unexported)
	case $why in
	HEAD* | *work\ tree*) die "$linux: export: $why: finish that first" ;;
	esac
	hash=$(patches_hash)
	[ "$hash" = "$(applied 1)" ] || [ -n "${FORCE:-}" ] ||
		die "patches: export: not the patches that were applied, they would be overwritten: make apply, or FORCE=1"
	drop_scratch
	mkdir -p $tmp/out
	head=$(commit_of series)
	if [ -n "$1" ] && other=$(cut -d' ' -f3 $state/source) && [ "$other" != "$(pins | head -n 1 | cut -d. -f1,2)" ]; then
		into=patches-$other
	fi
	export_to $tmp/out "$head"
	changed=0
	for f in $([ $into = patches ] || patch_files); do
		! cmp -s "$tmp/out/${f#*/}" "$f" || rm "$tmp/out/${f#*/}"
	done
	for f in $(patch_files $into); do
		[ ! -e "$tmp/out/${f#*/}" ] || continue
		echo "removed $f"
		rm "$f"
		changed=$((changed + 1))
	done
	for f in $(cd $tmp/out && find . -name '*.patch' | sort); do
		f=${f#./}
		! cmp -s "$tmp/out/$f" "$into/$f" || continue
		if [ -e "$into/$f" ]; then echo "changed $into/$f"; else echo "new     $into/$f"; fi
		mkdir -p "$into/${f%/*}"
		mv "$tmp/out/$f" "$into/$f"
		changed=$((changed + 1))
	done
	[ $into = patches ] || replaced $into >$into/replaced
	put $state/applied "$(patches_hash) $head"
	say series "exported $(patch_files $into | wc -l) patches, $changed changed"
}

# roundtrip: git am gives commits, export gives the same bytes; the commit ids agree as well, so message
# and author survive
roundtrip() {
	ensure_base
	am_scratch
	am=$(git -C $scratch rev-parse HEAD)
	export_to $tmp/out "$am"
	(cd $tmp/out && find . -name '*.patch' | sort) >$tmp/new
	patch_files | sed 's|^patches|.|' >$tmp/old
	cmp -s $tmp/new $tmp/old || die "patches: roundtrip: $(diff $tmp/old $tmp/new | grep '^[<>]' | head -n 1) (< is there, > would be exported): make apply export"
	while read -r f; do
		cmp -s "$tmp/out/$f" "patches/$f" || die "patches/${f#./}: roundtrip: differs from its export: make apply export"
	done <$tmp/new
	[ "$tip" = "$am" ] || die "patches: roundtrip: git am gives $am, export came from $tip: a message or an author is not preserved"
}

status() {
	[ -e $state/source ] || die "$linux: status: not there: make apply"
	echo "base:    $(cat $state/source)"
	echo "series:  $(git -C $linux rev-list --count base..series) commits, patches/ has $(patch_files | wc -l)"
	[ "$(patches_hash)" = "$(applied 1)" ] || echo "patches/ changed since they were applied: make apply"
	why=$(unexported)
	[ -z "$why" ] || echo "unexported: $why: make export"
}

# one at a time: check, a build and export share the scratch tree
mkdir -p build/log
exec 9>build/log/series.lock
flock 9
case ${1:-} in
apply) apply strict ;;
ensure) apply build ;;
base) base ;;
naive) naive ;;
export) do_export "${2-}" ;;
roundtrip) roundtrip ;;
status) status ;;
*) die "usage: series.sh apply|ensure|base|naive|export [VERSION]|roundtrip|status" ;;
esac
