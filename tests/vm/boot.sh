# SPDX-License-Identifier: GPL-2.0
# Tests of guest/boot.sh and guest/init.c: a guest that breaks, in whatever way, is noticed and named.

# boot COMMAND [PARAMETERS [SECONDS]]: a guest that runs COMMAND
boot() {
	VM_CMD=$1 VM_APPEND=${2-} VM_TIMEOUT=${3:-60} \
		"$ROOT/guest/boot.sh" cmd "$T/vm" "$VM_KERNEL" "$VM_BASE"
}

t_vm_cmd() {
	boot 'echo works; echo @done' > out
	grep -qx works out
	grep -qx ' @done' out
	same "$(tail -n1 vm/results)" @done
}

t_vm_cmd_quotes() {
	boot "printf '%s\n' \"a 'quoted' word\" && echo \"\$((6 * 7)) % done\"" > out
	grep -qx "a 'quoted' word" out
	grep -qx '42 % done' out
}

# what make hands on: quotes, dollars and percents as they stand on its command line
t_vm_cmd_make() {
	mkdir vm guest
	printf '#!/bin/sh\nprintf "%%s\\n" "$VM_CMD"\n' > guest/boot.sh
	chmod +x guest/boot.sh
	sed -n '/^cmd:/,/^$/p' "$ROOT/guest/guest.mk" | sed 's/^cmd: kernel .*/cmd:/' > Makefile
	fails_with 'which command is to run' make -s cmd
	CMD_IS="echo \"a 'b' \$HOME\" 5%"
	same "$(make -s cmd "CMD=$CMD_IS")" "$CMD_IS"
}

t_vm_splat() {
	fails_with '^cmd: .*WARNING: planted$' boot 'echo "<4>WARNING: planted" > /dev/kmsg'
	tail -n 1 "$T/err" | grep -q '^vm: cmd: guest: the lines above say what failed; see .*console.log$'
}

t_vm_status() {
	fails_with '^@end cmd status=3$' boot 'exit 3'
}

t_vm_panic() {
	fails_with '^vm: cmd: guest: .*Kernel panic - not syncing: Attempted to kill init!' boot true rdinit=/bin/false
	# what came before it on the console
	grep -q '^\[ .*Run /bin/false as init process' "$T/err"
}

t_vm_hang() {
	# long enough for this machine to start a guest, today
	begin=$(date +%s)
	boot true
	limit=$((5 + 3 * ($(date +%s) - begin)))
	VM_SLOW=1 VM_SPEED=1 fails_with "vm: cmd: guest: hung: no end within $limit s \(VM_TIMEOUT\), in job cmd" boot 'sleep 1000' '' $limit
}

t_vm_no_end_marker() {
	refuses 'vm: cmd: guest: ended without its end marker' boot 'reboot -f'
}

t_vm_job_timeout() {
	printf 'first\t2\tsleep 1000\nsecond\t9\techo came\n' > 'jobs'
	fails_with '^@end first status=timeout$' "$ROOT/guest/boot.sh" test "$T/vm" "$VM_KERNEL" "$VM_BASE" /etc/jobs=jobs
	grep -qx came vm/results
	same "$(tail -n1 vm/results)" @done
}

t_vm_orphans_are_killed() {
	printf 'first\t9\t(trap "" HUP; sleep 1000) &\nsecond\t9\tps | grep "[s]leep 1000" || echo alone\n' > 'jobs'
	"$ROOT/guest/boot.sh" test "$T/vm" "$VM_KERNEL" "$VM_BASE" /etc/jobs=jobs
	grep -qx alone vm/results
}

t_vm_stale_results() {
	mkdir vm guest
	echo booted > vm/console.log
	echo @done > vm/results
	shim qemu-system-x86_64 'exit 0'
	shim qemu-system-aarch64 'exit 0'
	refuses 'no console log' boot true
}
