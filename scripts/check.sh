#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh: is the series fit to be posted, and the repository in order?
# Prints KTAP, what is wrong as comments, and `check: N passed, N failed, N skipped`; a check that could not run has failed, but
# for releases that cannot be fetched, which are skipped by name. Exit status: 0 when none failed.
# tests/checkpatch.ignore has the exceptions to checkpatch: `TYPE<TAB>patch glob<TAB>reason`; one that is not
# used is a failure.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

linux=build/linux
work=build/check
ignore=tests/checkpatch.ignore
tab=$(printf '\t')
passed=0 failed=0 skipped=0

# check NAME FUNCTION [ARG...]: FUNCTION's output is the reason; status 77 means skipped
check() {
	name=$1
	shift
	set +e # in a list with || the shell would not stop at an error inside
	(set -e && "$@") >$work/out 2>&1
	rc=$?
	set -e
	case $rc in
	0) passed=$((passed + 1)) && echo "ok $((passed + failed + skipped)) - $name" ;;
	77) skipped=$((skipped + 1)) && echo "ok $((passed + failed + skipped)) - $name # SKIP $(tail -n 1 $work/out)" ;;
	*)
		failed=$((failed + 1))
		echo "not ok $((passed + failed + skipped)) - $name"
		grep . $work/out | sed 's/^/#   /' || echo "#   exit status $rc"
		;;
	esac
}

# The functions below print what is wrong; none() makes a print a failure.
none() {
	"$@" >$work/wrong
	if grep . $work/wrong; then return 1; fi
}

shape() {
	[ -n "$(patch_files)" ] || echo "patches: there are none"
	n=0
	for d in $(find patches -mindepth 1 -maxdepth 1 ! -name fixes -printf '%f\n' | sort -n); do
		n=$((n + 1))
		expr "$d" : "$n-[a-z][a-z0-9-]*\$" >/dev/null || echo "patches/$d: want the name $n-something"
		[ -s "patches/$d/cover-letter.txt" ] || echo "patches/$d: cover-letter.txt is missing"
		[ "$(find "patches/$d" -name '*.patch' | wc -l)" -le 15 ] || echo "patches/$d: more than 15 patches"
		find "patches/$d" -mindepth 1 ! -name '0*.patch' ! -name cover-letter.txt -printf '%p: does not belong here\n'
	done
}

subjects() {
	patch_files | while read -r f; do
		s=$(subject_of "$f")
		[ ${#s} -le 75 ] || echo "$f: subject: ${#s} characters, 75 is the limit"
		printf '%s\n' "$s" | grep -qE '^[a-z][a-zA-Z0-9_/.,{}-]*(, [a-z0-9_/]+)*: [^ ].*[^.]$' ||
			echo "$f: subject: want 'subsystem: what it does', without a full stop"
	done
}

trailers() {
	: >$work/subjects
	patch_files | while read -r f; do
		grep -HnE '^(Fixes|Signed-off-by|Co-developed-by|Series|Link):' "$f" || :
		grep -HnE '^(From|Date): ' "$f" | grep -vE ":(From: $GIT_AUTHOR_NAME <$GIT_AUTHOR_EMAIL>|Date: Thu, 1 Jan 2026 00:00:00 \+0000)\$" || :
		subject_of "$f" >>$work/subjects
	done
	[ ! -e patches/fixes ] || awk -F'\t' 'NR == FNR { has[$0]; next } /^#|^$/ { next }
		!($1 in has) { print FILENAME ": " $1 ": no patch has this subject" }
		NF < 3 || NF > 4 { print FILENAME ": " $1 ": want subject<TAB>functions<TAB>first release<TAB>hash, if known" }' $work/subjects patches/fixes
}

# checkpatch: its verdict on a patch is kept by the hash of the patch and of checkpatch.pl
checkpatch() {
	mkdir -p $work/checkpatch
	: >$work/used
	patch_files | while read -r f; do
		sum=$(cat "$f" $linux/scripts/checkpatch.pl | sha256sum)
		verdict=$work/checkpatch/${sum%% *}
		if [ ! -e "$verdict" ]; then
			rc=0
			patch=$PWD/$f
			# Debian's python3 first, it has the modules that spdxcheck.py wants
			(cd $linux && PATH=/usr/bin:$PATH perl scripts/checkpatch.pl --no-signoff --terse --show-types --no-summary \
				--color=never "$patch") >$work/verdict 2>&1 </dev/null || rc=$?
			[ "$rc" -le 1 ] || { echo "$f: checkpatch.pl: exit status $rc"; continue; }
			[ "$rc" -eq 0 ] || grep -qE '(ERROR|WARNING):' $work/verdict || { cat $work/verdict; continue; }
			mv $work/verdict "$verdict"
		fi
		sed "s|^.*/patches/|patches/|" "$verdict" | while read -r line; do
			excused "$f" "$line" || printf '%s\n' "$line"
		done
	done
	exceptions | while read -r glob_type; do
		grep -qxF "$glob_type" $work/used || echo "$ignore: $glob_type: excuses nothing: drop it"
	done
}

exceptions() {
	[ ! -e $ignore ] || grep -v '^#' $ignore | grep . | cut -f1,2
}

# excused PATCH LINE
excused() {
	exceptions >$work/exceptions
	while IFS=$tab read -r type glob; do
		# shellcheck disable=SC2254
		case ${1#patches/} in
		$glob) case $2 in *:"$type":*)
			printf '%s\t%s\n' "$type" "$glob" >>$work/used
			return 0
			;;
		esac ;;
		esac
	done <$work/exceptions
	return 1
}

reasons() {
	[ ! -e $ignore ] || awk -F'\t' '/^#|^$/ { next } NF != 3 || length($3) < 10 { print FILENAME ": " $0 ": want TYPE<TAB>glob<TAB>reason" }' $ignore
}

# scripts: everything with a shell on its first line, and the sourced library
scripts() {
	find . \( -path ./build -o -path ./.git \) -prune -o -type f -print | while read -r f; do
		case $f in *.sh) echo "$f" ;; *) head -n 1 "$f" | grep -aqE '^#!.*[/ ](ba)?sh$' && echo "$f" ;; esac || :
	done | sort
}

shells() {
	scripts | xargs shellcheck -x
}

# bangs: `! command` does not stop a script under set -e, wherever it stands by itself
bangs() {
	scripts | xargs grep -nE '^[[:space:]]*! |(;|&&|[|][|]|do|then|[{]) ! ' /dev/null |
		grep -vE '(if|while|until|elif) .*! |! .*[|][|] ' || :
}

# registries: nothing in the repository says where packages come from; apt is asked for its own hosts
registries() {
	{
		# shellcheck disable=SC2016
		apt-get indextargets --format '$(SITE)' 2>/dev/null | sed 's|^[a-z]*://||; s|/.*||; s|\.|[.]|g' | grep '[.]' | sort -u || :
		printf '%s\n' 'debian[.](org|net)' 'ubuntu[.]com' 'npmjs[.]' 'pypi[.]' 'pythonhosted[.]' 'proxy[.]golang' \
			'crates[.]io' '[.][.]/shared'
	} >$work/hosts
	grep -rnE --exclude-dir=build --exclude-dir=.git -f $work/hosts . || :
}

exported() {
	scripts/series.sh status >$work/status || { cat $work/status && return 1; }
	grep -E '^(unexported|patches/ changed)' $work/status || :
}

# applies VERSION: skipped when it cannot be fetched
applies() {
	rc=0
	scripts/base.sh --check "$1" || rc=$?
	case $rc in 2 | 3) return 77 ;; esac
	return $rc
}

# docs: nothing to build where no patch touches it
docs() {
	touched patches | grep -q '^Documentation/' || return 0
	scripts/series.sh base
	scripts/check-docs.sh $linux build/tree-base/linux $work/docs
}

# extras: the patches of make torture-faults and make bench still fit the series
extras() {
	for f in checks/torture/faults/*.patch bench/naive.patch; do
		[ ! -e "$f" ] || git -C $linux apply --check "$PWD/$f" 2>/dev/null || echo "$f: does not apply to the series"
	done
}

# what the texts give: numbers that a result has, names that the patched tree or the repository has
figures() {
	# shellcheck disable=SC2046
	scripts/figures.py figures $(find results bench -name '*.txt' -o -name '*.csv' | sort) -- \
		README.md docs/*.md $(find patches -name cover-letter.txt | sort) || return 1
}

names() {
	scripts/figures.py names $linux README.md docs/*.md
}

[ -e $linux/.git/magic/source ] || die "$linux: check: not there: make apply first"
mkdir -p $work
echo "KTAP version 1"
base=$(cut -d' ' -f1,2 $linux/.git/magic/source)

check "series: everything is exported" none exported
check "series: shape of patches/" none shape
check "series: subjects" none subjects
check "series: trailers and authors" none trailers
check "series: round trip on linux ${base#* }" scripts/series.sh roundtrip
for v in $(pins_of linux | cut -d' ' -f1); do
	[ "$base" = "tarball $v" ] || check "series: applies to linux $v" applies "$v"
done
[ -z "${LINUX_TREE:-}" ] || check "series: applies to LINUX_TREE, and nothing of it is there already" scripts/base.sh --check
check "series: checkpatch" none checkpatch
check "checkpatch: exceptions have reasons" none reasons
check "series: documentation" docs
check "series: the deliberate faults and the naive look-up apply" none extras
check "repository: shellcheck" shells
check "repository: no '! command' that set -e does not see" none bangs
check "repository: no registry's host name" none registries
check "texts: figures are those of results/" figures
check "texts: functions, files and messages are those of the patched tree" names

stale=$(scripts/results.sh stale | wc -l)
[ "$stale" -eq 0 ] || echo "# $stale results are not of this tree, or were never made: make stale lists them"
echo "1..$((passed + failed + skipped))"
echo "check: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
