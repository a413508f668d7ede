#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# cc.sh: the compilers, their flags and libbpf, of what runs in a guest
#
#   cc.sh guest OUT SRC [OPTION...]	a static program; linked with libbpf where LIBBPF is set
#   cc.sh bpf OUT SRC [OPTION...]	a BPF object; INCLUDE has more directories of headers
#
# GUEST_PREFIX, GUEST_SYSROOT and GUEST_ARCH say for which architecture, if it is not this one: guest/guest.mk exports them.
# LIBBPF is the directory with libbpf.a and include/ that bpftool was built with, UAPI that of the kernel's user API.
# Exit status: the compiler's.
set -eu
what=$1 out=$2 src=$3
shift 3
for dir in ${INCLUDE-} ${LIBBPF:+"$LIBBPF/include"} ${UAPI:+"$UAPI"}; do set -- "$@" -isystem "$dir"; done
case $what in
guest)
	exec "${GUEST_PREFIX-}gcc" ${GUEST_SYSROOT:+--sysroot="$GUEST_SYSROOT"} -static -O2 -g -Wall -Wextra -Werror "$@" -o "$out" "$src" \
		${LIBBPF:+"$LIBBPF/libbpf.a" -lelf -lz}
	;;
bpf)
	exec clang-19 -target bpf -mcpu=v3 -O2 -g -Wall -Werror -D__TARGET_ARCH_"${GUEST_ARCH:-x86}" "$@" \
		-isystem /usr/include/x86_64-linux-gnu -c "$src" -o "$out"
	;;
*)
	echo "usage: cc.sh guest|bpf OUT SRC [OPTION...]" >&2
	exit 2
	;;
esac
