#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run the differential fuzzer in a guest.
#
#   tests/torture/guest.sh DIR VM IMAGE MODULE LIBBPF UAPI FIRST COUNT
#
# DIR receives the program, and fuzz.txt, what it said; VM has base.cpio and gen_init_cpio; IMAGE is the bzImage and
# MODULE its bpf_testmod.ko; LIBBPF is a directory with libbpf.a and include/, UAPI one with the kernel's user API.
# FIRST and COUNT are for tests/torture/fuzz.c. Exit status: 0 when no pair disagrees, a fifth of them loads, and there
# are calls of each kfunc in what loads, and the guest has no splat; 1 otherwise, with a line on stderr.
set -eu

die() {
	echo "torture: $*" >&2
	exit 1
}

[ $# -eq 8 ] || die "usage: guest.sh DIR VM IMAGE MODULE LIBBPF UAPI FIRST COUNT"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 image=$3 module=$4 libbpf=$5 uapi=$6
mkdir -p "$dir"
rm -f "$dir/fuzz.txt"
gcc -static -O2 -Wall -Wextra -Werror -isystem "$libbpf/include" -isystem "$uapi" -o "$dir/fuzz" "$here/fuzz.c" \
	"$libbpf/libbpf.a" -lelf -lz || die "fuzz.c: does not compile"
printf 'fuzz\t%d\tinsmod /bpf_testmod.ko && exec /fuzz %d %d\n' $((60 + $8 / 4)) "$7" "$8" > "$dir/jobs"
printf 'file %s %s 755 0 0\n' /etc/jobs "$dir/jobs" /fuzz "$dir/fuzz" /bpf_testmod.ko "$module" > "$dir/list"
"$vm/gen_init_cpio" -t 0 "$dir/list" > "$dir/fuzz.cpio"
VM_TIMEOUT=$((120 + $8 / 4)) "$here/../../vm/boot.sh" test "$dir/vm" "$image" "$vm/base.cpio" "$dir/fuzz.cpio" \
	> "$dir/boot.log" 2>&1 || {
	tr -d '\r' < "$dir/vm/results" | grep -m1 -A40 ^DISAGREE >&2 || :
	die "$(tail -n 1 "$dir/boot.log"); see $dir/vm/results"
}
tr -d '\r' < "$dir/vm/results" | sed '/^@/d' > "$dir/fuzz.txt"
sed '/^#/d; /^$/d' "$here/../../vm/splats" > "$dir/splats"
! grep -aEf "$dir/splats" "$dir/vm/console.log" >&2 || die "a splat; see $dir/vm/console.log"
awk '/^calls in/ && $6 == 0 { print "no program with " $7 "() loads"; bad = 1 }
	/^fuzz: / { done = 1; if ($8 * 5 < $6) { print "only " $8 " of " $6 " load"; bad = 1 } }
	END { if (!done) print "it did not get to its end"; exit bad || !done }' "$dir/fuzz.txt" >&2 || die "see $dir/fuzz.txt"
