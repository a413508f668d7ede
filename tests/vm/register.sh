# SPDX-License-Identifier: GPL-2.0
# Tests of what is checked when magic kfuncs are registered: for each inconsistency between flags, BTF and hooks
# there is a module that has just that one and is refused. And of what registration gives: filters.
. "$ROOT/tests/vm/modlib.sh"

M=KF_MAGIC_ARGS BEFORE=
NO_ROW="$M, but not in the table of magic kfuncs; build with this kernel's resolve_btfids"
NO_FIT="$M, but its impl in BTF does not fit; build with this kernel's resolve_btfids"
NO_KIND="not a known kind of magic argument" NO_TYPE="wrong type for a magic argument"
ONE=$(register SCHED_CLS m) TWO="$(register SCHED_CLS m) ?: $(register XDP n)"
NOT_API="its prototype is not its impl's without the magic arguments"

# refused DIR NAME 'FUNCTION: MESSAGE' INIT: a module that is refused with that line in dmesg, after another one if
# BEFORE is set. Twice, as insmod tries twice.
refused() {
	for _ in 1 2; do
		[ -z "$BEFORE" ] || printf 'BTF of %s: kfunc %s\n' "${BTF:-$2}" "$BEFORE"
		printf 'BTF of %s: kfunc %s\n' "${BTF:-$2}" "$3"
	done >> messages
	echo "$2" >> refused
	module "$1" "$2" "$4"
}

# pair NAME MESSAGE PARAMETERS IMPL-PARAMETERS [TYPE [LINE]]: module NAME in hand/ with u32 foo(PARAMETERS), flagged,
# and TYPE foo_impl(IMPL-PARAMETERS), as if the stage had made it, or without. MESSAGE, if there is one, is what is
# said about the pair when the BTF is parsed. Without there is no pair.
pair() {
	impl=${4:+"__bpf_kfunc ${5:-u32} foo_impl($4) { return 0; }"}
	BEFORE=${2:+"foo: $2"}
	if [ -n "$2" ]; then why=$NO_FIT; else why=$NO_ROW; fi
	sets hand "$1" "foo: $why" "$ONE" "$(printf '%s\n' "__bpf_kfunc u32 foo($3) { return 0; }" "$impl" "${6-}")" "foo $M"
	BEFORE=
}

# A module's foo() and the impl that the stage would make, written by hand
FOO='__bpf_kfunc void foo(void *a) {}
__bpf_kfunc void foo_impl(void *a, void *aux__magic) {}'

# The same as the source has it when the stage is to do its work
FOO_MAGIC='__bpf_kfunc void foo(void *a, void *aux__magic) {}'

# kfuncs PROTOTYPE...: FOO and the like, others
kfuncs() {
	printf '__bpf_kfunc u32 %s { return 0; }\n' "$@"
}

DTOR='BTF_ID_LIST(dtor_ids)
BTF_ID(struct, task_struct)
BTF_ID(func, foo)
static int __init dtor(void)
{
	const struct btf_id_dtor_kfunc dtors[] = {{ .btf_id = dtor_ids[0], .kfunc_btf_id = dtor_ids[1] }};

	return register_btf_id_dtor_kfuncs(dtors, ARRAY_SIZE(dtors), THIS_MODULE);
}'

# hand_tool: makes ./hand-tool, for RESOLVE_BTFIDS, which writes other BTF than the stage would
hand_tool() {
	cat > hand-tool <<-END
		#!/bin/sh
		set -eu
		# edit BASE BTF OBJECT order|spoil
		edit() {
			${GUEST_PREFIX-}objcopy --dump-section .BTF="\$2" "\$3"
			"$VM_BPFTOOL" -B "\$1" btf dump file "\$3" |
				"$ROOT/tests/vm/btf-by-hand.py" "\$4" "\$2" "\${3%.ko}.c"
		}
		case " \$* " in
		*" --btf_out "*) edit "\$2" "\$4" "\$5" order ;;
		*)
			"$TOOL" "\$@"
			edit "\$2" "\$3.btf" "\$3" spoil
			${GUEST_PREFIX-}objcopy --update-section .BTF="\$3.btf" "\$3"
			;;
		esac
	END
	chmod +x hand-tool
}

# sets DIR NAME MESSAGE INIT SOURCE ENTRIES-OF-M [ENTRIES-OF-N [SED-SCRIPT]]: refused, with these functions and sets, the
# last of which the script edits
sets() {
	refused "$1" "$2" "$3" "$4" <<-END
		$5
		$(eval "entries $6" | kfunc_set m | if [ -n "${7-}" ]; then cat; else sed "${8-}"; fi)
		$([ -z "${7-}" ] || eval "entries $7" | kfunc_set n | sed "${8-}")
	END
}

# check_refused: boot a guest in which each module is refused as it should be, and a good one loads after each
check_refused() {
	module stage good "$ONE" <<-END
		$FOO_MAGIC
		$(entries foo $M | kfunc_set m)
	END
	build hand "RESOLVE_BTFIDS=$T/hand-tool"
	build stage
	# shellcheck disable=SC2046
	in_guest 240 refused good.ko $(sed 's/$/.ko/' refused) <<-'END'
		for m in $(cat /refused); do
			if insmod /$m.ko 2> /tmp/err; then
				echo "$m.ko: loaded, and should not have been"
			elif ! grep -q "'/$m.ko': Invalid argument$" /tmp/err; then
				echo "$m.ko: $(cat /tmp/err)"
			elif grep -q "^$m " /proc/modules; then
				echo "$m.ko: refused, and is there"
			elif ! { insmod /good.ko && rmmod good; }; then
				echo "good.ko: does not load after $m.ko"
			fi
		done
		echo "all tried"
	END
	same "$(cat said)" 'all tried'
	# N is a BTF id
	tr -d '\r' < vm/console.log | sed -nE 's|^\[[ .0-9]*\] (BTF of )|\1|; T; s|\<[0-9]{5,}\>|N|g; p' | diff messages -
}

# BTF that the stage would not have written, or would have refused to write
t_register_btf() {
	mkdir hand stage
	hand_tool
	pair ret "$NOT_API" "u32 a" "u32 a, void *aux__magic" u64
	pair param_type "$NOT_API" "u32 a" "u64 a, void *aux__magic"
	pair param_name "$NOT_API" "u32 a" "u32 b, void *aux__magic"
	pair prefix "$NOT_API" "u32 a, u32 b" "u32 a, void *aux__magic"
	pair longer "$NOT_API" "u32 a, u32 b" "void *aux__magic"
	pair same "$NOT_API" "u32 a, void *aux__magic" "u32 a, void *aux__magic"
	pair none "" "u32 a" "u32 a"
	pair first "" "u32 a" "void *aux__magic, u32 a"
	pair not_last "" "u32 a" "u32 a, void *aux__magic, u32 b"
	pair not_magic "" "u32 a" "u32 a, u32 b"
	pair between_them "argument b: $NO_KIND" "u32 a" "u32 a, u32 b, void *aux__magic"
	pair kind "argument x__magic: $NO_KIND" "u32 a" "u32 a, void *x__magic"
	pair type_int "argument aux__magic: $NO_TYPE" "u32 a" "u32 a, u64 aux__magic"
	pair type_struct "argument aux__magic: $NO_TYPE" "u32 a" "u32 a, struct task_struct *aux__magic"
	pair type_meta "argument meta__magic: $NO_TYPE" "u32 a" "u32 a, struct bpf_prog_aux *meta__magic"
	pair type_off "argument off__magic: $NO_TYPE" "u32 a" "u32 a, void *off__magic"
	pair off_signed "argument off__magic: $NO_TYPE" "u32 a" "u32 a, s64 off__magic"
	pair off_short "argument off__magic: $NO_TYPE" "u32 a" "u32 a, u32 off__magic"
	pair repeated "argument aux__magic: there twice" "u32 a" "u32 a, void *aux__magic, void *aux__magiX"
	pair six "6 arguments, magic ones included, are more than 5" \
		"u32 a, u32 b, u32 c, u32 d, u32 e" "u32 a, u32 b, u32 c, u32 d, u32 e, void *aux__magic"
	pair no_impl "" "u32 a, void *aux__magic" ""
	pair no_param "" "u32 a" ""
	pair not_proto "" "u32 a" "u32 a, void *aux__magic" "" "// no prototype: foo_impl"
	sets hand left "foo: a __magic argument in its API prototype" "$ONE" \
		"$(kfuncs 'foo(u32 a, void *aux__magic)' 'foo_impl(u32 a, void *aux__magic, u64 off__magic)')" "foo $M"
	sets hand no_tag "foo: $NO_ROW" "$ONE" "$(printf '%s\n' "$FOO" '// no tag: foo')" "foo $M"
	sets hand no_impl_tag "foo: $NO_ROW" "$ONE" "$(printf '%s\n' "$FOO" '// no tag: foo_impl')" "foo $M"
	# what is wrong with one of them is no matter to the other
	BEFORE="bar: argument x__magic: $NO_KIND"
	sets hand other "bar: $NO_FIT" "$TWO" "$(kfuncs 'foo(u32 a)' 'bar(u32 a)' \
		'foo_impl(u32 a, void *aux__magic)' 'bar_impl(u32 a, void *x__magic)')" "foo $M" "bar $M"
	BEFORE=
	sets hand unflagged "foo: a __magic argument, but no $M" "$ONE" "$(kfuncs 'foo(u32 a, void *aux__magic)')" "foo 0"
	sets hand unresolved "(invalid): $NO_ROW" "$ONE" '' "nowhere $M"

	# loaders would find vmlinux's function
	BEFORE="__bpf_obj_drop: vmlinux has a function __bpf_obj_drop_impl, which is no impl of it; rename the kfunc"
	sets hand vmlinux_name "__bpf_obj_drop: $NO_FIT" "$ONE" \
		"$(kfuncs '__bpf_obj_drop(u32 a)' '__bpf_obj_drop_impX(u32 a, void *aux__magic)')" "__bpf_obj_drop $M"
	BEFORE=

	# The impls have to follow all kfuncs, in the order of these, also across sets
	sets hand impl_first "foo: $NO_ROW" "$ONE" "$(kfuncs 'foo_impl(u32 a, void *aux__magic)' 'foo(u32 a)')" "foo $M"
	sets hand descending "foo: $NO_ROW" "$TWO" "$(kfuncs 'foo(u32 a)' 'bar(u32 a)' \
		'bar_impl(u32 a, void *aux__magic)' 'foo_impl(u32 a, void *aux__magic)')" "foo $M" "bar $M"
	BEFORE="bar: ids N and N of it and its impl are out of order; build with this kernel's resolve_btfids"
	sets hand between "foo: $NO_FIT" "$TWO" "$(kfuncs 'foo(u32 a)' 'foo_impl(u32 a, void *aux__magic)' \
		'bar(u32 a)' 'bar_impl(u32 a, void *aux__magic)')" "foo $M" "bar $M"
	check_refused
}

# Flags and sets that do not go with good BTF
t_register_flags() {
	mkdir hand stage
	hand_tool
	NO_FLAG="a magic kfunc, but registered without $M"
	A_DTOR="a destructor cannot have magic arguments"
	AN_IMPL="the impl of a magic kfunc cannot be registered itself"
	NO_OBJ="meta__magic or off__magic, but no single __alloc or __refcounted_kptr"

	WITH_DTOR=$(printf '%s\n' "$FOO_MAGIC" "$DTOR")
	SET8=s/BTF_KFUNCS/BTF_SET8/g OWN=s/THIS_MODULE/NULL/

	sets hand fastcall "foo: KF_FASTCALL and $M exclude each other" "$ONE" "$FOO" "foo '$M | KF_FASTCALL'"
	sets hand impl "foo_impl: $AN_IMPL" "$ONE" "$FOO" "foo $M foo_impl 0"
	sets hand impl_later "foo_impl: $AN_IMPL" "$TWO" "$FOO" "foo $M" "foo_impl $M"
	sets stage dtor_later "foo: $A_DTOR" "$ONE ?: dtor()" "$WITH_DTOR" "foo $M"
	BEFORE="foo: argument x__magic: $NO_KIND"
	refused hand dtor_misfit "foo: $A_DTOR" "dtor()" <<-END
		$(kfuncs 'foo(void *a)' 'foo_impl(void *a, void *x__magic)')
		$DTOR
	END
	BEFORE=
	sets stage dtor_first "foo: $A_DTOR" "dtor() ?: $ONE" "$WITH_DTOR" "foo $M"
	sets hand hook_without "foo: $NO_FLAG" "$TWO" "$FOO" "foo $M" "foo 0"
	sets hand hook_with "foo: $NO_FLAG" "$(register XDP n) ?: $ONE" "$FOO" "foo $M" "foo 0"
	sets stage fmodret_without "foo: $NO_FLAG" "$ONE ?: $(register_fmodret n)" "$FOO_MAGIC" "foo $M" "foo KF_SLEEPABLE" $SET8
	sets stage fmodret_first "foo: $NO_FLAG" "$(register_fmodret n) ?: $ONE" "$FOO_MAGIC" "foo $M" "foo KF_SLEEPABLE" $SET8
	sets hand twice_without "foo: $NO_FLAG" "$ONE" "$FOO" "foo $M foo 0"
	sets stage meta "foo: $NO_OBJ" "$ONE" '__bpf_kfunc void foo(void *a, void *meta__magic) {}' "foo $M"
	sets stage two "foo: $NO_OBJ" "$ONE" \
		'__bpf_kfunc void foo(void *a__alloc, void *b__refcounted_kptr, void *meta__magic) {}' "foo $M"
	sets stage off "foo: $NO_OBJ" "$ONE" '__bpf_kfunc void foo(void *a, void *aux__magic, u64 off__magic) {}' "foo $M"

	# kfuncs of vmlinux in a module's set
	sets stage vmlinux_without "bpf_wq_set_callback: $NO_FLAG" "$ONE" '' "bpf_wq_set_callback 0"
	sets hand vmlinux_impl "bpf_wq_set_callback_impl: $AN_IMPL" "$ONE" '' "bpf_wq_set_callback_impl 0"
	sets hand vmlinux_plain "bpf_wq_init: $NO_ROW" "$ONE" '' "bpf_wq_init $M"

	# and in a set of vmlinux itself: one that has no owner
	BTF=vmlinux
	sets hand own_without "bpf_wq_set_callback: $NO_FLAG" "$ONE" '' "bpf_wq_set_callback 0" '' $OWN
	sets hand own_plain "bpf_wq_init: $NO_ROW" "$ONE" '' "bpf_wq_init $M" '' $OWN
	sets hand own_impl "bpf_wq_set_callback_impl: $AN_IMPL" "$ONE" '' "bpf_wq_set_callback_impl $M" '' $OWN
	check_refused
}

# A filter that refuses a magic kfunc to some programs: by either name, and the log has the name that was called.
# Another kfunc of the set may be called.
t_register_filter() {
	mkdir stage
	module stage filter "$(register XDP m)" <<-END
		__bpf_kfunc u32 foo(u32 a, void *aux__magic) { return ((struct bpf_prog_aux *)aux__magic)->id + a; }
		__bpf_kfunc u32 bar(u32 a) { return a; }
		BTF_ID_LIST_SINGLE(foo_id, func, foo)
		static int filter(const struct bpf_prog *prog, u32 id)
		{
			return id == foo_id[0] && prog->expected_attach_type == BPF_XDP_DEVMAP ? -EACCES : 0;
		}
		$(entries foo $M bar 0 | kfunc_set m | sed 's/\.owner/.filter = filter, &/')
	END
	build stage
	cat > prog.c <<-'END'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		extern __u32 foo(__u32 a) __ksym;
		extern __u32 foo_impl(__u32 a, void *aux__magic) __ksym;
		extern __u32 bar(__u32 a) __ksym;
		char _license[] SEC("license") = "GPL";
		SEC(SECTION) int prog(void *ctx) { return CALL; }
	END
	for call in 'foo(0)' 'foo_impl(0, 0)' 'bar(7)'; do
		name=${call%(*}
		bpf_cc prog.c "$name-xdp.o" "-DCALL=$call" '-DSECTION="xdp"'
		bpf_cc prog.c "$name-devmap.o" "-DCALL=$call" '-DSECTION="xdp/devmap"'
	done
	in_guest 120 filter.ko ./*.o <<-'END'
		insmod /filter.ko
		head -c 64 /dev/zero > /tmp/data
		for o in foo-xdp foo_impl-xdp bar-xdp foo-devmap foo_impl-devmap bar-devmap; do
			pin=/sys/fs/bpf/$o
			if ! bpftool prog load /$o.o $pin 2> /tmp/err; then
				echo "$o: $(sed -n 's/^calling kernel function/calling/p' /tmp/err)"
				continue
			fi
			id=$(bpftool prog show pinned $pin | sed -n 's/^\([0-9]*\): .*/\1/p')
			case $o in
			bar*) want=7 ;;
			*) want=$id ;;
			esac
			case $o in
			*-xdp) got=$(bpftool prog run pinned $pin data_in /tmp/data repeat 1 |
				sed -n 's/^Return value: \([0-9]*\).*/\1/p') ;;
			*) got=$want ;; # what is for a device map cannot be run by itself
			esac
			if [ -n "$id" ] && [ "$got" = "$want" ]; then echo "$o: ok"; else echo "$o: returned $got, not $want"; fi
		done
	END
	diff - said <<-'END'
		foo-xdp: ok
		foo_impl-xdp: ok
		bar-xdp: ok
		foo-devmap: calling foo is not allowed
		foo_impl-devmap: calling foo_impl is not allowed
		bar-devmap: ok
	END
	not grep -q 'BTF of' vm/console.log
}

# Whether a function may be called is one thing, by which prototype it is traced another: a module that has not
# registered its kfunc, or not with success, receives all arguments of a call of its own while it is traced.
t_register_traced() {
	mkdir stage
	for m in registered never refused; do
		case $m in
		registered) init=$(register XDP m) ;;
		never) init="m_set.set ? 0 : -EINVAL" ;;
		refused) init="$(register_fmodret n) ? 0 : -EEXIST" ;;
		esac
		{
			echo "$MODULE_HEAD"
			echo "__bpf_kfunc u64 $m(u64 a, void *aux__magic) { return (u64)aux__magic; }"
			echo '__bpf_kfunc_end_defs();'
			entries $m $M | kfunc_set m
			# the build does not look at sets of this kind
			[ $m != refused ] || entries $m KF_SLEEPABLE | kfunc_set n | sed 's/BTF_KFUNCS/BTF_SET8/g'
			cat <<-END
				static int call(const char *val, const struct kernel_param *kp)
				{
					pr_info("$m: got %llx of %u\n", $m(1, (void *)0x6018), m_set.set->cnt);
					return 0;
				}
				static const struct kernel_param_ops ops = { .set = call };
				module_param_cb(call, &ops, NULL, 0200);
			END
			init "$init"
		} > stage/$m.c
		cat > $m.bpf.c <<-END
			#include <linux/bpf.h>
			#include <bpf/bpf_helpers.h>
			char _license[] SEC("license") = "GPL";
			SEC("fentry/$m") int prog(void *ctx) { return 0; }
		END
		bpf_cc $m.bpf.c $m.o
	done
	build stage
	in_guest 120 ./*.o registered.ko never.ko refused.ko <<-'END'
		for m in registered never refused; do
			insmod /$m.ko
			echo 1 > /sys/module/$m/parameters/call
			bpftool prog load /$m.o /sys/fs/bpf/$m autoattach && echo "$m: attached"
			echo 1 > /sys/module/$m/parameters/call
		done
	END
	same "$(cat said)" "$(printf '%s: attached\n' registered never refused)"
	same "$(tr -d '\r' < vm/console.log | sed -nE 's/^.*: (got [0-9a-f]+) of 1$/\1/p' | sort | uniq -c | sed 's/^ *//')" \
		"6 got 6018"
}

# A module may list kfuncs of vmlinux, as it may list any function, and magic ones with their flag. A call through
# the module's BTF is like any other: it ignores what is passed for the magic argument, by either name. The
# programs write to their own stream, which the kfunc finds by its magic argument, here in R5.
t_register_of_vmlinux() {
	mkdir stage
	old_tool
	module stage through "$(register XDP m)" <<-END
		__bpf_kfunc u32 mine(void) { return 7; }
		$(entries mine 0 bpf_stream_vprintk $M | kfunc_set m)
	END
	build stage "RESOLVE_BTFIDS=$T/old-tool"
	# libbpf looks in vmlinux first, so the call is made by hand; that of mine() gives the program the BTF
	cat > prog.c <<-'END'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		extern __u32 mine(void) __ksym;
		char _license[] SEC("license") = "GPL";
		static const char text[] = "hello\n";
		SEC("xdp") int prog(void *ctx)
		{
			__u64 args[1] = {};
			__u32 ret = mine();

			asm volatile ("r1 = 1; r2 = %[text]; r3 = %[args]; r4 = 0; r5 = 1234; .8byte %[call]; %[ret] = r0"
				      : [ret] "=r"(ret)
				      : [text] "r"(text), [args] "r"(args), [call] "i"(CALL)
				      : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
			return ret;
		}
	END
	for f in bpf_stream_vprintk bpf_stream_vprintk_impl; do
		id=$("$VM_BPFTOOL" btf dump file "$VM_OBJ/vmlinux" | sed -n "s/^\[\([0-9]*\)\] FUNC '$f' .*/\1/p")
		bpf_cc prog.c "$f.o" "-DCALL=$(printf '0x%08x00012085' "$id")"
	done
	in_guest 120 through.ko ./*.o <<-'END'
		insmod /through.ko
		head -c 64 /dev/zero > /tmp/data
		for o in bpf_stream_vprintk bpf_stream_vprintk_impl; do
			bpftool prog load /$o.o /sys/fs/bpf/$o
			bpftool prog run pinned /sys/fs/bpf/$o data_in /tmp/data repeat 1 | sed -n 's/, duration.*//p'
			bpftool prog tracelog stdout pinned /sys/fs/bpf/$o
		done
	END
	diff - said <<-'END'
		Return value: 0
		hello
		Return value: 0
		hello
	END
	not grep -q 'BTF of' vm/console.log
}
