#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# root.sh LIST TAR: a Debian 12 system with the packages of LIST, from the archives that apt is set up with, as TAR
# TAR.versions says which versions they are. It is made once; remove it for a new one. Root is needed, for chroot.
set -eu
list=$1 tar=$2

die() {
	echo "root.sh: $*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "not root: mmdebstrap needs it to make a system that dpkg can be run in"
# shellcheck disable=SC2016
sources() {
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
		awk '$1 == "Debian" && $2 ~ /^bookworm/ && $4 == "main" {
			print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $3, $2, $4 }' | sort -u
}
sources > "$tar.list"
if [ ! -s "$tar.list" ]; then
	apt-get -o DPkg::Lock::Timeout=300 update
	sources > "$tar.list"
fi
[ -s "$tar.list" ] || die "apt has no list of Debian 12 main: see /etc/apt/sources.list"

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
