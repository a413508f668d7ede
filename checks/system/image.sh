#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# image.sh TAR FILES IMAGE PACKAGE...: a disk image of the system in TAR, with the packages installed and what is in the
# directory FILES put over it
# dpkg runs in the system, as on a machine, and the hooks of the packages make the initramfs. Root is needed, for chroot.
set -eu
tar=$1 files=$2 image=$3
shift 3
root=$image.root

rm -rf "$root" "$image.new"
mkdir -p "$root"
# a namespace of its own: what is mounted ends with it
tar -C "$root" --exclude=./dev/* -xf "$tar"
cp -a "$files/." "$root"
mkdir -p "$root/var/tmp/install"
cp "$@" "$root/var/tmp/install"
echo '/dev/vda / ext4 defaults 0 1' > "$root/etc/fstab"
echo magic > "$root/etc/hostname"
# shellcheck disable=SC2016
unshare --mount --propagation private sh -euc '
	mount --bind /dev "$1/dev"
	mount -t proc proc "$1/proc"
	export DEBIAN_FRONTEND=noninteractive
	chroot "$1" sh -euc "dpkg -i /var/tmp/install/*.deb; systemctl enable bpf-pin.service
		# there is no network
		systemctl disable apt-daily.timer apt-daily-upgrade.timer"' sh "$root"
rm -r "$root/var/tmp/install"
truncate -s 2G "$image.new"
mke2fs -q -F -t ext4 -L system -d "$root" "$image.new"
rm -rf "$root"
mv "$image.new" "$image"
