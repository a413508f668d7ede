#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run one of the programs of this directory in a guest.
#
#   checks/torture/guest.sh WHAT DIR VM IMAGE MODULE LIBBPF UAPI [ARGUMENT...]
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
LIBBPF=$libbpf UAPI=$uapi "$here/../../scripts/cc.sh" guest "$dir/$what" "$here/$what.c" ||
	die "$what.c: does not compile"
printf 'file %s %s 755 0 0\n' /etc/jobs "$dir/jobs" "/$what" "$dir/$what" /bpf_testmod.ko "$module" > "$dir/list"
case $what in
fuzz) limit=$((60 + $2 / 4)) ;;
nth)
	limit=900
	mkdir -p "$dir/module"
	# every step of loading it can fail and is undone; bpf_testmod leaves what it has registered with sysfs
	cp "$here/../matrix/guest/matrix_mod.c" "$dir/module/torture_kfuncs.c"
	echo 'obj-m := torture_kfuncs.o' > "$dir/module/Makefile"
	eval "$KMAKE M=$dir/module modules" > "$dir/module.log" 2>&1 || die "matrix_mod.c: does not build; see $dir/module.log"
	strip --strip-debug "$dir/module/torture_kfuncs.ko"
	printf 'file %s %s 755 0 0\n' /torture_kfuncs.ko "$dir/module/torture_kfuncs.ko" >> "$dir/list"
	set -- /torture_kfuncs.ko
	;;
races) limit=$(($1 * 10 + 180)) ;;
flat) limit=$((300 + $1 / 500)) ;;
chains)
	limit=$((600 + $1 / 50))
	"${libbpf%/*}/bootstrap/bpftool" btf dump file "${image%/arch/*}/vmlinux" format c > "$dir/vmlinux.h" ||
		die "${image%/arch/*}/vmlinux: no BTF"
	clang-19 -target bpf -mcpu=v3 -g -O2 -Wall -Werror -D__TARGET_ARCH_"${GUEST_ARCH:-x86}" -I"$dir" -isystem "$libbpf/include" \
		-I"$uapi/../../testing/selftests/bpf" -o "$dir/chains.bpf.o" -c "$here/chains.bpf.c" ||
		die "chains.bpf.c: does not compile"
	printf 'file %s %s 644 0 0\n' /chains.bpf.o "$dir/chains.bpf.o" >> "$dir/list"
	set -- /chains.bpf.o "$@"
	;;
*) die "$what: unknown" ;;
esac
printf '%s\t%d\tinsmod /bpf_testmod.ko && exec /%s %s\n' "$what" "$limit" "$what" "$*" > "$dir/jobs"
"$vm/gen_init_cpio" -t 0 "$dir/list" > "$dir/$what.cpio"
VM_EXCUSE=$what VM_TIMEOUT=$((limit + 60)) "$here/../../guest/boot.sh" test "$dir/vm" "$image" "$vm/base.cpio" "$dir/$what.cpio" \
	> "$dir/boot.log" 2>&1 || {
	grep "^[^	:]*: " "$dir/boot.log" | head -n 5 >&2 || :
	tr -d '\r' < "$dir/vm/results" | grep -E -A40 "^DISAGREE|^(torture|$what|insmod): " | head -n 60 >&2 || :
	die "$(tail -n 1 "$dir/boot.log"); see $dir/vm/results"
}
tr -d '\r' < "$dir/vm/results" | sed '/^@/d' > "$dir/said"
[ "$what" != fuzz ] || awk '/^calls in/ && $6 == 0 { print "no program with " $7 "() loads"; bad = 1 }
	/^fuzz: / { done = 1; if ($8 * 5 < $6) { print "only " $8 " of " $6 " load"; bad = 1 } }
	END { if (!done) print "it did not get to its end"; exit bad || !done }' "$dir/said" >&2 || die "see $dir/said"
mv "$dir/said" "$dir/$what.txt"
