#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# cloud.sh FILE: the configuration of Debian 12's cloud kernel of the 6.12 series, from its package linux-config-6.12
# The package is downloaded and unpacked, not installed; apt has verified it. FILE.version says which version it was.
set -eu
file=$1
dir=$file.d

rm -rf "$dir"
mkdir -p "$dir"
if ! (cd "$dir" && apt-get download linux-config-6.12) && [ "$(id -u)" -eq 0 ]; then
	apt-get -o DPkg::Lock::Timeout=300 update
	(cd "$dir" && apt-get download linux-config-6.12)
fi
dpkg-deb -x "$dir"/linux-config-6.12_*.deb "$dir"
dpkg-deb -f "$dir"/linux-config-6.12_*.deb Version > "$file.version"
xz -dc "$dir"/usr/src/linux-config-6.12/config.amd64_none_cloud-amd64.xz > "$file.new"
rm -rf "$dir"
mv "$file.new" "$file"
