#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run one of the programs of this directory in a guest.
#
#   tests/torture/guest.sh WHAT DIR VM IMAGE MODULE LIBBPF UAPI [ARGUMENT...]
#
# WHAT is fuzz, nth, races, flat or chains; the arguments are for WHAT.c, the files that it needs are added here. DIR
# receives the program, and WHAT.txt, what it said; VM has base.cpio and gen_init_cpio; IMAGE is the bzImage, with its
# vmlinux where it was built, and MODULE its bpf_testmod.ko; LIBBPF is a directory with libbpf.a and include/, beside a
# bpftool, UAPI the include/uapi of the kernel's tools/. For nth, KMAKE is the command that runs the kernel's make. Exit
# status: 0 when the program has got to its end, with status 0, the guest has no leak and no splat, and, with fuzz, a fifth
# of the programs loads, with calls of each kfunc; 1 otherwise, with a line on stderr.
set -eu

die() {
	echo "torture: $*" >&2
	exit 1
}

[ $# -ge 7 ] || die "usage: guest.sh WHAT DIR VM IMAGE MODULE LIBBPF UAPI [ARGUMENT...]"
here=$(cd "$(dirname "$0")" && pwd)
what=$1 dir=$2 vm=$3 image=$4 module=$5 libbpf=$6 uapi=$7
shift 7
mkdir -p "$dir"
rm -f "$dir/$what.txt"
gcc -static -O2 -Wall -Wextra -Werror -isystem "$libbpf/include" -isystem "$uapi" -o "$dir/$what" "$here/$what.c" \
	"$libbpf/libbpf.a" -lelf -lz || die "$what.c: does not compile"
printf 'file %s %s 755 0 0\n' /etc/jobs "$dir/jobs" "/$what" "$dir/$what" /bpf_testmod.ko "$module" > "$dir/list"
case $what in
fuzz) limit=$((60 + $2 / 4)) ;;
nth)
	limit=900
	mkdir -p "$dir/module"
	cp "$here/module.c" "$dir/module/torture_kfuncs.c"
	echo 'obj-m := torture_kfuncs.o' > "$dir/module/Makefile"
	eval "$KMAKE M=$dir/module modules" > "$dir/module.log" 2>&1 || die "module.c: does not build; see $dir/module.log"
	strip --strip-debug "$dir/module/torture_kfuncs.ko"
	printf 'file %s %s 755 0 0\n' /torture_kfuncs.ko "$dir/module/torture_kfuncs.ko" >> "$dir/list"
	set -- /torture_kfuncs.ko
	;;
races) limit=$(($1 + 180)) ;;
flat) limit=$((300 + $1 / 500)) ;;
chains)
	limit=$((600 + $1 / 50))
	"${libbpf%/*}/bpftool" btf dump file "${image%/arch/*}/vmlinux" format c > "$dir/vmlinux.h" ||
		die "${image%/arch/*}/vmlinux: no BTF"
	clang-19 -target bpf -mcpu=v3 -g -O2 -Wall -Werror -D__TARGET_ARCH_x86 -I"$dir" -isystem "$libbpf/include" \
		-I"$uapi/../../testing/selftests/bpf" -o "$dir/chains.bpf.o" -c "$here/chains.bpf.c" ||
		die "chains.bpf.c: does not compile"
	printf 'file %s %s 644 0 0\n' /chains.bpf.o "$dir/chains.bpf.o" >> "$dir/list"
	set -- /chains.bpf.o "$@"
	;;
*) die "$what: unknown" ;;
esac
printf '%s\t%d\tinsmod /bpf_testmod.ko && exec /%s %s\n' "$what" "$limit" "$what" "$*" > "$dir/jobs"
"$vm/gen_init_cpio" -t 0 "$dir/list" > "$dir/$what.cpio"
VM_TIMEOUT=$((limit + 60)) "$here/../../vm/boot.sh" test "$dir/vm" "$image" "$vm/base.cpio" "$dir/$what.cpio" \
	> "$dir/boot.log" 2>&1 || {
	tr -d '\r' < "$dir/vm/results" | grep -E -A40 "^DISAGREE|^(torture|$what|insmod): " | head -n 60 >&2 || :
	die "$(tail -n 1 "$dir/boot.log"); see $dir/vm/results"
}
tr -d '\r' < "$dir/vm/results" | sed '/^@/d' > "$dir/said"
sed '/^#/d; /^$/d' "$here/../../vm/splats" > "$dir/splats"
# What is said of a failed allocation where one was made to fail is no splat: vmalloc's warning, with one trace of the
# stack, and that a module's BTF was refused for ENOMEM.
tr -d '\r' < "$dir/vm/console.log" | awk -v nth="$([ "$what" != nth ] || echo 1)" '
	nth && /vmalloc error: size/ { traces++ }
	nth && traces && /Call Trace:/ { traces--; next }
	nth && /failed to validate module \[torture_kfuncs\] BTF: -12$/ { next }
	{ print }' > "$dir/console"
# a kernel that has KCSAN and does not use it would report nothing
! grep -q 'kcsan: ' "$dir/console" || grep -q 'kcsan: enabled' "$dir/console" || die "KCSAN is not enabled in $image"
! grep -aEf "$dir/splats" "$dir/console" >&2 || die "a splat; see $dir/vm/console.log"
[ "$what" != fuzz ] || awk '/^calls in/ && $6 == 0 { print "no program with " $7 "() loads"; bad = 1 }
	/^fuzz: / { done = 1; if ($8 * 5 < $6) { print "only " $8 " of " $6 " load"; bad = 1 } }
	END { if (!done) print "it did not get to its end"; exit bad || !done }' "$dir/said" >&2 || die "see $dir/said"
mv "$dir/said" "$dir/$what.txt"
