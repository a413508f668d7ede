#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The short form of `make torture`: 1,000 random programs, each loaded by either name of the magic kfuncs, and twenty
# seconds of a module that comes and goes while programs call and trace it. VM_KERNEL and VM_BASE are to boot, VM_TESTMOD
# is a bpf_testmod.ko for them, VM_LIBBPF a directory with libbpf.a and include/, VM_SRC the kernel's source. Absolute
# names. See tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

guest() {
	what=$1
	shift
	"$ROOT/checks/torture/guest.sh" "$what" "$T" "${VM_BASE%/*}" "$VM_KERNEL" "$VM_TESTMOD" "$VM_LIBBPF" \
		"$VM_SRC/tools/include/uapi" "$@"
	tail -n 1 "$what.txt"
}

t_torture_fuzz() {
	guest fuzz 1 1000
}

t_torture_races() {
	guest races 20
}

run_tests "$0" "$@"
