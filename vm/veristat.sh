#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Load each program of the stock selftests on the unpatched kernel and on the series, and compare the verifier's work
# and what it makes of the program.
#
#   vm/veristat.sh DIR VM BASE SERIES LIBBPF
#
# DIR is that of vm/regress.sh, after its build; VM has base.cpio and gen_init_cpio; BASE and SERIES are the bzImages;
# LIBBPF is a directory with libbpf.a and include/. VMLINUX_BTF is the vmlinux that the objects were built with: without
# it the selftests' make would take this machine's, and build them anew.
# Each object is loaded by the selftests' own veristat, in a process of its own with a time limit. DIR receives
# veristat-base.csv and veristat-series.csv, a line for each program (file,prog,verdict,insns,states,peak states,
# xlated and jited size), and veristat, what is printed: totals over the programs that load on both, each program
# with another verdict or more work on the series, and the five largest differences. xlated-base.csv and
# xlated-series.csv are what vm/xlated.c prints: translated programs, without what differs between two kernels.
#
# Exit status: 0 when no verdict differs, no program takes more instructions, states or peak states, and each is
# translated to the same; 1 otherwise.
set -eu

die() {
	echo "veristat: $*" >&2
	exit 1
}

[ $# -eq 5 ] || die "usage: veristat.sh DIR VM BASE SERIES LIBBPF"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 base=$3 series=$4 libbpf=$5
: "${VMLINUX_BTF:?is not set}"
src=$dir/tests/src/tools/testing/selftests/bpf
now=$(date +%s)

say() {
	printf '[%4d s] %s\n' $(($(date +%s) - ${START:-$now})) "$*"
}

env -u MAKELEVEL -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u OUTPUT make -C "$src" CC='ccache gcc' HOSTCC='ccache gcc' \
	CLANG='ccache clang-19' LLVM_CONFIG=llvm-config-19 SKIP_LLVM=1 SKIP_DOCS=1 SAN_LDFLAGS=-static \
	"$(cd "$src" && pwd)/veristat" > "$dir/veristat.log" 2>&1 || die "does not build: see $dir/veristat.log"

gcc -static -O2 -Wall -Wextra -Werror -isystem "$libbpf/include" -isystem "$src/../../../include/uapi" -o "$dir/xlated" \
	"$here/xlated.c" "$libbpf/libbpf.a" -lelf -lz || die "xlated.c: does not compile"

# Objects that are linked from others come as those, too; what a failed build left behind is no object.
for object in "$src"/*.bpf.o; do
	case $object in *.bpf.linked*.o) continue ;; esac
	[ ! -s "$object" ] || echo "$object"
done > "$dir/objects"
[ -s "$dir/objects" ] || die "$src: no objects: run make regress first"

cat > "$dir/veristat.job" <<'END'
for ko in /v/*.ko; do insmod "$ko" || echo "$ko: does not load"; done
ulimit -l unlimited
for o in /v/*.bpf.o; do
	timeout 300 /v/veristat -q -o csv -e file,prog,verdict,insns,states,peak_states,prog_size,prog_size_jited "$o" \
		> /tmp/csv 2> /tmp/err || echo "failed ${o##*/}: $(tail -n 1 /tmp/err)"
	sed '/^file/d; s/^/csv /' /tmp/csv
	timeout 300 /v/xlated "$o" || echo "failed ${o##*/}: xlated: status $?"
done
timeout 600 /v/xlated -r 1000 || echo "failed random programs: xlated: status $?"
echo complete
END

# run NAME BZIMAGE
run() {
	say "guest: veristat: $1, $(wc -l < "$dir/objects") objects"
	{
		echo "dir /v 755 0 0"
		echo "file /v/veristat $src/veristat 755 0 0"
		echo "file /v/xlated $dir/xlated 755 0 0"
		echo "file /v/job $dir/veristat.job 755 0 0"
		while read -r object; do echo "file /v/${object##*/} $object 644 0 0"; done < "$dir/objects"
		for ko in "$dir"/tests/files/*.ko; do
			[ "$1" = series ] || ko=$dir/modules-base/${ko##*/}
			echo "file /v/${ko##*/} $ko 644 0 0"
		done
		echo "file /etc/jobs $dir/veristat.jobs 644 0 0"
	} > "$dir/veristat.list"
	printf 'veristat\t7200\tsh /v/job\n' > "$dir/veristat.jobs"
	"$vm/gen_init_cpio" -t 0 "$dir/veristat.list" > "$dir/veristat.cpio"
	VM_TIMEOUT=7300 "$here/boot.sh" test "$dir/vm" "$2" "$vm/base.cpio" "$dir/veristat.cpio" > "$dir/boot.log" 2>&1 ||
		die "$1: $(tail -n 1 "$dir/boot.log")"
	grep -qx complete "$dir/vm/results" || die "$1: did not get through: see $dir/vm/results"
	sed -n 's/^csv //p' "$dir/vm/results" | sort > "$dir/veristat-$1.csv"
	sed -n 's/^xlated //p' "$dir/vm/results" | sort > "$dir/xlated-$1.csv"
	sed -n 's/^failed //p' "$dir/vm/results" > "$dir/veristat-$1.failed"
}

run base "$base"
run series "$series"
awk -F, -f "$here/../tests/veristat.awk" "$dir/veristat-base.csv" "$dir/veristat-series.csv" > "$dir/veristat" ||
	status=1
if diff "$dir/xlated-base.csv" "$dir/xlated-series.csv" > "$dir/xlated.diff" && [ -s "$dir/xlated-base.csv" ]; then
	echo "translated to the same: $(wc -l < "$dir/xlated-base.csv") programs"
else
	echo "translated to something else: $(grep -c '^<' "$dir/xlated.diff") programs (see $dir/xlated.diff)"
	status=1
fi >> "$dir/veristat"
cat "$dir/veristat"
exit "${status:-0}"
