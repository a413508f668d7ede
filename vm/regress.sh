#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run one build of test_progs on the unpatched kernel and on the series, and compare.
#
#   vm/regress.sh DIR VM COMPARE BASE SERIES
#
# DIR has tests/jobs and tests/files (see vm/selftests.sh) and modules-base, the test modules for the base.
# VM has base.cpio and gen_init_cpio. COMPARE is tests/compare.c, compiled; BASE and SERIES are the bzImages.
# DIR receives results-base and results-series, what the guests wrote; table, a line for each result;
# not-built, what of the plan could not be built; console-*.log of each boot.
#
# A guest that dies takes nothing with it but the test that it ran: the rest runs in a new one. Tests with
# a result that differs run four more times on both, and the table then counts.
#
# Exit status: that of COMPARE, 0 when nothing regressed; 1 with a line on stderr when a guest cannot run.
set -eu

die() {
	echo "regress: $*" >&2
	exit 1
}

[ $# -eq 5 ] || die "usage: regress.sh DIR VM COMPARE BASE SERIES"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 compare=$3 base=$4 series=$5
tab=$(printf '\t')
now=$(date +%s)

say() {
	printf '[%4d s] %s\n' $(($(date +%s) - ${START:-$now})) "$*"
}

# archive NAME: DIR/NAME.cpio with the tests and the modules for that kernel
archive() {
	for file in "$dir"/tests/files/*; do
		case $file in
		*.ko) [ "$1" = series ] || file=$dir/modules-base/${file##*/} ;;
		esac
		echo "file /tests/${file##*/} $file 755 0 0"
	done > "$dir/$1.list"
	"$vm/gen_init_cpio" -t 0 "$dir/$1.list" > "$dir/$1.cpio"
}

# run NAME KERNEL JOBS: append to DIR/results-NAME what the jobs say
run() {
	cp "$3" "$dir/left"
	while [ -s "$dir/left" ]; do
		boots=$((boots + 1))
		say "guest: $1: $(wc -l < "$dir/left") tests"
		echo "file /etc/jobs $dir/left 644 0 0" > "$dir/jobs.list"
		"$vm/gen_init_cpio" -t 0 "$dir/jobs.list" > "$dir/jobs.cpio"
		VM_TIMEOUT=7200 "$here/boot.sh" test "$dir/vm" "$2" "$vm/base.cpio" "$dir/$1.cpio" "$dir/jobs.cpio" \
			> "$dir/boot.log" 2>&1 || :
		cp "$dir/vm/console.log" "$dir/console-$boots-$1.log"
		cat "$dir/vm/results" >> "$dir/results-$1"
		[ "$(tail -n 1 "$dir/vm/results")" != @done ] || break
		last=$(sed -n 's/^@begin //p' "$dir/vm/results" | tail -n 1)
		[ -n "$last" ] || die "guest: $1: ran no test: $(tail -n 1 "$dir/boot.log")"
		# the line that the guest was about to write may be cut off
		grep -q "^@end $last " "$dir/vm/results" || printf '\n@end %s status=guest-died\n' "$last" >> "$dir/results-$1"
		say "guest: $1: died in $last"
		awk -F"$tab" -v last="$last" 'found { print } $1 == last { found = 1 }' "$dir/left" > "$dir/left.new"
		mv "$dir/left.new" "$dir/left"
	done
}

rm -f "$dir"/results-* "$dir"/console-*.log "$dir/table"
cp "$dir/tests/not-built" "$dir/not-built"
boots=0
archive base
archive series
run base "$base" "$dir/tests/jobs"
run series "$series" "$dir/tests/jobs"
"$compare" "$dir/results-base" "$dir/results-series" "$dir/table" "$dir/again" > "$dir/boot.log" || :
sort -u "$dir/again" | awk -F"$tab" 'NR == FNR { again[$1]; next } $1 in again' - "$dir/tests/jobs" > "$dir/jobs.again"
for _ in 1 2 3 4; do
	run base "$base" "$dir/jobs.again"
	run series "$series" "$dir/jobs.again"
done
status=0
"$compare" "$dir/results-base" "$dir/results-series" "$dir/table" "$dir/again" || status=$?
echo "$(wc -l < "$dir/tests/jobs") tests ran, $(wc -l < "$dir/not-built") did not build: see ${dir#"$PWD"/}/{table,not-built}"
exit "$status"
