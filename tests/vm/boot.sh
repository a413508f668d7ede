#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests of vm/boot.sh and vm/init.c: a guest that breaks, in whatever way, is noticed and named.
# VM_KERNEL and VM_BASE are the bzImage and the initramfs to boot, with absolute names. See tests/lib.sh.
# shellcheck disable=SC2317
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# boot COMMAND [PARAMETERS [SECONDS]]: a guest that runs COMMAND
boot() {
	VM_CMD=$1 VM_APPEND=${2-} VM_TIMEOUT=${3:-60} \
		"$ROOT/vm/boot.sh" cmd "$T/vm" "$VM_KERNEL" "$VM_BASE"
}

t_vm_cmd() {
	boot 'echo works; echo @done' > out
	grep -qx works out
	grep -qx ' @done' out
	same "$(tail -n1 vm/results)" @done
}

t_vm_status() {
	fails boot 'exit 3'
	grep -qx '@end cmd status=3' "$T/err"
}

t_vm_panic() {
	fails boot true rdinit=/bin/false
	says 'vm: cmd: guest: .*Kernel panic - not syncing: Attempted to kill init!'
}

t_vm_hang() {
	fails boot 'sleep 1000' '' 20
	limit=$((20 * ${VM_SLOW:-1}))
	grep -q "vm: cmd: guest: hung: no end within $limit s (VM_TIMEOUT), in job cmd" "$T/err"
}

t_vm_no_end_marker() {
	fails boot 'reboot -f'
	says 'vm: cmd: guest: ended without its end marker'
}

t_vm_job_timeout() {
	printf 'first\t2\tsleep 1000\nsecond\t9\techo came\n' > 'jobs'
	printf 'file /etc/jobs jobs 644 0 0\n' > list
	"${VM_BASE%/*}/gen_init_cpio" list > jobs.cpio
	fails "$ROOT/vm/boot.sh" test "$T/vm" "$VM_KERNEL" "$VM_BASE" "$T/jobs.cpio"
	grep -qx '@end first status=timeout' "$T/err"
	grep -qx came vm/results
	same "$(tail -n1 vm/results)" @done
}

t_vm_orphans_are_killed() {
	printf 'first\t9\t(trap "" HUP; sleep 1000) &\nsecond\t9\tps | grep "[s]leep 1000" || echo alone\n' > 'jobs'
	printf 'file /etc/jobs jobs 644 0 0\n' > list
	"${VM_BASE%/*}/gen_init_cpio" list > jobs.cpio
	"$ROOT/vm/boot.sh" test "$T/vm" "$VM_KERNEL" "$VM_BASE" "$T/jobs.cpio"
	grep -qx alone vm/results
}

t_vm_stale_results() {
	mkdir vm
	echo booted > vm/console.log
	echo @done > vm/results
	shim qemu-system-x86_64 'exit 0'
	fails boot true
	says 'no console log'
}

run_tests "$0"
