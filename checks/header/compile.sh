#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# compile.sh DIR HEADER CLANG...: compile all.bpf.c with HEADER and the headers in DIR (headers.sh), in every combination
#
# A line `ok|no|FAIL<TAB>clang<TAB>vmlinux.h<TAB>bpf_helpers.h<TAB>order<TAB>bpf_experimental.h` for each. The object must
# refer to foo and foo_impl of all twelve. `no` is what the file `impossible` lists: there the other headers must not
# compile without HEADER, either. What the compiler said of a FAIL goes to stderr.
# Exit status: 0 without a FAIL, 1 otherwise.
# shellcheck disable=SC2086 # options, split on purpose
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 header=$2
shift 2
cd "$dir"
tab=$(printf '\t')

# compile OPTION...
compile() {
	"$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Werror -I"vmlinux/$vmlinux" -isystem "bpf/$bpf" \
		-I"$(dirname "$header")" $defines -isystem /usr/include/x86_64-linux-gnu "$@"
}

# A program calls both, or the other headers' own functions as well
refers_to_all() {
	llvm-readelf-19 -sW all.o | awk '$7 == "UND" && $8 ~ /^bpf_/ { print $8 }' | sort > refers
	for f in wq_set_callback task_work_schedule_signal task_work_schedule_resume obj_new obj_drop percpu_obj_new \
		percpu_obj_drop refcount_acquire list_push_front list_push_back rbtree_add stream_vprintk; do
		for name in "bpf_${f}_impl" "bpf_$f(___magic)?"; do
			if ! grep -qxE "$name" refers; then
				echo "does not refer to $name"
				return 1
			fi
		done
	done
}

try() {
	row="$clang$tab$vmlinux$tab$bpf$tab$order$tab$experimental"
	if grep -qxF "$vmlinux $bpf $order" "$here/impossible"; then
		if echo | compile $includes $late -x c -c - -o none.o > log 2>&1; then
			echo "the other headers compile: why are they listed as impossible?" > log
		else
			echo "no$tab$row"
			return
		fi
	elif compile $includes -include "$header" $late -c "$here/all.bpf.c" -o all.o > log 2>&1 && refers_to_all >> log; then
		echo "ok$tab$row"
		return
	fi
	echo "FAIL$tab$row"
	{ echo "$row"; cat log; } >&2
	failed=1
}

failed=0
for clang; do
	command -v "$clang" > /dev/null || { echo "compile.sh: $clang: not found" >&2; exit 1; }
	for vmlinux in 6.12 6.17 6.18 series 7.x none noproto; do
		defines=
		[ "$vmlinux" != 6.12 ] || defines="-DNO_TASK_WORK"
		[ "$vmlinux" != 6.17 ] || defines="-DMAGIC_KFUNCS_STREAM_5_ARGS"
		[ "$vmlinux" != noproto ] || defines="-DBPF_NO_KFUNC_PROTOTYPES"
		for bpf in 1.1 1.6 base series; do
			order=before experimental=-
			includes="-include vmlinux.h" late="-include bpf/bpf_helpers.h"
			try
			order=after
			includes="-include vmlinux.h -include bpf/bpf_helpers.h" late=
			try
			for experimental in base series; do
				includes="-include vmlinux.h -include bpf/bpf_helpers.h
					-include experimental/$experimental/bpf_experimental.h"
				try
			done
		done
	done
done
rm -f all.o none.o log refers
exit $failed
