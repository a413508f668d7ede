#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests of what kbuild does with pahole and with the BTF of modules: a pahole that is too old or that fails, and modules
# that are built from a package of headers. VM_SRC is the kernel's source, VM_OBJ its object directory, VM_KMAKE the
# command that runs its make, VM_HEADERS directories with bpf/; VM_KERNEL and VM_BASE are to boot. Absolute names. See
# tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/vm/modlib.sh
. "$(dirname "$0")/modlib.sh"

PAHOLE_REAL=$(echo "$VM_KMAKE" | sed -n 's/.* PAHOLE=\([^ ]*\).*/\1/p')
PAHOLE_REAL=${PAHOLE_REAL:-$(command -v pahole)}

# fake_pahole HOW VERSION: makes ./fake, which says that it is VERSION (the real one's if empty), and fails as HOW
# says: exit, none (it writes no BTF), half (of it), kill; not at all: good
fake_pahole() {
	cat > fake <<-END
		#!/bin/sh
		set -eu
		[ "\$*" != --version ] || { [ -n "$2" ] && echo "$2" || $PAHOLE_REAL --version; exit; }
		for last; do :; done
		case $1 in
		exit) exit 1 ;;
		none) exit 0 ;;
		half)
			$PAHOLE_REAL "\$@"
			objcopy --dump-section .BTF=$T/btf "\$last"
			truncate -s \$((\$(stat -c %s $T/btf) / 2)) $T/btf
			objcopy --update-section .BTF=$T/btf "\$last"
			;;
		kill) kill -9 \$\$ ;;
		good) exec $PAHOLE_REAL "\$@" ;;
		esac
	END
	chmod +x fake
}

# option OPTION VALUE: so says the configuration of ./obj; VALUE is empty where the option is off
option() {
	same "$(sed -n "s/^CONFIG_$1=//p" obj/include/config/auto.conf)" "$2"
}

# DEBUG_INFO_BTF goes away with a pahole that is too old, and nothing else does: the directory can be configured
# again, with each remedy that the help text names.
t_kbuild_old_pahole() {
	sed -n '/^config DEBUG_INFO_BTF$/,/^config /p' "$VM_SRC/lib/Kconfig.debug" | grep -q 'install a newer pahole'
	sed -n '/^config DEBUG_INFO_BTF$/,/^config /p' "$VM_SRC/lib/Kconfig.debug" | grep -q 'make PAHOLE=<file>'
	mkdir obj
	configure() { eval "$VM_KMAKE O=$T/obj $*"; }
	for remedy in newer named; do
		cp "$VM_OBJ/.config" obj/
		fake_pahole good v1.21
		configure PAHOLE="$T/fake" olddefconfig prepare0
		option PAHOLE_VERSION 121
		option DEBUG_INFO_BTF ""
		option BPF_SYSCALL y
		cp "$VM_OBJ/.config" obj/
		case $remedy in
		newer)
			fake_pahole good v1.22
			configure PAHOLE="$T/fake" olddefconfig prepare0
			;;
		named) configure PAHOLE="$PAHOLE_REAL" olddefconfig prepare0 ;;
		esac
		option DEBUG_INFO_BTF y
	done
	# what a pahole that was replaced by an old one leaves, with BTF on: no make may stop before it can be mended
	sed -i 's/^CONFIG_PAHOLE_VERSION=.*/CONFIG_PAHOLE_VERSION=121/' obj/include/config/auto.conf obj/.config
	configure PAHOLE="$PAHOLE_REAL" olddefconfig prepare0
	option DEBUG_INFO_BTF y
	not grep -q '^CONFIG_PAHOLE_VERSION=121$' obj/.config
}

# A module is whole or not there, whatever pahole does, and the next make with a good one has it whole.
t_kbuild_module_pahole() {
	mkdir m
	{
		echo "$MODULE_HEAD"
		echo '__bpf_kfunc u32 m_id(void *aux__magic) { return ((struct bpf_prog_aux *)aux__magic)->id; }'
		echo '__bpf_kfunc_end_defs();'
		echo 'BTF_ID_FLAGS(func, m_id, KF_MAGIC_ARGS)' | kfunc_set m
		init 'register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &m_set)'
	} > m/m.c
	{
		echo '#include <linux/module.h>'
		init 0
	} > m/plain.c
	build m
	sha256sum m/*.ko > whole
	for how in exit none half kill; do
		fake_pahole $how ""
		# linked again, and only made again
		for touch in m/m.c m/plain.c; do
			touch $touch
			rc=0
			eval "$VM_KMAKE M=$T/m PAHOLE=$T/fake modules" > make.log 2>&1 || rc=$?
			echo "$how $touch: $rc"
			tail -n 5 make.log
			[ $rc -ne 0 ]
			not [ -e "${touch%.c}.ko" ]
			same "$(find m -name '.tmp_*')" ""
		done
		eval "$VM_KMAKE M=$T/m modules"
		sha256sum -c whole
	done
	# when only vmlinux has changed, a module of the tree is not linked again: its BTF of before must not stay
	fake_pahole none ""
	export objtree="$VM_OBJ" RESOLVE_BTFIDS="$TOOL" OBJCOPY=objcopy READELF=readelf PAHOLE="$T/fake" PAHOLE_FLAGS=""
	export MODULE_PAHOLE_FLAGS=""
	not "$VM_SRC/scripts/module-btf.sh" m/plain.ko
	readelf -SW m/plain.ko > sections
	not grep -q ' \.BTF ' sections
	cp m/m.ko again.ko
	PAHOLE=$PAHOLE_REAL "$VM_SRC/scripts/module-btf.sh" again.ko
	"$VM_BPFTOOL" -B "$VM_OBJ/vmlinux" btf dump file m/m.ko > before
	"$VM_BPFTOOL" -B "$VM_OBJ/vmlinux" btf dump file again.ko > after
	diff before after
}

# So is vmlinux: link-vmlinux.sh, of which this is the part with the BTF, ends with an error, and make deletes the target.
t_kbuild_vmlinux_pahole() {
	sed -n '/^info()/,/^}/p; /^gen_btf()/,/^}/p; /^	if ! gen_btf/,/^	fi/p' "$VM_SRC/scripts/link-vmlinux.sh" > steps
	same "$(grep -c 'gen_btf' steps)" 2
	gcc -O2 -g -I"$ROOT/tests/btf" -c "$ROOT/tests/btf/stage/aux.c" -o aux.o
	export CC=gcc OBJCOPY=objcopy RESOLVE_BTFIDS="$TOOL" PAHOLE_FLAGS="" NOSTDINC_FLAGS="" LINUXINCLUDE="" KBUILD_CPPFLAGS=""
	export KBUILD_AFLAGS="" KBUILD_AFLAGS_KERNEL="" PAHOLE="$T/fake"
	for how in exit none half kill good; do
		fake_pahole $how ""
		ld -e 0x1000 -o .tmp_vmlinux1 aux.o
		rm -f .tmp_vmlinux1.btf*
		rc=0
		sh -e steps > out 2>&1 || rc=$?
		cat out
		case $how in
		good)
			same $rc 0
			grep -q foo_impl .tmp_vmlinux1.btf.o
			;;
		*)
			same $rc 1
			not [ -e .tmp_vmlinux1.btf.o ]
			;;
		esac
	done
}

# package DIR OBJ: what a package of headers has, made of the object directory OBJ
package() {
	eval "$VM_KMAKE run-command KBUILD_RUN_COMMAND='cd $2 && $VM_SRC/scripts/package/install-extmod-build $T/$1'"
}

# build_with DIR VARIABLE=VALUE...: module hello against the package DIR
build_with() {
	pkg=$1
	shift
	rm -f hello/*.ko
	env -u MAKEFLAGS -u MAKELEVEL make -C "$T/$pkg" M="$T/hello" CC="ccache gcc" "$@" modules
}

# A module with a magic kfunc is built in another directory from the package alone, and loads. What is missing in the
# package is named, and the BTF of vmlinux may be a file of BTF or a link to one.
t_kbuild_headers() {
	package pkg "$VM_OBJ"
	not [ -e pkg/vmlinux ]
	du -b pkg/vmlinux.btf pkg/tools/bpf/resolve_btfids/resolve_btfids
	[ "$(stat -c %s pkg/vmlinux.btf)" -lt 10000000 ]

	mkdir hello
	{
		echo "$MODULE_HEAD"
		echo '__bpf_kfunc u32 hello_id(u32 a, void *aux__magic) { return ((struct bpf_prog_aux *)aux__magic)->id + a; }'
		echo '__bpf_kfunc_end_defs();'
		echo 'BTF_ID_FLAGS(func, hello_id, KF_MAGIC_ARGS)' | kfunc_set m
		init 'register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &m_set)'
	} > hello/hello.c
	echo 'obj-m += hello.o' > hello/Makefile
	build_with pkg
	strip --strip-debug -o hello.ko hello/hello.ko

	# a link to the kernel's own BTF, which is no ELF file
	ln -s vmlinux.btf pkg/vmlinux
	build_with pkg
	strip --strip-debug -o linked.ko hello/hello.ko
	cmp hello.ko linked.ko
	rm pkg/vmlinux

	# a resolve_btfids of 6.18
	mkdir old
	git -C "$VM_SRC" archive base tools scripts | tar -x -C old
	mkdir old/out
	env -u MAKEFLAGS -u MAKELEVEL make -s -C old/tools/bpf/resolve_btfids OUTPUT="$T/old/out/" HOSTCC="ccache gcc"
	not build_with pkg RESOLVE_BTFIDS="$T/old/out/resolve_btfids" > old.log 2>&1
	grep -q "^module-btf.sh: .*hello.ko: $T/old/out/resolve_btfids does not know --btf_out; name a resolve_btfids of" old.log
	not [ -e hello/hello.ko ]

	mv pkg/vmlinux.btf .
	build_with pkg > no-btf.log 2>&1
	grep -q '^Skipping BTF generation for .*hello.ko due to unavailability of vmlinux: kfuncs of it will not' no-btf.log
	strip --strip-debug -o without.ko hello/hello.ko
	mv vmlinux.btf pkg/

	# a cross-built package has no tool
	mkdir -p cross/tools/bpf/resolve_btfids cross/tools/objtool
	cp -a "$VM_OBJ/scripts" cross/
	for f in "$VM_OBJ"/* "$VM_OBJ"/.config; do
		case ${f##*/} in tools | scripts) ;; *) ln -s "$f" cross/ ;; esac
	done
	[ ! -e "$VM_OBJ/tools/objtool/objtool" ] || cp "$VM_OBJ/tools/objtool/objtool" cross/tools/objtool/
	echo 'int main(void) { return 0; }' | s390x-linux-gnu-gcc -x c - -o cross/tools/bpf/resolve_btfids/resolve_btfids
	package crosspkg "$T/cross"
	not [ -e crosspkg/tools/bpf/resolve_btfids ]
	not build_with crosspkg > cross.log 2>&1
	grep -q '^module-btf.sh: .*hello.ko: .*/resolve_btfids is missing; name a resolve_btfids of this kernel with RESOLVE_BTFIDS=' cross.log
	not [ -e hello/hello.ko ]
	build_with crosspkg RESOLVE_BTFIDS="$TOOL"

	cat > hello.bpf.c <<-'END'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		extern __u32 hello_id(__u32 a) __ksym;
		extern __u32 hello_id_impl(__u32 a, void *aux__magic) __ksym;
		char _license[] SEC("license") = "GPL";
		SEC("tc") int prog(void *ctx) { return hello_id_impl(5, NULL) - hello_id(2); }
	END
	bpf_cc hello.bpf.c hello.bpf.o
	cat > check <<-'END'
		set -eu
		insmod /without.ko
		rmmod hello
		insmod /hello.ko
		head -c 64 /dev/zero > /tmp/data
		bpftool prog load /hello.bpf.o /sys/fs/bpf/hello
		bpftool prog run pinned /sys/fs/bpf/hello data_in /tmp/data repeat 1 > /tmp/out
		grep -q '^Return value: 3,' /tmp/out
		echo called
	END
	printf 'hello\t60\tsh /check\n' > 'jobs'
	boot hello.ko without.ko hello.bpf.o check
	grep -qx called vm/results
	same "$(grep -o 'module [a-z]*: missing BTF, .*' vm/console.log | tr -d '\r')" \
		"module hello: missing BTF, kfuncs not registered"
	not grep -q 'BTF of' vm/console.log
}

run_tests "$0" "$@"
