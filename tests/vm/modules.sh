# SPDX-License-Identifier: GPL-2.0
# Tests of kfuncs in modules: one of the tree; as many magic ones as registration allows; and those of a toolchain
# that knows nothing of them.
. "$ROOT/tests/vm/modlib.sh"

# tcp_dctcp has kfuncs, none of them magic: each is tagged once, whatever pahole knows of tags, and the module loads.
t_modules_in_tree() {
	"$VM_BPFTOOL" -B "$VM_OBJ/vmlinux" btf dump file "$VM_OBJ/net/ipv4/tcp_dctcp.ko" > functions
	n=0
	for f in $(sed -n 's/^BTF_ID_FLAGS(func, \(dctcp_[a-z_]*\))$/\1/p' "$VM_SRC/net/ipv4/tcp_dctcp.c"); do
		id=$(sed -n "s/^\[\([0-9]*\)\] FUNC '$f' .*/\1/p" functions)
		same "$f $(grep -c "DECL_TAG 'bpf_kfunc' type_id=$id " functions)" "$f 1"
		n=$((n + 1))
	done
	same "$n" 6
	strip --strip-debug -o tcp_dctcp.ko "$VM_OBJ/net/ipv4/tcp_dctcp.ko"
	in_guest 30 tcp_dctcp.ko <<-'END'
		insmod /tcp_dctcp.ko
		rmmod tcp_dctcp
	END
	not grep -q 'BTF of' vm/console.log
}

HOOKS="tc xdp socket lwt_in" TYPES="SCHED_CLS XDP SOCKET_FILTER LWT_IN" N=256

# Four hooks full of magic kfuncs: each program calls all of its hook. A kfunc tells the id of its program and
# which one it is.
t_modules_many() {
	{
		for hook in $HOOKS; do
			for i in $(seq $N); do
				echo "__bpf_kfunc u32 many_${hook}_$i(u32 a, void *aux__magic)"
				echo "{ return ((struct bpf_prog_aux *)aux__magic)->id + a * $i; }"
			done
		done
		for hook in $HOOKS; do
			seq $N | sed "s/.*/BTF_ID_FLAGS(func, many_${hook}_&, KF_MAGIC_ARGS)/" | kfunc_set "$hook"
		done
	} > functions
	module many many "0 $(echo "$HOOKS $TYPES" | awk '{ for (i = 1; i <= NF / 2; i++)
		printf "?: register_btf_kfunc_id_set(BPF_PROG_TYPE_%s, &%s_set) ", $(NF / 2 + i), $i }')" < functions
	build many
	{
		printf '#include <linux/types.h>\n#include <bpf/bpf_helpers.h>\nchar _license[] SEC("license") = "GPL";\n'
		for hook in $HOOKS; do
			for impl in "" _impl; do
				seq $N | sed "s/.*/extern __u32 many_${hook}_&$impl(__u32 a${impl:+, void *aux__magic}) __ksym;/"
				echo "SEC(\"$hook\") int many_$hook$impl(void *ctx)"
				echo "{ __u32 id = many_${hook}_1$impl(0${impl:+, NULL});"
				for i in $(seq $N); do
					echo "if (many_${hook}_$i$impl(2${impl:+, NULL}) != id + 2 * $i) return 1000000 + $i;"
				done
				echo "return id; }"
			done
		done
	} > many.bpf.c
	bpf_cc many.bpf.c many.bpf.o

	in_guest 120 many.ko many.bpf.o <<-'END'
		insmod /many.ko
		bpftool prog loadall /many.bpf.o /sys/fs/bpf/many
		head -c 64 /dev/zero > /tmp/data
		n=0
		for prog in /sys/fs/bpf/many/*; do
			id=$(bpftool prog show pinned $prog | sed -n 's/^\([0-9]*\): .*/\1/p')
			got=$(bpftool prog run pinned $prog data_in /tmp/data repeat 1 | sed -n 's/^Return value: \([0-9]*\).*/\1/p')
			[ -n "$id" ] && [ "$got" = "$id" ] || { echo "$prog: returned $got, is program $id"; exit 1; }
			n=$((n + 1))
		done
		rm -r /sys/fs/bpf/many
		# the programs are freed a little later
		for i in $(seq 30); do
			rmmod many 2>/dev/null && break
			sleep 1
		done
		if grep '^many ' /proc/modules; then exit 1; fi
		echo "$n programs"
	END
	same "$(cat said)" '8 programs'
	not grep -q 'BTF of' vm/console.log
}

# A kernel build without the stage, as that of an unpatched 6.18: the tool does not complete the BTF.
t_modules_old_toolchain() {
	old_tool
	for m in old new; do id_module $m $m prog_id_$m; done
	build old "RESOLVE_BTFIDS=$T/old-tool"
	build new
	in_guest 60 old.ko new.ko <<-'END'
		insmod /old.ko && { echo "old.ko: loaded, and should not have been"; exit 1; }
		grep -q '^old ' /proc/modules && { echo "old.ko: is there"; exit 1; }
		insmod /new.ko
		rmmod new
	END
	# insmod tries twice
	same "$(sed -n 's/^.*\(BTF of .*\)$/\1/p' vm/console.log | tr -d '\r' | sort -u)" \
		"BTF of old: kfunc prog_id_old: KF_MAGIC_ARGS, but not in the table of magic kfuncs; build with this kernel's resolve_btfids"
}

# A module as it is written for 7.x: another name of the flag, and parameters that are magic by their type. Its kfuncs
# are called and traced by both names; one that is not registered is refused by both.
t_modules_implicit() {
	module seven seven "$(register SCHED_CLS tc) ?: $(register XDP xdp)" <<-END
		__bpf_kfunc u32 seven_id(u32 a, struct bpf_prog_aux *aux) { return aux->id + a; }
		__bpf_kfunc u32 seven_meta(void *p__refcounted_kptr, struct btf_struct_meta *meta,
					   const struct bpf_prog_aux *prog)
		{
			return meta ? meta->record->cnt * 1000 + prog->id : 0;
		}
		__bpf_kfunc u32 seven_xdp(struct bpf_prog_aux *aux) { return aux->id; }
		$(entries seven_id KF_IMPLICIT_ARGS seven_meta KF_IMPLICIT_ARGS | kfunc_set tc)
		$(entries seven_xdp KF_IMPLICIT_ARGS | kfunc_set xdp)
	END
	build seven
	cat > head.h <<-'END'
		#include <vmlinux.h>
		#include <bpf/bpf_helpers.h>
		#include <bpf/bpf_tracing.h>
		#include <bpf/bpf_core_read.h>
		char _license[] SEC("license") = "GPL";
	END
	cat > calls.bpf.c <<-'END'
		#include "head.h"
		extern u32 seven_id(u32 a) __ksym;
		extern u32 seven_id_impl(u32 a, struct bpf_prog_aux *aux__magic) __ksym;
		extern u32 seven_meta(void *p) __ksym;
		extern u32 seven_meta_impl(void *p, struct btf_struct_meta *m, const struct bpf_prog_aux *a) __ksym;
		struct node { struct bpf_refcount ref; struct bpf_list_node l; };
		SEC("tc") int calls(void *ctx)
		{
			u32 id = seven_id(0), ret = 0;
			struct node *n = bpf_obj_new(bpf_core_type_id_local(struct node));

			if (!n)
				return 1000;
			if (seven_id(3) != id + 3 || seven_id_impl(4, NULL) != id + 4)
				ret = 1001;
			else if (seven_meta(n) != 2000 + id || seven_meta_impl(n, NULL, NULL) != 2000 + id)
				ret = 1002;
			bpf_obj_drop(n);
			return ret ?: id;
		}
	END
	for impl in "" _impl; do
		par=void
		[ -z "$impl" ] || par='struct bpf_prog_aux *aux'
		cat > "refused$impl.bpf.c" <<-END
			#include "head.h"
			extern u32 seven_xdp$impl($par) __ksym;
			SEC("tc") int refused(void *ctx) { return seven_xdp$impl(${impl:+NULL}); }
		END
	done
	cat > traces.bpf.c <<-'END'
		#include "head.h"
		u32 by_foo, by_impl;
		SEC("fentry/seven_id") int BPF_PROG(foo, u32 a)
		{
			if (a == 4)
				by_foo++;
			return 0;
		}
		SEC("fexit/seven_id_impl") int BPF_PROG(impl, u32 a, struct bpf_prog_aux *aux, u32 ret)
		{
			if (a == 4)
				by_impl = aux->id * 1000 + ret;
			return 0;
		}
	END
	for f in calls refused refused_impl traces; do
		bpf_cc $f.bpf.c $f.bpf.o
	done
	in_guest 60 seven.ko ./*.bpf.o <<-'END'
		insmod /seven.ko
		head -c 64 /dev/zero > /tmp/data
		for f in refused refused_impl; do
			if bpftool prog load /$f.bpf.o /sys/fs/bpf/$f 2> /tmp/err; then echo "$f: loads"; fi
			sed -n '/^calling kernel function /p' /tmp/err
		done
		mkdir /sys/fs/bpf/t
		bpftool prog load /calls.bpf.o /sys/fs/bpf/calls
		id=$(bpftool prog show pinned /sys/fs/bpf/calls | sed -n 's/^\([0-9]*\): .*/\1/p')
		bpftool prog loadall /traces.bpf.o /sys/fs/bpf/t pinmaps /sys/fs/bpf/maps autoattach
		bpftool prog run pinned /sys/fs/bpf/calls data_in /tmp/data repeat 1 > /tmp/out
		grep -q "^Return value: $id," /tmp/out || { cat /tmp/out; exit 1; }
		bpftool map dump pinned $(ls /sys/fs/bpf/maps/*bss) > /tmp/bss
		grep -q "\"by_impl\": $((id * 1000 + id + 4))" /tmp/bss || { cat /tmp/bss; exit 1; }
		grep -q "\"by_foo\": 1$" /tmp/bss || { cat /tmp/bss; exit 1; }
		echo "called and traced"
	END
	same "$(cat said)" "calling kernel function seven_xdp is not allowed
calling kernel function seven_xdp_impl is not allowed
called and traced"
	not grep -q 'BTF of' vm/console.log
}
