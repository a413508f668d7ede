#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Compile what generate.c writes, each file with another compiler, CPU and level.
#
#   checks/stock/generated.sh GENERATE SRC HEADERS OUT FIRST FILES PROGRAMS
#
# GENERATE is generate.c, compiled; SRC and HEADERS are as for corpus.sh. OUT receives gen/SEED-CLANG-CPU-LEVEL.o for the
# seeds from FIRST on, tags, `OBJECT<TAB>PROGRAM<TAB>TAG TAG...`, and refuse, `OBJECT KFUNC TYPE TYPE`, the pairs of types
# that one call may be refused for. JOBS is the number of parallel compilers. Exit
# status: 0 when each file compiles; 1 otherwise.
set -eu

if [ "${1-}" = one ]; then
	# one GENERATE SRC HEADERS OUT PROGRAMS SEED
	generate=$2 src=$3 headers=$4 out=$5 programs=$6 seed=$7
	# clang 14 does not say in BTF that a member is a kptr
	set -- 19-v3-O2 19-v4-O1 14-v1-O2 16-v2-Os 19-v4-O2 16-v3-O1 16-v3-O2 19-v1-Os
	shift $((seed % $#))
	variant=$1
	clang=${variant%%-*} rest=${variant#*-}
	base=$out/gen/$seed-$variant
	[ ! -s "$base.o" ] || exit 0
	selftests=$src/tools/testing/selftests/bpf
	"$generate" "$seed" "$programs" > "$base.c"
	"clang-$clang" -w -g -D__TARGET_ARCH_"${GUEST_ARCH:-x86}" -mlittle-endian -I"$headers" -I"$selftests" -I"$selftests/progs" \
		-std=gnu11 -fno-strict-aliasing "-${rest#*-}" --target=bpf "-mcpu=${rest%%-*}" -c "$base.c" -o "$base.new" || {
		echo "generated: $base.c: does not compile" >&2
		exit 1
	}
	llvm-strip-19 -g "$base.new"
	sed -n "s|^// \(p[0-9]*\): |gen/${base##*/}.o\t\1\t|p" "$base.c" > "$base.tags"
	sed -n "s|^// refuse |gen/${base##*/}.o |p" "$base.c" > "$base.refuse"
	mv "$base.new" "$base.o"
	rm "$base.c"
	exit 0
fi
[ $# -eq 7 ] || {
	echo "usage: generated.sh GENERATE SRC HEADERS OUT FIRST FILES PROGRAMS" >&2
	exit 2
}
self=$(cd "$(dirname "$0")" && pwd)/${0##*/}
generate=$(realpath "$1") src=$(cd "$2" && pwd) headers=$(cd "$3" && pwd)
mkdir -p "$4/gen"
out=$(cd "$4" && pwd)
seq "$5" $(($5 + $6 - 1)) | xargs -n 1 -P "${JOBS:-2}" "$self" one "$generate" "$src" "$headers" "$out" "$7"
find "$out/gen" -name '*.tags' -exec cat {} + > "$out/tags"
find "$out/gen" -name '*.refuse' -exec cat {} + > "$out/refuse"
