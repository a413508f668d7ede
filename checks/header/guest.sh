#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh WHAT DIR KERNEL IMAGE: run the jobs of DIR/KERNEL.jobs with what DIR/guest has, which is /DIR in the guest
#
# VM is the directory of the guest's initramfs, WHAT names the log. Every job must end with status 0, and the console
# have no line of vm/splats. Exit status: 0 then; what the jobs said is in DIR/vm-KERNEL/results, without carriage returns.
set -eu
what=$1 dir=$2 kernel=$3 image=$4
log=build/log/$what-$kernel.log

die() {
	echo "$what: $kernel: $*" >&2
	exit 1
}

{
	printf 'dir /t 755 0 0\nfile /etc/jobs %s 644 0 0\n' "$dir/$kernel.jobs"
	find "$dir/guest" -mindepth 1 -type d -printf 'dir /t/%P 755 0 0\n'
	find "$dir/guest" -type f -printf 'file /t/%P %p 755 0 0\n'
} > "$dir/$kernel.list"
"$VM/gen_init_cpio" -t 0 "$dir/$kernel.list" > "$dir/$kernel.cpio"
VM_TIMEOUT=1800 scripts/stage.sh "$what: run on $kernel" "$log" \
	vm/boot.sh test "$dir/vm-$kernel" "$image" "$VM/base.cpio" "$dir/$kernel.cpio" || die "see $log"
rm -f "$dir/$kernel.cpio"
sed -i 's/\r//' "$dir/vm-$kernel/results"
grep -v '^#' vm/splats | grep . > "$dir/splats"
if grep -aEf "$dir/splats" "$dir/vm-$kernel/console.log"; then
	die "the console has the lines above: $dir/vm-$kernel/console.log"
fi
ended=$(grep -c '^@end .* status=0$' "$dir/vm-$kernel/results")
[ "$ended" -eq "$(wc -l < "$dir/$kernel.jobs")" ] || die "$ended jobs ended well, not all: $dir/vm-$kernel/results"
