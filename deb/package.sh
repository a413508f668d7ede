#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# package.sh REVISION TARGETS -- MAKE...: make packages of the kernel, in the directory above its object directory
# MAKE is the kernel's make command line with that, TARGETS those of the kernel's debian/rules, with commas between. Only these
# run: the others make linux-libc-dev, which is Debian's, and a debug package, which takes longer than all else.
set -eu
revision=$1 targets=$2
shift 3

version=$("$@" -s --no-print-directory kernelversion)-$revision
# dpkg-buildpackage stops after --target, so there is no .changes, and nothing that a build of a distribution needs
exec env KDEB_PKGVERSION="$version" KDEB_CHANGELOG_DIST=bookworm DPKG_FLAGS="--target=$targets" "$@" bindeb-pkg
