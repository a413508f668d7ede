#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run bench.c and run.c on three kernels, in guests whose clock counts instructions.
#
#   bench/guests.sh DIR VM BASE NAIVE SERIES
#
# DIR has both programs, and receives results, what they printed on all; VM has base.cpio and gen_init_cpio; BASE, NAIVE
# and SERIES are the bzImages: unpatched, with bench/naive.patch, and the series. Only the series gets programs of
# 10,000 calls: the base would take a hundred times as long for ten times as many. Both are sent SIGKILL while they load a
# long program, the base a shorter one, which takes it nearly as many instructions. run is PID 1 before guest/init.c is, and
# says how many instructions that took: in results, that is a line boot,NAME,INSTRUCTIONS. Exit status: 0, or 1 with a
# line on stderr.
set -eu

[ $# -eq 5 ] || { echo "usage: bench/guests.sh DIR VM BASE NAIVE SERIES" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2
rm -f "$dir/results"

# guest NAME BZIMAGE MAX KILL: KILL is how many divisions the program has whose load is killed, or nothing
guest() {
	printf 'bench\t3000\t/bench %s %s\nrun\t600\t/run %s\n' "$1" "$3" "$1" > "$dir/jobs"
	[ -z "$4" ] || printf 'kill\t600\t/bench %s kill %s\n' "$1" "$4" >> "$dir/jobs"
	VM_ICOUNT=1 VM_TIMEOUT=3700 VM_APPEND=rdinit=/run "$here/../guest/boot.sh" test "$dir/vm" "$2" \
		"$vm/base.cpio" "/etc/jobs=$dir/jobs" "/bench=$dir/bench" "/run=$dir/run" > "$dir/boot.log" 2>&1 ||
		{ tail -n 5 "$dir/boot.log" >&2 && echo "bench: $1: see the lines above, and $dir/boot.log" >&2 && exit 1; }
	tr -d '\r' < "$dir/vm/results" | grep -E '^(load|lookup|self|run|kill),' >> "$dir/results.new"
	tr -d '\r' < "$dir/vm/console.log" | sed -n "s/^boot,\([0-9]*\)$/boot,$1,\1/p" >> "$dir/results.new"
}

rm -f "$dir/results.new"
guest base "$3" 1000 2000
guest naive "$4" 1000 ''
guest series "$5" 10000 100000
mv "$dir/results.new" "$dir/results"
