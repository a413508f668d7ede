#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run bench.c on the unpatched kernel and on the series, in guests whose clock counts instructions.
#
#   bench/guests.sh DIR VM BASE SERIES
#
# DIR has the program, and receives results, what it printed on both; VM has base.cpio and gen_init_cpio; BASE and
# SERIES are the bzImages. The unpatched kernel gets programs of up to 1,000 calls: ten times as many would take it
# a hundred times as long. Exit status: 0, or 1 with a line on stderr.
set -eu

[ $# -eq 4 ] || { echo "usage: bench/guests.sh DIR VM BASE SERIES" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2
rm -f "$dir/results"

# guest NAME BZIMAGE MAX
guest() {
	printf 'bench\t3000\t/bench %s %s\n' "$1" "$3" > "$dir/jobs"
	printf 'file %s %s 755 0 0\n' /bench "$dir/bench" /etc/jobs "$dir/jobs" > "$dir/list"
	"$vm/gen_init_cpio" -t 0 "$dir/list" > "$dir/bench.cpio"
	VM_ICOUNT=1 VM_TIMEOUT=3100 "$here/../vm/boot.sh" test "$dir/vm" "$2" "$vm/base.cpio" "$dir/bench.cpio" \
		> "$dir/boot.log" 2>&1 || { echo "bench: $1: $(tail -n 1 "$dir/boot.log")" >&2 && exit 1; }
	tr -d '\r' < "$dir/vm/results" | grep -E '^(load|lookup|self),' >> "$dir/results.new"
}

rm -f "$dir/results.new"
guest base "$3" 1000
guest series "$4" 10000
mv "$dir/results.new" "$dir/results"
