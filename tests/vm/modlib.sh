# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# modlib.sh: sourced by the tests in tests/vm/ that build modules with kfuncs and boot a guest which loads them.
# VM_OBJ is the kernel's object directory, VM_KMAKE the command that runs its make. Absolute names.

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

# shellcheck disable=SC2034
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
