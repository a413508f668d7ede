# SPDX-License-Identifier: GPL-2.0
# Tests of the headers that have function-like macros by the names of magic kfuncs: sources that include them
# compile against this kernel's vmlinux.h, in every order of inclusion in which they compile against a vmlinux.h
# as of 6.18, where BTF has the impls only.

KFUNCS='bpf_wq_set_callback|bpf_task_work_schedule_(signal|resume)|bpf_stream_vprintk|bpf_obj_new|bpf_obj_drop|'
KFUNCS=$KFUNCS'bpf_percpu_obj_new|bpf_percpu_obj_drop|bpf_refcount_acquire|bpf_list_push_(front|back)|bpf_rbtree_add'

# What the headers need of sched_ext and HID, which this kernel was built without
MISSING='struct sched_ext_entity { u32 weight; };\
enum scx_enq_flags { SCX_ENQ_CPU_SELECTED = 1, SCX_DSQ_FLAG_BUILTIN = 2 };\
struct bpf_iter_scx_dsq { u64 opaque; };\
struct scx_event_stats { s64 events; };\
struct hid_bpf_ctx { u32 size; };\
enum hid_report_type { HID_INPUT_REPORT };\
enum hid_class_request { HID_REQ_GET_REPORT = 1 };'

# vmlinux_h: new/vmlinux.h of this kernel, old/vmlinux.h without the kfuncs' own prototypes
vmlinux_h() {
	mkdir new old
	"$VM_BPFTOOL" btf dump file "$VM_VMLINUX" format c |
		sed "s/^struct task_struct {\$/$MISSING\n&\n\tstruct sched_ext_entity scx;/" > new/vmlinux.h
	same "$(grep -cE "[ *]($KFUNCS)\(" new/vmlinux.h)" 12
	same "$(grep -cE "[ *]($KFUNCS)_impl\(" new/vmlinux.h)" 12
	grep -vE "[ *]($KFUNCS)\(" new/vmlinux.h > old/vmlinux.h
}

# compile old|new FILE [OPTION...]
compile() {
	with=$1 from=$2
	shift 2
	bpf_cc "$from" "$with-${from%.c}.o" -Wno-unused-function -I"$with" "$@"
}

# orders HEADER...: each order of them and none, one a line
orders() {
	[ $# -ne 0 ] || echo
	for h in "$@"; do
		# shellcheck disable=SC2046
		orders $(printf '%s\n' "$@" | grep -vxF "$h") | sed "s|^|$h |"
	done
}

# in_orders BODY OPTIONS HEADER...: a program with BODY, for each order in which the headers compile on 6.18; there
# has to be one. Its impls are called in the object that new/vmlinux.h gives, or not, as CALLS says.
in_orders() {
	body=$1 options=$2 n=0
	shift 2
	orders "$@" > listed
	while read -r order; do
		{
			# shellcheck disable=SC2086
			printf '#include <%s>\n' $order
			cat "$body"
		} > prog.c
		# shellcheck disable=SC2086
		compile old prog.c $options -Wno-error > /dev/null 2>&1 || continue
		n=$((n + 1))
		echo "$order"
		# shellcheck disable=SC2086
		compile new prog.c $options
		llvm-readelf-19 -sW new-prog.o | awk '$7 == "UND" && $8 ~ /^bpf_/ { print $8 }' | sort > calls
		# shellcheck disable=SC2086
		printf '%s\n' $CALLS | sort | diff - calls
	done < listed
	echo "$n orders"
	[ "$n" -gt 0 ]
}

NODES='struct node { struct bpf_list_node l; struct bpf_rb_node r; struct bpf_refcount ref; int key; };
#ifndef private
#define private(name) SEC(".data." #name) __attribute__((visibility("hidden"))) __attribute__((aligned(8)))
#endif
private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head head __contains(node, l);
private(A) struct bpf_rb_root root __contains(node, r);
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b) { return a < b; }
SEC("tc") int prog(struct __sk_buff *skb)
{
	struct node *n = bpf_obj_new(struct node), *m, *o;

	if (!n)
		return 0;
	m = bpf_refcount_acquire(n);
	o = bpf_refcount_acquire(n);
	bpf_spin_lock(&lock);
	bpf_list_push_front(&head, &n->l);
	bpf_list_push_back(&head, &m->l);
	bpf_rbtree_add(&root, &m->r, less);
	bpf_spin_unlock(&lock);
	bpf_obj_drop(o);
	return 0;
}'

# sched_ext's header serves older kernels and calls impls
t_headers_scx() {
	vmlinux_h
	echo "$NODES" > body
	CALLS='bpf_obj_new_impl bpf_obj_drop_impl bpf_refcount_acquire_impl bpf_list_push_front_impl
		bpf_list_push_back_impl bpf_rbtree_add_impl'
	in_orders body "-I$VM_SRC/tools/sched_ext/include -I$VM_SRC/tools/sched_ext/include/bpf-compat" \
		vmlinux.h bpf/bpf_helpers.h scx/common.bpf.h
}

# so do both of HID-BPF
hid() {
	vmlinux_h
	cat > body <<-'END'
		struct elem { struct bpf_wq wq; };
		struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(max_entries, 1);
			__type(key, int);
			__type(value, struct elem);
		} map SEC(".maps");
		static int callback(void *map, int *key, void *value) { return 0; }
		SEC("syscall") int prog(void *ctx)
		{
			struct elem *e = bpf_map_lookup_elem(&map, &(int){ 0 });

			return e ? bpf_wq_set_callback(&e->wq, callback, 0) : 0;
		}
	END
	CALLS=bpf_wq_set_callback_impl
	in_orders body "$1" vmlinux.h bpf/bpf_helpers.h hid_bpf_helpers.h
}

t_headers_hid() {
	hid "-I$VM_SRC/drivers/hid/bpf/progs"
}

t_headers_hid_selftests() {
	hid "-I$VM_SRC/tools/testing/selftests/hid/progs"
}

# the selftests' header calls the kfuncs themselves, and against a vmlinux.h that has no prototypes of them, too
t_headers_experimental() {
	vmlinux_h
	{
		echo "$NODES"
		cat <<-'END'
			struct plain { long a; };
			SEC("fentry.s/f") int percpu(void *ctx)
			{
				struct plain __percpu_kptr *p = bpf_percpu_obj_new(struct plain);

				if (p)
					bpf_percpu_obj_drop(p);
				p = (bpf_percpu_obj_new)(bpf_core_type_id_local(struct plain));
				if (p)
					bpf_percpu_obj_drop(p);
				return 0;
			}
		END
	} > body
	CALLS='bpf_obj_new bpf_obj_drop bpf_percpu_obj_new bpf_percpu_obj_drop bpf_refcount_acquire
		bpf_list_push_front bpf_list_push_back bpf_rbtree_add'
	in_orders body "-I$VM_SRC/tools/testing/selftests/bpf" vmlinux.h bpf/bpf_helpers.h bpf_experimental.h
}

# vmlinux.h declares the kfuncs of arenas with pointers into their address space, as bpf_arena_common.h does
t_headers_arena() {
	vmlinux_h
	cat > prog.c <<-'END'
		#include <vmlinux.h>
		#include <bpf/bpf_helpers.h>
		#include "bpf_arena_common.h"
		struct {
			__uint(type, BPF_MAP_TYPE_ARENA);
			__uint(map_flags, BPF_F_MMAPABLE);
			__uint(max_entries, 10);
		} arena SEC(".maps");
		SEC("syscall") int prog(void *ctx)
		{
			void __arena *page = bpf_arena_alloc_pages(&arena, NULL, 1, NUMA_NO_NODE, 0);

			if (page && !bpf_arena_reserve_pages(&arena, page, 1))
				bpf_arena_free_pages(&arena, page, 1);
			return 0;
		}
	END
	same "$(grep -cE '[ *]bpf_arena_(alloc|free|reserve)_pages\(' new/vmlinux.h)" 3
	compile new prog.c "-I$VM_SRC/tools/testing/selftests/bpf"
}
