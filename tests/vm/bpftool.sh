# SPDX-License-Identifier: GPL-2.0
# Tests of what bpftool makes of magic kfuncs: prototypes, and dumps of a program that calls one.

# Both names of each pair, once: a compiler takes a second declaration that is like the first without a word.
t_bpftool_btf_dump() {
	"$VM_BPFTOOL" btf dump file "$VM_VMLINUX" format c > vmlinux.h
	sed -n '/^BTF_ID_LIST(magic_kfuncs)$/,/^BTF_ID_LIST_END(/s/^BTF_ID(func, \(.*\))$/\1/p' "$VM_SRC/kernel/bpf/btf.c" \
		> names
	same "$(wc -l < names)" 24
	while read -r name; do
		same "$name: $(grep -cE "^extern .*[ *]$name\(.*\) __weak __ksym;$" vmlinux.h)" "$name: 1"
		same "$name: $(grep -cwE "$name" vmlinux.h)" "$name: 1"
	done < names
	echo '#include "vmlinux.h"' > all.bpf.c
	"$ROOT/scripts/cc.sh" bpf all.bpf.o all.bpf.c -I.
}

# A kernel without these tags loads no scheduler of sched_ext; `make matrix` looks at those of other paholes.
t_bpftool_kfunc_tags() {
	"$VM_BPFTOOL" btf dump file "$VM_VMLINUX" > dumped
	"$ROOT/scripts/kfunc-tags.py" "$VM_VMLINUX" dumped > said
	same "$(sed 's/^[1-9][0-9]* /N /' said)" 'N kfuncs, 12 with an impl'
	id=$(sed -n "s/^\[\([0-9]*\)\] FUNC 'bpf_task_acquire' .*/\1/p" dumped)
	grep -v "DECL_TAG 'bpf_kfunc' type_id=$id " dumped > without
	refuses 'bpf_task_acquire: in a set, but not tagged$' "$ROOT/scripts/kfunc-tags.py" "$VM_VMLINUX" without
	grep "DECL_TAG 'bpf_kfunc' type_id=$id " dumped | cat dumped - > twice
	refuses 'bpf_task_acquire: tagged \[2\] times$' "$ROOT/scripts/kfunc-tags.py" "$VM_VMLINUX" twice
}

# A program that calls bpf_wq_init(), which is no magic kfunc, and a magic one by both names.
load_and_dump() {
	cat > caller.bpf.c <<-'END'
		#include "wq.bpf.h"
		SEC("tc") int caller(void *ctx)
		{
			struct bpf_wq *wq = new_wq(0);

			if (!wq)
				return 1;
			bpf_wq_set_callback(wq, callback, 0);
			bpf_wq_set_callback_impl(wq, callback, 0, NULL);
			return 0;
		}
	END
	bpf_cc caller.bpf.c caller.bpf.o -I"$ROOT/demo"
	LIBBPF=$VM_LIBBPF UAPI=$VM_SRC/tools/include/uapi "$ROOT/scripts/cc.sh" guest jited "$ROOT/tests/vm/jited.c"
	in_guest 60 caller.bpf.o jited <<-'END'
		bpftool prog load /caller.bpf.o /sys/fs/bpf/caller
		echo "=xlated"
		bpftool prog dump xlated pinned /sys/fs/bpf/caller opcodes
		echo "=json"
		bpftool -j prog dump xlated pinned /sys/fs/bpf/caller
		echo
		echo "=symbols"
		grep -E ' (bpf_wq_init|bpf_wq_set_callback|bpf_prog_[0-9a-f]*_caller)( |$|	)' /proc/kallsyms
		echo "=jited"
		/jited /sys/fs/bpf/caller | base64
		echo "=end"
	END
}

# part NAME: what stands under that title
part() {
	sed -n "/^=$1\$/,/^=/{/^=/d; p}" said
}

# A call is printed like one of any kfunc: the name of the kernel's function and an instruction of the same form.
t_bpftool_prog_dump_xlated() {
	load_and_dump
	part xlated | sed -n 's/^ *[0-9]*: \((85) call bpf_wq_.*\)$/\1/p' | sed 's/#[0-9]*$/#N/' > calls
	part xlated | grep -A1 ' call bpf_wq_' | sed -n 's/^ *\(85 .*\)$/\1/p' > opcodes
	same "$(paste -sd' ' calls)" \
		'(85) call bpf_wq_init#N (85) call bpf_wq_set_callback#N (85) call bpf_wq_set_callback#N'
	# code, registers and offset are alike; the last four bytes are the address
	same "$(cut -c1-11 opcodes | sort | uniq -c | sed 's/^ *//')" '3 85 20 00 00'
	same "$(tail -n 2 opcodes | uniq | wc -l)" 1
	same "$(part json | grep -o '"(85) call bpf_wq_[^"#]*#[0-9]*"' | sed 's/#.*//' | paste -sd' ')" \
		'"(85) call bpf_wq_init "(85) call bpf_wq_set_callback "(85) call bpf_wq_set_callback'
}

# What a disassembler would print a name for: the addresses that the machine code calls.
t_bpftool_prog_dump_jited() {
	load_and_dump
	part jited | base64 -d > code
	at=$(part symbols | sed -n 's/^\([0-9a-f]*\) t bpf_prog_.*/\1/p')
	case ${GUEST_ARCH-x86} in
	x86) objdump -D -b binary -m i386:x86-64 --adjust-vma="0x$at" code | sed -n 's/.*\tcall *0x\([0-9a-f]*\)$/\1/p' > calls ;;
	arm64)
		# bl 0xffff800080121234, or further away mov x10, #0xffffffffffff1234; movk x10, #0x8012, lsl #16;
		# movk x10, #0x8000, lsl #32; blr x10
		"${GUEST_PREFIX}objdump" -D -b binary -m aarch64 --adjust-vma="0x$at" code | awk -F'\t' '
			$3 == "mov" && /x10, #0x/ { low = substr($0, match($0, /#0x[0-9a-f]+/) + 3, RLENGTH - 3) }
			$3 == "movk" && /lsl #16/ { mid = substr($4, match($4, /0x/) + 2); sub(/,.*/, "", mid) }
			$3 == "movk" && /lsl #32/ { high = substr($4, match($4, /0x/) + 2); sub(/,.*/, "", high) }
			$3 == "bl" { print substr($4, 3) }
			$3 == "blr" { print "ffff" pad(high) pad(mid) substr(low, length(low) - 3) }
			function pad(s) { return substr("000" s, length(s)) }' > calls
		;;
	esac
	while read -r to; do
		part symbols | sed -n "s/^$to [tT] \([a-z_]*\).*/\1/p"
	done < calls > names
	same "$(paste -sd' ' names)" 'bpf_wq_init bpf_wq_set_callback bpf_wq_set_callback'
}
