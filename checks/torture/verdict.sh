#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a guest found of a deliberate fault, and whether that is what had to be found.
#
#   verdict.sh found DIR		names what failed in the guest that left its results, splats and boot.log in DIR: tests,
#				`console` for a splat, `panic`. A test that ran into its time limit is no finding, and a
#				guest that hung finds nothing: that is an error.
#   verdict.sh missing PATCH NAME...	names the tests of PATCH's line `Found by:` that are not among the NAMEs
#
# Exit status: 0; 1 when the guest hung, when a test is missing, or when PATCH has no such line.
set -eu

die() {
	echo "verdict: $*" >&2
	exit 1
}

case ${1-} in
found)
	dir=$2
	! grep -q ': guest: hung: ' "$dir/boot.log" || die "$(tail -n 1 "$dir/boot.log")"
	! grep -q 'Kernel panic - not syncing' "$dir/boot.log" || echo panic
	[ ! -e "$dir/vm/results" ] || tr -d '\r' < "$dir/vm/results" |
		sed -n '/ status=timeout$/d; /^@end .* status=0$/d; s/^@end \([^ ]*\) status=.*/\1/p'
	[ ! -e "$dir/vm/splats" ] || sed -n '/^scanned /d; s/.*/console/p' "$dir/vm/splats" | head -n 1
	;;
missing)
	patch=$2
	shift 2
	want=$(sed -n '/^---/q; s/^Found by: //p' "$patch")
	[ -n "$want" ] || die "$patch: no line 'Found by:'"
	status=0
	for test in $want; do
		case " $* " in *" $test "*) ;; *) echo "$test" && status=1 ;; esac
	done
	exit "$status"
	;;
*) die "usage: verdict.sh found DIR | missing PATCH NAME..." ;;
esac
