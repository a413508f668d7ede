# SPDX-License-Identifier: GPL-2.0
# The short form of `make oracle`: dead callbacks, references after unlock, and calls that clang merged, on the unpatched
# kernel and on the series. A hundred programs of dead.c are picked by STOCK_SEED. The pairs of record shapes (records.c)
# damage the unpatched kernel, need KASAN and take long: they are in `make oracle` only.

SEED=${STOCK_SEED:-20261128}

# guest NAME KERNEL: all in one guest
guest() {
	"$ROOT/checks/stock/guest.sh" "$VM_ORACLE" "${VM_BASE%/*}" "$2" "short-$1" 300 \
		"/dead 0 35; /dead $((SEED % 1000000)) 65; /refs; /cases /cases.bpf.o"
}

# both WHAT: what both said
both() {
	echo "seed $SEED"
	awk -f "$ROOT/checks/stock/compare.awk" "$1" "$VM_ORACLE/said-short-base" "$VM_ORACLE/said-short-series" > out || {
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

# A sample of `make stock`: programs of the stock tree and generated ones.
t_stock_corpus() {
	for name in base series; do
		kernel=$VM_KERNEL
		[ "$name" = series ] || kernel=$VM_STOCK
		LIMIT=600 "$ROOT/checks/stock/judge.sh" run "$VM_JUDGE" "${VM_BASE%/*}" "$kernel" "$name"
	done
	"$ROOT/checks/stock/judge.sh" compare "$VM_JUDGE" "$ROOT/checks/stock/excuses" "$VM_JUDGE/rows-base" "$VM_JUDGE/rows-series" > out || {
		grep '^differs' out
		tail -n 1 out
		return 1
	}
	tail -n 1 out
	# it has looked, and the series said nothing on the console
	[ "$(awk -F'\t' '$1 == "load" && $5 == 0' "$VM_JUDGE/rows-base" | wc -l)" -ge 150 ]
	cat "$VM_JUDGE/vm-series/splats-all"
	same "$(wc -l < "$VM_JUDGE/vm-series/splats-all")" 0
}

# Random programs with all that is rewritten after the verification, with line info: what they become, and what they return.
t_stock_rewrites() {
	# below 261338, whose runs do not end within a minute on arm64, on either kernel
	first=$((SEED % 200000))
	# on arm64 the size of the code depends on addresses (judge.awk)
	columns=1-
	[ "${GUEST_ARCH-}" != arm64 ] || columns=1-3,5-
	for name in base series; do
		kernel=$VM_KERNEL
		[ "$name" = series ] || kernel=$VM_STOCK
		"$ROOT/checks/stock/guest.sh" "$VM_ORACLE" "${VM_BASE%/*}" "$kernel" "rewrites-$name" 400 "/rewrites -s $first 250; \
			echo 0 > /proc/sys/kernel/unprivileged_bpf_disabled; /rewrites -u -s $first 100; echo ended"
		[ "$(grep -c '^ended$' "$VM_ORACLE/said-rewrites-$name")" -eq 1 ]
		grep '^rewrite ' "$VM_ORACLE/said-rewrites-$name" | cut -d, -f"$columns" > "rows-$name"
	done
	echo "seed $SEED"
	diff rows-base rows-series
	[ "$(grep -c , rows-series)" -eq 350 ]
	# of which many load
	[ "$(grep -c ',.*,' rows-series)" -ge 150 ]
}
