#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run a command in a guest, with the programs of this folder in its root directory, and keep what it says.
#
#   checks/stock/guest.sh DIR VM KERNEL NAME SECONDS COMMAND...
#
# DIR has the programs, and only-NAME if the guest is to have a file /only; it receives said-NAME, and what guest/boot.sh
# leaves in vm-NAME/. VM has base.cpio and gen_init_cpio; KERNEL is the bzImage. A CPU that hangs is to be noticed soon
# (records.c). The guest may end as it likes: what it said tells how far it came. But a splat on the series fails.
# Exit status: 0, or 1 with a line on stderr.
set -eu

dir=$1 vm=$2 kernel=$3 name=$4 limit=$5
shift 5
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$dir/vm-$name"
rm -f "$dir/said-$name"
printf '%s\t%d\t%s\n' "$name" "$limit" "$*" > "$dir/vm-$name/jobs"
set -- "/etc/jobs=$dir/vm-$name/jobs"
for program in records dead refs rewrites cases cases.bpf.o; do
	set -- "$@" "/$program=$dir/$program"
done
[ ! -f "$dir/only-$name" ] || set -- "$@" "/only=$dir/only-$name"
# the unpatched kernel may warn or die of what the series refuses
case $name in *base) excuse=stock ;; rewrites-*) excuse=rewrites ;; *) excuse=dead ;; esac
case $name in records-*) stall=rcupdate.rcu_cpu_stall_timeout=$((8 * ${VM_SLOW:-1})) ;; *) stall='' ;; esac
VM_EXCUSE=$excuse VM_TIMEOUT=$((limit + 60)) VM_APPEND="kasan_multi_shot $stall" \
	"$here/../../guest/boot.sh" test "$dir/vm-$name" "$kernel" "$vm/base.cpio" "$@" > "$dir/vm-$name/boot.log" 2>&1 || :
if [ ! -f "$dir/vm-$name/splats" ]; then
	echo "stock: $name: did not boot: $(tail -n 1 "$dir/vm-$name/boot.log")" >&2
	exit 1
fi
if [ "$(wc -l < "$dir/vm-$name/splats")" -ne 1 ]; then
	echo "stock: $name: $(head -n 1 "$dir/vm-$name/splats"): see $dir/vm-$name/console.log" >&2
	exit 1
fi
tr -d '\r' < "$dir/vm-$name/results" | sed '/^@/d' > "$dir/said-$name"
