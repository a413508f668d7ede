#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build each deliberate fault of checks/torture/faults/*.patch into the kernel, and see what finds it: the selftests of
# magic kfuncs, the test of filters in tests/vm/register.sh, 1,000 random programs, the sample of `make stock` that
# VM_JUDGE has. First they all have to pass without a fault, or what they say means nothing.
#
#   checks/torture/faults.sh DIR VM SELFTESTS
#
# DIR receives faults.txt, a line for each fault and what found it; VM has base.cpio and gen_init_cpio; SELFTESTS is
# where guest/selftests.sh builds. $MAKE builds the kernel and the tests; VM_KERNEL, VM_STOCK, VM_SRC, VM_TESTMOD, VM_LIBBPF and the
# others are for tests/vm/. The kernel's source, VM_SRC, has the fault while it is tested and is put back at the end.
# Exit status: 0 when each fault was found by every test that its line `Found by:` names; 1 otherwise, with a line on
# stderr; also when a guest hung, as that finds nothing.
set -eu

die() {
	echo "faults: $*" >&2
	exit 1
}

[ $# -eq 3 ] || die "usage: faults.sh DIR VM SELFTESTS"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 selftests=$3
mkdir -p "$dir"
rm -f "$dir/faults.txt" "$dir/faults.new"

build() {
	${MAKE:-make} --no-print-directory kernel "$vm/tests.cpio" > "$dir/build.log" 2>&1 ||
		die "$1: does not build; see $dir/build.log"
}

fault=
restore() {
	[ -z "$fault" ] || git -C "$VM_SRC" apply -R "$fault"
	fault=
}
trap restore EXIT
trap 'exit 1' HUP INT TERM

# detect WHAT: sets $found to what fails, or to nothing
detect() {
	# magic_kfunc_diff_obj, several minutes under TCG, compares what the fuzzer compares
	grep -E '^(magic_kfunc|kfunc_prog_aux|refcounted_kptr|local_kptr)' "$selftests/jobs" | grep -v '^magic_kfunc_diff_obj' \
		> "$dir/jobs" || die "$selftests/jobs: no tests of magic kfuncs"
	rm -rf "$dir/vm" "$dir/fuzz/vm"
	rc=0
	VM_TIMEOUT=900 "$here/../../guest/boot.sh" test "$dir/vm" "$VM_KERNEL" "$vm/base.cpio" "$vm/tests.cpio" \
		"/etc/jobs=$dir/jobs" > "$dir/boot.log" 2>&1 || rc=$?
	found=$("$here/verdict.sh" found "$dir") || found=
	[ "$rc" -eq 0 ] || [ -n "$found" ] || { [ "$1" != "$whole" ] || die "$1: $(tail -n 1 "$dir/boot.log")"; }
	"$here/../../tests/lib.sh" "$here/../../tests/vm/register.sh" register_filter > "$dir/filter.txt"
	! grep -q '^not ok' "$dir/filter.txt" || found="$found register.sh"
	"$here/guest.sh" fuzz "$dir/fuzz" "$vm" "$VM_KERNEL" "$VM_TESTMOD" "$VM_LIBBPF" "$VM_SRC/tools/include/uapi" \
		1 1000 2> "$dir/fuzz.err" || {
		[ "$1" != "$whole" ] || die "$1: $(tail -n 1 "$dir/fuzz.err")"
		grep -qE 'hung: |status=timeout' "$dir/fuzz/boot.log" || found="$found fuzzer"
	}
	LIMIT=1200 "$here/../../checks/stock/judge.sh" run "$VM_JUDGE" "$vm" "$VM_KERNEL" fault
	"$here/../../checks/stock/judge.sh" compare "$VM_JUDGE" "$here/../../checks/stock/excuses" "$VM_JUDGE/rows-base" \
		"$VM_JUDGE/rows-fault" > "$dir/judge.txt" || found="$found judge"
	# shellcheck disable=SC2086
	set -- $found
	found=$*
}

"$here/../../checks/stock/judge.sh" run "$VM_JUDGE" "$vm" "$VM_STOCK" base
whole="without a fault"
build "$whole"
detect "$whole"
[ -z "$found" ] || die "$whole: $found"
missed=0
for patch in "$here"/faults/*.patch; do
	name=${patch##*/} name=${name%.patch}
	git -C "$VM_SRC" apply "$patch" || die "$patch: does not apply"
	fault=$patch
	build "$name"
	detect "$name"
	restore
	# shellcheck disable=SC2086
	lost=$("$here/verdict.sh" missing "$patch" $found) || missed=$((missed + 1))
	printf '%s\t%s%s\n' "$name" "${found:-nothing}" "${lost:+; NOT FOUND by $(echo "$lost" | tr '\n' ' ')}" |
		tee -a "$dir/faults.new"
done
build "$whole"
mv "$dir/faults.new" "$dir/faults.txt"
[ "$missed" -eq 0 ] || die "$missed faults were not found by all that have to find them"
