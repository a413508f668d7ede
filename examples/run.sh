#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh DIR STOCK SERIES OLDER: run the examples that are in DIR/debian and DIR/tree on those kernels
#
# What each prints must be as it should be; OLDER, 6.12, has neither task_work nor streams, and two of them have to say
# that. VM is the directory of the guest's initramfs. Exit status: 0 when all is well; what was printed is shown.
set -eu
dir=$1 stock=$2 series=$3 older=$4
old_says='this kernel has no'

job() {
	printf '%s\t60\tcd /t/%s && %s\n' "$1" "${1% *}" "$2"
}

jobs() {
	for build in debian tree; do
		job "$build wq" "./wq sh -c 'for i in 1 2 3; do /bin/busybox true; done' > o || exit; cat o; awk '\$2 == \"busybox\" { n += \$1 } END { exit n != 3 }' o"
		if [ "$1" = older ]; then
			job "$build task_work" "./task_work true > o 2>&1 && exit 9; cat o; grep -q '$old_says bpf_task_work_schedule_resume()' o"
			job "$build stream" "./stream true > o 2>&1 && exit 9; cat o; grep -q '$old_says bpf_stream_vprintk()' o"
		else
			job "$build task_work" "./task_work /bin/busybox echo hello 'two words' > o || exit; cat o; grep -qx '[0-9]*: /bin/busybox echo hello two words' o"
			job "$build stream" "./stream sh -c '/bin/busybox true; :' > o || exit; cat o; [ \$(grep -cE '^(stream|sh) .[0-9]+. starts [0-9]+' o) = 2 ]"
		fi
		job "$build index" "./index sh -c '/bin/busybox sleep 60 & /bin/busybox true; sleep 1' > o || exit; cat o; [ \$(grep -cxE '[0-9]+ runs for [0-9]+ ms' o) = 1 ]"
	done
}

guest() {
	jobs "$1" > "$dir/$1.jobs"
	checks/header/guest.sh examples "$dir" "$1" "$2"
	sed -n "s/^@begin \(.*\)/$1: \1/p; t; /^@/!s/^/	/p" "$dir/vm-$1/results"
}

rm -rf "$dir/guest"
for build in debian tree; do
	mkdir -p "$dir/guest/$build"
	for e in wq task_work stream index; do
		cp "$dir/$build/$e" "$dir/guest/$build/"
	done
done
guest stock "$stock"
guest series "$series"
VM_MACHINE=pc guest older "$older"
echo "examples: ok: 4 programs, 2 builds, 3 kernels"
