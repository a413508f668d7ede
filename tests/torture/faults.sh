#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build each deliberate fault of tests/torture/faults/*.patch into the kernel, and see what finds it: the host's test
# of the table (tests/host/btf-table.sh), the selftests of magic kfuncs, 1,000 random programs.
#
#   tests/torture/faults.sh DIR SRC VM IMAGE SELFTESTS LIBBPF [PATCH...]
#
# DIR receives faults.txt, a line for each fault and what found it; SRC is the kernel's source, which has the fault
# while it is tested and is put back at the end; VM has base.cpio and gen_init_cpio; IMAGE is the bzImage; SELFTESTS is
# where vm/selftests.sh builds; LIBBPF is for guest.sh. $MAKE builds the kernel and the tests. Exit status: 0 when
# each fault was found; 1 otherwise, with a line on stderr.
set -eu

die() {
	echo "faults: $*" >&2
	exit 1
}

[ $# -ge 6 ] || die "usage: faults.sh DIR SRC VM IMAGE SELFTESTS LIBBPF [PATCH...]"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 src=$2 vm=$3 image=$4 selftests=$5 libbpf=$6
shift 6
[ $# -gt 0 ] || set -- "$here"/faults/*.patch
mkdir -p "$dir"
: > "$dir/faults.new"

build() {
	${MAKE:-make} --no-print-directory kernel "$selftests/jobs" > "$dir/build.log" 2>&1 ||
		die "$1: does not build; see $dir/build.log"
}

fault=
restore() {
	[ -z "$fault" ] || git -C "$src" apply -R "$fault"
	fault=
}
trap restore EXIT
trap 'exit 1' HUP INT TERM

# the selftests with these names; what failed, on stdout
selftests() {
	grep -E '^(magic_kfunc[a-z_]*|kfunc_prog_aux|wq|task_work|refcounted_kptr_impl)	' "$selftests/jobs" |
		grep -v ^magic_kfunc_diff_obj > "$dir/jobs"
	[ -s "$dir/jobs" ] || die "$selftests/jobs: no tests of magic kfuncs"
	{
		echo "file /etc/jobs $dir/jobs 644 0 0"
		for f in "$selftests"/files/*; do echo "file /tests/${f##*/} $f 755 0 0"; done
	} > "$dir/list"
	"$vm/gen_init_cpio" -t 0 "$dir/list" > "$dir/tests.cpio"
	VM_TIMEOUT=900 "$here/../../vm/boot.sh" test "$dir/vm" "$image" "$vm/base.cpio" "$dir/tests.cpio" \
		> "$dir/boot.log" 2>&1 && return
	tr -d '\r' < "$dir/vm/results" | sed -n 's/^@end \([^ ]*\) status=\([^0].*\|0.\)$/\1/p'
	grep -qaE '^@end .* status=([^0]|0.)' "$dir/vm/results" || tail -n 1 "$dir/boot.log"
}

missed=0
for patch in "$@"; do
	name=${patch##*/} name=${name%.patch}
	git -C "$src" apply "$patch" || die "$patch: does not apply"
	fault=$patch
	build "$name"
	found=$(LINUX=$src "$here/../host/btf-table.sh" | sed -n 's/^FAIL.*/btf-table/p')
	found="$found $(selftests | tr '\n' ' ')"
	if ! "$here/guest.sh" "$dir/fuzz" "$vm" "$image" "$selftests/files/bpf_testmod.ko" "$libbpf" \
		"$src/tools/include/uapi" 1 1000 2> "$dir/fuzz.err"; then
		seed=$(tr -d '\r' < "$dir/fuzz/vm/results" | sed -n 's/^DISAGREE seed \([0-9]*\):.*/\1/p' | head -n 1)
		found="$found fuzzer(${seed:-$(tail -n 1 "$dir/fuzz.err")})"
	fi
	restore
	found=$(echo "$found" | tr -s ' ' | sed 's/^ //; s/ $//')
	[ -n "$found" ] || missed=$((missed + 1))
	printf '%s\t%s\n' "$name" "${found:-NOT FOUND}" | tee -a "$dir/faults.new"
done
build "without a fault"
mv "$dir/faults.new" "$dir/faults.txt"
[ "$missed" -eq 0 ] || die "$missed of $# faults were not found"
