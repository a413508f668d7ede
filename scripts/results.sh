#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What was measured: a file results/NAME for each check and bench of results/checks.
#
#   results.sh run NAME COMMAND...	run it; if it succeeds, what it printed is the result (stage lines aside), or what it
#					left in build/results/NAME.body
#   results.sh list			each check, how long it took last, whether that is of today's tree, what it is
#   results.sh stale			the results that are missing, or are of another tree or other sources
#   results.sh release			make all that is stale; a run that was interrupted goes on where it was
#
# A result begins with its stamp: the hash of the patched tree, which a change of a commit message leaves as it is; the
# hash of the check's own sources; the day; how many seconds it took. RESULT_SINCE is when that began, if COMMAND is only
# the end of it.
# Exit status: run: COMMAND's; stale: 1 if there is one; release: 1 if a check fails.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
table=results/checks tab=$(printf '\t')

# row NAME: sets $make, $what and $sources
row() {
	IFS=$tab read -r _ make sources what <<-END || :
		$(grep "^$1$tab" "$table")
	END
	[ -n "$what" ] || die "$table: $1: no such check"
}

# tree_now: the hash, and `changed` if the work tree, which is what is built, is not that
tree_now() {
	git -C build/linux rev-parse 'series^{tree}' 2>/dev/null || { echo none && return; }
	git -C build/linux diff --quiet series -- || echo changed
}

# sources_now: the hash of the files in $sources, as they are
sources_now() {
	# shellcheck disable=SC2086
	git ls-files -co --exclude-standard -- $sources | sort -u | while read -r f; do
		[ ! -f "$f" ] || sha256sum "$f"
	done | sha256sum | cut -c1-40
}

# of NAME KEY: what the stamp says
of() {
	sed -n "s/^# $2: //p; /^#/!q" "results/$1" 2>/dev/null | head -n 1
}

# age NAME: empty, or why its result says nothing of what is here
age() {
	if [ ! -e "results/$1" ]; then
		echo "never made"
	elif [ "$(of "$1" tree)" != "$tree" ]; then
		echo "of another tree, $(of "$1" on)"
	elif [ "$(of "$1" sources)" != "$(sources_now)" ]; then
		echo "of other sources, $(of "$1" on)"
	fi
}

names() {
	grep -v '^#' "$table" | grep . | cut -f1
}

tree=$(tree_now | paste -sd' ' -)
case ${1-} in
run)
	name=$2
	shift 2
	# make -n runs this for the sake of $(MAKE) in the command
	flags=${MAKEFLAGS-}
	case ${flags%% *} in -*) ;; *n*) exec "$@" ;; esac
	row "$name"
	mkdir -p build/results
	rm -f "build/results/$name.body"
	begin=${RESULT_SINCE:-$(date +%s)} rc=0 sources_then=$(sources_now)
	{ "$@" || echo $? >"build/results/$name.rc"; } | tee "build/results/$name.said"
	if [ -e "build/results/$name.rc" ]; then
		rc=$(cat "build/results/$name.rc")
		rm "build/results/$name.rc"
		exit "$rc"
	fi
	[ -e "build/results/$name.body" ] || grep -vE '^\[ *[0-9]+ s\] |^make' "build/results/$name.said" \
		>"build/results/$name.body" || die "$name: said nothing"
	{
		echo "# made by: make $make"
		echo "# tree: $tree"
		echo "# sources: $sources_then"
		echo "# on: $(TZ=UTC date +%Y-%m-%d)"
		echo "# took: $(($(date +%s) - begin)) s"
		echo
		cat "build/results/$name.body"
	} >"build/results/$name.new"
	mv "build/results/$name.new" "results/$name"
	;;
list)
	for name in $(names); do
		row "$name"
		took=$(of "$name" took)
		printf '  %-22s %8s  %s%s\n' "$make" "${took:--}" "$what" "$(age "$name" | sed 's/^/ (/; s/$/)/')"
	done
	;;
stale)
	rc=0
	for name in $(names); do
		row "$name"
		why=$(age "$name")
		[ -z "$why" ] || { echo "results/$name: $why: make $make" && rc=1; }
	done
	exit "$rc"
	;;
release)
	failed=
	for name in $(names); do
		row "$name"
		[ -n "$(age "$name")" ] || continue
		say release "make $make"
		# shellcheck disable=SC2086
		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory $make || failed="$failed $name"
	done
	[ -z "$failed" ] || die "release: failed:$failed"
	scripts/results.sh stale
	;;
*) die "usage: results.sh run NAME COMMAND... | list | stale | release" ;;
esac
