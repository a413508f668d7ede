#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build each deliberate fault of tests/torture/faults/*.patch into the kernel, and see what finds it: the selftests of
# magic kfuncs, the test of filters in tests/vm/register.sh, 1,000 random programs, the sample of `make stock` that
# VM_JUDGE has. First they all have to pass without a fault, or what they say means nothing.
#
#   tests/torture/faults.sh DIR VM SELFTESTS
#
# DIR receives faults.txt, a line for each fault and what found it; VM has base.cpio and gen_init_cpio; SELFTESTS is
# where vm/selftests.sh builds. $MAKE builds the kernel and the tests; VM_KERNEL, VM_STOCK, VM_SRC, VM_TESTMOD, VM_LIBBPF and the
# others are for tests/vm/. The kernel's source, VM_SRC, has the fault while it is tested and is put back at the end.
# Exit status: 0 when each fault was found; 1 otherwise, with a line on stderr.
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

# detect: sets $found to what fails, or to nothing
detect() {
	# magic_kfunc_diff_obj, several minutes under TCG, compares what the fuzzer compares
	grep -E '^(magic_kfunc|kfunc_prog_aux|refcounted_kptr|local_kptr)' "$selftests/jobs" | grep -v '^magic_kfunc_diff_obj' \
		> "$dir/jobs" || die "$selftests/jobs: no tests of magic kfuncs"
	echo "file /etc/jobs $dir/jobs 644 0 0" > "$dir/list"
	"$vm/gen_init_cpio" -t 0 "$dir/list" > "$dir/jobs.cpio"
	found=
	# the jobs of the last archive are those that count
	VM_TIMEOUT=900 "$here/../../vm/boot.sh" test "$dir/vm" "$VM_KERNEL" "$vm/base.cpio" "$vm/tests.cpio" "$dir/jobs.cpio" \
		> "$dir/boot.log" 2>&1 || {
		found=$(tr -d '\r' < "$dir/vm/results" | sed -n 's/^@end \([^ ]*\) status=\([^0].*\|0.\)$/\1/p' | tr '\n' ' ')
		[ -n "$found" ] || found="guest ($(tail -n 1 "$dir/boot.log")) "
	}
	"$here/../vm/register.sh" register_filter > "$dir/filter.txt"
	! grep -q '^FAIL' "$dir/filter.txt" || found="${found}register.sh "
	"$here/guest.sh" fuzz "$dir/fuzz" "$vm" "$VM_KERNEL" "$VM_TESTMOD" "$VM_LIBBPF" "$VM_SRC/tools/include/uapi" \
		1 1000 2> "$dir/fuzz.err" ||
		found="${found}fuzzer ($(sed 's/^torture: //; s/^\(DISAGREE seed [0-9]*\): .*/\1/; s/; see .*//; q' \
			"$dir/fuzz.err"; grep -aom1 'Comm: fuzz-[0-9]*' "$dir/fuzz/vm/console.log" || :))"
	LIMIT=1200 "$here/../../checks/stock/judge.sh" run "$VM_JUDGE" "$vm" "$VM_KERNEL" fault
	"$here/../../checks/stock/judge.sh" compare "$VM_JUDGE" "$here/../../checks/stock/excuses" "$VM_JUDGE/rows-base" \
		"$VM_JUDGE/rows-fault" > "$dir/judge.txt" ||
		found="${found}judge ($(sed -n 's/^the first difference is in //p' "$dir/judge.txt"))"
}

"$here/../../checks/stock/judge.sh" run "$VM_JUDGE" "$vm" "$VM_STOCK" base
build "without a fault"
detect
[ -z "$found" ] || die "without a fault: $found"
missed=0
for patch in "$here"/faults/*.patch; do
	name=${patch##*/} name=${name%.patch}
	git -C "$VM_SRC" apply "$patch" || die "$patch: does not apply"
	fault=$patch
	build "$name"
	detect
	restore
	[ -n "$found" ] || missed=$((missed + 1))
	printf '%s\t%s\n' "$name" "${found:-NOT FOUND}" | tee -a "$dir/faults.new"
done
build "without a fault"
mv "$dir/faults.new" "$dir/faults.txt"
[ "$missed" -eq 0 ] || die "$missed faults were not found"
