#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Load each program of the stock selftests on the unpatched kernel and on the series, and compare the verifier's work.
# (`make stock` compares what the programs are translated to.)
#
#   checks/veristat/run.sh DIR VM BASE SERIES
#
# DIR is that of checks/regress/run.sh, after its build; VM has base.cpio and gen_init_cpio; BASE and SERIES are the bzImages.
# VMLINUX_BTF is the vmlinux that the objects were built with: without
# it the selftests' make would take this machine's, and build them anew.
# Each object is loaded by the selftests' own veristat, in a process of its own with a time limit. DIR receives
# veristat-base.csv and veristat-series.csv, a line for each program (file,prog,verdict,insns,states,peak states,
# xlated and jited size), and for each object that veristat does not get through (file,(object),failed). What
# checks/veristat/work.awk says of them is printed: totals over the programs that load on both, each program with another
# verdict or more work on the series, and the five largest differences.
#
# Exit status: 0 when no verdict differs, both kernels get through the same objects, and no program takes more instructions,
# states or peak states; 1 otherwise.
set -eu

die() {
	echo "veristat: $*" >&2
	exit 1
}

[ $# -eq 4 ] || die "usage: run.sh DIR VM BASE SERIES"
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 base=$3 series=$4
: "${VMLINUX_BTF:?is not set}"
src=$dir/tests/src/tools/testing/selftests/bpf
now=$(date +%s)

say() {
	printf '[%4d s] %s\n' $(($(date +%s) - ${START:-$now})) "$*"
}

env -u MAKELEVEL -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u OUTPUT make -C "$src" CC='ccache gcc' HOSTCC='ccache gcc' \
	CLANG='ccache clang-19' LLVM_CONFIG=llvm-config-19 SKIP_LLVM=1 SKIP_DOCS=1 SAN_LDFLAGS=-static \
	"$(cd "$src" && pwd)/veristat" > "$dir/veristat.log" 2>&1 || die "does not build: see $dir/veristat.log"

# Objects that are linked from others come as those, too; what a failed build left behind is no object.
for object in "$src"/*.bpf.o; do
	case $object in *.bpf.linked*.o) continue ;; esac
	[ ! -s "$object" ] || echo "$object"
done > "$dir/objects"
[ -s "$dir/objects" ] || die "$src: no objects: run make regress first"

cat > "$dir/veristat.job" <<'END'
failed() { echo "csv $1,(object),failed"; }
for ko in /v/*.ko; do insmod "$ko" || failed "${ko##*/}"; done
ulimit -l unlimited
for o in /v/*.bpf.o; do
	timeout 300 /v/veristat -q -o csv -e file,prog,verdict,insns,states,peak_states,prog_size,prog_size_jited "$o" \
		> /tmp/csv 2> /tmp/err || { tail -n 1 /tmp/err; failed "${o##*/}"; }
	sed '/^file/d; s/^/csv /' /tmp/csv
done
echo complete
END

# run NAME BZIMAGE
run() {
	say "guest: veristat: $1, $(wc -l < "$dir/objects") objects"
	modules=$dir/tests/files
	[ "$1" = series ] || modules=$dir/modules-base
	set -- "$1" "$2" "/v/veristat=$src/veristat" "/v/job=$dir/veristat.job" "/etc/jobs=$dir/veristat.jobs"
	for ko in "$modules"/*.ko; do set -- "$@" "/v/${ko##*/}=$ko"; done
	rm -rf "$dir/veristat.objects"
	mkdir "$dir/veristat.objects"
	while read -r object; do ln -s "$(readlink -f "$object")" "$dir/veristat.objects/"; done < "$dir/objects"
	set -- "$@" "/v=$dir/veristat.objects"
	printf 'veristat\t7200\tsh /v/job\n' > "$dir/veristat.jobs"
	name=$1 kernel=$2
	shift 2
	VM_TIMEOUT=7300 "$here/../../guest/boot.sh" test "$dir/vm" "$kernel" "$vm/base.cpio" "$@" > "$dir/boot.log" 2>&1 || {
		tail -n 5 "$dir/boot.log" >&2
		die "$name: see the lines above, and $dir/boot.log"
	}
	grep -qx complete "$dir/vm/results" || die "$name: did not get through: see $dir/vm/results"
	sed -n 's/^csv //p' "$dir/vm/results" | sort > "$dir/veristat-$name.csv"
}

run base "$base"
run series "$series"
awk -F, -f "$here/work.awk" "$dir/veristat-base.csv" "$dir/veristat-series.csv"
