#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The one way to start a guest: pack its files, boot it once, in QEMU without KVM, scan it, and say how it ended. (`make system`
# boots a disk several times: checks/system/run.py.)
#
#   guest/boot.sh MODE DIR IMAGE ARCHIVE... [PATH=FILE | PATH=DIRECTORY]...
#
# MODE is run, test, cmd or shell (see guest/init.c). The initramfs is the ARCHIVEs, one behind the other, and what
# the other arguments say: FILE as /PATH, or all files of DIRECTORY below /PATH. /etc/jobs=FILE is what to do in modes
# run and test. The directory of the first ARCHIVE has gen_init_cpio.
# DIR receives console.log, results and splats; what an earlier boot left there is removed first. In modes
# run and cmd what the jobs write is shown as it comes. splats has a line `JOB<TAB>WHAT` for each line of the console
# that guest/splats matches, and for a taint; the last line, `scanned N lines`, says that it is complete.
#
# VM_CMD      the shell command for MODE cmd
# VM_TIMEOUT  wall-clock seconds after which a guest counts as hung (default 300; a shell has none)
# VM_SLOW     factor for all time limits, those of the jobs too (default 1): a kernel with KASAN is slow
# VM_SPEED    another such factor: how much slower this machine is now than the one that the limits are for; measured,
#             if it is not set
# VM_EXCUSE   the rows of guest/excuses that hold for this guest
# VM_THREAD   single: QEMU runs both CPUs by turns, in one thread. For a guest in which hot functions are traced: QEMU 7.2
#             in several threads (the default, multi) now and then executes a breakpoint that another CPU has already
#             taken out of the code, `Oops: int3`. With all functions traced, 6.18.15 dies of that within a minute.
# VM_QEMU     more options of QEMU
# VM_ICOUNT   not empty: one CPU, whose clock and TSC count the instructions it executes, the same in each boot
# VM_APPEND   more kernel parameters
# VM_MACHINE  the architecture of IMAGE: x86_64 (default), arm64, i386, riscv64, s390x; pc: x86_64 with PCI, for distributions' kernels
#
# Exit status: 0 when the guest reached its end marker, every job ended with status 0 and the scan found nothing, or
# when MODE is shell and QEMU ended well; 1 otherwise, with the reasons on stderr; 2 for wrong usage.
set -eu

die() {
	echo "vm: $mode: $*" >&2
	exit 1
}

if [ $# -lt 4 ]; then
	echo "usage: guest/boot.sh MODE DIR IMAGE ARCHIVE... [PATH=FILE]..." >&2
	exit 2
fi
mode=$1 dir=$2 kernel=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
console=$dir/console.log results=$dir/results splats=$dir/splats

mkdir -p "$dir"
rm -f "$console" "$results" "$splats" "$dir/stdin"
if [ "$mode" = cmd ]; then
	printf '%s\n' "${VM_CMD-}" > "$dir/cmd"
	set -- "$@" "/etc/cmd=$dir/cmd"
fi

# entries PATH FILE: of the list that gen_init_cpio reads
entries() {
	to=$(dirname "$1")
	case $to in / | /bin | /etc | /tests) ;; *) echo "dir $to 755 0 0" ;; esac
	if [ -d "$2" ]; then
		echo "dir $1 755 0 0"
		find "$2" -mindepth 1 -type d -printf "dir $1/%P 755 0 0\n"
		find "$2" -follow -type f -printf "file $1/%P %p 755 0 0\n"
	else
		echo "file $1 $2 755 0 0"
	fi
}

: > "$dir/list"
: > "$dir/initrd"
pack=${1%/*}/gen_init_cpio
for what; do
	case $what in
	/*=*) entries "${what%%=*}" "${what#*=}" >> "$dir/list" ;;
	*) cat "$what" >> "$dir/initrd" ;;
	esac
done
if [ -s "$dir/list" ]; then
	"$pack" -t 0 "$dir/list" > "$dir/files.cpio" || die "$pack: cannot pack $dir/list"
	cat "$dir/files.cpio" >> "$dir/initrd"
	rm "$dir/files.cpio"
fi

gcc -O2 -Wall -Werror -o "$dir/measure" "$here/measure.c" || die "measure: does not compile: see above"
khz=$("$dir/measure" khz)
speed=${VM_SPEED:-$("$dir/measure" speed)}
slow=$((${VM_SLOW:-1} * speed)) limit=$((${VM_TIMEOUT:-300} * ${VM_SLOW:-1} * speed))

accel="-accel tcg,thread=${VM_THREAD:-multi} -smp 2"
[ -z "${VM_ICOUNT-}" ] || accel="-accel tcg -icount shift=0,sleep=off -smp 1"
tty=ttyS0 virtio=virtio-serial-device package=qemu-system-misc
case ${VM_MACHINE:-x86_64} in
x86_64 | i386 | pc)
	qemu="qemu-system-x86_64 -M microvm,acpi=off -cpu max" package=qemu-system-x86
	if [ "${VM_MACHINE-}" = pc ]; then
		qemu="qemu-system-x86_64 -M q35 -cpu max" virtio=virtio-serial-pci
	fi
	# What the kernel would measure or check by the clock fails on a busy host: the frequency of the TSC, and
	# whether timer interrupts come in time, without which it panics.
	[ -z "${VM_ICOUNT-}" ] || khz=1000000 slow=${VM_SLOW:-1}
	parameters="tsc_early_khz=$khz tsc=reliable no_timer_check reboot=t"
	;;
s390x)
	qemu="qemu-system-s390x -M s390-ccw-virtio -cpu max" parameters=''
	tty=ttysclp0 virtio=virtio-serial-ccw
	;;
riscv64) qemu="qemu-system-riscv64 -M virt" parameters='' ;;
arm64)
	# a cheap kind of pointer authentication: QEMU's own costs half of the time
	qemu="qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on" parameters=''
	tty=ttyAMA0 package=qemu-system-arm
	;;
*) die "VM_MACHINE=$VM_MACHINE: want x86_64, arm64, i386, riscv64, s390x or pc" ;;
esac
append="$parameters console=$tty panic=-1 magic.mode=$mode magic.slow=$slow ${VM_APPEND-}"
serial="file:$console"
port="file,path=$results"
case $mode in
run | cmd) port="stdio,signal=on,logfile=$results" ;;
shell) append="$append loglevel=4" serial=mon:stdio limit=0 ;;
esac

# An end of file on stdin would disconnect the port, and the guest's writes to it would block: other
# than a shell, QEMU gets a stdin that never ends.
if [ "$mode" != shell ]; then
	mkfifo "$dir/stdin"
	exec 0<> "$dir/stdin"
fi

boot() {
	# shellcheck disable=SC2086
	timeout --foreground -k 5 "$limit" $qemu \
		$accel ${VM_QEMU-} -m 2G -no-reboot \
		-nodefaults -no-user-config -display none \
		-kernel "$kernel" -initrd "$dir/initrd" -append "$append" -serial "$serial" \
		-device "$virtio" -chardev "$port,id=r" \
		-device virtserialport,chardev=r,name=results
}

# What the jobs write is for the reader, init's own lines (@...) are for this script.
status=0
case $mode in
run | cmd)
	{
		boot || status=$?
		echo "$status" > "$dir/status"
	} | sed -u '/^@/d'
	status=$(cat "$dir/status")
	;;
*) boot || status=$? ;;
esac
rm -f "$dir/initrd" "$dir/stdin" "$dir/cmd"

if [ "$mode" = shell ]; then
	[ "$status" -eq 0 ] || die "qemu ended with status $status"
	exit 0
fi
if [ ! -f "$console" ]; then
	die "qemu: no console log, status $status: is $package installed?"
fi
awk -v excuse="${VM_EXCUSE-}" -f "$here/scan.awk" "$here/splats" "$here/excuses" "$console" "$results" > "$splats" ||
	die "guest: cannot be scanned: see above"
if panic=$(grep -m1 -a 'Kernel panic - not syncing' "$console"); then
	# the oops before it, and a trace behind it: where this ran, often nobody can look at the console afterwards
	grep -a -B70 -A30 'Kernel panic - not syncing' "$console" | tr -d '\r' >&2
	die "guest: $panic; see $console"
fi
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	last=$(sed -n 's/^@begin //p' "$results" | tail -n1)
	die "guest: hung: no end within $limit s (VM_TIMEOUT), in job ${last:-none}; see $console"
fi
[ "$status" -eq 0 ] || die "qemu ended with status $status"
if [ "$(tail -n1 "$results" | tr -d '\r')" != @done ]; then
	die "guest: ended without its end marker; see $console and $results"
fi
failed=
! grep -aE '^@(error|leak) |^@end .* status=([^0]|0.)' "$results" >&2 || failed="; see $results"
if [ "$(wc -l < "$splats")" -ne 1 ]; then
	head -n 10 "$splats" | sed '/^scanned /d; s/\t/: /' >&2
	failed="$failed; see $console"
fi
[ -z "$failed" ] || die "guest: the lines above say what failed$failed"
