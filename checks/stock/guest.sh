#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run a command in a guest, with the programs of this folder in its root directory, and keep what it says.
#
#   checks/stock/guest.sh DIR VM KERNEL NAME SECONDS COMMAND...
#
# DIR has the programs, and only-NAME if the guest is to have a file /only; it receives said-NAME, and what vm/boot.sh
# leaves in vm-NAME/. VM has base.cpio and gen_init_cpio; KERNEL is the bzImage. A CPU that hangs is to be noticed soon
# (records.c). The guest may end as it likes: what it said tells how far it came.
set -eu

dir=$1 vm=$2 kernel=$3 name=$4 limit=$5
shift 5
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$dir/vm-$name"
rm -f "$dir/said-$name"
printf '%s\t%d\t%s\n' "$name" "$limit" "$*" > "$dir/vm-$name/jobs"
{
	echo "file /etc/jobs $dir/vm-$name/jobs 644 0 0"
	for program in records dead refs cases cases.bpf.o; do
		echo "file /$program $dir/$program 755 0 0"
	done
	[ ! -f "$dir/only-$name" ] || echo "file /only $dir/only-$name 644 0 0"
} > "$dir/vm-$name/list"
"$vm/gen_init_cpio" -t 0 "$dir/vm-$name/list" > "$dir/vm-$name/programs.cpio"
VM_TIMEOUT=$((limit + 60)) VM_APPEND="kasan_multi_shot rcupdate.rcu_cpu_stall_timeout=$((8 * ${VM_SLOW:-1}))" \
	"$here/../../vm/boot.sh" test "$dir/vm-$name" "$kernel" "$vm/base.cpio" \
	"$dir/vm-$name/programs.cpio" > "$dir/vm-$name/boot.log" 2>&1 || :
tr -d '\r' < "$dir/vm-$name/results" | sed '/^@/d' > "$dir/said-$name"
