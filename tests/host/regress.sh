# SPDX-License-Identifier: GPL-2.0
# Tests of checks/regress/run.sh with a boot.sh that boots nothing.

# setup JOB...: checks/regress/run.sh beside a boot.sh whose guests run the jobs as their names say: `dies` ends the
# guest, `cut` ends it inside a line, `flaky` fails in every other run, all on the series only; `fails...` fails on both,
# others pass
setup() {
	mkdir -p vm guest checks/regress tests d/tests/files
	cp "$ROOT/checks/regress/run.sh" "$ROOT/checks/regress/fails.awk" checks/regress/
	cp "$ROOT"/tests/*.awk tests/
	for job in "$@"; do printf '%s\t9\ttrue\n' "$job"; done > d/tests/jobs
	: > d/tests/not-built
	printf '#!/bin/sh\n' > vm/gen_init_cpio
	cat > guest/boot.sh <<-'EOF'
		#!/bin/sh
		mkdir -p "$2"
		: > "$2/console.log"
		: > "$2/splats"
		[ -e "$2/../not-scanned" ] || trap 'echo "scanned 1 lines" >> "$2/splats"' EXIT
		exec > "$2/results"
		for arg; do case $arg in /etc/jobs=*) jobs=${arg#*=} ;; esac; done
		while read -r job _; do
			echo "@begin $job"
			case $job-$3 in
			fails*) echo "#1 $job:FAIL" ;;
			dies-series) exit 1 ;;
			cut-series) printf '#1 cu' && exit 1 ;;
			warns-series) printf 'warns\tWARNING: planted\n' > "$2/splats" && echo "#1 $job:OK" ;;
			flaky-series) [ -e "$2/flaky" ] && rm "$2/flaky" && echo "#1 $job:OK" || { echo "#1 $job:FAIL"; : > "$2/flaky"; } ;;
			*) echo "#1 $job:OK" ;;
			esac
			echo "@end $job status=0"
		done < "$jobs"
		echo @done
	EOF
	chmod +x vm/* guest/*
}

regress() {
	checks/regress/run.sh "$T/d" "$T/vm" base series "$@"
}

t_regress_same() {
	setup one two
	regress > out
	grep -qx 'regress: 2 results: on both kernels 2 pass, 0 skip, 0 fail; 0 differ, 0 regressions' out
}

# what fails on both kernels is named
t_regress_on_both() {
	setup one fails
	regress > out
	grep -qx 'fails  *on both: fail' out
	same "$(grep -c 'on both:' out)" 1
}

# what does not build fails, unless the table has it
t_regress_not_built() {
	setup one
	printf 'two\tno such header\n' > d/tests/not-built
	fails regress
	grep -qx 'two  *on both: fail' out
	printf '# none\n' > fails
	fails regress fails
	grep -qx 'two: base: fail; series: fail; no row in fails' out
	printf 'two\ta reason\n' > fails
	regress fails
}

t_regress_guest_dies() {
	setup one dies two cut three
	fails regress
	grep -q '^dies (job) *base: pass; series: fail; REGRESSION' out
	grep -q '^cut (job) *base: pass; series: fail; REGRESSION' out
	# what came after them has run, on the series as well
	grep -qx 'three	pass	pass	' d/table
	grep -qx 'two	pass	pass	' d/table
}

t_regress_runs_again() {
	setup one flaky
	fails regress
	# one run of each, and four more where they differ
	same "$(grep -c '^#1 one' d/results-series)" 1
	same "$(cat d/results-base d/results-series | grep -c '^#1 flaky')" 10
	grep -q '^flaky *base: pass; series: pass 2, fail 3; REGRESSION' out
}

t_regress_splat() {
	setup one warns
	fails regress
	grep -q '^console, warns *base: pass; series: fail; REGRESSION' out
}

# a scan that broke off says nothing of the guest
t_regress_not_scanned() {
	setup one
	: > d/not-scanned
	fails_with 'regress: guest: base: was not scanned' regress
}

t_regress_guest_runs_nothing() {
	setup one
	mv guest/boot.sh guest/boots.sh
	cat > guest/boot.sh <<-'EOF'
		#!/bin/sh
		[ "$3" = base ] || exec "$(dirname "$0")/boots.sh" "$@"
		: > "$2/results"
		: > "$2/console.log"
		echo 'no such kernel'
		exit 1
	EOF
	chmod +x guest/boot.sh
	refuses 'regress: guest: base: ran no test: no such kernel' regress
}

# what fails on both kernels has its row and its reason
t_regress_fails() {
	setup one fails fails_more_1 fails_more_2
	printf '# comment\nfails\ta reason\nfails_more*\tanother\n' > fails
	regress fails > out
	says_in() { grep -qx "$1" out; }
	says_in '   1 fail: a reason'
	says_in '   2 fail: another'
	grep -v more fails > few
	fails regress few
	says_in 'fails_more_1: base: fail; series: fail; no row in few'
	printf 'one\tdoes not\ngone\tis not there\n' >> fails
	fails regress fails
	says_in 'one: pass on both, has a row in fails'
	says_in 'gone: has a row in fails, no result fails'
}

t_regress_fails_on_one() {
	setup one warns
	printf 'console, warns\ta reason\n' > fails
	fails regress fails
	grep -qx 'console, warns: base: pass; series: fail; its row in fails is for what fails on both' out
}

t_regress_fails_on_series() {
	setup one warns
	printf 'console, warns\ta reason\tseries\n' > fails
	regress fails > out
	grep -qx '   1 fail: a reason' out
	printf 'one\tdoes not\tseries\n' >> fails
	fails regress fails
	grep -qx 'one: pass on both, has a row in fails' out
	printf 'one\tdoes not\tnever\n' > fails
	fails regress fails
	grep -q '^fails: one: want one row' out
}

t_regress_fails_sometimes() {
	setup one flaky
	printf 'flaky\ta reason\tsometimes\n' > fails
	regress fails > out
	grep -qx '   1 fail: a reason' out
	setup one warns
	printf 'console, warns\ta reason\tsometimes\n' > fails
	fails regress fails
	grep -qx 'console, warns: base: pass; series: fail; its row in fails is for what fails sometimes' out
}

# of what a row with * is for, some may pass
t_regress_fails_some() {
	setup one fails_1
	printf 'fails_*\ta reason\none*\tdoes not\n' > fails
	fails regress fails
	grep -qx 'one\*: has a row in fails, no result fails' out
	printf '*\ta reason\n' > fails
	regress fails > out
	grep -qx '   1 fail: a reason' out
}
