# SPDX-License-Identifier: GPL-2.0
# modlib.sh: sourced by the tests in tests/vm/ that build modules with kfuncs and boot a guest which loads them.

TOOL=$VM_OBJ/tools/bpf/resolve_btfids/resolve_btfids

# build DIR [VARIABLE=VALUE...]: a module of each DIR/NAME.c, to NAME.ko, stripped
build() {
	dir=$1
	shift
	names=$(cd "$dir" && for f in *.c; do echo "${f%.c}"; done)
	for name in $names; do echo "obj-m += $name.o"; done > "$dir/Makefile"
	eval "$VM_KMAKE M=$T/$dir $* modules"
	for name in $names; do strip --strip-debug -o "$name.ko" "$dir/$name.ko"; done
}

# old_tool: makes ./old-tool, for RESOLVE_BTFIDS: a kernel build without the stage, as that of an unpatched 6.18.
# The tool resolves ids, but does not complete the BTF and checks nothing in it.
old_tool() {
	printf '#!/bin/sh\ncase " $* " in *" --btf_out "*) exit 0 ;; esac\nexec %s "$@"\n' "$TOOL" > old-tool
	chmod +x old-tool
}

# what a module begins with
MODULE_HEAD='#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
__bpf_kfunc_start_defs();'

# kfunc_set NAME: what is between is on stdin
kfunc_set() {
	printf 'BTF_KFUNCS_START(%s_ids)\n' "$1"
	cat
	printf 'BTF_KFUNCS_END(%s_ids)\n' "$1"
	printf 'static const struct btf_kfunc_id_set %s_set = { .owner = THIS_MODULE, .set = &%s_ids };\n' "$1" "$1"
}

# init EXPRESSION: what the module does when it is loaded
init() {
	printf 'static int __init m_init(void) { return %s; }\n' "$1"
	printf 'static void __exit m_exit(void) {}\n'
	printf 'module_init(m_init);\nmodule_exit(m_exit);\nMODULE_DESCRIPTION("test");\nMODULE_LICENSE("GPL");\n'
}

# entries FUNCTION FLAGS...: the inside of a set
entries() {
	while [ $# -gt 0 ]; do
		echo "BTF_ID_FLAGS(func, $1, $2)"
		shift 2
	done
}

# register TYPE SET, register_fmodret SET
register() {
	echo "register_btf_kfunc_id_set(BPF_PROG_TYPE_$1, &$2_set)"
}

register_fmodret() {
	echo "register_btf_fmodret_id_set(&$1_set)"
}

# module DIR NAME INIT: DIR/NAME.c, whose functions and sets are on stdin
module() {
	mkdir -p "$1"
	{
		echo "$MODULE_HEAD"
		cat
		echo '__bpf_kfunc_end_defs();'
		init "$3"
	} > "$1/$2.c"
}

# id_module DIR NAME KFUNC: the same with a magic kfunc, which tells a program its id and what it is given
id_module() {
	module "$1" "$2" "$(register SCHED_CLS m)" <<-END
		__bpf_kfunc u32 $3(u32 a, void *aux__magic) { return ((struct bpf_prog_aux *)aux__magic)->id + a; }
		$(entries "$3" KF_MAGIC_ARGS | kfunc_set m)
	END
}

# id_program KFUNC: KFUNC.bpf.o, which calls that by both names and returns 3; id_calls KFUNC: for the guest, to see that
id_program() {
	cat > "$1.bpf.c" <<-END
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		extern __u32 $1(__u32 a) __ksym;
		extern __u32 $1_impl(__u32 a, void *aux__magic) __ksym;
		char _license[] SEC("license") = "GPL";
		SEC("tc") int prog(void *ctx) { return $1_impl(5, NULL) - $1(2); }
	END
	bpf_cc "$1.bpf.c" "$1.bpf.o"
}

id_calls() {
	cat <<-END
		head -c 64 /dev/zero > /tmp/data
		bpftool prog load /$1.bpf.o /sys/fs/bpf/$1
		bpftool prog run pinned /sys/fs/bpf/$1 data_in /tmp/data repeat 1 > /tmp/out
		grep -q '^Return value: 3,' /tmp/out
	END
}
