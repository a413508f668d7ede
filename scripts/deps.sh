#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# deps.sh LIST [TOOL...]: see to it that Debian's packages named in LIST are installed
# LIST has one package a line, `#` starts a comment. Root installs what is missing; anybody else gets
# the line to run. Then each TOOL must be found in PATH. Exit status: 0 when all is there.
set -eu
list=$1
shift
log=build/log/deps.log

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

command -v dpkg-query >/dev/null || die "dpkg-query: deps: not found: the harness runs on Debian 12"
want=$(sed 's/#.*//' "$list")
# dpkg-query fails when it does not know a package; what it does not list is missing
# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $want 2>/dev/null) || :
missing=
for p in $want; do
	printf '%s\n' "$have" | grep -qxF "installed $p" || missing="$missing $p"
done

if [ -n "$missing" ]; then
	install="apt-get install -y --no-install-recommends$missing"
	[ "$(id -u)" -eq 0 ] || die "packages: deps: not installed, and you are not root: run as root: $install"
	now=$(date +%s)
	printf '[%4d s] deps: install%s\n' $((now - ${START:-$now})) "$missing"
	mkdir -p build/log
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get -o DPkg::Lock::Timeout=300 update &&
		$install -o DPkg::Lock::Timeout=300; } >"$log" 2>&1 </dev/null ||
		die "packages: deps: apt-get: $(grep '^E:' "$log" | tail -n 1): see $log, then run: $install"
fi

for t in "$@"; do
	command -v "$t" >/dev/null || die "$t: deps: not found in PATH: put its directory there, or reinstall its package (all are in $list)"
done
