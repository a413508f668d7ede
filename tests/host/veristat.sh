#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests of what `make veristat` makes of two kernels' lines: checks/veristat/work.awk and checks/veristat/xlated-report.sh. See tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# both: two kernels that agree on two programs that load and one that does not, and on a random one
both() {
	for k in base series; do
		printf 'a.bpf.o,one,success,10,2,1,80,90\na.bpf.o,two,success,20,4,1,80,90\na.bpf.o,bad,failure,1,1,1,0,0\n' \
			> veristat-$k.csv
		printf 'a.bpf.o,one,10,aa\na.bpf.o,two,20,bb\na.bpf.o,bad,-,-\nrandom,1,9,cc\n' > xlated-$k.csv
		: > veristat-$k.failed
	done
}

work() {
	awk -F, -f "$ROOT/checks/veristat/work.awk" veristat-base.csv veristat-series.csv
}

report() {
	"$ROOT/checks/veristat/xlated-report.sh" .
}

t_veristat_same() {
	both
	work > out
	grep -q '^3 programs on both kernels: 2 load, 1 are refused by both, 0 differ in work, 0 only on one$' out
	same "$(report)" \
		'translated to the same: 3 programs, 1 of them random; of 2 that load on both kernels 2, and 0 cannot be had'
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
		echo b.bpf.o > veristat-$k.failed
		fails report
		grep -qx "only one kernel does not get through: $k: b.bpf.o" out
	done
	echo b.bpf.o | tee veristat-base.failed > veristat-series.failed
	report | grep -qx 'neither kernel gets through: b.bpf.o'
}

t_veristat_translation() {
	both
	sed -i 's/two,20,bb/two,20,xx/' xlated-series.csv
	fails report
	grep -qx 'translated to something else: a.bpf.o,two: 20,bb on the base, 20,xx on the series' out
	for k in base series; do
		both
		sed -i '/two/s/20,bb/-,-/' xlated-$k.csv
		fails report
		both
		sed -i /two/d xlated-$k.csv
		fails report
		both
		sed -i /random/d xlated-$k.csv
		fails report
	done
	both
	sed -i /two/d xlated-base.csv xlated-series.csv
	fails report
	grep -qx 'loads, but was not translated: a.bpf.o,two' out
	both
	sed -i '/two/s/20,bb/-,-/' xlated-base.csv xlated-series.csv
	report > out
	grep -qx 'loads, but its translation cannot be had on either kernel: a.bpf.o,two' out
	grep -q ' of 2 that load on both kernels 1, and 1 cannot be had$' out
	both
	: > xlated-base.csv
	: > xlated-series.csv
	fails report
}

run_tests "$0" "$@"
