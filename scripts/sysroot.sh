#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sysroot.sh ARCH DIR PACKAGE...: unpack Debian 12's packages for ARCH, and what they depend on, in DIR
# Nothing of them is installed or run. They come from the archives that apt is set up with, whose signatures apt
# verifies; DIR.versions says which they are. It is made once; remove it for a new one.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
[ $# -ge 3 ] || die "usage: sysroot.sh ARCH DIR PACKAGE..."
arch=$1 dir=$2
shift 2
rm -rf "$dir"
debian_sources >"$dir.list"
# shellcheck disable=SC2016
# as a tar file, for without root the directory would not be ours
mmdebstrap --variant=extract --architectures="$arch" --format=tar --include="$(echo "$*" | tr ' ' ,)" \
	--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "3"' \
	--extract-hook='cd "$1"/var/cache/apt/archives && ls *.deb > '"$(realpath "$dir.versions")" \
	bookworm "$dir.tar" "$dir.list"
mkdir "$dir.new"
tar -xf "$dir.tar" -C "$dir.new" --no-same-owner --exclude='./dev/*'
rm "$dir.tar"
mv "$dir.new" "$dir"
