#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# btf-table.sh: host tests of the table of magic kfuncs, tests/btf/table.c, with ASan and UBSan
# Prints KTAP, the counts with the names. LINUX=DIR takes the header of another tree than build/linux.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$root/build/host/btf-table
rm -rf "$dir"
mkdir -p "$dir"
if ! { gcc -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
	-idirafter "${LINUX:-$root/build/linux}/include" -o "$dir/table" "$root/tests/btf/table.c" &&
	"$dir/table" >"$dir/out"; } 2>"$dir/log"; then
	printf 'not ok - btf-table # %s (see %s/log)\n' "$(tail -n 1 "$dir/out" 2>/dev/null)" "$dir"
	exit
fi
while IFS= read -r line; do printf 'ok - btf-table: %s\n' "$line"; done <"$dir/out"
