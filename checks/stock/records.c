// SPDX-License-Identifier: GPL-2.0
/*
 * One call of a kfunc of objects, lists or trees that serves two types of objects, one on each path to it: is the program
 * loaded, what happens to the objects, and is memory damaged? Runs in the guest, on the unpatched kernel and on the
 * series; compare.awk puts both together.
 *
 *   records [-s SEED COUNT] [FROM]
 *
 * -s takes COUNT rows that SEED picks, FROM is the row to begin with, after a guest that died in the one
 * before. A row for each kfunc and ordered pair of types that it takes, the second type being on the path that the verifier
 * walks last:
 *
 *   begin ROW KFUNC FIRST LAST
 *   row ROW KFUNC FIRST LAST ERRNO HASH EFFECT EFFECT DAMAGE REPORT LOG	(tabs between them; a column may be "-")
 *
 * A row that begins with "again" found damage where an earlier row has made the kernel oops: it should be made again. If
 * there is a file /only, just the rows whose numbers it has are made.
 *
 * ERRNO is 0 if it loads, HASH what it is translated to (lib/translated.h). On a kernel with both names of the kfunc,
 * both are loaded, and a difference is the ERRNO "names". A type with ' is that of a second BTF with the same types, as a
 * map has that an earlier load of the object file has made.
 *
 * Objects are made by programs of their own and handed over in maps, so that only the call under test is shared. What an
 * object holds is referenced from a map, too, so that what happened can be read (bpf_probe_read_kernel()): the count of
 * each thing it holds, and of the object. EFFECT says for the first and the last type what the call did: "freed", the
 * object and all that it held; "lost N", freed, but N things that it held were not; "kept", one reference less; "lost",
 * nothing; and so on, see what_happened().
 * DAMAGE is what no program may be able to do. To find it, the program fills its own data with what the other type's
 * fields would have to be: pointers to a victim, an object that it owns and that the call has nothing to do with.
 */
#include "kit.h"

#include <linux/reboot.h>
#include <signal.h>

#define WATCHDOG_SECONDS 30
#define GRAVES 16384
#define MAX_ROWS 8192
#define NR_CLASSES 9

enum kind { NOTHING, CPUMASK, TASK, LEAF, OWNER, PERCPU, HEAD_X, HEAD_Y, ROOT_X, ROOT_Y, LOCK, REF, LIST, TREE };

struct field {
	enum kind kind;
	int off;
};

static const struct shape {
	const char *name;
	int size;
	struct field fields[4];
	bool node;	/* a variant of a type that says nothing new to who does not insert it */
} shapes[] = {
	{ .name = "plain", .size = 16 },
	{ .name = "plain-32", .size = 32 },
	{ .name = "plain-240", .size = 240 },
	{ .name = "cpumask", .size = 64, .fields = { { CPUMASK, 8 } } },
	{ .name = "task", .size = 64, .fields = { { TASK, 8 } } },
	{ .name = "leaf", .size = 64, .fields = { { LEAF, 8 } } },
	{ .name = "leaf-128", .size = 128, .fields = { { LEAF, 8 } } },
	{ .name = "owner", .size = 64, .fields = { { OWNER, 8 } } },
	{ .name = "percpu", .size = 64, .fields = { { PERCPU, 8 } } },
	{ .name = "cpumask+leaf", .size = 64, .fields = { { CPUMASK, 8 }, { LEAF, 16 } } },
	{ .name = "head-x", .size = 64, .fields = { { LOCK, 0 }, { HEAD_X, 8 } } },
	{ .name = "head-y", .size = 64, .fields = { { LOCK, 0 }, { HEAD_Y, 8 } } },
	{ .name = "root-x", .size = 64, .fields = { { LOCK, 0 }, { ROOT_X, 8 } } },
	{ .name = "root-y", .size = 64, .fields = { { LOCK, 0 }, { ROOT_Y, 8 } } },
	{ .name = "ref8", .size = 64, .fields = { { REF, 8 } } },
	{ .name = "ref8-24", .size = 24, .fields = { { REF, 8 } }, .node = true },
	{ .name = "ref16", .size = 64, .fields = { { REF, 16 } } },
	{ .name = "ref184", .size = 200, .fields = { { REF, 184 } } },
	{ .name = "ref8+leaf", .size = 64, .fields = { { REF, 8 }, { LEAF, 16 } } },
	{ .name = "ref8+task", .size = 64, .fields = { { REF, 8 }, { TASK, 16 } } },
	{ .name = "ref8+leaf-200", .size = 200, .fields = { { REF, 8 }, { LEAF, 192 } } },
	{ .name = "list24", .size = 64, .fields = { { LIST, 24 } } },
	{ .name = "list40", .size = 64, .fields = { { LIST, 40 } } },
	{ .name = "tree24", .size = 64, .fields = { { TREE, 24 } } },
	{ .name = "tree32", .size = 64, .fields = { { TREE, 32 } }, .node = true },
	{ .name = "list24+ref8", .size = 64, .fields = { { REF, 8 }, { LIST, 24 } } },
	{ .name = "list24+ref8-128", .size = 128, .fields = { { REF, 8 }, { LIST, 24 } }, .node = true },
	{ .name = "list24+ref16", .size = 64, .fields = { { REF, 16 }, { LIST, 24 } }, .node = true },
	{ .name = "list40+ref8", .size = 64, .fields = { { REF, 8 }, { LIST, 40 } }, .node = true },
	{ .name = "list24+ref8+leaf", .size = 64, .fields = { { REF, 8 }, { LIST, 24 }, { LEAF, 56 } }, .node = true },
	{ .name = "tree24+ref8", .size = 64, .fields = { { REF, 8 }, { TREE, 24 } }, .node = true },
	{ .name = "tree24+ref16", .size = 64, .fields = { { REF, 16 }, { TREE, 24 } }, .node = true },
	{ .name = "tree32+ref8", .size = 64, .fields = { { REF, 8 }, { TREE, 32 } }, .node = true },
	{ .name = "tree24+ref8+leaf", .size = 64, .fields = { { REF, 8 }, { TREE, 24 }, { LEAF, 56 } }, .node = true },
	{ .name = "list24+tree48+ref8", .size = 88, .fields = { { REF, 8 }, { LIST, 24 }, { TREE, 48 } }, .node = true },
};

#define NR_SHAPES ((int)ARRAY_SIZE(shapes))

/* the types that they refer to */
enum { LEAF_REF = 0, LEAF_SIZE = 16, OWNER_LEAF = 8, OWNER_SIZE = 16 };
/* nodes of both content types: one has its nodes elsewhere */
enum { NODE_REF = 16, X_LIST = 48, X_TREE = 72, Y_LIST = 104, Y_TREE = 128, NODE_SIZE = 176 };
/* A victim has zeros where pointers are looked for, a count of its own, and a count to hit. */
enum { VICTIM_REF = 16, VICTIM_HIT = 32, VICTIM_SIZE = NODE_SIZE };

/* the map that objects of a type are handed over in: two references, a per-CPU object, and what to insert into */
enum { MAP_A = 8, MAP_B = 16, MAP_PERCPU = 24, MAP_LOCK = 32, MAP_HEAD = 40, MAP_ROOT = 56, MAP_SIZE = 72 };
/* an object with a list and a tree that goes while nodes are in it */
enum { BOX_LOCK = 0, BOX_HEAD = 8, BOX_ROOT = 24, BOX_SIZE = 40 };
/* the map of what is referenced from elsewhere */
enum { HELD_CPUMASK = 0, HELD_LEAF = 8, HELD_X = 16, HELD_Y = 24, HELD_VICTIM = 32, NR_HELD = 5 };

/* Programs of a type, made when they are needed. */
enum prog { MAKE, ADD_REF, INSERT_LIST, INSERT_TREE, ORPHAN_LIST, ORPHAN_TREE, DROP_A, DROP_B, DROP_PERCPU, DRAIN_LIST,
	DRAIN_TREE, MAKE_PERCPU, BURY, BURY_LIST, BURY_TREE, NR_PROGS };

/* The same types in another BTF are another world. */
static struct world {
	struct btf *btf;
	int leaf, owner, pcpu, x, y, victim, func, less;
	int type[ARRAY_SIZE(shapes)], map[ARRAY_SIZE(shapes)], box[ARRAY_SIZE(shapes)];
	int held, release, bury, class[NR_CLASSES];
	/* graves: of each type, and of what is held */
	int grave_type[ARRAY_SIZE(shapes) + NR_HELD], grave[ARRAY_SIZE(shapes) + NR_HELD];
	int prog[ARRAY_SIZE(shapes)][NR_PROGS];
} worlds[2];

/* Memory shared with the programs, in bytes. */
enum {
	SEL = 0, RET = 8, OBJECT = 16, CHILD = 24, PEEK_AT = 32, AT_CPUMASK = 40, AT_LEAF = 48, AT_NODE = 56, AT_PERCPU = 64,
	AT_TASK = 72, AT_VICTIM = 80, RESULT = 88, DONE = 96, GRAVE = 104,
	FILL = 512, VICTIM_FILL = 1024, POISON = 1280, SEEN = 1536, PEEKED = 2048, SHARED_SIZE = 4096, WINDOW = 256
};

/*
 * What there is to know of each kind of field: in BTF, of the object that it refers to (what it is, where its address is
 * kept, where its count is and how much of it there is to compare), and of lists and trees: where their nodes are, which field
 * of the held map they are in, and how many words of an empty one lead to itself.
 */
static struct kind_info {
	int size;
	const char *name, *contains, *what;
	int at, ref, ref_size, node, held, selfs;
} kinds[] = {
	[CPUMASK] = { 8, .what = "cpumask", .at = AT_CPUMASK },
	[TASK] = { 8, .at = AT_TASK },
	[LEAF] = { 8, .what = "leaf", .at = AT_LEAF, .ref = LEAF_REF, .ref_size = LEAF_SIZE },
	[OWNER] = { 8, .what = "leaf", .at = AT_LEAF, .ref = LEAF_REF, .ref_size = LEAF_SIZE },
	[PERCPU] = { 8, .at = AT_PERCPU },
#define NODES(nodes, y) .contains = "contains:stock_" y, .what = "node", .at = AT_NODE, .ref = NODE_REF, .ref_size = NODE_SIZE, \
	.node = nodes
	[HEAD_X] = { 16, NODES(X_LIST, "x:list"), .held = HELD_X, .selfs = 2 },
	[HEAD_Y] = { 16, NODES(Y_LIST, "y:list"), .held = HELD_Y, .selfs = 2 },
	[ROOT_X] = { 16, NODES(X_TREE, "x:tree"), .held = HELD_X },
	[ROOT_Y] = { 16, NODES(Y_TREE, "y:tree"), .held = HELD_Y },
	[LOCK] = { 4, .name = "lock" },
	[REF] = { 4 },
	[LIST] = { 24, .name = "list", .selfs = 2 },
	[TREE] = { 32, .name = "tree", .selfs = 1 },
};

static bool is_list(enum kind kind)
{
	return kind == HEAD_X || kind == HEAD_Y;
}

static bool is_root(enum kind kind)
{
	return kind == ROOT_X || kind == ROOT_Y;
}

static bool has_kasan;
static unsigned char *shared;

static __u64 *word(int off)
{
	return (__u64 *)(shared + off);
}

enum kfunc { NEW, PERCPU_NEW, DROP, PERCPU_DROP, ACQUIRE, PUSH_FRONT, PUSH_BACK, RB_ADD, NR_KFUNCS };

static struct {
	const char *name;
	int id[2]; /* its own, 0 on the unpatched kernel, and that of the impl */
} kfuncs[NR_KFUNCS] = {
	{ .name = "bpf_obj_new" }, { .name = "bpf_percpu_obj_new" }, { .name = "bpf_obj_drop" }, { .name = "bpf_percpu_obj_drop" },
	{ .name = "bpf_refcount_acquire" }, { .name = "bpf_list_push_front" }, { .name = "bpf_list_push_back" }, { .name = "bpf_rbtree_add" },
};

static int cpumask_create, cpumask_acquire, cpumask_release, task_from_pid, task_release, pop_front, rbtree_first,
	rbtree_remove, bits_new, bits_destroy;
static int cache_unit_size;

/* ---- types */

static const struct field *field_of(const struct shape *s, enum kind kind)
{
	int i;

	for (i = 0; i < 4; i++)
		if (s->fields[i].kind == kind)
			return kind == NOTHING ? NULL : &s->fields[i];
	return NULL;
}

static bool has(const struct shape *s, enum kind kind)
{
	return field_of(s, kind);
}

static bool is_scalar(const struct shape *s)
{
	return !s->fields[0].kind;
}

struct member {
	const char *name;
	int type, off, size;
	const char *contains;
};

/* A struct with these members, and with 32-bit numbers between them. */
static int add_struct(struct btf *btf, const char *name, int size, const struct member *members, int nr)
{
	int id = btf__add_struct(btf, name, size), off, i, index[8], k = 0;
	char filler[16];

	for (i = 0, off = 0; off < size; k++) {
		if (i < nr && members[i].off == off) {
			btf__add_field(btf, members[i].name, members[i].type, off * 8, 0);
			index[i] = k;
			off += members[i++].size;
			continue;
		}
		snprintf(filler, sizeof(filler), "n%d", off);
		btf__add_field(btf, filler, INT_TYPE, off * 8, 0);
		off += 4;
	}
	for (i = 0; i < nr; i++)
		if (members[i].contains)
			btf__add_decl_tag(btf, members[i].contains, id, index[i]);
	return id;
}

static void make_world(struct world *w)
{
	int list, tree, ref, lock, head, root, proto, kptr[NR_SHAPES], percpu[NR_SHAPES], value[NR_SHAPES], i, k;
	int types[TREE + 1] = {}, held, held_kptr[NR_HELD];
	struct btf *btf = w->btf = new_btf();
	char name[64], in_list[80], in_tree[80];

	list = types[LIST] = opaque(btf, "bpf_list_node", 24);
	tree = types[TREE] = opaque(btf, "bpf_rb_node", 32);
	ref = types[REF] = opaque(btf, "bpf_refcount", 4);
	lock = types[LOCK] = opaque(btf, "bpf_spin_lock", 4);
	head = types[HEAD_X] = types[HEAD_Y] = opaque(btf, "bpf_list_head", 16);
	root = types[ROOT_X] = types[ROOT_Y] = opaque(btf, "bpf_rb_root", 16);
	w->leaf = add_struct(btf, "stock_leaf", LEAF_SIZE, (struct member[]){ { "ref", ref, LEAF_REF, 4, 0 } }, 1);
	w->pcpu = add_struct(btf, "stock_percpu", 8, NULL, 0);
	types[LEAF] = kptr_to(btf, "kptr", w->leaf);
	w->owner = add_struct(btf, "stock_owner", OWNER_SIZE,
			      (struct member[]){ { "leaf", types[LEAF], OWNER_LEAF, 8, 0 } }, 1);
	w->x = add_struct(btf, "stock_x", NODE_SIZE, (struct member[]){
		{ "ref", ref, NODE_REF, 4, 0 }, { "list", list, X_LIST, 24, 0 }, { "tree", tree, X_TREE, 32, 0 } }, 3);
	w->y = add_struct(btf, "stock_y", NODE_SIZE, (struct member[]){
		{ "ref", ref, NODE_REF, 4, 0 }, { "list", list, Y_LIST, 24, 0 }, { "tree", tree, Y_TREE, 32, 0 } }, 3);
	w->victim = add_struct(btf, "stock_victim", VICTIM_SIZE,
			       (struct member[]){ { "ref", ref, VICTIM_REF, 4, 0 } }, 1);
	types[CPUMASK] = kptr_to(btf, "kptr", btf__add_struct(btf, "bpf_cpumask", 0));
	types[TASK] = kptr_to(btf, "kptr", btf__add_struct(btf, "task_struct", 0));
	types[OWNER] = kptr_to(btf, "kptr", w->owner);
	types[PERCPU] = kptr_to(btf, "percpu_kptr", w->pcpu);

	for (i = 0; i < NR_SHAPES; i++) {
		struct member members[4] = {};

		for (k = 0; k < 4 && shapes[i].fields[k].kind; k++) {
			const struct field *f = &shapes[i].fields[k];

			members[k] = (struct member){ kinds[f->kind].name ?: (k ? "f1" : "f0"), types[f->kind], f->off,
				kinds[f->kind].size, kinds[f->kind].contains };
		}
		snprintf(name, sizeof(name), "stock_%d", i);
		w->type[i] = add_struct(btf, name, shapes[i].size, members, k);
		kptr[i] = kptr_to(btf, "kptr", w->type[i]);
		percpu[i] = kptr_to(btf, "percpu_kptr", w->type[i]);
	}
	for (i = 0; i < NR_SHAPES; i++) {
		bool l = has(&shapes[i], LIST), t = has(&shapes[i], TREE);
		struct member members[6] = { { "a", kptr[i], MAP_A, 8, 0 }, { "b", kptr[i], MAP_B, 8, 0 },
			{ "percpu", percpu[i], MAP_PERCPU, 8, 0 }, { "lock", lock, MAP_LOCK, 4, 0 } };
		struct member box[3] = { { "lock", lock, BOX_LOCK, 4, 0 } };

		snprintf(in_list, sizeof(in_list), "contains:stock_%d:list", i);
		snprintf(in_tree, sizeof(in_tree), "contains:stock_%d:tree", i);
		k = 4;
		if (l)
			members[k++] = (struct member){ "head", head, MAP_HEAD, 16, in_list };
		if (t)
			members[k++] = (struct member){ "root", root, MAP_ROOT, 16, in_tree };
		snprintf(name, sizeof(name), "stock_map_%d", i);
		value[i] = add_struct(btf, name, MAP_SIZE, members, k);
		k = 1;
		if (l)
			box[k++] = (struct member){ "head", head, BOX_HEAD, 16, in_list };
		if (t)
			box[k++] = (struct member){ "root", root, BOX_ROOT, 16, in_tree };
		snprintf(name, sizeof(name), "stock_box_%d", i);
		w->box[i] = add_struct(btf, name, BOX_SIZE, box, k);
	}
	held_kptr[0] = types[CPUMASK];
	held_kptr[1] = types[LEAF];
	held_kptr[2] = kptr_to(btf, "kptr", w->x);
	held_kptr[3] = kptr_to(btf, "kptr", w->y);
	held_kptr[4] = kptr_to(btf, "kptr", w->victim);
	held = btf__add_struct(btf, "stock_held", NR_HELD * 8);
	for (i = 0; i < NR_HELD; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		btf__add_field(btf, name, held_kptr[i], i * 64, 0);
	}
	for (i = 0; i < NR_SHAPES + NR_HELD; i++) {
		snprintf(name, sizeof(name), "stock_grave_%d", i);
		w->grave_type[i] = btf__add_struct(btf, name, 8);
		btf__add_field(btf, "a", i < NR_SHAPES ? kptr[i] : held_kptr[i - NR_SHAPES], 0, 0);
		w->grave[i] = -1;
	}
	for (i = 0; i < NR_CLASSES; i++) {
		snprintf(name, sizeof(name), "stock_class_%d", i);
		w->class[i] = add_struct(btf, name, i ? 32 * i : 16, NULL, 0);
	}
	proto = btf__add_func_proto(btf, INT_TYPE);
	w->func = btf__add_func(btf, "prog", BTF_FUNC_STATIC, proto);
	w->less = btf__add_func(btf, "less", BTF_FUNC_STATIC, proto);
	load_btf(btf);
	for (i = 0; i < NR_SHAPES; i++) {
		snprintf(name, sizeof(name), "map%d", i);
		w->map[i] = make_map(name, MAP_SIZE, 1, btf__fd(btf), value[i], 0);
		for (k = 0; k < NR_PROGS; k++)
			w->prog[i][k] = -1;
	}
	w->held = make_map("held", NR_HELD * 8, 1, btf__fd(btf), held, 0);
	w->release = w->bury = -1;
}

/* ---- pieces of programs: R9 is the shared memory, R7 the object */

static int impl(enum kfunc k)
{
	return kfuncs[k].id[1];
}

static void begin(void)
{
	cnt = 0;
	set(BPF_REG_9, VALUE(shared_map, 0));
}

static void save(int off, int reg)
{
	add(STORE(BPF_DW, BPF_REG_9, reg, off));
}

/* The program has done what it is for, and ends. */
static void end_done(void)
{
	add(MOV(BPF_REG_1, 1));
	save(DONE, BPF_REG_1);
	end(0);
}

static void release(int reg, int kfunc)
{
	set(BPF_REG_1, REG(reg));
	if (kfunc == impl(DROP) || kfunc == impl(PERCPU_DROP))
		add(MOV(BPF_REG_2, 0));
	add(KFUNC(kfunc));
}

static void drop(int reg)
{
	release(reg, impl(DROP));
}

/* Release what came out of a field, R0, if anything did. */
static void release_old(int kfunc)
{
	int none = branch(BPF_JEQ, BPF_REG_0, 0);

	release(BPF_REG_0, kfunc);
	land(none);
}

/* Put what is in the register into a field, and release what was there. */
static void put(struct arg field, int reg, int kfunc)
{
	exchange(field, REG(reg));
	release_old(kfunc);
}

/* R0 = what is in the field, which is empty then. */
static void take(int map, int off)
{
	exchange(VALUE(map, off), NUM(0));
}

/* If R0 is nothing, drop these objects and end with 1; otherwise, it is what the register gets. */
static void need(int reg, int held1, int held2)
{
	int fine = branch(BPF_JNE, BPF_REG_0, 0);

	if (held1)
		drop(held1);
	if (held2)
		drop(held2);
	end(1);
	land(fine);
	if (reg)
		add(MOVR(reg, BPF_REG_0));
}

static void make_new(enum kfunc k, int type, int reg, int held1, int held2)
{
	call_kfunc(impl(k), NUM(type), NUM(0));
	need(reg, held1, held2);
}

/* Another reference to the object in from. */
static void acquire(int reg, int from, int held1, int held2)
{
	call_kfunc(impl(ACQUIRE), REG(from), NUM(0));
	need(reg, held1, held2);
}

static void peek(int at, int to)
{
	SET_ARGS(AT(BPF_REG_9, to), NUM(WINDOW));
	add(LOAD(BPF_DW, BPF_REG_3, BPF_REG_9, at));
	add(ADD(BPF_REG_3, -8));
	add(HELPER(BPF_FUNC_probe_read_kernel));
}

/* For the insertion of a node: what is behind the first two arguments. -> where the callback is, if it needs one. */
static int end_insert_args(enum kfunc k)
{
	add(MOV(BPF_REG_3, 0));
	add(MOV(BPF_REG_4, 0));
	if (k != RB_ADD)
		return 0;
	add(MOV(BPF_REG_5, 0));
	set(BPF_REG_3, FUNC(0));
	return cnt - 2;
}

/* Insert the node at obj + off into the list or tree at root + off, under its lock. -> callback if it needs one. */
static int insert(enum kfunc k, int root, int lock_off, int root_off, int obj, int off)
{
	int callback;

	call_helper(BPF_FUNC_spin_lock, AT(root, lock_off));
	SET_ARGS(AT(root, root_off), AT(obj, off));
	callback = end_insert_args(k);
	add(KFUNC(impl(k)));
	save(RET, BPF_REG_0);
	call_helper(BPF_FUNC_spin_unlock, AT(root, lock_off));
	return callback;
}

/*
 * Put the object in the register where nobody will look at it again, not even when the maps go: a grave stays until the
 * machine ends. The other register may have one, too.
 */
static void bury(struct world *w, int grave, int reg, int other, int kfunc)
{
	int found, none;

	if (w->grave[grave] < 0)
		w->grave[grave] = make_map("grave", 8, GRAVES, btf__fd(w->btf), w->grave_type[grave], 0);
	add(LOAD(BPF_DW, BPF_REG_1, BPF_REG_9, GRAVE));
	add(STORE(BPF_W, BPF_REG_10, BPF_REG_1, -4));
	add(ADD(BPF_REG_1, 1));
	save(GRAVE, BPF_REG_1);
	set(BPF_REG_2, AT(BPF_REG_10, -4));
	call_helper(BPF_FUNC_map_lookup_elem, MAP(w->grave[grave]));
	found = branch(BPF_JNE, BPF_REG_0, 0);
	release(reg, kfunc);
	if (other) {
		none = branch(BPF_JEQ, other, 0);
		release(other, kfunc);
		land(none);
	}
	end(1);
	land(found);
	put(REG(BPF_REG_0), reg, kfunc);
}

/* Take what is in the map, take a reference, which KASAN reports if the object is gone, and bury both. */
static void touch_and_bury(struct world *w, int map, int off, int grave, int acquire_kfunc, int kfunc)
{
	int none, failed;

	take(map, off);
	none = branch(BPF_JEQ, BPF_REG_0, 0);
	add(MOVR(BPF_REG_7, BPF_REG_0));
	if (acquire_kfunc && has_kasan) {
		call_kfunc(acquire_kfunc, REG(BPF_REG_7), NUM(0));
		add(MOVR(BPF_REG_8, BPF_REG_0));
		bury(w, grave, BPF_REG_7, BPF_REG_8, kfunc);
		failed = branch(BPF_JEQ, BPF_REG_8, 0);
		bury(w, grave, BPF_REG_8, 0, kfunc);
		land(failed);
	} else {
		bury(w, grave, BPF_REG_7, 0, kfunc);
	}
	land(none);
}

/* Load what was written; with a callback, that function follows. */
static int load(struct world *w, int callback, __u32 flags)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = verifier_log, .log_size = sizeof(verifier_log), .log_level = 1,
		    .prog_flags = flags);

	funcs[0] = (struct bpf_func_info){ 0, w->func };
	nr_funcs = 1;
	if (callback) {
		code[callback].imm = cnt - callback - 1;
		begin_func(w->less);
		end(0);
	}
	return load_code(BPF_PROG_TYPE_SYSCALL, "stock", btf__fd(w->btf), &opts);
}

static int must_load(struct world *w, int callback, const char *what)
{
	int fd = load(w, callback, 0);

	if (fd < 0) {
		fprintf(stderr, "%s\n", verifier_log);
		die(what);
	}
	return fd;
}

/* Memory that bpf_obj_new() will give out, with the program's data in it. */
static void write_poison(int size, int data)
{
	call_kfunc(bits_new, AT(BPF_REG_10, -16), AT(BPF_REG_9, data), NUM(size / 8));
	call_kfunc(bits_destroy, AT(BPF_REG_10, -16));
}

/* What the allocator gives for an object of that size. */
static int room_for(int size)
{
	static const int classes[] = { 16, 32, 64, 96, 128, 192, 256 };
	size_t i;

	for (i = 0; classes[i] < size + 8; i++)
		;
	return classes[i] - 8;
}

/* ---- programs that make, hand over and release */

/* Put an object of the type into the field of R7; what refers to it is in the held map, for who looks at it. */
static int write_field(struct world *w, const struct shape *s, const struct field *f)
{
	const struct kind_info *info = &kinds[f->kind];
	int callback = 0;

	switch (f->kind) {
	case CPUMASK:
		add(KFUNC(cpumask_create));
		need(BPF_REG_8, BPF_REG_7, 0);
		save(AT_CPUMASK, BPF_REG_8);
		call_kfunc(cpumask_acquire, REG(BPF_REG_8));
		add(MOVR(BPF_REG_6, BPF_REG_0));
		put(VALUE(w->held, HELD_CPUMASK), BPF_REG_6, cpumask_release);
		put(AT(BPF_REG_7, f->off), BPF_REG_8, cpumask_release);
		break;
	case TASK:
		add(LOAD(BPF_W, BPF_REG_1, BPF_REG_9, CHILD));
		add(KFUNC(task_from_pid));
		need(BPF_REG_8, BPF_REG_7, 0);
		save(AT_TASK, BPF_REG_8);
		put(AT(BPF_REG_7, f->off), BPF_REG_8, task_release);
		break;
	case LEAF:
	case OWNER:
		make_new(NEW, w->leaf, BPF_REG_8, BPF_REG_7, 0);
		save(AT_LEAF, BPF_REG_8);
		add(MOV(BPF_REG_1, 2));
		add(STORE(BPF_W, BPF_REG_8, BPF_REG_1, 8));
		add(MOV(BPF_REG_1, 0));
		add(STORE(BPF_W, BPF_REG_8, BPF_REG_1, 4));
		add(STORE(BPF_W, BPF_REG_8, BPF_REG_1, 12));
		acquire(BPF_REG_6, BPF_REG_8, BPF_REG_7, BPF_REG_8);
		put(VALUE(w->held, HELD_LEAF), BPF_REG_6, impl(DROP));
		if (f->kind == OWNER) {
			make_new(NEW, w->owner, BPF_REG_6, BPF_REG_7, BPF_REG_8);
			add(MOV(BPF_REG_1, 2));
			add(STORE(BPF_W, BPF_REG_6, BPF_REG_1, 0));
			put(AT(BPF_REG_6, OWNER_LEAF), BPF_REG_8, impl(DROP));
			add(MOVR(BPF_REG_8, BPF_REG_6));
		}
		put(AT(BPF_REG_7, f->off), BPF_REG_8, impl(DROP));
		break;
	case PERCPU:
		make_new(PERCPU_NEW, w->pcpu, BPF_REG_8, BPF_REG_7, 0);
		save(AT_PERCPU, BPF_REG_8);
		put(AT(BPF_REG_7, f->off), BPF_REG_8, impl(PERCPU_DROP));
		break;
	case HEAD_X:
	case HEAD_Y:
	case ROOT_X:
	case ROOT_Y:
		make_new(NEW, info->held == HELD_X ? w->x : w->y, BPF_REG_8, BPF_REG_7, 0);
		save(AT_NODE, BPF_REG_8);
		acquire(BPF_REG_6, BPF_REG_8, BPF_REG_7, BPF_REG_8);
		put(VALUE(w->held, info->held), BPF_REG_6, impl(DROP));
		callback = insert(is_list(f->kind) ? PUSH_FRONT : RB_ADD, BPF_REG_7, field_of(s, LOCK)->off, f->off,
				  BPF_REG_8, info->node);
		break;
	default:
		break;
	}
	return callback;
}

/* Does a field have these bytes of the object? */
static bool in_field(const struct shape *s, int off)
{
	int i;

	for (i = 0; i < 4; i++)
		if (off >= s->fields[i].off && off < s->fields[i].off + kinds[s->fields[i].kind].size)
			return true;
	return false;
}

static void write_make(struct world *w, int shape)
{
	const struct shape *s = &shapes[shape];
	int off, i, callback = 0;

	/* what is behind the object, but still its memory, is the program's choice, too */
	write_poison(room_for(s->size), FILL);
	make_new(NEW, w->type[shape], BPF_REG_7, 0, 0);
	save(OBJECT, BPF_REG_7);
	for (off = 0; off < s->size; off += 4) {
		if (in_field(s, off))
			continue;
		add(LOAD(BPF_W, BPF_REG_1, BPF_REG_9, FILL + off));
		add(STORE(BPF_W, BPF_REG_7, BPF_REG_1, off));
	}
	for (i = 0; i < 4; i++)
		callback = write_field(w, s, &s->fields[i]) ?: callback;
	put(VALUE(w->map[shape], MAP_A), BPF_REG_7, impl(DROP));
	end_done();
	w->prog[shape][MAKE] = must_load(w, callback, shapes[shape].name);
}

/* R7 = the object in the map, R8 = one more reference, which the caller puts somewhere. */
static void take_and_acquire(struct world *w, int shape)
{
	take(w->map[shape], MAP_A);
	need(BPF_REG_7, 0, 0);
	acquire(BPF_REG_8, BPF_REG_7, BPF_REG_7, 0);
}

static void put_back(struct world *w, int shape)
{
	put(VALUE(w->map[shape], MAP_A), BPF_REG_7, impl(DROP));
	end_done();
}

static void write_prog(struct world *w, int shape, enum prog p)
{
	bool list = p == INSERT_LIST || p == ORPHAN_LIST || p == DRAIN_LIST || p == BURY_LIST;
	const struct field *node = field_of(&shapes[shape], list ? LIST : TREE);
	int map = w->map[shape], callback = 0, none, acquire_kfunc = has(&shapes[shape], REF) ? impl(ACQUIRE) : 0;
	enum kfunc how = list ? PUSH_FRONT : RB_ADD;

	begin();
	switch (p) {
	case MAKE:
		write_make(w, shape);
		return;
	case ADD_REF:
		take_and_acquire(w, shape);
		put(VALUE(map, MAP_B), BPF_REG_8, impl(DROP));
		put_back(w, shape);
		break;
	case INSERT_LIST:
	case INSERT_TREE:
		take_and_acquire(w, shape);
		set(BPF_REG_6, VALUE(map, 0));
		callback = insert(how, BPF_REG_6, MAP_LOCK, list ? MAP_HEAD : MAP_ROOT, BPF_REG_8, node->off);
		put_back(w, shape);
		break;
	case ORPHAN_LIST:
	case ORPHAN_TREE: /* the list goes, and the node's owner stays what it was */
		take_and_acquire(w, shape);
		make_new(NEW, w->box[shape], BPF_REG_6, BPF_REG_7, BPF_REG_8);
		callback = insert(how, BPF_REG_6, BOX_LOCK, list ? BOX_HEAD : BOX_ROOT, BPF_REG_8, node->off);
		drop(BPF_REG_6);
		put_back(w, shape);
		break;
	case DROP_A:
	case DROP_B:
		take(map, p == DROP_A ? MAP_A : MAP_B);
		none = branch(BPF_JEQ, BPF_REG_0, 0);
		drop(BPF_REG_0);
		peek(OBJECT, SEEN);
		add(MOV(BPF_REG_1, 1));
		save(DONE, BPF_REG_1);
		land(none);
		end(0);
		break;
	case DROP_PERCPU:
		take(map, MAP_PERCPU);
		release_old(impl(PERCPU_DROP));
		end(0);
		break;
	case MAKE_PERCPU:
		make_new(PERCPU_NEW, w->type[shape], 0, 0, 0);
		save(OBJECT, BPF_REG_0);
		add(MOVR(BPF_REG_7, BPF_REG_0));
		put(VALUE(map, MAP_PERCPU), BPF_REG_7, impl(PERCPU_DROP));
		end_done();
		break;
	case BURY:
		touch_and_bury(w, map, MAP_B, shape, acquire_kfunc, impl(DROP));
		touch_and_bury(w, map, MAP_A, shape, acquire_kfunc, impl(DROP));
		end(0);
		break;
	case DRAIN_LIST:
	case DRAIN_TREE:
	case BURY_LIST:
	case BURY_TREE: /* RESULT = the object whose node was taken out */
		set(BPF_REG_6, VALUE(map, 0));
		add(MOV(BPF_REG_7, 0));
		call_helper(BPF_FUNC_spin_lock, AT(BPF_REG_6, MAP_LOCK));
		call_kfunc(list ? pop_front : rbtree_first, AT(BPF_REG_6, list ? MAP_HEAD : MAP_ROOT));
		if (list) {
			add(MOVR(BPF_REG_7, BPF_REG_0));
		} else {
			none = branch(BPF_JEQ, BPF_REG_0, 0);
			add(MOVR(BPF_REG_2, BPF_REG_0));
			call_kfunc(rbtree_remove, AT(BPF_REG_6, MAP_ROOT));
			add(MOVR(BPF_REG_7, BPF_REG_0));
			land(none);
		}
		call_helper(BPF_FUNC_spin_unlock, AT(BPF_REG_6, MAP_LOCK));
		none = branch(BPF_JEQ, BPF_REG_7, 0);
		add(ADD(BPF_REG_7, -node->off));
		save(RESULT, BPF_REG_7);
		if (p == BURY_LIST || p == BURY_TREE)
			bury(w, shape, BPF_REG_7, 0, impl(DROP));
		else
			drop(BPF_REG_7);
		land(none);
		end(0);
		break;
	default:
		break;
	}
	w->prog[shape][p] = must_load(w, callback, shapes[shape].name);
}

static int prog_fd(struct world *w, int shape, enum prog p)
{
	if (w->prog[shape][p] < 0)
		write_prog(w, shape, p);
	return w->prog[shape][p];
}

static int run_prog(struct world *w, int shape, enum prog p)
{
	int fd = prog_fd(w, shape, p);

	*word(DONE) = 0;
	return run(fd);
}

static void must_run(struct world *w, int shape, enum prog p)
{
	if (run_prog(w, shape, p) || !*word(DONE)) {
		fprintf(stderr, "records: %s: program %d: did not do what it is for\n", shapes[shape].name, p);
		exit(1);
	}
}

/* Release all that is referenced for looking at, but the victim. */
static void release_held(struct world *w)
{
	int i;

	if (w->release < 0) {
		begin();
		for (i = 0; i < NR_HELD; i++) {
			if (i * 8 == HELD_VICTIM)
				continue;
			take(w->held, i * 8);
			release_old(i ? impl(DROP) : cpumask_release);
		}
		end(0);
		w->release = must_load(w, 0, "release");
	}
	run(w->release);
}

/* Bury all of it, and the victim. */
static void bury_held(struct world *w)
{
	int i;

	if (w->bury < 0) {
		begin();
		for (i = 0; i < NR_HELD; i++)
			touch_and_bury(w, w->held, i * 8, NR_SHAPES + i, i ? impl(ACQUIRE) : cpumask_acquire,
				       i ? impl(DROP) : cpumask_release);
		end(0);
		w->bury = must_load(w, 0, "bury");
	}
	run(w->bury);
}

/* "make" one; or "fill" it with its data. */
static void victim(const char *what)
{
	static int make = -1, fill;
	struct world *w = &worlds[0];
	int off;

	if (make < 0) {
		begin();
		make_new(NEW, w->victim, BPF_REG_7, 0, 0);
		save(AT_VICTIM, BPF_REG_7);
		put(VALUE(w->held, HELD_VICTIM), BPF_REG_7, impl(DROP));
		end(0);
		make = must_load(w, 0, "victim");
		begin();
		take(w->held, HELD_VICTIM);
		need(BPF_REG_7, 0, 0);
		for (off = 0; off < VICTIM_SIZE; off += 4) {
			if (off == VICTIM_REF)
				continue;
			add(LOAD(BPF_W, BPF_REG_1, BPF_REG_9, VICTIM_FILL + off));
			add(STORE(BPF_W, BPF_REG_7, BPF_REG_1, off));
		}
		put(VALUE(w->held, HELD_VICTIM), BPF_REG_7, impl(DROP));
		end(0);
		fill = must_load(w, 0, "victim");
	}
	if (run(*what == 'm' ? make : fill)) {
		fprintf(stderr, "records: victim: %s: failed\n", what);
		exit(1);
	}
}

/* What is in the kernel's memory: [0] is the word before the object, the allocator's. */
static void look(__u64 at, unsigned char *to)
{
	static int fd = -1;

	if (fd < 0) {
		begin();
		peek(PEEK_AT, PEEKED);
		end(0);
		fd = must_load(&worlds[0], 0, "peek");
	}
	*word(PEEK_AT) = at;
	run(fd);
	memcpy(to, shared + PEEKED, WINDOW);
}

static __u32 number(const unsigned char *window, int off)
{
	return *(__u32 *)(window + 8 + off);
}

/* ---- the program under test: two paths to one call */

struct row {
	enum kfunc k;
	int world[2], shape[2]; /* of the first path, and of the last */
};

static bool allocates(enum kfunc k)
{
	return k == NEW || k == PERCPU_NEW;
}

/* What the call takes, on the path of this type; ends where the paths meet. */
static void write_path(const struct row *r, int is_last)
{
	struct world *w = &worlds[r->world[is_last]];
	int shape = r->shape[is_last], map = w->map[shape];

	add(MOV(BPF_REG_6, is_last));
	if (allocates(r->k)) {
		add(MOV(BPF_REG_1, w->type[shape]));
		return;
	}
	take(map, r->k == PERCPU_DROP ? MAP_PERCPU : MAP_A);
	need(BPF_REG_7, 0, 0);
	save(OBJECT, BPF_REG_7);
	if (r->k >= PUSH_FRONT) {
		set(BPF_REG_8, VALUE(map, 0));
		call_helper(BPF_FUNC_spin_lock, AT(BPF_REG_8, MAP_LOCK));
		set(BPF_REG_2, AT(BPF_REG_7, field_of(&shapes[shape], r->k == RB_ADD ? TREE : LIST)->off));
	}
}

/* What becomes of what the call gave. */
static void write_tail(const struct row *r, int is_last)
{
	int none, map = worlds[r->world[is_last]].map[r->shape[is_last]];

	if (r->k == ACQUIRE) {
		none = branch(BPF_JEQ, BPF_REG_8, 0);
		put(VALUE(map, MAP_B), BPF_REG_8, impl(DROP));
		land(none);
	}
	if (r->k == PERCPU_NEW)
		put(VALUE(map, MAP_PERCPU), BPF_REG_7, impl(PERCPU_DROP));
	else
		put(VALUE(map, MAP_A), BPF_REG_7, impl(DROP));
	end_done();
}

/* Returns the place of the callback, 0 for none; *call is the instruction that calls. */
static int write_merged(const struct row *r, int *call)
{
	int last, join, i, callback = 0;

	begin();
	if (r->k == NEW)
		for (i = 0; i < 2; i++)
			write_poison(shapes[r->shape[i]].size, POISON);
	add(LOAD(BPF_DW, BPF_REG_1, BPF_REG_9, SEL));
	last = branch(BPF_JNE, BPF_REG_1, 0);
	write_path(r, 0);
	join = cnt;
	add(GOTO(0));
	land(last);
	write_path(r, 1);
	land(join);
	if (r->k >= PUSH_FRONT) {
		set(BPF_REG_1, AT(BPF_REG_8, r->k == RB_ADD ? MAP_ROOT : MAP_HEAD));
		callback = end_insert_args(r->k);
	} else {
		if (!allocates(r->k))
			add(MOVR(BPF_REG_1, BPF_REG_7));
		add(MOV(BPF_REG_2, 0));
	}
	*call = cnt;
	add(KFUNC(impl(r->k)));
	if (r->k >= PUSH_FRONT) {
		save(RET, BPF_REG_0);
		call_helper(BPF_FUNC_spin_unlock, AT(BPF_REG_8, MAP_LOCK));
	} else if (allocates(r->k)) {
		need(BPF_REG_7, 0, 0);
		save(OBJECT, BPF_REG_7);
	} else if (r->k == ACQUIRE) {
		add(MOVR(BPF_REG_8, BPF_REG_0));
		save(RESULT, BPF_REG_8);
	}
	peek(OBJECT, SEEN);
	if (allocates(r->k) || r->k == ACQUIRE) {
		last = branch(BPF_JNE, BPF_REG_6, 0);
		write_tail(r, 0);
		land(last);
		write_tail(r, 1);
	} else {
		end_done();
	}
	return callback;
}

/* ---- running it */

static char damage[512], report[1024];

static void __attribute__((format(printf, 1, 2))) damaged(const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!strstr(damage, text) && strlen(damage) + strlen(text) + 3 < sizeof(damage))
		sprintf(damage + strlen(damage), "%s%s", *damage ? "; " : "", text);
}

/* What data has to be for someone who takes it for a field of this kind. The victim's address is known. */
static void fill_for(unsigned char *at, enum kind kind, int ref)
{
	__u64 v = *word(AT_VICTIM), pair[2] = {};

	if (kind == REF || kind == LOCK) {
		*(__u32 *)at = kind == REF ? ref : 0;
		return;
	}
	if (!kinds[kind].at)
		return;
	if (kinds[kind].node)
		pair[0] = pair[1] = v + kinds[kind].node;
	else
		pair[0] = kind <= LEAF ? v + VICTIM_HIT - kinds[kind].ref : v;
	memcpy(at, pair, kinds[kind].size);
}

/* The victim's list node leads back to the head, which is in the object. */
static void close_list(const struct shape *s)
{
	int i;

	for (i = 0; i < 4; i++)
		if (is_list(s->fields[i].kind))
			*word(VICTIM_FILL + kinds[s->fields[i].kind].node) = *word(OBJECT) + s->fields[i].off;
	victim("fill");
}

/*
 * The allocator of per-CPU objects has lists for the sizes that programs have asked for. An object that gets there by
 * mistake would crash the kernel for want of one, long after the row.
 */
static void use_percpu_classes(void)
{
	struct world *w = &worlds[0];
	int i;

	for (i = 0; i < NR_CLASSES; i++) {
		begin();
		call_kfunc(impl(PERCPU_NEW), NUM(w->class[i]), NUM(0));
		release_old(impl(PERCPU_DROP));
		end(0);
		close(must_load(w, 0, "sizes of per-CPU objects"));
	}
}

static void new_victim(void)
{
	memset(shared + VICTIM_FILL, 0, WINDOW);
	*(__u32 *)(shared + VICTIM_FILL + VICTIM_HIT) = 8;
	victim("make");
	victim("fill");
}

/*
 * Where a call writes that takes a field of the object for what the other type has at that place: the count of what it seems
 * to refer to, or the allocator's word before it. 0 if there is no such place.
 */
static __u64 wrong_place(const struct shape *s, const struct shape *other, const unsigned char *object)
{
	const struct field *ref = field_of(other, REF);
	int i, k;

	/* the object's own count, behind its memory */
	if (ref && ref->off + 4 > room_for(s->size))
		return *word(OBJECT) + ref->off;
	for (i = 0; i < 4; i++)
		for (k = 0; k < 4; k++) {
			const struct field *f = &s->fields[i], *o = &other->fields[k];
			__u64 at = *(__u64 *)(object + 8 + f->off);

			if (!kinds[f->kind].at || f->off != o->off || f->kind == o->kind || !kinds[o->kind].at)
				continue;
			if (o->kind <= LEAF)
				return at + kinds[o->kind].ref;
			if (!kinds[o->kind].node)
				return at - 8;
			/* the owner of a list node is at the place of a tree node's left child */
			if (is_root(o->kind) && is_list(f->kind))
				at = *word(OBJECT) + f->off;
			return at - kinds[o->kind].node + NODE_REF;
		}
	return 0;
}

/* Everything that can be looked at, before and after: what each field refers to, too. */
struct state {
	unsigned char victim[WINDOW], object[WINDOW], wrong[WINDOW], fields[4][WINDOW];
};

static void look_at_all(struct state *st, const struct shape *s)
{
	const struct kind_info *info;
	int i;

	memset(st, 0, sizeof(*st));
	look(*word(AT_VICTIM), st->victim);
	for (i = 0; i < 4; i++) {
		info = &kinds[s->fields[i].kind];
		if (info->at)
			look(*word(info->at) + (info == &kinds[TASK] ? info->ref : 0), st->fields[i]);
	}
}

/* Returns how often it was released; anything but once or not at all is damage, and so is anything that else changed. */
static int released(const char *what, const unsigned char *before, const unsigned char *after, int ref, int size)
{
	int n = number(before, ref) - number(after, ref), i;

	if (memcmp(before, after, 8)) {
		damaged("%s is freed and still referenced", what);
		return 1;
	}
	if (n < 0 || n > 1)
		damaged("count of the %s is %d", what, number(after, ref));
	/* a node that is freed may leave its list */
	for (i = 0; i < (n == 1 && ref == NODE_REF ? X_LIST : size); i++)
		if ((i < ref || i >= ref + 4) && before[8 + i] != after[8 + i]) {
			damaged("%s is changed at %d", what, i);
			break;
		}
	return n == 1;
}

/*
 * What became of the object and of what it holds, after a call that gave up one reference of refs: "freed", "lost N" for
 * a freed object with N fields that were not, "lost" for one that was not freed, "kept" if there are other references.
 */
static const char *what_happened(const struct shape *s, const struct state *before, const struct state *after, int refs)
{
	const unsigned char *seen = shared + SEEN;
	bool freed = memcmp(seen, before->object, 8);
	int i, lost = 0, fields = 0, task;
	static char text[32];

	for (i = 0; i < 4; i++) {
		const struct kind_info *info = &kinds[s->fields[i].kind];
		const unsigned char *was = before->fields[i], *is = after->fields[i];

		fields += !!info->at;
		if (info == &kinds[TASK]) {
			task = number(was, 0) - number(is, 0);
			if (task < 0 || task > 1)
				damaged("count of the task is %d, was %d", number(is, 0), number(was, 0));
			lost += task != 1;
		} else if (info == &kinds[PERCPU]) {
			lost += !!*(__u64 *)(seen + 8 + s->fields[i].off);
			if (memcmp(was + 8, is + 8, 8) && *(__u64 *)(seen + 8 + s->fields[i].off))
				damaged("per-CPU object is changed");
		} else if (info->at) {
			lost += !released(info->what, was, is, info->ref, info->ref_size);
		}
	}
	if (memcmp(before->victim, after->victim, 8))
		damaged("an object of the program's choice is freed");
	else if (memcmp(before->victim, after->victim, 8 + VICTIM_SIZE))
		damaged("memory of the program's choice is changed");
	if (refs > 1) {
		if (freed)
			damaged("object is freed and still referenced");
		else if (fields && lost < fields)
			damaged("what the object holds is freed");
		else if (number(seen, field_of(s, REF)->off) != (__u32)refs - 1)
			return refs == (int)number(seen, field_of(s, REF)->off) ? "lost" : "miscounted";
		return "kept";
	}
	if (!freed)
		return "lost";
	if (!lost)
		return "freed";
	snprintf(text, sizeof(text), "lost %d", lost);
	return text;
}

/* The fields of a new object are what they have to be? Where not, the object is not safe to drop. */
static const char *looks_new(const struct shape *s)
{
	const unsigned char *seen = shared + SEEN + 8;
	__u64 at = *word(OBJECT), *f;
	int i, k, wrong = 0;

	for (i = 0; i < 4; i++) {
		const struct kind_info *info = &kinds[s->fields[i].kind];
		bool bad = false;

		f = (__u64 *)(seen + s->fields[i].off);
		if (info->size == 4)
			bad = *(__u32 *)f != (info == &kinds[REF]);
		for (k = 0; k < info->size / 8; k++)
			bad |= f[k] != (k < info->selfs ? at + s->fields[i].off : 0);
		wrong += bad;
	}
	if (wrong)
		damaged("%d fields are what the memory held", wrong);
	return wrong ? "garbage" : "new";
}

/* Is what was allocated large enough? Of the size is a word the allocator's, but for per-CPU objects. */
static void check_size(int size, int header)
{
	unsigned char window[WINDOW];
	int unit;

	look(*(__u64 *)(shared + SEEN) + cache_unit_size, window);
	unit = number(window, 0);
	if (unit < size + header)
		damaged("%d bytes were allocated for %d", unit - header, size);
}

static pid_t child;

static void new_child(void)
{
	child = fork();
	if (!child) {
		for (;;)
			pause();
	}
	*word(CHILD) = child;
}

/* Run the program in a process of its own, which an oops takes away. */
static bool run_apart(int fd)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		run(fd);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("run a program");
	if (!WIFSIGNALED(status))
		return true;
	damaged("the kernel oopses");
	return false;
}

/* in this row, and in one before */
static bool oopsed, dirty;
/* rows begun, which a process on another CPU watches */
static volatile int *progress;

/* What was printed gets out, then the machine resets: nothing that runs here from now on would count. */
static void end_guest(void)
{
	usleep(300000);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, NULL);
	die("reboot");
}

/* The factor for time limits that guest/boot.sh was given: on a busy host, a slow guest is no dead one. */
static int slow_factor(void)
{
	char cmdline[4096] = "", *slow;
	FILE *f = fopen("/proc/cmdline", "r");

	if (!f || !fgets(cmdline, sizeof(cmdline), f))
		die("/proc/cmdline");
	fclose(f);
	slow = strstr(cmdline, "magic.slow=");
	return slow && atoi(slow + 11) > 0 ? atoi(slow + 11) : 1;
}

/* On CPU 0, which is the one that restarts the machine. */
static void start_watchdog(void)
{
	int last, idle = 0, limit = WATCHDOG_SECONDS * slow_factor();

	/* a CPU that hangs with interrupts off cannot be restarted, and is one that RCU waits for */
	write_file("/proc/sys/kernel/panic_on_rcu_stall", "1");
	progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		die("watchdog");
	if (fork())
		return;
	stay_on(0);
	for (last = 0; idle < limit; idle = *progress == last ? idle + 1 : 0) {
		last = *progress;
		sleep(1);
	}
	end_guest();
}

/* After damage: show KASAN what is used after it was freed, and see that it is not used again. */
static void put_away(struct world *w, int shape, enum kfunc k)
{
	if (k >= PUSH_FRONT)
		oopsed |= !run_apart(prog_fd(w, shape, k == RB_ADD ? BURY_TREE : BURY_LIST));
	if (has_kasan)
		wait_for_rcu();
	oopsed |= !run_apart(prog_fd(w, shape, BURY));
	bury_held(w);
	if (w != &worlds[0])
		bury_held(&worlds[0]);
	if (has(&shapes[shape], TASK))
		new_child();
}

/* Prepare an object, run the program on its path, look, and put away. mode: see run_row(). Returns what happened. */
static const char *run_path(const struct row *r, int path, int fd, int mode, int ref)
{
	struct world *w = &worlds[r->world[path]];
	int shape = r->shape[path], i, list = r->k == RB_ADD ? 1 : 0, refs = 1;
	const struct shape *s = &shapes[shape], *other = &shapes[r->shape[!path]];
	const char *effect;
	static char text[64];
	struct state before, after;
	size_t damage_before = strlen(damage);
	__u64 wrong = 0;

	new_victim();
	memset(shared + FILL, 0, WINDOW);
	if (r->k >= PUSH_FRONT)
		for (i = 0; i < WINDOW; i += 4)
			*(__u32 *)(shared + FILL + i) = 2;
	if (r->k == NEW)
		other = s;
	for (i = 0; i < 4; i++)
		if (other->fields[i].kind)
			fill_for(shared + FILL + other->fields[i].off, other->fields[i].kind, ref);
	if (r->k == NEW) {
		memset(shared + POISON, 0x5a, WINDOW);
		for (i = 0; i < 4; i++)
			if (s->fields[i].kind != REF && s->fields[i].kind != LOCK)
				memcpy(shared + POISON + s->fields[i].off, shared + FILL + s->fields[i].off,
				       kinds[s->fields[i].kind].size);
	} else if (r->k == PERCPU_DROP) {
		must_run(w, shape, MAKE_PERCPU);
	} else if (r->k != PERCPU_NEW) {
		must_run(w, shape, MAKE);
		close_list(other);
		if (mode == 1) {
			must_run(w, shape, ADD_REF);
			refs = 2;
			if (r->k >= PUSH_FRONT) {
				must_run(w, shape, INSERT_LIST + list);
				refs = 3;
			}
		} else if (mode == 2) {
			must_run(w, shape, ORPHAN_LIST + list);
		}
	}
	look_at_all(&before, s);
	if (r->k != NEW && r->k != PERCPU_NEW) {
		look(*word(OBJECT), before.object);
		if (r->k == DROP)
			wrong = wrong_place(s, other, before.object);
		if (wrong)
			look(wrong, before.wrong);
	}
	*word(SEL) = path;
	*word(DONE) = *word(RET) = *word(RESULT) = 0;
	if (!run_apart(fd)) {
		oopsed = true;
		return "oops";
	}
	if (!*word(DONE)) {
		fprintf(stderr, "records: the program under test did not get to its end\n");
		exit(1);
	}
	look_at_all(&after, s);
	if (wrong) {
		look(wrong, after.wrong);
		if (number(before.wrong, 0) != number(after.wrong, 0))
			damaged("memory is changed that is not what it is taken for");
	}
	switch (r->k) {
	case NEW:
		effect = looks_new(s);
		check_size(s->size, 8);
		break;
	case PERCPU_NEW:
		effect = "new";
		check_size(s->size, 0);
		run_prog(w, shape, DROP_PERCPU);
		break;
	case PERCPU_DROP:
		effect = memcmp(shared + SEEN, before.object, 8) ? "freed" : "lost";
		break;
	case ACQUIRE:
		i = number(shared + SEEN, field_of(s, REF)->off) - number(before.object, field_of(s, REF)->off);
		effect = i == 1 ? "acquired" : "not counted";
		if (i != 1 && number(shared + SEEN, field_of(s, REF)->off) == 1 && *word(RESULT))
			damaged("two references are counted as one");
		else if (i != 1 && *word(RESULT))
			damaged("count of the object is %d", number(shared + SEEN, field_of(s, REF)->off));
		break;
	case DROP:
		effect = what_happened(s, &before, &after, refs);
		break;
	default: /* insertion */
		if ((int)*word(RET)) {
			effect = what_happened(s, &before, &after, refs);
			if (mode == 0)
				damaged("not inserted");
		} else {
			run_prog(w, shape, DRAIN_LIST + list);
			effect = *word(RESULT) == *word(OBJECT) ? "inserted" : "not found";
		}
	}
	snprintf(text, sizeof(text), "%s", effect);
	if (strlen(damage) > damage_before) {
		put_away(w, shape, r->k);
		return text;
	}
	if (mode == 1 && r->k >= PUSH_FRONT)
		run_prog(w, shape, DRAIN_LIST + list);
	run_prog(w, shape, DROP_B);
	run_prog(w, shape, DROP_A);
	release_held(w);
	return text;
}

/*
 * Run both paths. mode 0: the object has one reference; 1: it has more, and for an insertion is in a list already; 2: it has
 * one, and its node the owner that a list had that is gone. What is a refcount for the other type is 1, then 0.
 */
static void run_row(const struct row *r, int fd, char effects[2][128])
{
	int path, mode, ref;
	const char *effect;
	size_t before;
	bool counted;

	for (path = 0; path < 2; path++) {
		before = strlen(damage);
		counted = has(&shapes[r->shape[path]], REF);
		for (mode = 0; mode < 3; mode++) {
			if (mode && (!counted || r->k == NEW || r->k == PERCPU_NEW || r->k == PERCPU_DROP || r->k == ACQUIRE))
				break;
			if (mode == 2 && r->k < PUSH_FRONT)
				break;
			for (ref = 1; ref >= 0; ref--) {
				if (!ref && !has(&shapes[r->shape[!path]], REF))
					break;
				effect = run_path(r, path, fd, mode, ref);
				if (!strstr(effects[path], effect))
					sprintf(effects[path] + strlen(effects[path]), "%s%s", *effects[path] ? "," : "",
						effect);
				if (oopsed)
					return;
				if (strlen(damage) > before)
					mode = 3, ref = 0;
			}
		}
	}
}

static int load_merged(const struct row *r, int name, __u32 flags)
{
	int call, callback = write_merged(r, &call);

	code[call].imm = kfuncs[r->k].id[name];
	return load(&worlds[0], callback, flags);
}

static void do_row(int nr, const struct row *r)
{
	unsigned long long hash = 0, hash2;
	char names[2][40], effects[2][128] = {}, err[32];
	static char log[256];
	unsigned int n;
	int fd, fd2, i;

	for (i = 0; i < 2; i++)
		snprintf(names[i], sizeof(names[i]), "%s%s", shapes[r->shape[i]].name, r->world[i] ? "'" : "");
	++*progress;
	printf("begin %d\t%s\t%s\t%s\n", nr, kfuncs[r->k].name, names[0], names[1]);
	fflush(stdout);
	damage[0] = report[0] = log[0] = '\0';
	fd = load_merged(r, 1, 0);
	if (fd < 0)
		snprintf(log, sizeof(log), "%s", why());
	else
		hash = translated(vmlinux, fd, NULL, &n);
	snprintf(err, sizeof(err), "%d", fd < 0 ? -fd : 0);
	/* the same by the other name, and with more states */
	for (i = 0; i < 2; i++) {
		if (!i && !kfuncs[r->k].id[0])
			continue;
		fd2 = load_merged(r, i, i ? BPF_F_TEST_STATE_FREQ : 0);
		hash2 = fd2 < 0 ? 0 : translated(vmlinux, fd2, NULL, &n);
		if (fd2 < 0 ? fd2 != fd : fd < 0 || hash2 != hash)
			snprintf(err, sizeof(err), "%s", i ? "states" : "names");
		if (fd2 < 0)
			continue;
		if (!i && fd >= 0 && nr % 2) { /* run that one */
			close(fd);
			fd = fd2;
		} else {
			close(fd2);
		}
	}
	if (fd >= 0)
		run_row(r, fd, effects);
	close(fd);
	read_reports(report, sizeof(report));
	printf("%s %d\t%s\t%s\t%s\t%s\t%016llx\t%s\t%s\t%s\t%s\t%s\n", dirty && *damage && !oopsed ? "again" : "row", nr, kfuncs[r->k].name, names[0], names[1], err, hash,
	       *effects[0] ? effects[0] : "-", *effects[1] ? effects[1] : "-", *damage ? damage : "-", *report ? report : "-",
	       *log ? log : "-");
	fflush(stdout);
	dirty |= oopsed;
	oopsed = false;
}

static bool takes(enum kfunc k, const struct shape *s)
{
	switch (k) {
	case PERCPU_NEW:
	case PERCPU_DROP:
		return is_scalar(s);
	case ACQUIRE:
		return has(s, REF) && !(s->node && has(s, TREE) && has(s, LEAF));
	case PUSH_FRONT:
	case PUSH_BACK:
		return has(s, LIST);
	case RB_ADD:
		return has(s, TREE);
	default:
		return !s->node;
	}
}

static void set_up(void)
{
	int k;

	start_watchdog();
	stay_on(1);
	load_vmlinux_btf();
	for (k = 0; k < NR_KFUNCS; k++)
		find_pair(vmlinux, kfuncs[k].name, kfuncs[k].id);
	cpumask_create = need_func("bpf_cpumask_create");
	cpumask_acquire = need_func("bpf_cpumask_acquire");
	cpumask_release = need_func("bpf_cpumask_release");
	task_from_pid = need_func("bpf_task_from_pid");
	task_release = need_func("bpf_task_release");
	pop_front = need_func("bpf_list_pop_front");
	rbtree_first = need_func("bpf_rbtree_first");
	rbtree_remove = need_func("bpf_rbtree_remove");
	bits_new = need_func("bpf_iter_bits_new");
	bits_destroy = need_func("bpf_iter_bits_destroy");
	kinds[CPUMASK].ref = kinds[CPUMASK].ref_size = member_offset("bpf_cpumask", "usage");
	kinds[TASK].ref = member_offset("task_struct", "rcu_users");
	cache_unit_size = member_offset("bpf_mem_cache", "unit_size");
	shared = share(SHARED_SIZE);
	new_child();
	make_world(&worlds[0]);
	make_world(&worlds[1]);
	use_percpu_classes();
	open_kmsg();
	has_kasan = find_func("kasan_report");
}

/* Is the row in /only, or is there no such file? */
static bool is_wanted(int nr)
{
	static char *wanted;
	static bool asked, all;
	FILE *f;
	int n;

	if (!asked) {
		asked = true;
		wanted = calloc(1, MAX_ROWS);
		f = fopen("/only", "r");
		all = !f;
		while (f && wanted && fscanf(f, "%d", &n) == 1)
			if (n >= 0 && n < MAX_ROWS)
				wanted[n] = 1;
		if (f)
			fclose(f);
	}
	return all || (wanted && nr < MAX_ROWS && wanted[nr]);
}

int main(int argc, char **argv)
{
	int i, first, last, variant, nr = 0, from = 0, count = 0, total = 0;
	unsigned int seed = 0;
	struct row r;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-s") && i + 2 < argc) {
			seed = atoi(argv[++i]);
			count = atoi(argv[++i]);
		} else {
			from = atoi(argv[i]);
		}
	}
	set_up();
	/* once to count them, once to do them */
	for (i = 0; i < 2; i++) {
		total = nr;
		nr = 0;
		for (r.k = 0; r.k < NR_KFUNCS; r.k++)
			for (first = 0; first < NR_SHAPES; first++)
				for (last = 0; last < NR_SHAPES; last++)
					for (variant = 0; variant < 3; variant++) {
						if (!takes(r.k, &shapes[first]) || !takes(r.k, &shapes[last]))
							continue;
						/* the same type of two BTFs; and what is new has this one's */
						if (variant && (first != last || r.k == NEW || r.k == PERCPU_NEW))
							continue;
						r.shape[0] = first;
						r.shape[1] = last;
						r.world[0] = variant == 1;
						r.world[1] = variant == 2;
						nr++;
						if (!i || nr < from || !is_wanted(nr))
							continue;
						if (count && (nr * 2654435761u + seed * 40503u) % 1000003 % total >= (unsigned int)count)
							continue;
						do_row(nr, &r);
					}
	}
	kill(child, SIGKILL);
	printf("rows %d\n", nr);
	fflush(stdout);
	if (*word(GRAVE))
		end_guest();
	return 0;
}
