#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# fetch.sh [VERSION]: see to it that a pinned kernel tarball is in build/dl
# fetch.sh dwarves VERSION: the same for the source of pahole, which dwarves.mk pins
# Without VERSION: LINUX_TARBALL when that is set (it must match a pin), else the first pin that is
# there, else the first that the machine's Debian mirror has; which one is told in build/dl/current,
# as `version sha256 path`. With VERSION: that pin and no other.
# Exit status: 0; 2 when the mirror has not got the file, 3 when it cannot be reached, 1 otherwise, each with
# a line on stderr. A file under its final name has had its hash checked, always.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
helper=${APT_HELPER:-/usr/lib/apt/apt-helper}
log=build/log/fetch.log
source=linux instead=", or set LINUX_TARBALL or LINUX_TREE"
if [ "${1:-}" = dwarves ]; then
	source=dwarves instead=", or do without PAHOLE="
	shift
fi

sha256() {
	sum=$(sha256sum <"$1") || die "$1: fetch: cannot be read"
	printf '%s' "${sum%% *}"
}

# present VERSION SHA256: true when the tarball is there and whole
present() {
	file=build/dl/${source}_$1.orig.tar.xz
	[ -e "$file" ] || return 1
	[ "$(sha256 "$file")" = "$2" ] && return 0
	rm -f "$file"
	die "$file: fetch: its sha256 is not the one pinned in $source.mk: removed, run again to download it"
}

# mirrors: the archives apt is configured with; it names those it has lists of
mirrors() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | awk '!seen[$0]++'
}

# download VERSION SHA256: 2 when no mirror has it
download() {
	name=${source}_$1.orig.tar.xz
	file=build/dl/$name
	mirrors=$(mirrors)
	if [ -z "$mirrors" ] && [ "$(id -u)" -eq 0 ]; then
		apt-get update >"$log" 2>&1 || :
		mirrors=$(mirrors)
	fi
	[ -n "$mirrors" ] || die "apt: fetch: has no package lists, so no mirror is known: run apt-get update as root$instead"
	for m in $mirrors; do
		say fetch "$name"
		rm -f "$file.part"
		# pool/main has a directory for each letter
		if "$helper" -o Acquire::Retries=3 download-file "${m}pool/main/${source%"${source#?}"}/$source/$name" \
			"$file.part" "SHA256:$2" >"$log" 2>&1 && [ "$(sha256 "$file.part")" = "$2" ]; then
			mv "$file.part" "$file"
			return 0
		fi
		rm -f "$file.part" "$file.part.FAILED"
		if grep -qE 'Hash Sum mismatch|unexpected size' "$log"; then
			die "$name: fetch: not the pinned sha256 (another file, or truncated): nothing kept, try again$instead (log: $log)"
		elif ! grep -qE '404|File not found|No such file' "$log"; then
			echo "$name: fetch: $(grep -m 1 '^E:' "$log" || echo apt-helper failed): try again$instead (log: $log)" >&2
			exit 3
		fi
	done
	return 2
}

# take VERSION SHA256 FILE: that is the one
take() {
	printf '%s\n' "$*" >build/dl/current.tmp
	mv build/dl/current.tmp build/dl/current
	exit 0
}

mkdir -p build/dl build/log

if [ $# -eq 1 ]; then
	sha=$(pins_of $source | awk -v v="$1" '$1 == v { print $2 }')
	[ -n "$sha" ] || die "$1: fetch: not a pinned version: $source.mk lists them"
	present "$1" "$sha" && exit 0
	download "$1" "$sha" && exit 0
	echo "${source}_$1.orig.tar.xz: fetch: the mirror has not got it: nothing to do about it here" >&2
	exit 2
fi

if [ -n "${LINUX_TARBALL:-}" ]; then
	sha=$(sha256 "$LINUX_TARBALL")
	version=$(pins | awk -v s="$sha" '$2 == s { print $1 }')
	[ -n "$version" ] || die "$LINUX_TARBALL: fetch: its sha256 $sha is none of those pinned in linux.mk: give linux_$(pins | head -n 1 | cut -d' ' -f1).orig.tar.xz"
	take "$version" "$sha" "$LINUX_TARBALL"
fi

pins >build/dl/pins
while read -r version sha; do
	if present "$version" "$sha"; then take "$version" "$sha" "build/dl/linux_$version.orig.tar.xz"; fi
done <build/dl/pins
while read -r version sha; do
	rc=0
	download "$version" "$sha" </dev/null || rc=$?
	case $rc in
	0) take "$version" "$sha" "build/dl/linux_$version.orig.tar.xz" ;;
	2) say fetch "the mirror lacks linux $version, falling back to the next pin" ;;
	*) exit "$rc" ;;
	esac
done <build/dl/pins
die "linux: fetch: the mirror has none of the versions pinned in linux.mk: set LINUX_TARBALL or LINUX_TREE"
