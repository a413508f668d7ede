#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# headers.sh DIR TREE VMLINUX_H [VMLINUX_H_6_12 [VMLINUX_H_6_18]]: make the headers of compile.sh, in DIR
#
# vmlinux/NAME/vmlinux.h from VMLINUX_H, which is the series', and those of the other kernels where they are given:
#
#   series    foo and foo_impl, as it is
#   noproto   the same, for a program that defines BPF_NO_KFUNC_PROTOTYPES
#   none      no prototype of any kfunc, as with a pahole before 1.26
#   6.12      foo_impl of the nine that 6.12 has
#   6.18      foo_impl
#   6.17      foo_impl, but bpf_stream_vprintk() with five arguments, and no task_work
#   7.x       foo
#
# bpf/NAME/bpf/bpf_helpers.h and what belongs to it: 1.1 is Debian's libbpf-dev, base and series are from the git
# tree TREE, and 1.6 is base with the declaration that libbpf 1.6 has.
# experimental/NAME/bpf_experimental.h: base and series.
set -eu
dir=$1 tree=$2 series=$3 older=${4:-$3} stock=${5:-$3}

nine='wq_set_callback|obj_new|obj_drop|percpu_obj_new|percpu_obj_drop|refcount_acquire|list_push_front|list_push_back|rbtree_add'
three='task_work_schedule_signal|task_work_schedule_resume|stream_vprintk'
is_foo="^extern .*[ *]bpf_($nine|$three)\\("
is_impl="^extern .*[ *]bpf_($nine|$three)_impl\\("
is_three="^extern .*[ *]bpf_($three)_impl\\("

rm -rf "$dir"
for v in series none noproto 6.12 6.18 6.17 7.x; do
	mkdir -p "$dir/vmlinux/$v"
done
cd "$dir/vmlinux"
cp "$series" series/vmlinux.h
cp "$series" noproto/vmlinux.h
grep -vE "$is_impl" "$series" > 7.x/vmlinux.h
grep -v '^extern .* __weak __ksym;$' "$series" > none/vmlinux.h

# with_impls VMLINUX_H: that one's types, and the prototypes of the impls
with_impls() {
	grep -E "$is_impl" "$series" > impls
	grep -vE "$is_foo|$is_impl|^#endif /\\* __VMLINUX_H__ \\*/" "$1"
	cat impls
	echo '#endif'
}
with_impls "$stock" > 6.18/vmlinux.h
with_impls "$older" | sed "/^struct bpf_task_work {$/,/^};$/d; /^typedef int (\*bpf_task_work_callback_t)/d" |
	grep -vE "$is_three" > 6.12/vmlinux.h
with_impls "$stock" | grep -vE 'bpf_task_work_schedule_.*_impl\(' |
	sed 's/bpf_stream_vprintk_impl(/bpf_stream_vprintk(/' > 6.17/vmlinux.h
rm -f impls
[ "$(grep -cE "$is_impl" 6.18/vmlinux.h) $(grep -cE "$is_impl" 6.12/vmlinux.h) $(grep -cE "$is_foo" 7.x/vmlinux.h)" = "12 9 12" ] || {
	echo "headers.sh: $series: has not the prototypes of twelve kfuncs and their impls" >&2
	exit 1
}

cd "$dir"
for t in base series; do
	mkdir -p "bpf/$t" "experimental/$t" tmp
	git -C "$tree" archive "$t" tools/lib/bpf include/uapi/linux/bpf.h scripts/bpf_doc.py \
		tools/testing/selftests/bpf/bpf_experimental.h | tar -xC tmp
	mv tmp/tools/lib/bpf "bpf/$t/bpf"
	mv tmp/tools/testing/selftests/bpf/bpf_experimental.h "experimental/$t/"
	tmp/scripts/bpf_doc.py --header --file tmp/include/uapi/linux/bpf.h > "bpf/$t/bpf/bpf_helper_defs.h"
	rm -rf tmp
done
cp -a bpf/base bpf/1.6
sed -i 's/bpf_stream_vprintk_impl(/bpf_stream_vprintk(/' bpf/1.6/bpf/bpf_helpers.h
sed -i 's/^\(#define LIBBPF_MINOR_VERSION\) .*/\1 6/' bpf/1.6/bpf/libbpf_version.h
grep -q '^extern int bpf_stream_vprintk(.*' bpf/1.6/bpf/bpf_helpers.h
mkdir -p bpf/1.1
cp -a /usr/include/bpf bpf/1.1/
grep -q 'LIBBPF_MINOR_VERSION 1$' bpf/1.1/bpf/libbpf_version.h || {
	echo "headers.sh: /usr/include/bpf: not libbpf 1.1: install Debian 12's libbpf-dev" >&2
	exit 1
}
