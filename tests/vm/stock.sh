#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The short form of `make oracle`: what checks/stock/ has, on the unpatched kernel and on the series, without what damages
# the unpatched one: there, programs are only loaded. Sixty rows of records.c and a hundred programs of dead.c are picked by
# STOCK_SEED, today's date. VM_KERNEL and VM_STOCK are the bzImages, VM_BASE is to boot, VM_ORACLE has the programs. Absolute
# names. See tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

SEED=${STOCK_SEED:-$(date +%Y%m%d)}

# guest NAME KERNEL OPTION: all in one guest
guest() {
	"$ROOT/checks/stock/guest.sh" "$VM_ORACLE" "${VM_BASE%/*}" "$2" "short-$1" 300 \
		"/records $3 -s $SEED 60; /dead 0 35; /dead $((SEED % 1000000)) 65; /refs; /cases /cases.bpf.o"
}

# both WHAT [KNOWN]: what both said
both() {
	what=$1
	shift
	echo "seed $SEED"
	"$VM_ORACLE/compare" "$what" "$VM_ORACLE/said-short-base" "$VM_ORACLE/said-short-series" "$@" > out || {
		grep '^not ok' out
		return 1
	}
	tail -n 1 out
}

t_stock_guests() {
	guest base "$VM_STOCK" -l
	guest series "$VM_KERNEL"
	for name in base series; do
		[ "$(grep -c '^done$' "$VM_ORACLE/said-short-$name")" -eq 3 ]
		grep -q '^rows ' "$VM_ORACLE/said-short-$name"
	done
}

t_stock_records() {
	both records "$ROOT/results/oracle.txt"
}

t_stock_dead() {
	both dead
}

t_stock_refs() {
	both refs
}

t_stock_cases() {
	both cases
}

run_tests "$0"
