# SPDX-License-Identifier: GPL-2.0
# system.sh: host tests of checks/system/run.py, with a shell in the place of the guest

# system PLAN [COMMANDS]: run.py with a guest that says enough to log in, and runs what is typed. COMMANDS are run in it,
# too, before the first line is read; functions of these names stand for what the guest has.
system() {
	shim debugfs 'for a; do case $a in dump*) echo x > "${a##* }" ;; esac; done'
	shim qemu-system-x86_64 '
		stty() { :; }
		bind() { :; }
		dmesg() { [ $# -gt 0 ] || cat messages; }
		cat() { [ "$*" != /proc/sys/kernel/tainted ] && command cat "$@" || echo "$taint"; }
		systemctl() { exit 0; }
		check() { echo "checks $*"; [ "$1" != bad ]; }
		taint=12288
		echo "$*" > qemu.args
		seq -f "[%5g.000000] line" 200 > messages
		head -n 20 messages
		'"${2-}"'
		printf "magic login: "
		read -r root
		printf "root@magic:~# "
		while read -r line; do eval "$line"; done'
	printf '#!/bin/sh\necho 1\n' > measure
	chmod +x measure
	printf '%b' "$1" > plan
	: > image
	"$ROOT/checks/system/run.py" "$T" image plan "$ROOT/guest"
}

t_system_passes() {
	system 'boot a # first\ngood\nboot b\ngood 2\n' > out
	sed 's/# [0-9]* s/#/' out > said
	same "$(cat said)" 'KTAP version 1
1..6
ok 1 - a: boot, and login on the console #
ok 2 - a: good #: checks good
ok 3 - a: no splat #
ok 4 - b: boot, and login on the console #
ok 5 - b: good 2 #: checks good 2
ok 6 - b: no splat #
system: 6 passed, 0 failed'
	same "$(cat 2-good.log)" 'checks good 2'
	same "$(cat splats-2)" 'scanned 220 lines'
}

t_system_machine() {
	system 'boot a\n'
	grep -q -- '-M microvm,.* virtio-blk-device,drive=disk .* virtio-rng-device$' qemu.args
	system 'boot a pc # with PCI\n'
	grep -q -- '-M q35 .*,thread=single .* virtio-blk-pci,drive=disk .* virtio-rng-pci$' qemu.args
	fails_with '^not ok 1 - a: boot.*pcx is none of microvm and pc$' system 'boot a pcx\n'
}

t_system_check_fails() {
	fails_with '^not ok 2 - a: bad # [0-9]* s: checks bad$' system 'boot a\nbad\ngood\n'
	same "$(tail -n 1 out)" 'system: 3 passed, 1 failed'
}

# splat PATTERN COMMANDS: the last result says it
splat() {
	fails_with "^not ok 3 - a: no splat # [0-9]* s: .*$1" system 'boot a\ngood\n' "$2"
}

# what is in dmesg only, on the console only, before the login and at the end; and a taint
t_system_splats() {
	splat 'no job: .*BUG: planted$' 'echo "[    9.000000] BUG: planted" >> messages'
	splat 'WARNING: CPU' 'echo "[    9.000000] WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2"'
	splat 'Kernel panic' 'systemctl() { echo "[  900.000000] Kernel panic - not syncing: x"; exit 0; }'
	splat 'taint: 12800: the kernel warned' 'taint=12800'
	splat "the taint is ''" 'taint='
	# what a command says is not what the kernel says
	system 'boot a\ngood\n' 'check() { echo "WARNING: this is no splat"; }'
}

t_system_nothing_to_scan() {
	splat 'only 20 lines are of the kernel' ': > messages'
}

# a guest that ends, panics or hangs: what was planned and did not run has failed
t_system_not_run() {
	fails_with '^not ok 2 - a: good # .*the guest ended' system 'boot a\ngood\ngood\n' 'check() { exit 1; }'
	grep -q '^not ok 3 - a: good # .*did not start$' out
	same "$(tail -n 1 out)" 'system: 1 passed, 3 failed'
	fails_with '^not ok 1 - a: boot.*the kernel panicked' system 'boot a\ngood\n' 'echo "[ 1.0] Kernel panic - not syncing: x"; sleep 100'
	same "$(tail -n 1 out)" 'system: 0 passed, 3 failed'
	VM_SLOW=0 fails_with '^not ok 1 - a: boot.*no magic login:  within 0 s' system 'boot a\n' 'sleep 2'
	shim debugfs ''
	fails_with '^not ok 1 - a: boot.*the image has no /boot/vmlinuz-a$' "$ROOT/checks/system/run.py" "$T" image plan "$ROOT/guest"
}
