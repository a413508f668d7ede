#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Compile the BPF programs of the stock kernel's tree, once a variant, into a directory of objects.
#
#   checks/stock/corpus.sh SRC HEADERS OUT VARIANT...
#
# SRC is the unpatched tree. HEADERS has vmlinux.h and bpf/bpf_helper_defs.h. A VARIANT is CLANG-CPU-LEVEL, as in
# 14-v1-O2. OUT receives VARIANT/GROUP:NAME.o without debug information but BTF; what does not compile is a line
# `GROUP:NAME<TAB>the first error` in VARIANT.failed. JOBS is the number of parallel compilers.
# What is there already is not compiled again. ONLY is a pattern of lines `GROUP FILE`: no other sources are taken; SAMPLE a
# number of sources to take at random, by SEED, instead of all.
#
# Exit status: 0, also if objects did not compile; 1 when a compiler is missing or no object of a variant compiles.
set -eu

die() {
	echo "corpus: $*" >&2
	exit 1
}

if [ "${1-}" = one ]; then
	# one SRC HEADERS OUT VARIANT GROUP FILE
	src=$2 headers=$3 out=$4 variant=$5 group=$6 file=$7
	clang=${variant%%-*} rest=${variant#*-}
	cpu=${rest%%-*} level=${rest#*-}
	name=${file##*/}
	object=$out/$variant/$group:${name%.c}.o
	[ ! -s "$object" ] || exit 0
	tools=$src/tools
	selftests=$tools/testing/selftests
	case $group in
	bpf) dir=$selftests/bpf more="-I." ;;
	hid) dir=$selftests/hid/progs more="-I." ;;
	hid-bpf) dir=$src/drivers/hid/bpf/progs more="-I." ;;
	scx) dir=$tools/sched_ext more="-I$tools/sched_ext/include" ;;
	scx-tests) dir=$selftests/sched_ext more="-I$tools/sched_ext/include -Iinclude" ;;
	perf) dir=$tools/perf/util/bpf_skel more="-I$tools/perf/util/bpf_skel" ;;
	samples) dir=$src/samples/bpf more="-I$src/samples/bpf -I$selftests/bpf -I$tools/include" ;;
	esac
	cd "$dir"
	# shellcheck disable=SC2086 # several words
	if "clang-$clang" -w -g -D__TARGET_ARCH_"${GUEST_ARCH:-x86}" -mlittle-endian -I"$headers" $more -I"$tools/include/uapi" \
		-I"$src/include/generated/uapi" -std=gnu11 -fno-strict-aliasing -DENABLE_ATOMICS_TESTS \
		-idirafter "/usr/lib/llvm-$clang/lib/clang/$(basename "$(echo "/usr/lib/llvm-$clang/lib/clang/"*)")/include" \
		-idirafter /usr/local/include -idirafter /usr/include/x86_64-linux-gnu -idirafter /usr/include \
		"-$level" --target=bpf "-mcpu=$cpu" -c "$file" -o "$object.new" 2> "$object.err"; then
		llvm-strip-19 -g "$object.new"
		mv "$object.new" "$object"
		rm "$object.err"
	else
		rm -f "$object.new"
		printf '%s:%s\t%s\n' "$group" "${name%.c}" "$(grep -m1 -iE 'error' "$object.err" | sed 's/^[^ ]* //')" \
			> "$object.failed"
	fi
	exit 0
fi

[ $# -ge 4 ] || die "usage: corpus.sh SRC HEADERS OUT VARIANT..."
self=$(cd "$(dirname "$0")" && pwd)/${0##*/}
src=$(cd "$1" && pwd) headers=$(cd "$2" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
shift 3
{
	for f in "$src"/tools/testing/selftests/bpf/progs/*.c; do echo "bpf progs/${f##*/}"; done
	for f in "$src"/tools/testing/selftests/hid/progs/*.c; do echo "hid ${f##*/}"; done
	for f in "$src"/drivers/hid/bpf/progs/*.bpf.c; do echo "hid-bpf ${f##*/}"; done
	for f in "$src"/tools/sched_ext/*.bpf.c; do echo "scx ${f##*/}"; done
	for f in "$src"/tools/testing/selftests/sched_ext/*.bpf.c; do echo "scx-tests ${f##*/}"; done
	for f in "$src"/tools/perf/util/bpf_skel/*.bpf.c; do echo "perf ${f##*/}"; done
	for f in "$src"/samples/bpf/*.bpf.c "$src"/samples/bpf/*kern.c; do echo "samples ${f##*/}"; done
} | grep -E "${ONLY:-.}" > "$out/sources"
if [ -n "${SAMPLE-}" ]; then
	# sort -R and shuf want a file for a seed
	awk -v seed="${SEED:-1}" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' "$out/sources" | sort | cut -f2 |
		head -n "$SAMPLE" > "$out/sources.new"
	mv "$out/sources.new" "$out/sources"
fi
for variant; do
	command -v "clang-${variant%%-*}" > /dev/null || die "$variant: no clang-${variant%%-*}"
	mkdir -p "$out/$variant"
	rm -f "$out/$variant"/*.failed
	xargs -L 1 -P "${JOBS:-2}" "$self" one "$src" "$headers" "$out" "$variant" < "$out/sources"
	find "$out/$variant" -name '*.failed' -exec cat {} + | sort > "$out/$variant.failed"
	rm -f "$out/$variant"/*.failed "$out/$variant"/*.err
	n=$(find "$out/$variant" -name '*.o' | wc -l)
	echo "corpus: $variant: $n of $(wc -l < "$out/sources") objects"
	[ "$n" -gt 0 ] || die "$variant: nothing compiles: see $out/$variant.failed"
done
