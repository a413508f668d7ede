#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# All of this folder on both kernels.
#
#   checks/stock/oracle.sh DIR VM BASE SERIES SRC RESULT
#
# DIR has the programs; VM has base.cpio and gen_init_cpio; BASE and SERIES are the bzImages, with KASAN; SRC is the tree
# that SERIES was built from; RESULT receives the tables. On BASE, programs of records.c and both demonstrators of refs.c
# damage memory. Exit status: 0 when there is no failure; 1 otherwise.
set -eu

[ $# -eq 6 ] || {
	echo "usage: oracle.sh DIR VM BASE SERIES SRC RESULT" >&2
	exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 base=$3 series=$4 src=$5 result=$6
now=$(date +%s) status=0

say() {
	printf '[%4d s] %s\n' $(($(date +%s) - ${START:-$now})) "$*"
}

# both NAME SECONDS COMMAND: on both kernels
both() {
	name=$1 limit=$2
	shift 2
	say "guests: $name"
	"$here/guest.sh" "$dir" "$vm" "$base" "$name-base" "$limit" "$*"
	"$here/guest.sh" "$dir" "$vm" "$series" "$name-series" "$limit" "$*"
}

# ended NAME: both guests came to the end
ended() {
	for kernel in base series; do
		grep -qx "done" "$dir/said-$1-$kernel" || { echo "$1: $kernel: did not end"; status=1; }
	done
}

# table NAME WHAT: compare what said-NAME-base and said-NAME-series have
table() {
	awk -f "$here/compare.awk" "$2" "$dir/said-$1-base" "$dir/said-$1-series" > "$dir/$1.txt" || status=1
	tail -n 1 "$dir/$1.txt"
}

both cases 300 exec /cases /cases.bpf.o
table cases cases
both dead 1200 exec /dead 0 1000
ended dead
table dead dead
both refs 600 exec /refs
ended refs
table refs refs
both demo 300 '/refs acquire; /refs extension'
# on stock, KASAN reports; the series does not load them
grep '^demo' "$dir/said-demo-base" "$dir/said-demo-series" | sed 's/.*said-demo-//' > "$dir/demo.txt"
[ "$(grep -c '^base:demo	.*KASAN: ' "$dir/demo.txt")" -eq 2 ] || { echo "demo: stock: not two reports"; status=1; }
[ "$(grep -c '^series:demo	[a-z]*	22	' "$dir/demo.txt")" -eq 2 ] || { echo "demo: series: not refused"; status=1; }
say "guests: records, series"
"$here/rows.sh" "$dir" "$vm" "$series" series
say "guests: records, base: one guest after the other dies"
"$here/rows.sh" "$dir" "$vm" "$base" base
awk -f "$here/compare.awk" records "$dir/rows-base" "$dir/rows-series" > "$dir/records.txt" || status=1
tail -n 1 "$dir/records.txt"
mkdir -p "$(dirname "$result")"
{
	echo "# The unpatched kernel and the series: checks/stock/compare.awk says what the marks mean."
	echo "# Patched tree: $(git -C "$src" rev-parse 'HEAD^{tree}'), configuration: ${dir##*stock-}"
	cat "$dir/records.txt" "$dir/cases.txt" "$dir/refs.txt" "$dir/demo.txt"
	tail -n 1 "$dir/dead.txt"
	grep '^not ok' "$dir/dead.txt" || :
} > "$result.new"
mv "$result.new" "$result"
exit $status
