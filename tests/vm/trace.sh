# SPDX-License-Identifier: GPL-2.0
# Tests of what tracefs shows of magic kfuncs: probe events with arguments from BTF, and the function tracers with
# arguments. Two kfuncs of vmlinux, and two of a module whose arguments have values that are known.
. "$ROOT/tests/vm/modlib.sh"

# The program calls each kfunc by both names. Each call has a line in the trace, first that of the kfunc's name.
traced_module() {
	module module traced "$(register SCHED_CLS m)" <<-END
		__bpf_kfunc u64 traced_five(u64 a, u32 b, s64 c, int d, void *aux__magic)
		{
			struct bpf_prog_aux *aux = aux__magic;

			return aux->id * 10000ULL + a * 1000 + b * 100 + c * 10 + d;
		}
		__bpf_kfunc u32 traced_none(struct bpf_prog_aux *aux__magic)
		{
			return aux__magic->id;
		}
		$(entries traced_five KF_MAGIC_ARGS traced_none KF_MAGIC_ARGS | kfunc_set m)
	END
	build module
}

program_source() {
	cat <<-'END'
		#include "wq.bpf.h"
		extern __u64 traced_five(__u64 a, __u32 b, __s64 c, int d) __ksym;
		extern __u64 traced_five_impl(__u64 a, __u32 b, __s64 c, int d, void *aux__magic) __ksym;
		extern __u32 traced_none(void) __ksym;
		extern __u32 traced_none_impl(struct bpf_prog_aux *aux__magic) __ksym;
		SEC("tc") int caller(void *ctx)
		{
			static const char text[] = "text %d";
			__u64 args[] = { 7 };
			int key = 0;
			struct elem *elem = bpf_map_lookup_elem(&elems, &key);

			if (!elem)
				return 1;
			bpf_wq_init(&elem->wq, &elems, 0);
			return bpf_wq_set_callback(&elem->wq, callback, 0) ||
			       bpf_wq_set_callback_impl(&elem->wq, callback, 0, NULL) ||
			       bpf_stream_vprintk(BPF_STDOUT, text, args, 8) < 0 ||
			       bpf_stream_vprintk_impl(BPF_STDOUT, text, args, 8, NULL) < 0 ||
			       traced_five(1, 2, 3, 4) != traced_five_impl(1, 2, 3, 4, NULL) ||
			       traced_none() != traced_none_impl(NULL);
		}
	END
}

# What every job begins with: the module and the program are loaded; $id is that of the program, and $id_at where in
# struct bpf_prog_aux it is. run() runs the program and leaves the trace in /tmp/trace.
prelude() {
	cat <<-'END'
		cd /sys/kernel/tracing
		die() { [ ! -f /tmp/trace ] || cat /tmp/trace; echo "$*"; exit 1; }
		head -c 64 /dev/zero > /tmp/data
		insmod /traced.ko
		# a work queue works for as long as user space holds the map
		bpftool prog load /caller.bpf.o /sys/fs/bpf/caller pinmaps /sys/fs/bpf/maps
		id=$(bpftool prog show pinned /sys/fs/bpf/caller | sed -n 's/^\([0-9]*\): .*/\1/p')
		bpftool btf dump file /sys/kernel/btf/vmlinux > /tmp/btf
		id_at=$(sed -n "/ STRUCT 'bpf_prog_aux' size=[1-9]/,/^\[/s/^\t'id' .*bits_offset=\([0-9]*\).*/\1/p" /tmp/btf)
		id_at=$((id_at / 8))
		run() {
			echo > trace
			echo 1 > tracing_on
			bpftool prog run pinned /sys/fs/bpf/caller data_in /tmp/data repeat 1 > /tmp/out
			echo 0 > tracing_on
			cat trace > /tmp/trace
			grep -q '^Return value: 0,' /tmp/out || die "the program: $(cat /tmp/out)"
		}
		# want N PATTERN: N lines of the trace have it
		want() {
			n=$(grep -cE -- "$2" /tmp/trace) || :
			[ "$n" = "$1" ] || die "'$2': $n lines, want $1"
		}
		# one_aux: all calls of the trace have the same aux__magic, which is an address of the kernel
		one_aux() {
			auxs=$(sed -n 's/.*aux__magic=0x\([0-9a-f]*\).*/\1/p' /tmp/trace | sort -u)
			case $auxs in
			ff??????????????) ;;
			*) die "aux__magic: $auxs" ;;
			esac
		}
	END
}

# guest: one that runs the job on stdin
guest() {
	traced_module
	program_source > caller.bpf.c
	bpf_cc caller.bpf.c caller.bpf.o -I"$ROOT/demo"
	{ prelude && cat; } | in_guest 120 traced.ko caller.bpf.o
}

# kprobe and fprobe events, at entry and at return. aux->id is read once by its offset and once, where the kfunc
# says of what type its aux is, by its name.
t_trace_probe_events() {
	guest <<-'END'
		for e in p f; do
			case $e in
			p) at_return=r exit= group=kprobes ;;
			f) at_return=f exit=%return group=fprobes ;;
			esac
			cat > dynamic_events <<-EVENTS
				$e:${e}_wq bpf_wq_set_callback \$arg*
				$e:${e}_wq_named bpf_wq_set_callback flags wq aux__magic id=+$id_at(aux__magic):u32
				$e:${e}_stream bpf_stream_vprintk \$arg*
				$e:${e}_stream_named bpf_stream_vprintk text=+0(fmt__str):string arg=+0(args):u64 len__sz aux__magic id=+$id_at(\$arg5):u32
				$e:${e}_five traced_five \$arg*
				$e:${e}_none traced_none \$arg* id=aux__magic->id
				$at_return:${e}_wq_ret bpf_wq_set_callback$exit ret=\$retval
				$at_return:${e}_stream_ret bpf_stream_vprintk$exit ret=\$retval
				$at_return:${e}_five_ret traced_five$exit \$arg* ret=\$retval
				$at_return:${e}_none_ret traced_none$exit id=aux__magic->id ret=\$retval
			EVENTS
			cat dynamic_events
			echo 1 > events/$group/enable
			run
			x='0x[0-9a-f]{16}' aux='aux__magic=0xff[0-9a-f]{14}'
			want 2 " ${e}_wq: .* wq=$x callback_fn=$x flags=0 $aux\$"
			want 2 " ${e}_wq_named: .* flags=0 wq=$x $aux id=$id\$"
			want 2 " ${e}_stream: .* stream_id=1 fmt__str=$x args=$x len__sz=8 $aux\$"
			want 2 " ${e}_stream_named: .* text=\"text %d\" arg=7 len__sz=8 $aux id=$id\$"
			want 2 " ${e}_five: .* a=1 b=2 c=3 d=4 $aux\$"
			want 2 " ${e}_none: .* $aux id=$id\$"
			want 2 " ${e}_wq_ret: .* ret=0\$"
			want 2 " ${e}_stream_ret: .* ret=0\$"
			want 2 " ${e}_five_ret: .* a=1 b=2 c=3 d=4 $aux ret=${id}1234\$"
			want 2 " ${e}_none_ret: .* id=$id ret=$id\$"
			one_aux
			echo 0 > events/$group/enable
			echo > dynamic_events
		done
	END
}

# What is a name for BPF programs only is no symbol: an event on it fails as one on a name that nothing has.
t_trace_no_impl() {
	guest <<-'END'
		# refused EVENT NAME: it fails; why, without the name and what follows it, is in /tmp/why
		refused() {
			echo > error_log
			! echo "$1 $2" > dynamic_events || die "'$1 $2': could be made"
			sed -n "s/^\[ *[0-9.]*\] //; s/$2.*/NAME/; /^ *^/d; p" error_log > /tmp/why
			[ -s /tmp/why ] || die "'$1 $2': no reason given"
		}
		for e in p r f; do
			refused $e bpf_no_such_function
			cat /tmp/why
			mv /tmp/why /tmp/why.unknown
			for name in bpf_wq_set_callback_impl bpf_stream_vprintk_impl traced_five_impl; do
				refused $e $name
				cmp /tmp/why /tmp/why.unknown || die "$e $name: $(cat /tmp/why)"
			done
		done
		! echo 'p bpf_wq_set_callback_impl $arg*' > dynamic_events || die 'p with $arg*: could be made'
		! echo 'f bpf_wq_set_callback_impl $arg*' > dynamic_events || die 'f with $arg*: could be made'
		! echo bpf_wq_set_callback_impl > set_graph_function || die 'set_graph_function took the impl'
	END
}

# A tracepoint event takes its arguments from the prototype of the tracepoint's probestub, which is no kfunc.
t_trace_tprobe() {
	guest <<-'END'
		cat > dynamic_events <<-'EVENTS'
			t:t_all sched_process_exit $arg*
			t:t_named sched_process_exit pid=p->pid group_dead
		EVENTS
		cat dynamic_events
		echo 1 > events/tracepoints/enable
		run
		grep -qE ' t_all: .* p=0xff[0-9a-f]{14} group_dead=1$' /tmp/trace || die 'no event t_all'
		grep -qE ' t_named: .* pid=[0-9]+ group_dead=1$' /tmp/trace || die 'no event t_named'
	END
}

t_trace_function_tracers() {
	export VM_THREAD=single # see guest/boot.sh
	guest <<-'END'
		functions="bpf_wq_set_callback bpf_stream_vprintk traced_five traced_none"
		x='0x[0-9a-f]+' aux='aux__magic=0xff[0-9a-f]{14}'
		checks() {
			want 2 "bpf_wq_set_callback\(wq=$x, callback_fn=$x, flags=0x0, $aux\)"
			want 2 "bpf_stream_vprintk\(stream_id=1, fmt__str=$x, args=$x, len__sz=0x8, $aux\)"
			want 2 "traced_five( \[traced\])?\(a=0x1, b=0x2, c=3, d=4, $aux\)"
			want 2 "traced_none( \[traced\])?\($aux\)"
			one_aux
		}
		for f in $functions; do echo $f; done > set_ftrace_filter
		echo function_graph > current_tracer
		echo 1 > options/funcgraph-args
		run
		cat trace
		checks
		graph=$auxs
		echo function > current_tracer
		echo 1 > options/func-args
		run
		checks
		[ "$auxs" = "$graph" ] || die "aux__magic: $graph in the function graph, $auxs in the function trace"
		echo nop > current_tracer

		# the functions with what they call, and the same address, whose id a probe event reads
		echo > set_ftrace_filter
		for f in $functions; do echo $f; done > set_graph_function
		echo "p:ids traced_five aux__magic id=+$id_at(aux__magic):u32" > dynamic_events
		echo 1 > events/kprobes/enable
		echo function_graph > current_tracer
		run
		checks
		[ "$auxs" = "$graph" ] || die "aux__magic: $graph without, $auxs with what is called"
		want 2 " aux__magic=0x$graph id=$id( |\$)"
		echo nop > current_tracer
	END
}
