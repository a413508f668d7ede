#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the stock selftests call and open, for the guest.
#
#   checks/regress/programs.sh DIR SRC OWN...
#
# SRC is where they were built. Their OWN programs and files go to DIR/tests/files. DIR/root becomes what the guest has at its
# root: in /bin what Debian has, over the links to busybox there, and libraries.
set -eu
dir=$1 src=$2 root=$1/root
shift 2
(cd "$src" && cp "$@" ima_setup.sh verify_sig_setup.sh progs/btf_dump_test_case_*.c btf_dump_test_case_*.bpf.o xdp_synproxy_kern.bpf.o \
	"$dir/tests/files/")
rm -rf "$root"
mkdir -p "$root/bin" "$root/etc"
for program in bash ethtool ip iptables-legacy keyctl nft openssl ping ping6 rm tc; do
	cp -L "$(command -v $program)" "$root/bin/"
done
# busybox's sh calls its own ip and tc whatever PATH says; its rm cannot be copied under another name
cp "$root/bin/bash" "$root/bin/sh"
ldd "$root"/bin/* "$dir/tests/files/test_progs" "$dir/tests/files/xdp_synproxy" | grep -oE '/(lib|usr)[^ ]+' | grep '\.so' | sort -u |
	xargs cp -L --parents -t "$root"
# what is loaded by name: pthread_exit() wants libgcc_s
cp -L --parents /usr/lib/x86_64-linux-gnu/xtables/lib*.so /lib/x86_64-linux-gnu/libgcc_s.so.1 "$root"
cp -r /etc/iproute2 "$root/etc"
printf '127.0.0.1 localhost\n::1 localhost\n' > "$root/etc/hosts"
