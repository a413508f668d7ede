#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# root.sh LIST TAR: a Debian 12 system with the packages of LIST, from the archives that apt is set up with, as TAR
# TAR.versions says which versions they are. It is made once; remove it for a new one. Root is needed, for chroot.
set -eu
list=$1 tar=$2

. scripts/lib.sh
[ "$(id -u)" -eq 0 ] || die "not root: mmdebstrap needs it to make a system that dpkg can be run in"
debian_sources >"$tar.list"

include=$(sed 's/#.*//' "$list" | paste -sd, - | sed 's/,,*/,/g; s/^,//; s/,$//')
# no recommends; an archive that stands still, as snapshots do, is as good
# shellcheck disable=SC2016
mmdebstrap --mode=root --variant=minbase --format=tar --include="$include" \
	--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "3"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--customize-hook='chroot "$1" passwd -d root' \
	--customize-hook='dpkg-query --admindir="$1/var/lib/dpkg" -W > '"$tar.versions" \
	bookworm "$tar.new" "$tar.list"
mv "$tar.new" "$tar"
