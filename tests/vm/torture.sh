# SPDX-License-Identifier: GPL-2.0
# The short form of `make torture`: 1,000 random programs, each loaded by either name of the magic kfuncs, and twenty
# seconds of a module that comes and goes while programs call and trace it.

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
