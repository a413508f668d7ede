#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run one build of test_progs on the unpatched kernel and on the series, and compare.
#
#   checks/regress/run.sh DIR VM BASE SERIES [FAILS]
#
# DIR has tests/jobs and tests/files (see guest/selftests.sh), modules-base, the test modules for the base, and perhaps root,
# programs and their libraries. FAILS is the table of what fails, and why: see fails.awk.
# VM has base.cpio and gen_init_cpio. BASE and SERIES are the bzImages.
# DIR receives results-base and results-series, what the guests wrote; table, a line for each result;
# not-built, what of the plan could not be built, which has failed on both kernels; console-*.log of each boot.
#
# What the scan of the console finds is a result of its job, `console, JOB`.
# Both kernels run at the same time. A guest that dies takes nothing with it but the test that it ran: the rest runs in a new
# one. Tests with a result that differs run four more times on both, one kernel after the other, and the table then counts.
#
# Exit status: that of tests/compare.awk, 0 when nothing regressed, and 1 when a test did not build; or, with FAILS, that of
# fails.awk, 0 when FAILS names what failed; 1 with a line on stderr when a guest cannot run.
set -eu

die() {
	echo "regress: $*" >&2
	exit 1
}

[ $# -eq 4 ] || [ $# -eq 5 ] || die "usage: run.sh DIR VM BASE SERIES [FAILS]"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 base=$3 series=$4
tab=$(printf '\t')
now=$(date +%s)

say() {
	printf '[%4d s] %s\n' $(($(date +%s) - ${START:-$now})) "$*"
}

compare() {
	awk -f "$here/../../tests/test_progs.awk" -f "$here/../../tests/compare.awk" "$dir/results-base" "$dir/results-series" \
		"$dir/table" "$dir/again"
}

# run NAME KERNEL JOBS: append to DIR/results-NAME what the jobs say
run() {
	left=$dir/left-$1 guest=$dir/vm-$1
	mkdir -p "$guest"
	cp "$3" "$left"
	while [ -s "$left" ]; do
		boots=$(find "$dir" -maxdepth 1 -name "console-$1-*.log" | wc -l)
		say "guest: $1: $(wc -l < "$left") tests"
		modules='' root=''
		[ "$1" = series ] || modules=/tests=$dir/modules-base # over those of the series
		[ ! -d "$dir/root" ] || root=/=$dir/root
		VM_TIMEOUT=7200 "$here/../../guest/boot.sh" test "$guest" "$2" "$vm/base.cpio" "/tests=$dir/tests/files" \
			${modules:+"$modules"} ${root:+"$root"} "/etc/jobs=$left" > "$guest/boot.log" 2>&1 || :
		cp "$guest/console.log" "$dir/console-$1-$boots.log"
		cat "$guest/results" >> "$dir/results-$1"
		last=$(sed -n 's/^@begin //p' "$guest/results" | tail -n 1)
		[ -n "$last" ] || die "guest: $1: ran no test: $(tail -n 1 "$guest/boot.log")"
		tail -n 1 "$guest/splats" | grep -q '^scanned ' || die "guest: $1: was not scanned: $(tail -n 1 "$guest/boot.log")"
		grep -v '^scanned ' "$guest/splats" >> "$dir/splats-$1" || :
		[ "$(tail -n 1 "$guest/results")" != @done ] || break
		# the line that the guest was about to write may be cut off
		grep -q "^@end $last " "$guest/results" || printf '\n@end %s status=guest-died\n' "$last" >> "$dir/results-$1"
		say "guest: $1: died in $last"
		awk -F"$tab" -v last="$last" 'found { print } $1 == last { found = 1 }' "$left" > "$left.new"
		mv "$left.new" "$left"
	done
}

rm -f "$dir"/results-* "$dir"/splats-* "$dir"/console-*.log "$dir/table"
cp "$dir/tests/not-built" "$dir/not-built"
: > "$dir/splats-base"
: > "$dir/splats-series"
(run base "$base" "$dir/tests/jobs") &
base_pid=$!
(run series "$series" "$dir/tests/jobs") &
failed=''
for pid in $base_pid $!; do wait "$pid" || failed=1; done
[ -z "$failed" ] || exit 1
compare > "$dir/boot.log" || :
sort -u "$dir/again" | awk -F"$tab" 'NR == FNR { again[$1]; next } $1 in again' - "$dir/tests/jobs" > "$dir/jobs.again"
for _ in 1 2 3 4; do
	run base "$base" "$dir/jobs.again"
	run series "$series" "$dir/jobs.again"
done
# what the console had is a result of the job: here it can regress as any other
cut -f1 "$dir/splats-base" "$dir/splats-series" | sort -u > "$dir/splat-jobs"
for name in base series; do
	while read -r job; do
		verdict=OK
		! grep -q "^$job$tab" "$dir/splats-$name" || verdict=FAIL
		printf '@begin %s\n#1 console, %s:%s\n@end %s status=0\n' "$job" "$job" "$verdict" "$job"
	done < "$dir/splat-jobs" >> "$dir/results-$name"
	cut -f1 "$dir/not-built" | while read -r job; do
		printf '@begin %s\n#1 %s:FAIL\n@end %s status=0\n' "$job" "$job" "$job"
	done >> "$dir/results-$name"
done
status=0
compare || status=$?
if [ $# -eq 5 ]; then
	# the table also says what may differ, so it has the last word
	awk -f "$here/fails.awk" "$5" "$dir/table" && status=0 || status=$?
else
	# those that no kernel passes, where they are few: all are in the table
	[ ! -s "$dir/not-built" ] || status=1
	awk -F"$tab" '$2 == $3 && $2 != "pass" { line[++n] = sprintf("%-50s on both: %s", $1, $2) }
		END { for (i = 1; i <= n && n <= 100; i++) print line[i] }' "$dir/table"
fi
echo "$(wc -l < "$dir/tests/jobs") tests ran, $(wc -l < "$dir/not-built") did not build: see ${dir#"$PWD"/}/{table,not-built}"
exit "$status"
