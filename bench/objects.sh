#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What it takes to load each program of a directory of objects, on two kernels: the verifier's work, and instructions.
#
#   bench/objects.sh DIR VM VERISTAT OBJECTS BASE SERIES CSV
#
# VERISTAT is that of the stock selftests, static; its "duration" is the time from the begin of the verification to the
# end of the last pass that rewrites the program, here in thousands of instructions, for the clock counts these. Objects
# that take few are loaded three times, and the least counts. OBJECTS is a directory, BASE and SERIES are bzImages, VM has
# base.cpio. DIR receives what the guests said. Writes CSV: object,program,instructions of the program,thousands on
# BASE,thousands on SERIES, of those that load on both.
# Prints what objects.awk says: the sums, and those of the 20 largest objects.
#
# Exit status: 0, or 1 if objects.awk finds something, if no program loads, or if a guest fails.
set -eu

[ $# -eq 7 ] || { echo "usage: bench/objects.sh DIR VM VERISTAT OBJECTS BASE SERIES CSV" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 veristat=$3 objects=$4 csv=$7

cat > "$dir/objects.job" <<-'END'
	ulimit -l unlimited
	load() {
		/veristat -q -o csv -e file,prog,verdict,prog_size,insns,states,peak_states,duration "$1" 2> /dev/null |
			sed '/^file/d; s/^/csv,/'
	}
	for o in /v/*.o; do
		load "$o" | tee /tmp/once
		# one that takes 300 M at most three times: work that the kernel has put off falls into some loads
		awk -F, '{ sum += $9 } END { exit sum > 300000 }' /tmp/once || continue
		load "$o"
		load "$o"
	done
	echo complete
END
printf 'objects\t5400\tsh /job\n' > "$dir/objects.jobs"

# guest NAME BZIMAGE
guest() {
	mkdir -p "$dir/$1"
	VM_EXCUSE=objects VM_ICOUNT=1 VM_TIMEOUT=5500 "$here/../guest/boot.sh" test "$dir/$1" "$2" "$vm/base.cpio" \
		"/etc/jobs=$dir/objects.jobs" "/job=$dir/objects.job" "/veristat=$veristat" "/v=$objects" > "$dir/$1.log" 2>&1 ||
		{ tail -n 5 "$dir/$1.log" >&2 && echo "bench: $1: see the lines above, and $dir/$1.log" >&2 && exit 1; }
	tr -d '\r' < "$dir/$1/results" > "$dir/$1.said"
	grep -qx complete "$dir/$1.said" || { echo "bench: $1: $dir/$1.said: is not complete" >&2 && exit 1; }
}

# both at once: their clocks count instructions
guest base "$5" &
base=$!
guest series "$6" &
series=$! failed=
wait $base || failed=1
wait $series || failed=1
[ -z "$failed" ] || exit 1
awk -F, -v csv="$dir/csv" -f "$here/objects.awk" "$dir/base.said" "$dir/series.said"
{ echo "object,program,size,base,series" && cat "$dir/csv"; } > "$csv"
