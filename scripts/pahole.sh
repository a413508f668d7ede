#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# pahole.sh VERSION DIR [PATCHES]: see to it that DIR/pahole is that release, built from the source that dwarves.mk pins,
# with the patches of the directory PATCHES, and then without a warning
# DIR appears when all is built; DIR/built says of what, and what was built of the same pin is left alone.
# Exit status: 0, or 1 with a line on stderr.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
version=$1 dir=$2 patches=${3-}
log=build/log/pahole-$version.log

pin=$(pins_of dwarves | awk -v v="$version" '$1 == v')
[ -n "$pin" ] || die "PAHOLE=$version: pahole: not pinned: dwarves.mk has $(pins_of dwarves | cut -d' ' -f1 | paste -sd' ' -)"
[ -z "$patches" ] || pin="$pin $(cat "$patches"/*.patch | sha256sum | cut -d' ' -f1)"
[ "$(cat "$dir/built" 2>/dev/null)" != "$pin" ] || exit 0
scripts/fetch.sh dwarves "$version"

# build: with the libbpf that comes with the source; no shared library that would have to be found at run time
build() {
	rm -rf "$dir" "$dir.new" &&
		mkdir -p "$dir.new/src" &&
		tar -xJf "build/dl/dwarves_$version.orig.tar.xz" -C "$dir.new/src" --strip-components=1 &&
		for p in ${patches:+"$patches"/*.patch}; do
			patch -d "$dir.new/src" -p1 -F0 --no-backup-if-mismatch <"$p" || return 1
		done &&
		cmake -S "$dir.new/src" -B "$dir.new" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
			-DLIBBPF_EMBEDDED=ON ${patches:+-DCMAKE_C_FLAGS="-Wall -Werror"} &&
		env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES make -C "$dir.new" -j"$(nproc)" pahole &&
		[ "$("$dir.new/pahole" --version)" = "v$version" ]
}
say pahole "build $version"
build >"$log" 2>&1 </dev/null || die "pahole $version: does not build: $(tail -n 1 "$log"): the whole log is $log"
printf '%s\n' "$pin" >"$dir.new/built"
mv "$dir.new" "$dir"
