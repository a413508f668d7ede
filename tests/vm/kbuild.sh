# SPDX-License-Identifier: GPL-2.0
# Tests of what kbuild does with pahole and with the BTF of modules: a pahole that is too old or that fails, and modules
# that are built from a package of headers.
. "$ROOT/tests/vm/modlib.sh"

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
	id_module m m m_id
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
			# the other module fails, too: go on, or this one may not be tried
			eval "$VM_KMAKE -k M=$T/m PAHOLE=$T/fake modules" > make.log 2>&1 || rc=$?
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

# kmake ARGUMENT...: make, with ./src/* in the place of files in kernel/bpf and with ./up over the object directory, both
# for this command only: what it writes is in ./up
kmake() {
	mkdir -p up work src
	T=$T unshare "$([ "$(id -u)" -eq 0 ] && echo -m || echo -rm)" sh -euc '
		mount -t overlay overlay -o "lowerdir=$VM_OBJ,upperdir=$T/up,workdir=$T/work" "$VM_OBJ"
		for f in "$T"/src/*.c; do mount --bind "$f" "$VM_SRC/kernel/bpf/${f##*/}"; done
		eval "$VM_KMAKE $*"
	' kmake "$@"
}

# right_ids MODULE.ko BASE: every BTF_ID(func, NAME) in .BTF_ids is the id of function NAME, in the module or its base
right_ids() {
	"$VM_BPFTOOL" btf dump file "$2" > base.txt
	"$VM_BPFTOOL" -B "$2" btf dump file "$1" > own.txt
	objcopy -O binary --only-section=.BTF_ids --set-section-flags .BTF_ids=alloc "$1" raw
	nm "$1" | sed -n 's/^\([0-9a-f]*\) . __BTF_ID__func__\(.*\)__[0-9]*$/\1 \2/p' > entries
	while read -r off name; do
		id=$(od -An -tu4 -j $((0x$off)) -N 4 raw | tr -d ' ')
		cat base.txt own.txt | grep -q "^\[$id\] FUNC '$name' " || { echo "$1: $name has id $id" && return 1; }
	done < entries
	wc -l < entries
}

# One kfunc of vmlinux stops being magic, and starts again; with vmlinux and modules made one after the other, in either
# order, and with modules installed in between. A module that was made for the vmlinux of before is refused when it is
# loaded, and the next make has all of it right. Nor does a vmlinux come out of a pahole that fails.
t_kbuild_partial() {
	export VM_OBJ VM_SRC VM_KMAKE
	kfunc=bpf_wq_set_callback
	dctcp=net/ipv4/tcp_dctcp.ko
	mkdir src
	id_module m m m_id
	build m
	mv m.ko m-old.ko

	# vmlinux, then the modules, in between those of before are installed
	sed "/^__bpf_kfunc int $kfunc(/,/^}/s/aux__magic/aux__ign/; s/^\(BTF_ID_FLAGS(func, $kfunc\), KF_MAGIC_ARGS)/\1)/" \
		"$VM_SRC/kernel/bpf/helpers.c" > src/helpers.c
	sed "/^BTF_ID(func, $kfunc\(_impl\)\?)$/d" "$VM_SRC/kernel/bpf/btf.c" > src/btf.c
	kmake vmlinux > make.log 2>&1
	"$VM_BPFTOOL" btf dump file up/vmlinux > vmlinux.txt
	grep -q "FUNC '$kfunc' " vmlinux.txt
	not grep -q "FUNC '${kfunc}_impl' " vmlinux.txt
	kmake modules_install INSTALL_MOD_PATH="$T/inst" INSTALL_MOD_STRIP=1 DEPMOD=true > make.log 2>&1
	not [ -e up/$dctcp ]
	find inst -name tcp_dctcp.ko -exec mv {} dctcp-old.ko \;
	kmake modules > make.log 2>&1
	kmake modules_install INSTALL_MOD_PATH="$T/inst" INSTALL_MOD_STRIP=1 DEPMOD=true > make.log 2>&1
	find inst -name tcp_dctcp.ko -exec mv {} dctcp-new.ko \;
	same "$(right_ids up/$dctcp up/vmlinux)" 6
	# a module that is not of the tree
	kmake M="$T/m" modules > make.log 2>&1
	same "$(right_ids m/m.ko up/vmlinux)" 1
	strip --strip-debug -o m-new.ko m/m.ko
	kmake bzImage > make.log 2>&1

	id_program m_id
	export VM_EXCUSE=partial VM_KERNEL="$T/up/${VM_KERNEL#"$VM_OBJ"/}"
	in_guest 60 m-old.ko dctcp-old.ko m-new.ko dctcp-new.ko m_id.bpf.o <<-END
		for f in m dctcp; do
			insmod /\$f-old.ko && { echo "\$f-old.ko: loaded, and should not have been"; exit 1; }
			insmod /\$f-new.ko
		done
		$(id_calls m_id)
	END
	same "$(grep -o 'failed to validate module \[[a-z_]*\]' vm/console.log | sort -u | paste -sd' ')" \
		"failed to validate module [m] failed to validate module [tcp_dctcp]"
	not grep -q 'BTF of' vm/console.log

	# the modules alone, of the source as it was: first with a pahole that fails for vmlinux
	cp up/vmlinux before
	for f in btf.c helpers.c; do cp "$VM_SRC/kernel/bpf/$f" src/; done
	for how in exit none half kill; do
		fake_pahole $how ""
		rm -f up/.tmp_vmlinux1.btf*
		rc=0
		kmake PAHOLE="$T/fake" modules > make.log 2>&1 || rc=$?
		echo "$how: $rc"
		tail -n 5 make.log
		[ $rc -ne 0 ]
		grep -q '^Failed to generate BTF for vmlinux$\|^resolve_btfids: .tmp_vmlinux1: \.BTF: ' make.log
		# what was there is there, and whole
		cmp up/vmlinux before
		same "$(find up -name '.tmp_vmlinux1.btf*' -type f)" ""
	done
	kmake modules > make.log 2>&1
	cmp up/vmlinux "$VM_OBJ/vmlinux"
	cmp up/$dctcp "$VM_OBJ/$dctcp"
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

	id_module hello hello hello_id
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

	id_program hello_id
	in_guest 60 hello.ko without.ko hello_id.bpf.o <<-END
		insmod /without.ko
		rmmod hello
		insmod /hello.ko
		$(id_calls hello_id)
	END
	same "$(grep -o 'module [a-z]*: missing module BTF, .*' vm/console.log | tr -d '\r')" \
		"module hello: missing module BTF, cannot register kfuncs"
	not grep -q 'BTF of' vm/console.log
}
