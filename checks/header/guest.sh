#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh WHAT DIR KERNEL IMAGE: run the jobs of DIR/KERNEL.jobs with what DIR/guest has, which is /DIR in the guest
#
# VM is the directory of the guest's initramfs, WHAT names the log. Every job must end with status 0. Exit status: 0 then; what the jobs said is in DIR/vm-KERNEL/results, without carriage returns.
set -eu
what=$1 dir=$2 kernel=$3 image=$4
log=build/log/$what-$kernel.log

die() {
	echo "$what: $kernel: $*" >&2
	exit 1
}

VM_TIMEOUT=1800 scripts/stage.sh "$what: run on $kernel" "$log" \
	guest/boot.sh test "$dir/vm-$kernel" "$image" "$VM/base.cpio" \
	"/etc/jobs=$dir/$kernel.jobs" "/t=$dir/guest" || die "see $log"
sed -i 's/\r//' "$dir/vm-$kernel/results"
ended=$(grep -c '^@end .* status=0$' "$dir/vm-$kernel/results")
[ "$ended" -eq "$(wc -l < "$dir/$kernel.jobs")" ] || die "$ended jobs ended well, not all: $dir/vm-$kernel/results"
