#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# fuzz.sh SECONDS: fuzz the BTF stage; fuzz.sh update: minimise the corpus
# First runs the committed corpus, checks/fuzz/corpus, then libFuzzer for SECONDS from it, from the seeds and from what
# earlier runs have added to build/fuzz/corpus. Findings go to build/fuzz/findings; the first ends the run.
# `update` rewrites the committed corpus: the findings of old, whose names have a hyphen, and as few inputs of all the
# others as reach the same edges.
# Exit status: 0 when there is no finding.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(cd "$here/../.." && pwd)/build/fuzz
corpus=$here/corpus
cd "$dir"
mkdir -p corpus findings
# the target writes thousands of files a second: to memory, if there is any to write to
FUZZ_DIR=$(mktemp -d -p /dev/shm fuzz.XXXXXX 2>/dev/null) || FUZZ_DIR=$(mktemp -d -p "$dir")
export FUZZ_DIR
trap 'rm -rf "$FUZZ_DIR"' EXIT
trap 'exit 1' INT TERM

if [ "$1" = update ]; then
	rm -rf new
	mkdir new
	cp "$corpus"/*-* new/
	./fuzz -set_cover_merge=1 -use_counters=0 new "$corpus" corpus seeds >merge.log 2>&1
	rm -rf "$corpus"
	mv new "$corpus"
	du -b "$corpus"
	exit
fi

# stop LOG: a line for what libFuzzer has found
stop() {
	grep -m 1 -E '^finding:|runtime error:|ERROR: (Address|Leak)Sanitizer' "$1" >&2 || tail -n 1 "$1" >&2
	grep -o 'findings/[a-z]*-[0-9a-f]*' "$1" | sed "s|^|$dir/|" >&2
	printf 'fuzz: 1 finding: see %s\n' "$dir/$1" >&2
	exit 1
}

./fuzz -runs=0 -artifact_prefix=findings/ "$corpus" seeds >regression.log 2>&1 || stop regression.log
printf 'fuzz: corpus: %d files, no finding\n' "$(find "$corpus" -type f | wc -l)"

./fuzz -max_total_time="$1" -max_len=8192 -print_final_stats=1 -artifact_prefix=findings/ \
	corpus "$corpus" seeds >fuzz.log 2>&1 || stop fuzz.log
n=$(sed -n 's/^stat::number_of_executed_units: *//p' fuzz.log)
grep '^#[0-9]' fuzz.log | tail -n 1 |
	sed -n "s/.*cov: \([0-9]*\).*corp: \([0-9]*\).*/fuzz: $n executions, \1 edges, corpus of \2 inputs, no finding/p"
