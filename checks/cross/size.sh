#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# size.sh MACHINE PREFIX: what the series adds on MACHINE, after checks/cross/run.sh for both kernels
# PREFIX is that of its binutils. BASE and SERIES are the directories where the kernels were built, BASE_IMAGE and SERIES_IMAGE
# what was booted, BASE_GUEST and SERIES_GUEST the directories with the guests' results.
# Prints a table `MACHINE NAME 6.18 SERIES MORE`: bytes of sections of vmlinux and of the image, then INSTRUCTIONS/BYTES of a
# program with one call, as the JIT emits it: by foo_impl with NULL for the magic argument, and by foo.
# A call by foo_impl must have the instructions that it has on 6.18, in that order, and one by foo must have fewer, as it passes
# no NULL. Operands are not compared: addresses are among them.
# Exit status: 0, or 1 with the reason on stderr.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
[ $# -eq 2 ] || die "usage: size.sh MACHINE PREFIX"
machine=$1 prefix=$2
case $machine in
arm64) isa=aarch64 ;;
i386) isa=i386 ;;
riscv64) isa=riscv:rv64 ;;
s390x) isa=s390:64-bit ;;
*) die "$machine: size: which machine is that to objdump? Say so in checks/cross/size.sh" ;;
esac
: "${BASE:?}" "${SERIES:?}" "${BASE_IMAGE:?}" "${SERIES_IMAGE:?}" "${BASE_GUEST:?}" "${SERIES_GUEST:?}"
tab=$(printf '\t')

# code DIR NAME: DIR/NAME.s is the disassembly of `jited NAME` in DIR/results, DIR/NAME.ops its instructions until it returns,
# without operands: constants and padding follow
code() {
	sed -n "s/^jited $2 //p" "$1/results" | xxd -r -p >"$1/$2.bin"
	[ -s "$1/$2.bin" ] || die "$machine: size: $1/results has no machine code of $2: run make CONFIG=$machine cross-guest"
	"${prefix}objdump" -D -b binary -m "$isa" "$1/$2.bin" | sed -n "s/^ *[0-9a-f]*:$tab//p" >"$1/$2.s"
	cut -s -f2 "$1/$2.s" | sed 's/ .*//; /^\(ret\|br\)$/q' >"$1/$2.ops"
	tail -n 1 "$1/$2.ops" | grep -q '^\(ret\|br\)$' || die "$machine: size: $1/$2.s: where does it return?"
}

# what DIR NAME: its size
what() {
	echo "$(wc -l <"$1/$2.ops")/$(stat -c %s "$1/$2.bin")"
}

# kernel TREE OBJ IMAGE: its sizes, as `TREE NAME BYTES`
kernel() {
	"${prefix}size" -A -d "$2/vmlinux" >"$SERIES_GUEST/size" || die "$machine: size: $2/vmlinux: ${prefix}size cannot read it"
	awk -v tree="$1" '$1 ~ /^\.(text|rodata|data|BTF|BTF_ids)$/ { print tree, $1, $2 }' "$SERIES_GUEST/size"
	echo "$1 image $(stat -c %s "$3")"
}

code "$BASE_GUEST" impl
code "$SERIES_GUEST" impl
code "$SERIES_GUEST" kfunc
{
	kernel base "$BASE" "$BASE_IMAGE"
	kernel series "$SERIES" "$SERIES_IMAGE"
	echo "base foo_impl $(what "$BASE_GUEST" impl)"
	echo "series foo_impl $(what "$SERIES_GUEST" impl)"
	echo "base foo -"
	echo "series foo $(what "$SERIES_GUEST" kfunc)"
} >"$SERIES_GUEST/sizes"
awk -v machine="$machine" '
	$1 == "base" { base[$2] = $3; next }
	{ more = $3 ~ /^[0-9]+$/ ? sprintf(" %+d", $3 - base[$2]) : "" }
	{ printf "%s %s %s %s%s\n", machine, $2, base[$2], $3, more }' "$SERIES_GUEST/sizes"
cmp -s "$BASE_GUEST/impl.ops" "$SERIES_GUEST/impl.ops" ||
	die "$machine: size: a call by foo_impl has other instructions than on 6.18: diff $BASE_GUEST/impl.s $SERIES_GUEST/impl.s"
[ "$(wc -l <"$SERIES_GUEST/kfunc.ops")" -lt "$(wc -l <"$SERIES_GUEST/impl.ops")" ] ||
	die "$machine: size: a call by foo has as many instructions as one by foo_impl: diff $SERIES_GUEST/kfunc.s $SERIES_GUEST/impl.s"
