#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests of what `make veristat` makes of two kernels' lines: checks/veristat/work.awk. See tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# both: two kernels that agree on two programs that load and one that does not
both() {
	for k in base series; do
		printf 'a.bpf.o,one,success,10,2,1,80,90\na.bpf.o,two,success,20,4,1,80,90\na.bpf.o,bad,failure,1,1,1,0,0\n' \
			> veristat-$k.csv
	done
}

work() {
	awk -F, -f "$ROOT/checks/veristat/work.awk" veristat-base.csv veristat-series.csv
}

t_veristat_same() {
	both
	work > out
	grep -q '^3 programs on both kernels: 2 load, 1 are refused by both, 0 differ in work, 0 only on one$' out
	: > veristat-base.csv
	: > veristat-series.csv
	fails work
}

t_veristat_work() {
	both
	sed -i 's/one,success,10/one,success,11/' veristat-series.csv
	fails work
	grep -q '^more work: a.bpf.o/one: ' out
	both
	sed -i 's/two,success/two,failure/' veristat-series.csv
	fails work
	grep -qx 'verdict: a.bpf.o/two: success on the base, failure on the series' out
}

# what one kernel does not get through
t_veristat_one_only() {
	for k in base series; do
		both
		sed -i /one/d veristat-$k.csv
		fails work
		both
		echo 'b.bpf.o,(object),failed' >> veristat-$k.csv
		fails work
		grep -qx "only on the $k: b.bpf.o/(object)" out
	done
	both
	for k in base series; do echo 'b.bpf.o,(object),failed' >> veristat-$k.csv; done
	work > out
	grep -qx 'neither kernel gets through: b.bpf.o' out
	grep -q '^3 programs on both kernels' out
}

run_tests "$0" "$@"
