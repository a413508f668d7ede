# SPDX-License-Identifier: GPL-2.0
# Tests of demo/portable.bpf.c: one object file on three sets of names.

WQ=bpf_wq_set_callback STREAM=bpf_stream_vprintk

# portable KERNEL STEP CALLED NAME...: BTF has just those names, and the program called that function
portable() {
	kernel=$1 step=$2 called=$3
	shift 3
	VM_CMD="demo $step" "$ROOT/guest/boot.sh" cmd "$T/vm" "$kernel" "$VM_BASE" "$VM_DEMO" > out
	cat out
	same "$(grep "^in this kernel's BTF:" out)" "in this kernel's BTF: $*"
	same "$(grep '^portable: called' out)" "portable: called $called"
	grep -qx 'portable: stream: hello from a program' out
	grep -qx 'demo: 1 passed, 0 failed' out
}

t_portable_stock() {
	portable "$VM_STOCK" portable ${WQ}_impl ${WQ}_impl ${STREAM}_impl
}

t_portable_series() {
	portable "$VM_KERNEL" portable $WQ $WQ ${WQ}_impl $STREAM ${STREAM}_impl
}

t_portable_no_impl() {
	portable "$VM_KERNEL" no-impl $WQ $WQ $STREAM
}
