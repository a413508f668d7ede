# SPDX-License-Identifier: GPL-2.0
# Tests of checks/stock/judge.sh with a guest that loads nothing.

# setup: four objects, and a guest that says of each that one program loads; it dies in the object that the file `dies` names, and
# kills judge.sh in the one that `stops` names
setup() {
	mkdir -p d vm
	printf '%s 0\n' v/a v/b v/c v/d > d/list
	: > d/corpus.cpio
	: > bzImage
	: > dies
	: > stops
	printf '#!/bin/sh\n' > vm/gen_init_cpio
	cat > boot.sh <<-'EOS'
		#!/bin/sh
		cd "$2"
		: > console.log
		exec > results
		while read -r object _; do
			printf 'begin\t%s\n' "$object"
			[ "$object" != "$(cat ../../stops)" ] || { kill -9 $PPID; exit; }
			printf 'load\t%s\t0\tprog\t0\n' "$object"
			[ "$object" != "$(cat ../../dies)" ] || { echo "scanned 1 lines" > splats && exit 1; }
		done < part
		echo 'done'
		echo "scanned 1 lines" > splats
	EOS
	chmod +x vm/* boot.sh
}

judge() {
	BOOT=$T/boot.sh "$ROOT/checks/stock/judge.sh" run "$T/d" "$T/vm" "$T/bzImage" base
}

rows() {
	cut -f1,2 d/rows-base | tr '\t\n' ' ;'
}

t_judge_run() {
	setup
	judge
	same "$(rows)" 'load v/a;load v/b;load v/c;load v/d;'
}

# a guest for each two objects
t_judge_parts() {
	setup
	PART=2 judge
	same "$(rows)" 'load v/a;load v/b;load v/c;load v/d;'
	same "$(cat d/vm-base/part)" "$(printf '%s 0\n' v/c v/d)"
}

t_judge_guest_dies() {
	setup
	echo v/b > dies
	judge
	same "$(rows)" 'load v/a;died v/b;load v/c;load v/d;'
}

# a run that was stopped goes on with what its last guest was given: what that has said does not count, as it was not scanned
t_judge_goes_on() {
	setup
	echo v/d > stops
	! PART=2 judge || return 1
	[ ! -e d/rows-base ]
	: > stops
	PART=2 judge
	same "$(rows)" 'load v/a;load v/b;load v/c;load v/d;'
	same "$(cat d/vm-base/part)" "$(printf '%s 0\n' v/c v/d)"
}

# but not with another kernel
t_judge_begins_again() {
	setup
	echo v/c > stops
	! judge || return 1
	: > stops
	echo other > bzImage
	judge
	same "$(rows)" 'load v/a;load v/b;load v/c;load v/d;'
	same "$(wc -l < d/vm-base/part)" 4
}
