#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Instructions that it takes to load each program of a directory of objects, on two kernels.
#
#   bench/objects.sh DIR VM VERISTAT OBJECTS BASE SERIES CSV
#
# VERISTAT is that of the stock selftests, static; its "duration" is the time from the begin of the verification to the
# end of the last pass that rewrites the program, here in thousands of instructions, for the clock counts these. OBJECTS
# is a directory, BASE and SERIES are bzImages, VM has base.cpio. DIR receives what the guests said. Writes CSV:
# object,program,instructions of the program,thousands on BASE,thousands on SERIES, of those that load on both.
# Prints the sums, and those of the 20 largest objects.
#
# Exit status: 0, or 1 if a program loads on one kernel only, none loads, or a guest fails.
set -eu

[ $# -eq 7 ] || { echo "usage: bench/objects.sh DIR VM VERISTAT OBJECTS BASE SERIES CSV" >&2 && exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 vm=$2 veristat=$3 objects=$4 csv=$7

# guest NAME BZIMAGE
guest() {
	mkdir -p "$dir/$1"
	cat > "$dir/job" <<-'END'
		ulimit -l unlimited
		for o in /v/*.o; do
			/veristat -q -o csv -e file,prog,verdict,prog_size,duration "$o" 2> /dev/null | sed '/^file/d; s/^/csv,/'
		done
		echo complete
	END
	printf 'objects\t5400\tsh /job\n' > "$dir/jobs"
	VM_EXCUSE=objects VM_ICOUNT=1 VM_TIMEOUT=5500 "$here/../guest/boot.sh" test "$dir/$1" "$2" "$vm/base.cpio" "/etc/jobs=$dir/jobs" \
		"/job=$dir/job" "/veristat=$veristat" "/v=$objects" > "$dir/$1.log" 2>&1 ||
		{ tail -n 5 "$dir/$1.log" >&2 && echo "bench: $1: see the lines above, and $dir/$1.log" >&2 && exit 1; }
	tr -d '\r' < "$dir/$1/results" > "$dir/$1.said"
	grep -qx complete "$dir/$1.said" || { echo "bench: $1: $dir/$1.said: is not complete" >&2 && exit 1; }
}

guest base "$5"
guest series "$6"
awk -F, -v csv="$csv.new" '
	$1 != "csv" { next }
	{ name = $2 "," $3 }
	FILENAME == ARGV[1] { verdict[name] = $4; size[name] = $5; base[name] = $6; programs++; next }
	{ seen[name] }
	verdict[name] != $4 { print "bench: " name ": " verdict[name] " on base, " $4 " on the series"; bad = 1; next }
	$4 != "success" { next }
	{
		print name "," size[name] "," base[name] "," $6 > csv
		loaded++
		sum += base[name]; sum2 += $6
		large[$2] += size[name]; a[$2] += base[name]; b[$2] += $6
	}
	END {
		for (name in verdict)
			if (verdict[name] == "success" && !(name in seen)) {
				print "bench: " name ": success on base, nothing on the series"
				bad = 1
			}
		if (!loaded) { print "bench: nothing loads"; exit 1 }
		printf "%d programs, %d load on both\n", programs, loaded
		printf "all: %.1f M instructions on base, %.1f M on the series: %.4f\n", sum / 1000, sum2 / 1000, sum2 / sum
		print "the 20 with most instructions: object, these, M to load on base, on the series, ratio"
		while (n++ < 20) {
			best = ""
			for (o in large)
				if (best == "" || large[o] > large[best])
					best = o
			if (best == "")
				break
			printf "%-40s %6d %9.1f %9.1f %.4f\n", best, large[best], a[best] / 1000, b[best] / 1000, b[best] / a[best]
			sum20 += a[best]; sum220 += b[best]
			delete large[best]
		}
		printf "these: %.4f\n", sum220 / sum20
		exit bad
	}' "$dir/base.said" "$dir/series.said"
{ echo "object,program,size,base,series" && cat "$csv.new"; } > "$csv"
rm "$csv.new"
