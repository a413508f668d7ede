#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh CHECK: one check of checks/matrix/rows, in the guest. A check stops at the first command that fails; what it
# printed last says why. /matrix has the objects, the modules, and `pairs`, the magic kfuncs of vmlinux.
# shellcheck disable=SC2317
set -eu

btf=/sys/kernel/btf
objects=/matrix

die() {
	echo "$*"
	exit 1
}

# btf_has FILE NAME: FILE has one function NAME, and that is tagged once as a kfunc
btf_has() {
	case $1 in
	*/vmlinux) bpftool btf dump file "$1" >/tmp/btf ;;
	*) bpftool -B $btf/vmlinux btf dump file "$1" >/tmp/btf ;;
	esac
	id=$(sed -n "s/^\[\([0-9]*\)\] FUNC '$2' .*/\1/p" /tmp/btf)
	[ -n "$id" ] || die "$1: $2: no such function"
	tags=$(grep -c "DECL_TAG 'bpf_kfunc' type_id=$id " /tmp/btf) || :
	[ "$tags" = 1 ] || die "$1: $2: functions $id, $tags tags bpf_kfunc"
}

# has_pair FILE NAME: the kfunc, and its impl with one argument more
has_pair() {
	btf_has "$1" "$2"
	btf_has "$1" "$2_impl"
}

# refused OBJECT PATTERN: the program does not load, for that reason
refused() {
	if bpftool prog loadall $objects/"$1".bpf.o /sys/fs/bpf/"$1" >/tmp/log 2>&1; then
		die "$1: loaded, and should not have been"
	fi
	cat /tmp/log
	grep -qE -- "$2" /tmp/log || die "$1: refused, but not for '$2'"
}

# runs OBJECT: load and attach it, let it run; $id is the program, $map its last map. By their names they could
# not be found without a network: libbpf probes with a socket filter whether the kernel knows names.
runs() {
	bpftool prog loadall $objects/"$1".bpf.o /sys/fs/bpf/"$1" autoattach >/tmp/log 2>&1 || {
		cat /tmp/log
		die "$1: does not load"
	}
	id=$(bpftool link show pinned /sys/fs/bpf/"$1"/"$1" | sed -n 's/^.* prog \([0-9]*\).*$/\1/p')
	[ -n "$id" ] || die "$1: no program"
	map=$(bpftool prog show id "$id" | sed -n 's/^.* map_ids \([0-9,]*\).*$/\1/p')
	map=${map##*,}
}

pairs() {
	while read -r name; do
		has_pair $btf/vmlinux "$name"
		grep -q " $name\$" /proc/kallsyms || die "$name: no such symbol"
		! grep -q " ${name}_impl\$" /proc/kallsyms || die "${name}_impl: is a symbol"
	done <$objects/pairs
	echo "$(wc -l <$objects/pairs) pairs"
}

# calls of a magic kfunc of vmlinux by both names: each program finds its own stream by its aux
calls() {
	runs calls
	bpftool prog tracelog stdout id "$id" >/tmp/stream
	cat /tmp/stream
	[ "$(sort /tmp/stream | paste -sd' ' -)" = "by the impl's name by the kfunc's name" ] ||
		die "calls: not what the program wrote to its stream"
}

# calls of another one, without global data
wq_calls() {
	runs wq
	for _ in 1 2 3 4 5; do
		bpftool map dump id "$map" >/tmp/elems
		called=$(sed -n 's/^.*"called": \([0-9]*\).*$/\1/p' /tmp/elems | paste -sd' ' -)
		[ "$called" != "1 2" ] || return 0
		sleep 1
	done
	die "wq: callbacks $called ran, not 1 2"
}

# callbacks of helpers, called through a pointer
loop() {
	runs loop
	bpftool map dump id "$map" >/tmp/elems
	cat /tmp/elems
	called=$(sed -nE 's/^.*"(looped|each)": ([0-9]+).*$/\2/p' /tmp/elems | paste -sd' ' -)
	[ "$called" = "4 1" ] || die "loop: callbacks ran $called times, not 4 1"
}

# BTF is what libbpf asks for first
no_calls_btf() {
	refused calls 'Error loading vmlinux BTF'
}

no_calls_jit() {
	refused calls 'JIT is required for calling kernel function'
}

no_btf() {
	[ ! -e $btf ] || die "$btf: exists"
}

no_modules() {
	[ ! -e /proc/modules ] || die "/proc/modules: exists"
}

demo() {
	/demo/demo
}

# module_load FILE
module_load() {
	insmod $objects/"$1".ko
	grep -q '^matrix_mod .* Live ' /proc/modules
}

# calls_of MODULE: both kfuncs of the module, by both names
calls_of() {
	module_load "$1"
	has_pair $btf/matrix_mod matrix_prog_id
	has_pair $btf/matrix_mod matrix_fs_prog_id
	runs module
	bpftool map dump id "$map" >/tmp/ids
	ids=$(sed -nE 's/^.*"(id|fs_id)(_impl)?": ([0-9]+).*$/\3/p' /tmp/ids | paste -sd' ' -)
	[ "$ids" = "$id $id $id $id" ] || die "module: program $id was told that it is $ids"
}

module_calls() {
	calls_of matrix_mod
}

module_distilled() {
	calls_of matrix_mod_distilled
}

module_no_btf() {
	module_load matrix_mod
	[ ! -e $btf/matrix_mod ] || die "$btf/matrix_mod: exists"
	refused module "Error loading vmlinux BTF|'matrix_[a-z_]*': not found in kernel or module BTFs"
}

module_no_jit() {
	module_load matrix_mod
	has_pair $btf/matrix_mod matrix_prog_id
	refused module 'JIT is required for calling kernel function'
}

# a module whose BTF is damaged: loaded without it
module_mismatch() {
	module_load matrix_mod_mismatch
	[ ! -e $btf/matrix_mod ] || die "$btf/matrix_mod: exists"
	refused module "Error loading vmlinux BTF|'matrix_[a-z_]*': not found in kernel or module BTFs"
}

if grep -q '^matrix_mod ' /proc/modules 2>/dev/null; then
	rm -rf /sys/fs/bpf/module
	# its programs are freed a little later
	for _ in $(seq 30); do
		rmmod matrix_mod 2>/dev/null && break
		sleep 1
	done
	! grep '^matrix_mod ' /proc/modules || die "matrix_mod: cannot be unloaded"
fi
"$(echo "$1" | tr - _)"
