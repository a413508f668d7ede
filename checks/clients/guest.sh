#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The jobs of `make clients`, and what each does in the guest
#
#   guest.sh jobs FILES	print the jobs, for guest/init.c, of a guest that has FILES as /tests
#   guest.sh CLIENT...	in the guest: run one, and say what it did as test_progs does, for tests/compare.awk
#
# A client that says nothing has failed: exit status 1.
set -eu
tab=$(printf '\t')
n=0

# leaf NAME COMMAND...: OK when the command succeeds
leaf() {
	name=$1 n=$((n + 1))
	shift
	if "$@"; then echo "#$n $name:OK"; else echo "#$n $name:FAIL"; fi
}

# ktap PREFIX NAME: leaves out of the KTAP in /tmp/out, of the test NAME, or of all, as many as its plan says; its last lines
# are shown. A process that forks while its output is buffered writes lines more than once.
ktap() {
	tail -n 40 /tmp/out
	awk -v prefix="$1" -v only="$2" '
		/^1[.][.][0-9]+/ { plan = substr($1, 4) + 0 }
		$1 == "ok" || $1 == "not" && $2 == "ok" {
			name = $1 == "ok" ? $3 : $4
			if (only == "" || name == only)
				verdict[name] = $1 == "not" || verdict[name] == "FAIL" ? "FAIL" : /# *SKIP/ ? "SKIP" : "OK"
		}
		END {
			for (name in verdict)
				print "#" ++n " " prefix "/" name ":" verdict[name]
			if (only == "" && n != plan)
				print "#" n + 1 " " prefix "/plan of " plan + 0 " tests:FAIL"
			exit !n
		}' /tmp/out
}

# ---- schedulers

# three tasks that spin and one that forks, sleeps and wakes up, in two groups
load() {
	echo +cpu > /sys/fs/cgroup/cgroup.subtree_control
	mkdir -p /sys/fs/cgroup/a /sys/fs/cgroup/b
	for group in a a b; do
		while :; do :; done &
		echo $! > /sys/fs/cgroup/$group/cgroup.procs
	done
	while :; do usleep 1000; done &
	echo $! > /sys/fs/cgroup/b/cgroup.procs
}

# schedule NAME: start the scheduler, and stop it when it was enabled for 20 s; its words are in /tmp/out
schedule() {
	"./scx_$1" > /tmp/out 2>&1 &
	pid=$! enabled=0
	for _ in $(seq 90); do
		if [ "$enabled" -eq 20 ] || ! kill -0 "$pid" 2> /dev/null; then break; fi
		sleep 1
		state=$(cat /sys/kernel/sched_ext/state /sys/kernel/sched_ext/root/ops 2> /dev/null | paste -sd' ' -)
		[ "$state" != "enabled $1" ] || enabled=$((enabled + 1))
	done
	kill "$pid" || :
	wait "$pid" || :
	cat /tmp/out
	echo "was enabled for $enabled s"
}

# ---- tracers

# dynamic: Debian's programs look for their loader in /lib64. The names of the kernel's symbols end with $impl, which is
# _impl on a stock kernel; with $other, that kernel has none.
dynamic() {
	mkdir -p /lib64
	ln -sf /tests/lib/ld-linux-x86-64.so.2 /lib64/
	export LD_LIBRARY_PATH=/tests/lib
	impl=_impl other=
	if grep -qw bpf_wq_set_callback /proc/kallsyms; then impl='' other=_impl; fi
}

probes() {
	grep -v -e '^#' -e '^$' probes
}

# script: a bpftrace script with four probes of each kfunc
script() {
	probes | awk -F'\t' -v impl="$impl" '{
		format = $4
		gsub(/[^,]+/, " %d", format)
		gsub(/,/, "", format)
		printf "kfunc:%s%s { printf(\"kfunc %s%s\\n\", %s) }\n", $1, impl, $1, format, $4
		if ($6 != "-") {
			format = format " ret %d"
			$4 = $4 ", " $6
		}
		printf "kretfunc:%s%s { printf(\"kretfunc %s%s\\n\", %s) }\n", $1, impl, $1, format, $4
		printf "kprobe:%s%s { @[\"kprobe %s\"] = count() }\n", $1, impl, $1
		printf "kretprobe:%s%s { @[\"kretprobe %s\"] = count() }\n", $1, impl, $1
	}'
}

# printed PROBE TEXTS: what /tmp/out has of the probe is TEXTS, which `|` separates
printed() {
	echo "$2" | tr '|' '\n' | sed "s/^/$1/" | sort > /tmp/want
	grep -F "$1" /tmp/out | sort -u | diff -u /tmp/want -
}

# tracing FILE...: each program says there that it traces, within a minute
tracing() {
	for _ in $(seq 60); do
		[ "$(grep -lE 'Tracing|TIME' "$@" | wc -l)" -lt $# ] || return 0
		sleep 1
	done
	return 1
}

# calls FILE: the sum of a histogram
calls() {
	awk '/^ *[0-9]+ -> / { n += $5 } END { print n + 0 }' "$1"
}

case $1 in
jobs)
	tests=$("$2/runner" -l)
	[ -n "$tests" ] || { echo "clients: runner -l: lists no test" >&2 && exit 1; }
	for test in $tests; do
		printf 'runner %s\t300\tcd /tests && exec sh guest.sh runner %s\n' "$test" "$test"
	done
	for name in simple qmap central flatcg; do
		printf 'scx_%s\t400\tcd /tests && exec sh guest.sh scx %s\n' $name $name
	done
	for name in hid_bpf hidraw; do
		printf '%s\t300\tcd /tests && exec sh guest.sh kselftest %s\n' $name $name
	done
	printf '%s\t300\tcd /tests && exec sh guest.sh %s\n' hid-bpf hid-bpf bpftrace bpftrace 'bpftrace list' bpftrace-list \
		'bpftrace other' bpftrace-other funclatency funclatency ksnoop ksnoop
	;;
runner)
	./runner -t "$2" > /tmp/out 2>&1 || :
	ktap sched_ext "$2"
	;;
scx)
	# what it prints of its work
	case $2 in
	simple) works='local=[0-9]+ global=[1-9]' ;;
	qmap) works='enq=[1-9][0-9]* dsp=[1-9]' ;;
	central) works='^total *: *[1-9]' ;;
	flatcg) works='^PNC +next: *[1-9]' ;;
	esac
	load
	# their watchdogs bark at an emulated machine
	for try in 1 2 3; do
		echo "try $try"
		schedule "$2"
		grep -q 'EXIT: .*stall' /tmp/out || break
	done
	leaf "scx_$2/is enabled for 20 s" [ "$enabled" -eq 20 ]
	leaf "scx_$2/schedules" grep -qE "$works" /tmp/out
	leaf "scx_$2/ends by itself" grep -q '^EXIT: unregistered from user space' /tmp/out
	;;
kselftest)
	"./$2" > /tmp/out 2>&1 || :
	ktap "$2" ''
	;;
hid-bpf)
	for o in hid-bpf/*.o; do
		name=${o##*/}
		leaf "hid-bpf/${name%.o}" bpftool prog loadall "$o" "/sys/fs/bpf/${name%.o}"
	done
	;;
bpftrace)
	dynamic
	script > /tmp/script.bt
	bpftrace -c '/tests/run load /tests/all.bpf.o' /tmp/script.bt > /tmp/out 2>&1 || :
	cat /tmp/out
	probes | while IFS=$tab read -r kfunc calls _ _ args _ ret; do
		[ "$ret" = - ] && ret= || ret=" ret $ret"
		leaf "bpftrace/$kfunc kfunc" printed "kfunc $kfunc " "$args"
		leaf "bpftrace/$kfunc kretfunc" printed "kretfunc $kfunc " "$(echo "$args" | sed "s/$/$ret/; s/|/$ret|/")"
		leaf "bpftrace/$kfunc kprobe" printed "@[kprobe $kfunc]: " "$calls"
		leaf "bpftrace/$kfunc kretprobe" printed "@[kretprobe $kfunc]: " "$calls"
	done
	;;
bpftrace-list)
	dynamic
	# a line for each kfunc: its parameters, but for those that a program does not see
	bpftrace -lv 'kfunc:bpf_*' | awk '/^kfunc:/ { sub(/.*:/, ""); name = $0; lines[name] = name; next }
		$NF !~ /^(aux__prog|meta__ign|off|retval)$/ { lines[name] = lines[name] " " $NF }
		END { for (name in lines) print lines[name] }' | sort > /tmp/out
	probes | while IFS=$tab read -r kfunc _ parameters _; do
		leaf "bpftrace/$kfunc list" grep -qx "$kfunc$impl $parameters" /tmp/out
	done
	;;
bpftrace-other)
	dynamic
	probes | awk -F'\t' -v other="$other" '{ sub(/,.*/, "", $4); printf "kfunc:%s%s { print(%s) }\n", $1, other, $4 }' \
		> /tmp/other.bt
	! bpftrace /tmp/other.bt > /tmp/out 2>&1 || echo attached
	probes | sed "s/$tab.*/$other { @ = count() }/; s/^/kprobe:/" > /tmp/other.bt
	! bpftrace /tmp/other.bt > /tmp/out.kprobe 2>&1 || echo attached
	cat /tmp/out /tmp/out.kprobe
	message='no BTF data'
	[ -z "$other" ] || message='function not traceable'
	probes | while IFS=$tab read -r kfunc _; do
		leaf "bpftrace/$kfunc, no other kfunc" grep -qF "ERROR: kfunc:$kfunc$other: $message" /tmp/out
		leaf "bpftrace/$kfunc, no other kprobe" grep -qF "WARNING: $kfunc$other is not traceable" /tmp/out.kprobe
	done
	;;
funclatency)
	dynamic
	probes | cut -f1 > /tmp/names
	pids=
	while read -r kfunc; do
		funclatency "$kfunc$impl" > "/tmp/out.$kfunc" 2>&1 &
		pids="$pids $!"
	done < /tmp/names
	tracing /tmp/out.* || :
	./run load all.bpf.o
	# shellcheck disable=SC2086
	kill -INT $pids || :
	wait
	tail -n 2 /tmp/out.*
	probes | while IFS=$tab read -r kfunc calls _; do
		leaf "funclatency/$kfunc" [ "$(calls "/tmp/out.$kfunc")" = "$calls" ]
	done
	;;
ksnoop)
	dynamic
	# of those that take a function: it does not come to an end of that type, on any kernel
	probes | grep -v -e callback -e less > /tmp/probes
	while IFS=$tab read -r kfunc _ parameters _; do
		ksnoop info "$kfunc$impl" > /tmp/out || :
		cat /tmp/out
		leaf "ksnoop/info $kfunc" [ "$(sed "s/^.*(//; s/);//; s/, /\n/g" /tmp/out | sed 's/.*[ *]//' |
			grep -vxE 'aux__prog|meta__ign|off' | paste -sd' ' -)" = "$parameters" ]
	done < /tmp/probes
	ksnoop trace "bpf_stream_vprintk$impl(stream_id, len__sz, return)" > /tmp/out 2>&1 &
	pid=$!
	tracing /tmp/out || :
	./run load all.bpf.o
	kill -INT $pid
	wait
	cat /tmp/out
	tr -d ' \n' < /tmp/out > /tmp/line
	for want in 'stream_id=(int)1,len__sz=(u32)8' 'stream_id=(int)1,len__sz=(u32)16' 'return=(int)0'; do
		leaf "ksnoop/trace bpf_stream_vprintk $want" grep -qF "$want" /tmp/line
	done
	;;
*)
	echo "guest.sh: $1: no such client" >&2
	exit 2
	;;
esac
