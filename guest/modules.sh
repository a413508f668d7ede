#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build the kernel modules of the selftests.
#
#   guest/modules.sh DIR OUT
#
# DIR has their sources and receives modules.log beside it; OUT receives the modules, stripped. KMAKE is
# the command that runs the make of the kernel that they are for.
#
# Exit status: 0, or 1 with the reason on stderr.
set -eu

if [ $# -ne 2 ]; then
	echo "usage: guest/modules.sh DIR OUT" >&2
	exit 2
fi
dir=$(cd "$1" && pwd) out=$2 log=$1.log

# Always linked anew: rerun on a finished module, the resolve_btfids of an unpatched 6.18 mixes up the flags
# of its kfuncs.
rm -f "$dir"/*.ko "$dir"/*.mod.o
if ! eval "$KMAKE M=$dir modules" > "$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "modules: did not build: see $log" >&2
	exit 1
fi
mkdir -p "$out"
for module in "$dir"/*.ko; do
	"${GUEST_PREFIX-}strip" --strip-debug -o "$out/${module##*/}" "$module"
done
