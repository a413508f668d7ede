#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# cross-btf.sh SOURCE TOOL DIR [ROW...]: is the object with the BTF of vmlinux made for the machine that vmlinux is for?
# SOURCE is the kernel tree, TOOL its resolve_btfids. For each row below, of those that are named or all, kbuild is
# configured for that architecture and compiler, in DIR/ROW, and its own flags compile and link a small file with a magic
# kfunc; then the part of scripts/link-vmlinux.sh that is about BTF is run on it. All of this must hold:
#   - word size, byte order, machine and e_flags of the assembled object are those of what the linker has made
#   - the linker takes both together, without a word
#   - the result has the pair in its BTF, in its own byte order
# Prints a line `ok|FAIL ROW: what` for each row. Exit status: 0, or 1 when a row failed or there was none.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

# inside DIR: run by the kernel's make, which exports its tools and flags, in the object directory
if [ "$1" = inside ]; then
	dir=$2
	cd "$dir/link"
	# shellcheck disable=SC2086,SC2154 # flags of kbuild
	{
		$CC $KBUILD_CPPFLAGS $KBUILD_CFLAGS -g -w -I"$root/tests/btf" -c -o aux.o "$root/tests/btf/stage/aux.c"
		link() { $LD $KBUILD_LDFLAGS ${LDFLAGS_vmlinux-} -e 0 "$@" 2>&1; }
	}
	link -o .tmp_vmlinux1 aux.o >ld1.out || die "$(tail -n 1 ld1.out)"
	# kbuild's flags name files of the object directory by a path from there
	ln -sfn "$dir/obj/include" include
	sh -e steps >steps.out 2>&1 || die "$(tail -n 1 steps.out)"
	link -o vmlinux aux.o .tmp_vmlinux1.btf.o >ld2.out || die "the linker says of both: $(tail -n 1 ld2.out)"
	cmp -s ld1.out ld2.out || die "the linker says of both: $(tail -n 1 ld2.out)"
	exit
fi

[ $# -ge 3 ] || die "usage: cross-btf.sh SOURCE TOOL DIR [ROW...]"
src=$1 tool=$2 dir=$3
shift 3
root=$PWD
export root

# name, ARCH, the compiler's prefix or -, for LLVM=-19
rows='arm64 arm64 aarch64-linux-gnu-
riscv64 riscv riscv64-linux-gnu-
s390x s390 s390x-linux-gnu-
i386 i386 i686-linux-gnu-
arm64-llvm arm64 -
riscv64-llvm riscv -
s390x-llvm s390 -
i386-llvm i386 -'

# elf FILE: what has to be the same
elf() {
	readelf -h "$1" | sed -n 's/^ *\(Class\|Data\|Machine\|Flags\): *\(.*\)/\1 \2;/p' | paste -sd' '
}

# row NAME ARCH PREFIX: prints what it was, or fails with the reason on its last line
row() {
	d=$dir/$1
	rm -rf "$d"
	mkdir -p "$d/obj" "$d/link"
	sed -n '/^info()/,/^}/p; /^gen_btf()/,/^}/p; /^	if ! gen_btf/,/^	fi/p' "$src/scripts/link-vmlinux.sh" >"$d/link/steps"
	[ "$(grep -c gen_btf "$d/link/steps")" -eq 2 ] || die "scripts/link-vmlinux.sh: where is gen_btf()?"
	compiler="CROSS_COMPILE=$3"
	[ "$3" != - ] || compiler=LLVM=-19
	set -- env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES make -s -C "$src" O="$d/obj" ARCH="$2" "$compiler" \
		HOSTCC="ccache gcc" RESOLVE_BTFIDS="$tool"
	scripts/kconfig.sh "$src" "$d/obj" config/btf.config -- "$@" >"$d/log" 2>&1 || die "$(tail -n 1 "$d/log")"
	"$@" syncconfig >>"$d/log" 2>&1 || die "$(tail -n 1 "$d/log")"
	"$@" run-command KBUILD_RUN_COMMAND="sh $root/scripts/cross-btf.sh inside $d" >>"$d/log" 2>&1 ||
		die "$(grep -v '^make' "$d/log" | tail -n 1)"
	want=$(elf "$d/link/.tmp_vmlinux1")
	got=$(elf "$d/link/.tmp_vmlinux1.btf.o")
	[ -n "$want" ] || die "readelf says nothing of vmlinux"
	[ "$got" = "$want" ] || die "the object with BTF is $got vmlinux is $want"
	bpftool btf dump file "$d/link/vmlinux" >"$d/btf" || die "vmlinux: bpftool cannot read its BTF"
	[ "$(grep -c "FUNC 'foo\(_impl\)\?' " "$d/btf")" -eq 2 ] || die "vmlinux: BTF has no pair"
	echo "$want"
}

bad=0 n=0
while read -r name arch prefix; do
	case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
	n=$((n + 1))
	if what=$(row "$name" "$arch" "$prefix" 2>"$dir.err"); then
		echo "ok   $name: $what"
	else
		echo "FAIL $name: $(tail -n 1 "$dir.err"): see $dir/$name"
		bad=1
	fi
done <<END
$rows
END
rm -f "$dir.err"
[ $n -gt 0 ] || die "no such row: $*"
exit $bad
