# SPDX-License-Identifier: GPL-2.0
# Tests of the examples in Documentation/bpf/kfuncs.rst: the module is built, its BTF has the pair, and the
# kernel loads it; the BPF programs compile.

# example PATTERN: the one example that has a line with PATTERN, to stdout
example() {
	awk -v pattern="$1" '
		function flush() { if (code ~ pattern) { printf "%s", code; n++ } code = "" }
		/^\.\. code-block:: c$/ { flush(); inside = 1; next }
		inside && /^[^\t]/ { flush(); inside = 0 }
		inside { sub(/^\t/, ""); code = code $0 "\n" }
		END { flush(); exit n != 1 }' "$VM_SRC/Documentation/bpf/kfuncs.rst"
}

t_docs_module() {
	mkdir module
	example 'register_btf_kfunc_id_set' > module/bpf_example.c
	echo 'obj-m := bpf_example.o' > module/Makefile
	eval "$VM_KMAKE M=$T/module modules"
	"$VM_BPFTOOL" -B "$VM_VMLINUX" btf dump file module/bpf_example.ko > functions
	grep "FUNC 'bpf_example_prog_id'" functions
	grep "FUNC 'bpf_example_prog_id_impl'" functions
	strip --strip-debug module/bpf_example.ko
	in_guest 30 /bpf_example.ko=module/bpf_example.ko <<-'END'
		insmod /bpf_example.ko
		rmmod bpf_example
	END
	not grep -q 'BTF of' vm/console.log
}

t_docs_program() {
	example 'return bpf_wq_init' > simple.bpf.c
	bpf_cc simple.bpf.c simple.bpf.o
}

t_docs_program_for_either() {
	example 'bpf_ksym_exists' > either.bpf.c
	bpf_cc either.bpf.c either.bpf.o
}

t_docs_tracing() {
	example 'fentry/' > trace.bpf.c
	bpf_cc trace.bpf.c trace.bpf.o
}
