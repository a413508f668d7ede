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
from=${FROM:-0} said=$dir/said-records-$name rows=$dir/rows-$name
[ "$from" -gt 0 ] || : > "$rows"
while :; do
	"$here/guest.sh" "$dir" "$vm" "$kernel" "records-$name" 3000 exec /records "$@" "$from"
	! grep -q '^rows ' "$said" || break
	! grep '^stock: ' "$said" >&2 || die "$name: see $said"
	first=$(sed -n 's/^begin \([0-9]*\)	.*/\1/p' "$said" | head -n 1)
	last=$(sed -n 's/^begin \([0-9]*\)	.*/\1/p' "$said" | tail -n 1)
	[ "${last:--1}" -ge "$from" ] || die "$name: did not begin: see $dir/vm-records-$name/boot.log"
	# a row before may have damaged this guest: what kills it has to do so in a new one, unless it was the program
	if [ "$first" -ne "$last" ] && ! grep -q "^row $last	" "$said"; then
		grep '^row ' "$said" >> "$rows" || :
		from=$last
		continue
	fi
	grep '^row ' "$said" | grep -v "^row $last	" >> "$rows" || :
	grep "^row $last	" "$said" >> "$rows" ||
		sed -n "s/^begin \($last	.*\)/row \1	0	-	-	-	the kernel dies	-	-/p" "$said" >> "$rows"
	from=$((last + 1))
done
grep '^row ' "$said" >> "$rows" || :
