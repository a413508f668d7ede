#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh [-s] RELEASE IMAGE HEADERS: is in these packages what a user of them needs? Says what and how much it is
# IMAGE and HEADERS are the linux-image and linux-headers of RELEASE. -s: a stock kernel, without what the series adds.
# Exit status: 0; 1 with a line on stderr for each thing that is missing.
set -eu
stock=
if [ "$1" = -s ]; then
	stock=1
	shift
fi
release=$1 image=$2 headers=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

wrong() {
	echo "$1: check: $2" >&2
	bad=1
}

# field DEB NAME VALUE
field() {
	is=$(dpkg-deb -f "$1" "$2")
	[ "$is" = "$3" ] || wrong "${1##*/}" "its $2 is $is, not $3"
}

# has DEB FILE...
has() {
	deb=$1
	shift
	for f; do
		grep -qxF "./$f" "$tmp/${deb##*/}" || wrong "${deb##*/}" "has no $f"
	done
}

for deb in "$image" "$headers"; do
	[ -e "$deb" ] || { echo "$deb: check: was not made" >&2 && exit 1; }
	dpkg-deb --fsys-tarfile "$deb" > "$tmp/tar"
	tar -tf "$tmp/tar" > "$tmp/${deb##*/}"
done
field "$image" Package "linux-image-$release"
field "$headers" Package "linux-headers-$release"
field "$image" Version "$release"
field "$headers" Version "$release"
has "$image" "boot/vmlinuz-$release" "boot/config-$release" "boot/System.map-$release" \
	"lib/modules/$release/modules.builtin" "lib/modules/$release/modules.order"
build=usr/src/linux-headers-$release
has "$headers" "lib/modules/$release/build" "$build/Makefile" "$build/Module.symvers" "$build/include/generated/autoconf.h" \
	"$build/scripts/mod/modpost"
if [ -z "$stock" ]; then
	has "$headers" "$build/vmlinux.btf" "$build/tools/bpf/resolve_btfids/resolve_btfids" "$build/scripts/module-btf.sh"
	if grep -qxF "./$build/vmlinux.btf" "$tmp/${headers##*/}"; then
		tar -xf "$tmp/tar" -O "./$build/vmlinux.btf" > "$tmp/vmlinux.btf"
		"${0%/*}/magic-kfuncs" "$tmp/vmlinux.btf" > "$tmp/pairs" 2>&1 ||
			wrong "${headers##*/}" "$(tail -n 1 "$tmp/pairs" | sed "s|^$tmp/||")"
	fi
	for need in libelf1 pahole; do
		case " $(dpkg-deb -f "$headers" Depends) " in
		*" $need"[\ ,]*) ;;
		*) wrong "${headers##*/}" "does not depend on $need, which the BTF of modules needs" ;;
		esac
	done
fi
[ "$bad" -eq 0 ] || exit 1
for deb in "$image" "$headers"; do
	printf '%6d KB, %7d KB installed: %s\n' $(($(stat -c %s "$deb") / 1024)) "$(dpkg-deb -f "$deb" Installed-Size)" "${deb##*/}"
done
