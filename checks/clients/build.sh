#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build the clients of `make clients` from the unpatched tree, by their own makefiles, and copy those that Debian has.
#
#   checks/clients/build.sh SRC OBJ BPFTOOL OUT
#
# SRC is the unpatched tree, OBJ where it was built, BPFTOOL its bpftool, beside which libbpf lies; absolute names. OUT
# receives what checks/regress/run.sh wants: tests/files, which is /tests in the guest, tests/jobs, and without anything in
# them tests/not-built (what does not build stops this) and modules-base. UAPI is for scripts/cc.sh. JOBS is the number of parallel compilers.
set -eu
src=$1 obj=$2 bpftool=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
files=$out/tests/files
libbpf=$(dirname "$bpftool")/libbpf
selftests=$src/tools/testing/selftests

# client DIR OUTPUT TARGET...: static, with the libbpf that is there
client() {
	dir=$1 output=$2
	shift 2
	# the one is where the makefiles of sched_ext look, the other where that of hid does
	for include in build/include tools/include; do
		mkdir -p "$output/$include"
		cp -r "$libbpf/include/bpf" "$output/$include/"
	done
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u MAKEOVERRIDES -u OUTPUT make -C "$dir" -j"${JOBS:-2}" \
		O="$output" OUTPUT="$output" CC='ccache gcc' CLANG='ccache clang-19' BPFTOOL="$bpftool" \
		BPFOBJ="$libbpf/libbpf.a" -o "$libbpf/libbpf.a" VMLINUX_BTF="$obj/vmlinux" \
		LDFLAGS='-static -lelf -lz -lpthread' "$@"
}

rm -rf "$out/tests"
mkdir -p "$files/lib" "$files/hid-bpf" "$out/modules-base"
: > "$out/tests/not-built"

client "$src/tools/sched_ext" "$out/scx"
cp "$out"/scx/build/bin/scx_* "$files/"
client "$selftests/sched_ext" "$out/runner" "$out/runner/runner"
cp "$out/runner/runner" "$files/"
client "$selftests/hid" "$out/hid" "$out/hid/hid_bpf" "$out/hid/hidraw"
cp "$out/hid/hid_bpf" "$out/hid/hidraw" "$files/"
strip --strip-debug "$files"/scx_* "$files/runner" "$files/hid_bpf" "$files/hidraw"

# their makefile writes into the tree
for file in "$src"/drivers/hid/bpf/progs/*.bpf.c; do
	name=${file##*/}
	INCLUDE=$out/scx/build/include LIBBPF=$libbpf "$top/scripts/cc.sh" bpf "$files/hid-bpf/${name%.bpf.c}.o" "$file"
done

# what Debian has comes with its libraries
for tool in bpftrace funclatency ksnoop; do
	program=$(command -v "$tool" || echo "/usr/sbin/$tool")
	cp "$program" "$files/"
	ldd "$program" | grep -oE '/[^ ]+' | xargs -I{} cp -L {} "$files/lib/"
done

# what they trace
INCLUDE="$out/scx/build/include $top/include" LIBBPF=$libbpf "$top/scripts/cc.sh" bpf "$files/all.bpf.o" \
	"$top/checks/header/all.bpf.c" -include vmlinux.h -include bpf/bpf_helpers.h -include magic_kfuncs.bpf.h
LIBBPF=$libbpf "$top/scripts/cc.sh" guest "$files/run" "$top/checks/header/run.c"

cp "$here/guest.sh" "$here/probes" "$files/"
"$here/guest.sh" jobs "$files" > "$out/tests/jobs"
