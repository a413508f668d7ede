#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debian-kernel.sh DIR TREE: Debian 12's cloud kernel of the 6.12 series, in DIR: image, vmlinux, version
#
# The package is downloaded and unpacked, not installed: that would make it this machine's kernel. apt has verified it;
# which version there is changes with each security update, so DIR/version says what it was. TREE has extract-vmlinux.
set -eu
dir=$1 tree=$2
log=$dir/log

die() {
	echo "debian-kernel.sh: $*: see $log" >&2
	exit 1
}

rm -rf "$dir"
mkdir -p "$dir/x"
package=$(apt-cache depends linux-image-6.12-cloud-amd64 2> "$log" | sed -n 's/^  Depends: \(linux-image-.*\)/\1/p')
if [ -z "$package" ] && [ "$(id -u)" -eq 0 ]; then
	apt-get -o DPkg::Lock::Timeout=300 update > "$log" 2>&1 || die "apt-get update"
	package=$(apt-cache depends linux-image-6.12-cloud-amd64 | sed -n 's/^  Depends: \(linux-image-.*\)/\1/p')
fi
[ -n "$package" ] || die "linux-image-6.12-cloud-amd64: apt does not know it: run apt-get update as root"
(cd "$dir" && apt-get download "$package") >> "$log" 2>&1 || die "apt-get download $package"
dpkg-deb -x "$dir"/*.deb "$dir/x"
dpkg-deb -f "$dir"/*.deb Version > "$dir/version"
mv "$dir"/x/boot/vmlinuz-* "$dir/image"
"$tree/scripts/extract-vmlinux" "$dir/image" > "$dir/vmlinux" 2>> "$log" || die "extract-vmlinux"
rm -rf "$dir/x" "$dir"/*.deb
