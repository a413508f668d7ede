#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check-docs.sh SRC BASE DIR: has Documentation/bpf of the tree SRC warnings that BASE's has not?
# Both are built with the kernel's own htmldocs, in DIR; the trees are only read. Paths
# and line numbers do not count. Prints `docs: no new warnings`, or the new warnings.
# Exit status: 0 when there are none, 1 when there are, or when one of the builds did not run.
set -eu
export LC_ALL=C

die() {
	echo "docs: $*" >&2
	exit 1
}

# warnings TREE OUT: build in OUT, leave the warnings in OUT.warnings
warnings() {
	rm -rf "$2" "$2.log" "$2.warnings"
	mkdir -p "$2"
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
		make -C "$1" O="$2" SPHINXDIRS=bpf htmldocs >"$2.log" 2>&1 </dev/null || {
		tail -n 5 "$2.log" >&2
		die "$1: htmldocs: failed: see $2.log"
	}
	# without sphinx, the kernel's make skips the target and is content
	[ -s "$2/Documentation/output/bpf/kfuncs.html" ] || die "$1: htmldocs: no kfuncs.html: see $2.log"
	sed -n "s|$2/||g; s|$1/||g; s/:[0-9][0-9]*\([: ]\)/:N\1/g; s/line [0-9][0-9]*/line N/g
		/[Ww]arning\|WARNING\|[Ee]rror\|ERROR\|CRITICAL\|SEVERE/p" "$2.log" | sort >"$2.warnings"
}

[ $# -eq 3 ] || die "usage: check-docs.sh SRC BASE DIR"
command -v sphinx-build >/dev/null || die "sphinx-build: not found: apt-get install python3-sphinx"
src=$(cd "$1" && pwd)
base=$(cd "$2" && pwd)
mkdir -p "$3"
dir=$(cd "$3" && pwd)

warnings "$src" "$dir/src"
warnings "$base" "$dir/base"

# one more of the same counts as new
comm -13 "$dir/base.warnings" "$dir/src.warnings" >"$dir/new"
if [ -s "$dir/new" ]; then
	sed 's/^/docs: new: /' "$dir/new"
	exit 1
fi
echo "docs: no new warnings"
