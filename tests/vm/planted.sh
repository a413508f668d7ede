# SPDX-License-Identifier: GPL-2.0
# A warning on the console, planted by a qemu-system-x86_64 of ours, fails each check that starts a guest, and is what it
# gives as its reason. `make regress`, where both kernels count, has tests/host/regress.sh for that, and the tally
# tests/tally/splat.in.

export VM="${VM_BASE%/*}" VM_SPEED=1

# plant: guests end well from now on, but for a warning
plant() {
	fake_guest '[ 1.0] init: begin x\n[ 1.1] WARNING: planted\n'
}

# gives COMMAND...: it fails, and gives that as the reason
gives() {
	plant
	rc=0
	(cd "$ROOT" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$@") > "$T/said" 2>&1 || rc=$?
	sed -i '/^make: /d' "$T/said"
	cat "$T/said"
	[ "$rc" -ne 0 ]
	grep -q 'WARNING: planted' "$T/said"
	tail -n 1 "$T/said" | grep -qE 'the lines above|planted|guest: failed, see above'
}

# test_gives FILE TEST: that of tests/vm/FILE does
test_gives() {
	plant
	mkdir host
	HOST_DIR=$T/host "$ROOT/tests/lib.sh" "$ROOT/tests/vm/$1" "$2" > verdict
	cat verdict "host/$2.log"
	grep -q '^not ok ' verdict
	grep -q 'WARNING: planted' "host/$2.log"
	tail -n 1 "host/$2.log" | grep -qE 'the lines above|planted'
}

# make with nothing to build
made() {
	gives make --no-print-directory CONFIG="${VM##*/vm-series-}" RESULT= -o kernel -o base-kernel -o tree -o deps -o demo \
		-o "$VM/base.cpio" -o "$VM/demo.cpio" -o "${VM#"$ROOT/"}/base.cpio" -o "${VM#"$ROOT/"}/demo.cpio" "$@"
}

t_planted_run() { made run; }
t_planted_cmd() { made cmd CMD=true; }
t_planted_portable() { made portable; }
t_planted_docs() { test_gives docs.sh docs_module; }
t_planted_trace() { test_gives trace.sh trace_tprobe; }
t_planted_modules() { test_gives modules.sh modules_in_tree; }
t_planted_register() { test_gives register.sh register_filter; }
t_planted_bpftool() { test_gives bpftool.sh bpftool_prog_dump_xlated; }
t_planted_portable_test() { test_gives portable.sh portable_series; }
t_planted_torture() { test_gives torture.sh torture_races; }
t_planted_stock() { test_gives stock.sh stock_guests; }

t_planted_header() {
	mkdir guest
	printf 'x\t9\ttrue\n' > series.jobs
	gives checks/header/guest.sh planted "$T" series "$VM_KERNEL"
}

t_planted_bench() {
	: > bench
	: > run
	gives bench/guests.sh "$T" "$VM" "$VM_KERNEL" "$VM_KERNEL" "$VM_KERNEL"
}

t_planted_objects() {
	mkdir o
	touch veristat o/x.o
	gives bench/objects.sh "$T" "$VM" "$T/veristat" "$T/o" "$VM_KERNEL" "$VM_KERNEL" "$T/csv"
}

t_planted_cross() {
	mkdir d
	: > init
	: > calls
	cp "$VM/gen_init_cpio" .
	VM_MACHINE=i386 gives checks/cross/run.sh "$VM_VMLINUX" "$VM_KERNEL" "$T" "$T/d"
}
