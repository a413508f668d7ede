#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run records.c on one kernel, in as many guests as it takes: one that dies takes only the row that killed it.
#
#   checks/stock/rows.sh DIR VM KERNEL NAME [ARGUMENT...]
#
# As guest.sh, with the arguments for records. DIR receives rows-NAME. FROM is the row to begin with, for a run that was
# interrupted. Exit status: 0 when all rows were made; 1 with a line on stderr when records cannot run.
set -eu

die() {
	echo "records: $*" >&2
	exit 1
}

[ $# -ge 4 ] || die "usage: rows.sh DIR VM KERNEL NAME [ARGUMENT...]"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 kernel=$3 name=$4
shift 4
said=$dir/said-records-$name rows=$dir/rows-$name only=$dir/only-records-$name

# make [ARGUMENT...]: append the rows, from $from on
make_rows() {
	while :; do
		"$here/guest.sh" "$dir" "$vm" "$kernel" "records-$name" 3000 exec /records "$@" "$from"
		! grep -q '^rows ' "$said" || break
		! grep '^records: ' "$said" >&2 || die "$name: see $said"
		first=$(sed -n 's/^begin \([0-9]*\)	.*/\1/p' "$said" | head -n 1)
		last=$(sed -n 's/^begin \([0-9]*\)	.*/\1/p' "$said" | tail -n 1)
		[ "${last:--1}" -ge "$from" ] || die "$name: did not begin: see $dir/vm-records-$name/boot.log"
		grep -E '^(row|again) ' "$said" >> "$rows" || :
		from=$last
		# a row before may have damaged this guest: what kills it has to do so in a new one
		[ "$first" -eq "$last" ] || continue
		sed -n "s/^begin \($last	.*\)/row \1	0	-	-	-	the kernel dies	-	-/p" "$said" >> "$rows"
		from=$((last + 1))
	done
	grep -E '^(row|again) ' "$said" >> "$rows" || :
}

rm -f "$only"
from=${FROM:-0}
[ "$from" -gt 0 ] || : > "$rows"
make_rows "$@"
# once more, without the rows that make the kernel oops between them
sed -n 's/^again \([0-9]*\)	.*/\1/p' "$rows" > "$only.new"
if [ -s "$only.new" ]; then
	mv "$only.new" "$only"
	grep '^row ' "$rows" > "$rows.new"
	mv "$rows.new" "$rows"
	from=0
	make_rows "$@"
fi
sed -i 's/^again /row /' "$rows"
sort -n -k 2 "$rows" -o "$rows"
