#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh CHECK [ARGUMENT...]: one check, in the system that `make system` boots. Exit status 0: it is as it should be;
# otherwise the last line says what is not.
set -eu

die() {
	echo "$*"
	exit 1
}

# run PINNED: run a program of type syscall or sched_cls, and print what it returned
run() {
	case $(bpftool prog show pinned "$1") in
	*": syscall "*) bpftool prog run pinned "$1" repeat 0 ;;
	*) head -c 64 /dev/zero | bpftool prog run pinned "$1" data_in - repeat 1 ;;
	esac | sed -n 's/^Return value: \([0-9]*\).*/\1/p'
}

# of MAP VARIABLE: a number in the global variables of an object
of() {
	bpftool map dump name "$1" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p" | tail -n 1
}

c_kernel() {
	[ "$(uname -r)" = "$1" ] || die "runs $(uname -r), not $1"
	[ "$(cat /proc/1/comm)" = systemd ] || die "PID 1 is $(cat /proc/1/comm)"
	[ "$(findmnt -no SOURCE /)" = /dev/vda ] || die "/ is $(findmnt -no SOURCE /)"
	lsmod | grep -q '^virtio_blk ' || die "virtio_blk did not come from the initramfs"
}

# the units that failed; those of the stock kernel are kept, and may fail later
c_units() {
	timeout 120 systemctl is-system-running --wait || :
	systemctl list-units --failed --plain --no-legend | awk '{ print $1 }' | sort > /run/failed
	[ "${1-}" != first ] || cp /run/failed /var/lib/failed-on-stock
	new=$(comm -13 /var/lib/failed-on-stock /run/failed)
	for unit in $new; do journalctl --no-pager -u "$unit" | tail -n 5; done
	[ -z "$new" ] || die "failed here and not on the stock kernel: $new"
	[ "$(systemctl is-active multi-user.target)" = active ] || die "multi-user.target is not active"
}

# feature yes|no: what docs/install.md says of both ways to look for it
c_feature() {
	case $1 in yes) want="0 2" ;; no) want="1 1" ;; esac
	rc=0
	magic-kfuncs > /run/said || rc=$?
	n=$(bpftool btf dump file /sys/kernel/btf/vmlinux | grep -c "FUNC 'bpf_wq_set_callback") || :
	cat /run/said
	[ "$rc $n" = "$want" ] || die "magic-kfuncs: exit status $rc; $n functions have that name; not $want"
}

# kfuncs MODULES KFUNCS: each module that has kfuncs is loaded with its BTF, and programs may call each kfunc; those of
# vmlinux that are magic, too, by both names. A kernel may load a module whose BTF it refuses: then its kfuncs are not there.
c_kfuncs() {
	: > /run/kfuncs
	while read -r module; do
		modprobe "$module" || die "$module cannot be loaded"
		[ -e "/sys/kernel/btf/$module" ] || die "$module is loaded without its BTF: $(dmesg | grep -m1 'BTF\|BPF:')"
		kfuncs "$module" > /run/said || die "$module: programs may not call all of its kfuncs"
		sed "s/^/$module: /" /run/said | tee -a /run/kfuncs
	done < /opt/bpf/modules
	dmesg > /run/dmesg
	bad=$(grep -m1 'BTF\|BPF:' /run/dmesg) && die "$bad"
	magic-kfuncs | awk '$2 == $1 "_impl" { print $1, $2 }' > /run/magic
	# shellcheck disable=SC2046
	kfuncs vmlinux $(cat /run/magic) > /run/kfuncs-magic || die "programs may not call all magic kfuncs"
	# of others, types or places are needed that kfuncs.c has not
	kfuncs vmlinux > /run/kfuncs-vmlinux || :
	got="$(wc -w < /opt/bpf/modules) modules with $(wc -l < /run/kfuncs) kfuncs, $(wc -l < /run/kfuncs-magic) magic names"
	[ "$got" = "$1 modules with $2 kfuncs, 24 magic names" ] || die "$got, not $1 with $2, and 24"
	echo "$got, $(wc -l < /run/kfuncs-vmlinux) kfuncs of vmlinux"
}

# what the boot script pinned runs, and all twelve are called; the tracer saw it
c_pinned() {
	systemctl --quiet is-active bpf-pin.service || {
		journalctl --no-pager -u bpf-pin.service | tail -n 15
		die "bpf-pin.service is not active: $(journalctl --no-pager -u bpf-pin.service -o cat | grep -m1 -i 'error\|fail')"
	}
	n=0
	for p in /sys/fs/bpf/stock/* /sys/fs/bpf/all/*; do
		got=$(run "$p")
		[ "$got" = 0 ] || die "$p returned $got"
		n=$((n + 1))
	done
	[ "$n" -eq "$1" ] || die "$n programs are pinned, not $1"
	for o in stock all; do
		[ "$(of $o.bss has)" = 4095 ] || die "$o.bpf.o called not all twelve: $(of $o.bss has)"
	done
	[ "$(of trace.bss calls)" -ge 2 ] || die "the tracer saw $(of trace.bss calls) calls"
	[ "$(of trace.bss wrong) $(of trace.bss no_aux)" = "0 0" ] ||
		die "the tracer saw $(of trace.bss wrong) wrong values, $(of trace.bss no_aux) times no aux"
	echo "$n programs, $(of trace.bss calls) calls traced"
}

c_apt() {
	apt-get check
	[ -z "$(dpkg --audit)" ] || die "dpkg --audit: $(dpkg --audit | tail -n 1)"
	echo "$(dpkg-query -W | wc -l) packages"
}

c_upgrade() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y /root/debs/*.deb || die "apt-get install: exit status $?"
	[ -s "/boot/initrd.img-$1" ] || die "no initramfs was made"
	dpkg-query -W "linux-image-$1" "linux-headers-$1"
}

# the module of kfuncs.rst, from the headers package
c_dkms() {
	dkms add /opt/bpf-example
	dkms install bpf-example/1 -k "$(uname -r)" || { cat /var/lib/dkms/bpf-example/1/build/make.log; die "dkms install"; }
	cat "/var/lib/dkms/bpf-example/1/$(uname -r)/x86_64/log/make.log" || :
	modprobe bpf_example
	echo bpf_example > /etc/modules-load.d/bpf_example.conf
}

# both names of the module's kfunc are called, and tell the id of the program that calls
c_module() {
	grep -q '^bpf_example ' /proc/modules || die "the module is not loaded"
	bpftool prog loadall /opt/bpf/example.bpf.o /sys/fs/bpf/example || die "example.bpf.o does not load"
	for p in by_name by_impl; do
		id=$(bpftool prog show pinned /sys/fs/bpf/example/$p | sed -n 's/^\([0-9]*\): .*/\1/p')
		[ -n "$id" ] || die "$p: no program is pinned"
		[ "$(run /sys/fs/bpf/example/$p)" = "$id" ] || die "$p returned $(run /sys/fs/bpf/example/$p), is program $id"
	done
	rm -r /sys/fs/bpf/example
}

c_remove() {
	rm /etc/modules-load.d/bpf_example.conf
	dkms remove bpf-example/1 --all
	DEBIAN_FRONTEND=noninteractive apt-get purge -y "linux-image-$1" "linux-headers-$1" || die "apt-get purge: exit status $?"
	for f in /boot/*-"$1" /usr/src/linux-headers-"$1" /lib/modules/"$1"; do
		[ ! -e "$f" ] || { ls -lR "$f"; die "$f is left"; }
	done
}

check=$1
shift
"c_$check" "$@"
