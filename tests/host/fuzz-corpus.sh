#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# fuzz-corpus.sh: a host test of the BTF stage: its fuzz target, built with gcc, ASan and UBSan, on the committed corpus
# Prints KTAP, a line `not ok` for each file that has a finding; what was said is in
# build/host/fuzz-corpus/.
set -eu
here=$(cd "$(dirname "$0")/../../checks/fuzz" && pwd)
dir=$(cd "$here/../.." && pwd)/build/host/fuzz-corpus
rm -rf "$dir/files"
mkdir -p "$dir/files"
export FUZZ_DIR="$dir/files"

if ! "$here/build.sh" gcc "$dir" >"$dir/build.log" 2>&1; then
	printf 'not ok - fuzz-corpus # the target does not build: see %s\n' "$dir/build.log"
elif "$dir/run" "$here"/corpus/* >"$dir/log" 2>&1; then
	printf 'ok - fuzz-corpus, %d files\n' "$(grep -c . "$dir/log")"
else
	for file in "$here"/corpus/*; do
		name=$(basename "$file")
		"$dir/run" "$file" >"$dir/$name.log" 2>&1 ||
			printf 'not ok - fuzz-corpus %s # see %s\n' "$name" "$dir/$name.log"
	done
fi
