# SPDX-License-Identifier: GPL-2.0
# Tests of guest/boot.sh and guest/scan.awk without a guest: a qemu-system-x86_64 that writes what a guest would. And that
# nothing else starts a guest, but for checks/system/run.py.

BEGIN='[ 1.0] init: begin wq\r\n' END='@taint 12288\n@done\n' WARNED='@taint 512\n@done\n'

# scan CONSOLE RESULTS [EXCUSE]: guest/scan.awk on these texts; scans LINES ...: and what it says of them
scan() {
	printf '%b' "$1" > console
	printf '%b' "$2" > results
	awk -v excuse="${3-}" -f "$ROOT/guest/scan.awk" "$ROOT/guest/splats" "$ROOT/guest/excuses" console results
}

scans() {
	printf '%b\n' "$1" > want
	shift
	scan "$@" | diff want -
}

t_scan_clean() {
	scans 'scanned 2 lines' "${BEGIN}[ 1.1] all is well\r\n" "$END"
}

t_scan_splats() {
	scans 'no job\t[ 0.5] BUG: early\nwq\t[ 1.1] WARNING: planted\nksyms\t[ 1.3] KASAN: x\nscanned 5 lines' \
		"[ 0.5] BUG: early\n${BEGIN}[ 1.1] WARNING: planted\r\n[ 1.2] init: begin ksyms\n[ 1.3] KASAN: x\n" "$END"
	# without a sound end, what was found still counts
	scans 'wq\tKernel panic - not syncing: x\nscanned 2 lines' "${BEGIN}Kernel panic - not syncing: x\n" '@begin wq\n'
}

t_scan_each_pattern() {
	sed '/^#/d; /^$/d; s/\[0-9\]+/7/; s/\.\*/x/; s/(add|del)/add/' "$ROOT/guest/splats" > lines
	same "$(scan "$(sed 's/\[/\\[/g' lines | tr '\n' '@' | sed 's/@/\\n/g')" "$END" | grep -c '^no job')" "$(wc -l < lines)"
}

t_scan_taint() {
	for taint in 512 128 16 32 16384 12800; do
		scans "taint\t$taint: the kernel warned, died or locked up\nscanned 1 lines" "$BEGIN" "@taint $taint\n@done\n"
	done
	scans 'scanned 1 lines' "$BEGIN" "@taint 12288\n@done\n"
	scans 'console\tthe guest did not report its taint\nscanned 1 lines' "$BEGIN" "@done\n"
}

t_scan_nothing() {
	scans 'console\tis empty\nscanned 0 lines' '' "$END"
	echo '# no pattern' > none
	same "$(awk -f "$ROOT/guest/scan.awk" none "$ROOT/guest/excuses" console results | head -n 1)" \
		"console	guest/splats has no pattern: nothing was looked for"
	echo '(' > broken
	echo line > console
	fails awk -f "$ROOT/guest/scan.awk" broken "$ROOT/guest/excuses" console results
	printf 'nth\tx\t\n' > excuses
	refuses 'guest/excuses: nth.*: want five columns' awk -f "$ROOT/guest/scan.awk" "$ROOT/guest/splats" excuses console results
}

t_scan_kcsan() {
	scans 'console\tKCSAN is not enabled\nscanned 1 lines' "[ 0.1] kcsan: strict mode configured\n" "$END"
	scans 'scanned 1 lines' "[ 0.1] kcsan: enabled early\n" "$END"
}

t_scan_excuses() {
	text="x: vmalloc error: size 4096, page order 0\nCall Trace:\nfailed to validate module [torture_kfuncs] BTF: -12\n"
	scans 'scanned 3 lines' "$text" "$END" nth
	same "$(scan "$text" "$END" "" | grep -c '^no job')" 2
	# one trace each, and no other module
	same "$(scan "${text}Call Trace:\nfailed to validate module [other] BTF: -12\n" "$END" nth | grep -c '^no job')" 2
	scans 'scanned 1 lines' "WARNING: x\n" "$WARNED" stock
	# a warning that is excused, its trace and its taint; not another one
	text="verifier bug: No program to jit at insn 159\nWARNING: CPU: 0 PID: 5 at v.c:1 fixup_call_args+0x9\nCall Trace:\n"
	scans 'scanned 3 lines' "$text" "$WARNED" dead
	scans 'no job\tWARNING: x\nscanned 4 lines' "${text}WARNING: x\n" "$WARNED" dead
	same "$(scan "$text" "$WARNED" | grep -c -v ^scanned)" 4
	same "$(scan "$text" '@taint 640\n@done\n' dead | head -n 1)" 'taint	640: the kernel warned, died or locked up'
}

# guest CONSOLE: a guest with this console, and gen_init_cpio, which gives the list itself
guest() {
	fake_guest "$1"
	: > base.cpio
	printf '#!/bin/sh\nfor list; do :; done\ncat "$list"\n' > gen_init_cpio
	chmod +x gen_init_cpio
}

# boot_test OPTION...: guest/boot.sh test
boot_test() {
	"$ROOT/guest/boot.sh" test vm kernel "$T/base.cpio" "$@"
}

t_boot_scans() {
	for mode in run cmd test; do
		guest "$BEGIN"
		"$ROOT/guest/boot.sh" $mode vm kernel "$T/base.cpio"
		same "$(cat vm/splats)" 'scanned 1 lines'
		guest "${BEGIN}[ 1.1] WARNING: planted\n"
		fails_with '^wq: .*WARNING: planted$' "$ROOT/guest/boot.sh" $mode vm kernel "$T/base.cpio"
		# what was excused elsewhere is not excused here
		VM_EXCUSE=nth fails "$ROOT/guest/boot.sh" $mode vm kernel "$T/base.cpio"
		VM_EXCUSE=stock "$ROOT/guest/boot.sh" $mode vm kernel "$T/base.cpio"
	done
}

t_boot_packs() {
	guest "$BEGIN"
	mkdir -p d/sub/deeper
	touch d/one d/sub/deeper/two f
	ln -s "$T/f" d/link
	shim cmp ''
	boot_test /bin/f=f /x/y/f=f "/d=$T/d"
	same "$(sort vm/list)" "dir /d 755 0 0
dir /d/sub 755 0 0
dir /d/sub/deeper 755 0 0
dir /x/y 755 0 0
file /bin/f f 755 0 0
file /d/link $T/d/link 755 0 0
file /d/one $T/d/one 755 0 0
file /d/sub/deeper/two $T/d/sub/deeper/two 755 0 0
file /x/y/f f 755 0 0"
	printf '#!/bin/sh\nexit 1\n' > gen_init_cpio
	refuses 'cannot pack' boot_test /bin/f=f
}

# time limits grow with the kernel's slowness and with the machine's
t_boot_limits() {
	guest "$BEGIN"
	shim timeout 'echo "$@" > args; shift 4; exec "$@"'
	VM_SLOW=3 VM_SPEED=2 VM_TIMEOUT=10 boot_test
	grep -q '^--foreground -k 5 60 ' args
	grep -q 'magic.slow=6 ' args
	# the clock of a guest that counts instructions does not know of a slow machine
	VM_ICOUNT=1 VM_SLOW=3 VM_SPEED=2 VM_TIMEOUT=10 boot_test
	grep -q '^--foreground -k 5 60 ' args
	grep -q 'magic.slow=3 ' args
	n=$(vm/measure speed)
	[ "$n" -ge 1 ] && [ "$n" -le 20 ]
}

# one way to start a guest; checks/system/run.py talks to a whole system, which boots more than once
t_boot_is_the_only_one() {
	(cd "$ROOT" && git ls-files -co --exclude-standard ':!patches*' ':!tests' |
		xargs grep -lsE "(qemu-system-[a-z0-9_]+|[\$]qemu)['\"]?,? +['\"]?(-|\\\\$)") > users || :
	same "$(cat users)" "checks/system/run.py
guest/boot.sh"
}
