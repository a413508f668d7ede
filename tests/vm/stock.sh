#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The short form of `make oracle`: dead callbacks, references after unlock, and calls that clang merged, on the unpatched
# kernel and on the series. A hundred programs of dead.c are picked by STOCK_SEED. The pairs of record shapes (records.c)
# damage the unpatched kernel, need KASAN and take long: they are in `make oracle` only. VM_KERNEL and VM_STOCK are the
# bzImages, VM_BASE is to boot, VM_ORACLE has the programs. Absolute names. See tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

SEED=${STOCK_SEED:-20261128}

# guest NAME KERNEL: all in one guest
guest() {
	"$ROOT/checks/stock/guest.sh" "$VM_ORACLE" "${VM_BASE%/*}" "$2" "short-$1" 300 \
		"/dead 0 35; /dead $((SEED % 1000000)) 65; /refs; /cases /cases.bpf.o"
}

# both WHAT: what both said
both() {
	echo "seed $SEED"
	"$VM_ORACLE/compare" "$1" "$VM_ORACLE/said-short-base" "$VM_ORACLE/said-short-series" > out || {
		grep '^not ok' out
		return 1
	}
	tail -n 1 out
}

t_stock_guests() {
	guest base "$VM_STOCK"
	guest series "$VM_KERNEL"
	for name in base series; do
		[ "$(grep -c '^done$' "$VM_ORACLE/said-short-$name")" -eq 3 ]
	done
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

run_tests "$0" "$@"
