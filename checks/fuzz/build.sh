#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh CC DIR [CFLAG...]: build the fuzz target of the BTF stage in DIR, an absolute path, with ASan and UBSan
# CC is gcc or clang-19. The tool is that of build/linux, or of LINUX=DIR, libbpf included; DIR/resolve_btfids is
# the tool itself, with the sanitizers. Makes DIR/run, which runs the target on files, and with clang DIR/fuzz,
# which is libFuzzer's.
set -eu
cc=$1 dir=$2
shift 2
cd "$(dirname "$0")"
linux=${LINUX:-$PWD/../../build/linux}

sanitize="-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all $*"
edges=
[ "$cc" = gcc ] || edges=-fsanitize=fuzzer-no-link
mkdir -p "$dir"
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$linux/tools/bpf/resolve_btfids" OUTPUT="$dir/" HOSTCC="ccache $cc" \
	HOSTCFLAGS="$sanitize $edges" KBUILD_HOSTLDFLAGS="$sanitize"

# the tool without its main(), and with the functions of stage.c instead of some that it calls
objcopy --redefine-syms=redefine --redefine-sym elf_getdata=tool_elf_getdata \
	"$dir/resolve_btfids-in.o" "$dir/tool.o"
objcopy --redefine-syms=redefine --redefine-sym elf_getdata=libbpf_elf_getdata \
	"$dir/libbpf/libbpf.a" "$dir/tool.a"

# target OUT SOURCE FLAG...
target() {
	out=$1 src=$2
	shift 2
	# shellcheck disable=SC2086 # flags
	$cc $sanitize -Wall -Wextra -Werror "$@" -o "$dir/$out" "$src" stage.c model.c "$dir/tool.o" "$dir/tool.a" \
		"$dir/libsubcmd/libsubcmd.a" -lelf -lz
}
target run run.c
[ "$cc" = gcc ] || target fuzz mutate.c -fsanitize=fuzzer
