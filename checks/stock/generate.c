// SPDX-License-Identifier: GPL-2.0
/*
 * Write a C file of random BPF programs around the object kfuncs, and what real programs have beside them.
 *
 *   generate SEED PROGRAMS > file.bpf.c
 *
 * The same arguments give the same file. It has a few types of objects, some with equal records and some with unequal
 * ones, maps that hold them (array, hash, per CPU, an inner map; kptrs, roots, locks, timers, work), static and global
 * functions and callbacks that the programs share, and PROGRAMS programs of several types. A program is a row of
 * statements over variables whose state is followed: in use or not, tested or not. Most statements are right; one in
 * about forty is not. Each statement has a tag, and before each program is a comment with the tags that it has:
 *
 *   // p17: new drop rbtree loop0
 *
 * Before the types are the pairs of them that one call cannot serve without damage, by what the kfuncs use of a type:
 *
 *   // refuse drop n0 n3
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int seed;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static bool one_in(unsigned int n)
{
	return !pick(n);
}

/* What a program is, before it is printed. */
static char text[1 << 16], tags[4096];
static int at, depth;

static void __attribute__((format(printf, 1, 2))) add(const char *fmt, ...)
{
	va_list ap;
	int i;

	for (i = 0; i < depth; i++)
		text[at++] = '\t';
	va_start(ap, fmt);
	at += vsprintf(text + at, fmt, ap);
	va_end(ap);
	text[at++] = '\n';
	text[at] = '\0';
}

static void tag(const char *name)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", name);
	if (strstr(tags, word))
		return;
	sprintf(tags + strlen(tags), "%s ", name);
}

/* ---- types */

#define TYPES 6

static struct {
	bool rb, list, ref, kptr;	/* which nodes, a refcount, a kptr to type 0 */
	int pad;
} types[TYPES];

/* Where the fields of a type are, -1 for none, and its size; the last one is struct leaf. */
static struct layout {
	int rb, list, ref, kptr, size;
} layouts[TYPES + 1];

static int place(int *size, int bytes, int align)
{
	int at = (*size + align - 1) / align * align;

	*size = at + bytes;
	return at;
}

static void lay_out(int t, int order)
{
	struct layout *l = &layouts[t];

	*l = (struct layout){ -1, -1, -1, -1, order ? types[t].pad * 8 : 0 };
	if (types[t].rb)
		l->rb = place(&l->size, 32, 8);
	place(&l->size, 8, 8);
	if (types[t].list)
		l->list = place(&l->size, 24, 8);
	if (types[t].ref)
		l->ref = place(&l->size, 4, 4);
	if (types[t].kptr)
		l->kptr = place(&l->size, 8, 8);
	if (types[t].pad && !order)
		place(&l->size, types[t].pad * 8, 8);
	place(&l->size, 4, 4);
	place(&l->size, 0, 8);
}

/* Does a have all the fields of b? */
static bool contains(const struct layout *a, const struct layout *b)
{
	return (b->rb < 0 || a->rb == b->rb) && (b->list < 0 || a->list == b->list) && (b->ref < 0 || a->ref == b->ref) &&
	       (b->kptr < 0 || a->kptr == b->kptr);
}

/* One allocation: with the record that contains the other, and not less memory. */
static bool new_shared(const struct layout *a, const struct layout *b)
{
	return (contains(a, b) && a->size >= b->size) || (contains(b, a) && b->size >= a->size);
}

/* One drop: what is freed is the same, or less is freed; a refcount is where the other one is. */
static bool drop_shared(const struct layout *a, const struct layout *b)
{
	if (a->ref != b->ref)
		return false;
	return a->ref < 0 || a->kptr == b->kptr || contains(a, b) || contains(b, a);
}

/* One insertion: types without a refcount have no owner that could be asked for them. */
static bool add_shared(const struct layout *a, const struct layout *b, int a_node, int b_node)
{
	return a->ref < 0 || b->ref < 0 || (a_node == b_node && a->ref == b->ref && a->kptr == b->kptr);
}

static void print_refused(void)
{
	static const struct layout leaf = { -1, -1, -1, -1, 16 };
	const struct layout *a, *b;
	char an[8], bn[8];
	int i, k;

	layouts[TYPES] = leaf;
	for (i = 0; i <= TYPES; i++) {
		for (k = 0; k <= TYPES; k++) {
			a = &layouts[i];
			b = &layouts[k];
			sprintf(an, i < TYPES ? "n%d" : "leaf", i);
			sprintf(bn, k < TYPES ? "n%d" : "leaf", k);
			if (!new_shared(a, b))
				printf("// refuse new %s %s\n", an, bn);
			if (!drop_shared(a, b))
				printf("// refuse drop %s %s\n", an, bn);
			if (a->ref != b->ref)
				printf("// refuse acquire %s %s\n", an, bn);
			if (!add_shared(a, b, a->rb, b->rb))
				printf("// refuse rbtree_add %s %s\n", an, bn);
			if (!add_shared(a, b, a->list, b->list)) {
				printf("// refuse list_push_front %s %s\n", an, bn);
				printf("// refuse list_push_back %s %s\n", an, bn);
			}
		}
	}
}

static void print_types(void)
{
	int i, order;

	printf("struct leaf {\n\tlong a, b;\n};\n\n");
	for (i = 0; i < TYPES; i++) {
		/* the second of each pair has the record of the first; sometimes the same size, too */
		if (i % 2 && !one_in(3)) {
			types[i] = types[i - 1];
			types[i].pad += pick(2);
		} else {
			types[i].rb = pick(4) != 0;
			types[i].list = !types[i].rb || pick(2);
			types[i].ref = pick(2);
			types[i].kptr = one_in(3);
			types[i].pad = pick(3);
		}
		/* a tree and a list at once need a refcount */
		if (types[i].rb && types[i].list)
			types[i].ref = true;
		order = pick(2);
		lay_out(i, order);
		printf("struct n%d {\n", i);
		if (types[i].pad && order)
			printf("\tlong pad[%d];\n", types[i].pad);
		if (types[i].rb)
			printf("\tstruct bpf_rb_node r;\n");
		printf("\tlong key;\n");
		if (types[i].list)
			printf("\tstruct bpf_list_node l;\n");
		if (types[i].ref)
			printf("\tstruct bpf_refcount ref;\n");
		if (types[i].kptr)
			printf("\tstruct leaf __kptr *leaf;\n");
		if (types[i].pad && !order)
			printf("\tlong pad[%d];\n", types[i].pad);
		printf("\tint value;\n};\n\n");
	}
}

static void print_maps(void)
{
	int i;

	for (i = 0; i < TYPES; i++) {
		printf("private(G%d) struct bpf_spin_lock lock%d;\n", i, i);
		if (types[i].rb)
			printf("private(G%d) struct bpf_rb_root root%d __contains(n%d, r);\n", i, i, i);
		if (types[i].list)
			printf("private(G%d) struct bpf_list_head head%d __contains(n%d, l);\n", i, i, i);
		printf("struct v%d {\n\tstruct n%d __kptr *p;\n\tstruct leaf __kptr *leaf;\n\tstruct bpf_spin_lock lock;\n"
		       "\tlong count;\n};\n\n", i, i);
		printf("struct { __uint(type, BPF_MAP_TYPE_%s); __type(key, int); __type(value, struct v%d); __uint(max_entries, 4); "
		       "} map%d SEC(\".maps\");\n", i % 2 ? "HASH" : "ARRAY", i, i);
	}
	fputs("struct val_kptr { struct leaf __percpu_kptr *p; long count; };\n"
	      "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct val_kptr); __uint(max_entries, 2); } percpu_kptrs SEC(\".maps\");\n"
	      "struct val_percpu { struct leaf __kptr *leaf; long count; };\n"
	      "struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, int); __type(value, struct val_percpu); __uint(max_entries, 2); } percpu SEC(\".maps\");\n"
	      "struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct v0); __uint(max_entries, 2); } inner SEC(\".maps\");\n"
	      "struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __type(key, int); __type(value, int); __uint(max_entries, 1); __array(values, struct inner); } outer SEC(\".maps\") = { .values = { &inner } };\n"
	      "struct val_timer { struct bpf_timer t; struct bpf_wq w; struct bpf_task_work tw; long count; };\n"
	      "struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, struct val_timer); __uint(max_entries, 4); } timers SEC(\".maps\");\n"
	      "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long); __uint(max_entries, 4); } counts SEC(\".maps\");\n"
	      "struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __type(key, int); __type(value, int); __uint(max_entries, 2); } jmp SEC(\".maps\");\n"
	      "struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(\".maps\");\n"
	      "const volatile int cfg0 = 0, cfg1 = 1;\nlong sink;\nlong noise[4];\n\n", stdout);
}

/* ---- functions and callbacks that the programs of the file share */

static void print_shared(void)
{
	int i;

	for (i = 0; i < TYPES; i++) {
		if (types[i].rb)
			printf("static bool less%d(struct bpf_rb_node *a, const struct bpf_rb_node *b)\n{\n"
			       "\treturn container_of(a, struct n%d, r)->key < container_of(b, struct n%d, r)->key;\n}\n\n", i, i, i);
		printf("static __noinline int drop%d(struct n%d *p)\n{\n\tlong key = p->key;\n\n\tbpf_obj_drop(p);\n\treturn key;\n}\n\n", i, i);
	}
	/* by itself: what can_loop jumps over must have no cleanup, as bpf_for() has it */
	fputs("static __always_inline void loop(long x, int n)\n{\n\tint i;\n\n\tfor (i = zero; i < n && can_loop; i++)\n"
	      "\t\tnoise[i & 3] += x;\n}\n\n", stdout);
	fputs("static int cb_count(__u32 i, long *ctx)\n{\n\t*ctx += i;\n\treturn 0;\n}\n\n"
	      "static int cb_alloc(__u32 i, void *ctx)\n{\n\tstruct n0 *p = bpf_obj_new(typeof(*p));\n\n\tif (p)\n\t\tbpf_obj_drop(p);\n\treturn p ? 0 : 1;\n}\n\n"
	      "static int cb_print(__u32 i, void *ctx)\n{\n\tbpf_stream_printk(BPF_STDOUT, \"loop %d\\n\", i);\n\treturn i > 2;\n}\n\n"
	      "static int cb_div(__u32 i, long *ctx)\n{\n\tnoise[0] = (__u64)noise[1] / (i + 1) + (__u64)noise[2] % (__u64)(noise[3] | 1);\n\treturn 0;\n}\n\n"
	      "static long cb_elem(struct bpf_map *map, const void *key, long *value, void *ctx)\n{\n\t*value += 1;\n\treturn 0;\n}\n\n"
	      "static long cb_elem_kptr(struct bpf_map *map, const void *key, struct v0 *value, void *ctx)\n{\n"
	      "\tstruct n0 *p = bpf_kptr_xchg(&value->p, NULL);\n\n\tif (p)\n\t\tbpf_obj_drop(p);\n\treturn 0;\n}\n\n"
	      "static int cb_timer(void *map, int *key, struct val_timer *value)\n{\n\tvalue->count++;\n\treturn 0;\n}\n\n"
	      "static int cb_wq(void *map, int *key, void *value)\n{\n\tstruct val_timer *v = value;\n\n\tv->count++;\n\tbpf_stream_printk(BPF_STDERR, \"wq %d\\n\", *key);\n\treturn 0;\n}\n\n"
	      "static int cb_tw(struct bpf_map *map, void *key, void *value)\n{\n\tstruct n0 *p = bpf_obj_new(typeof(*p));\n\n\tif (p)\n\t\tbpf_obj_drop(p);\n\treturn 0;\n}\n\n"
	      "__noinline int global_sum(int a, int b)\n{\n\treturn (__u32)a / (__u32)(b | 1) + noise[0];\n}\n\n"
	      "__noinline int global_print(long x)\n{\n\tbpf_stream_printk(BPF_STDOUT, \"x %ld\\n\", x);\n\treturn x;\n}\n\n"
	      "static __noinline long locked(int key)\n{\n\tstruct v0 *v = bpf_map_lookup_elem(&map0, &key);\n\tlong c;\n\n\tif (!v)\n\t\treturn 0;\n"
	      "\tbpf_spin_lock(&v->lock);\n\tc = v->count++;\n\tbpf_spin_unlock(&v->lock);\n\treturn c;\n}\n\n", stdout);
}

/* ---- programs */

enum kind { TC, XDP, SYSCALL, RAW_TP, FENTRY, FENTRY_S, LSM_S, CGROUP, KINDS };

static const struct {
	const char *sec, *ctx;
	bool sleepable, packet, objects;
} kinds[KINDS] = {
	[TC]	   = { "tc", "struct __sk_buff *ctx", false, true, true },
	[XDP]	   = { "xdp", "struct xdp_md *ctx", false, true, true },
	[SYSCALL]  = { "syscall", "void *ctx", true, false, true },
	[RAW_TP]   = { "raw_tp/sys_enter", "void *ctx", false, false, true },
	[FENTRY]   = { "fentry/bpf_fentry_test1", "void *ctx", false, false, true },
	[FENTRY_S] = { "fentry.s/__x64_sys_getpgid", "void *ctx", true, false, true },
	[LSM_S]	   = { "lsm.s/file_open", "void *ctx", true, false, true },
	[CGROUP]   = { "cgroup_skb/egress", "struct __sk_buff *ctx", false, true, true },
};

#define VARS 4

/* The variables p0 to p3 of a program: owned objects that were tested, or nothing. */
static int owned[VARS];		/* 1 if so */
static int type_of[VARS];
static enum kind kind;

static int random_owned(void)
{
	int i, k = pick(VARS);

	for (i = 0; i < VARS; i++, k = (k + 1) % VARS)
		if (owned[k])
			return k;
	return -1;
}

static int random_free(void)
{
	int i, k = pick(VARS);

	for (i = 0; i < VARS; i++, k = (k + 1) % VARS)
		if (!owned[k])
			return k;
	return -1;
}

static bool mistake(void)
{
	if (!one_in(90))
		return false;
	tag("mistake");
	return true;
}

static const char *leave(void)
{
	int i;

	for (i = 0; i < VARS; i++)
		if (owned[i])
			return "goto out;";
	return "return 0;";
}

static void statement(int level);

static void block(int level)
{
	int n = 1 + pick(3);

	depth++;
	while (n--)
		statement(level + 1);
	depth--;
}

/* Owned objects must be the same after a branch: what it makes it drops. */
static void branch(int level)
{
	int before[VARS], i;

	memcpy(before, owned, sizeof(before));
	block(level);
	depth++;
	for (i = 0; i < VARS; i++) {
		if (owned[i] && !before[i]) {
			add("bpf_obj_drop(p%d);", i);
			add("p%d = NULL;", i);
			owned[i] = 0;
		} else if (!owned[i] && before[i]) {
			add("p%d = bpf_obj_new(struct n%d);", i, type_of[i]);
			add("if (!p%d)", i);
			add("\tgoto out;");
			owned[i] = 1;
		}
	}
	depth--;
}

static void condition(char *out)
{
	switch (pick(7)) {
	case 0: sprintf(out, "cfg0 == %d", pick(2)); tag("dead"); break;
	case 1: sprintf(out, "cfg1"); tag("dead"); break;
	case 2: sprintf(out, "x & %d", 1 << pick(8)); break;
	case 3: sprintf(out, "(__u32)y > %u", pick(1000)); break;
	case 4: sprintf(out, "x != y"); break;
	case 5: sprintf(out, "bpf_get_prandom_u32() > %u", pick(100000)); break;
	default: sprintf(out, "(int)x < %d", (int)pick(100) - 50); break;
	}
}

static void new_object(int k)
{
	int t = type_of[k];

	tag("new");
	add("p%d = bpf_obj_new(struct n%d);", k, t);
	if (!mistake()) {
		add("if (!p%d)", k);
		add("\t%s", leave());
	}
	owned[k] = 1;
	if (pick(2))
		add("p%d->key = %s;", k, pick(2) ? "x" : "y");
}

static void statement(int level)
{
	char cond[64];
	int k, k2, t, n;

	switch (pick(44)) {
	case 0: case 1: case 2:
		k = random_free();
		if (k >= 0)
			new_object(k);
		break;
	case 3:
		k = random_owned();
		if (k < 0)
			break;
		tag("drop");
		if (pick(2))
			add("bpf_obj_drop(p%d);", k);
		else
			add("x += drop%d((void *)p%d);", mistake() ? (int)pick(TYPES) : type_of[k], k);
		if (!mistake())
			owned[k] = 0;
		add("p%d = NULL;", k);
		break;
	case 4: case 5: /* into a tree or a list */
		k = random_owned();
		if (k < 0)
			break;
		t = type_of[k];
		if (!mistake())
			add("bpf_spin_lock(&lock%d);", t);
		if (types[t].rb && (pick(2) || !types[t].list)) {
			tag("rbtree_add");
			add("bpf_rbtree_add(&root%d, &p%d->r, less%d);", t, k, t);
		} else {
			tag(pick(2) ? "push_front" : "push_back");
			add("bpf_list_push_%s(&head%d, &p%d->l);", pick(2) ? "front" : "back", t, k);
		}
		if (one_in(4)) {
			tag("nonown");
			add("x += p%d->key;", k);
		}
		if (!mistake())
			add("bpf_spin_unlock(&lock%d);", t);
		if (mistake())
			add("x += p%d->key;", k);
		add("p%d = NULL;", k);
		owned[k] = 0;
		break;
	case 6: /* out of a tree */
		k = random_free();
		t = k < 0 ? 0 : type_of[k];
		if (k < 0 || !types[t].rb)
			break;
		tag("rbtree_remove");
		add("bpf_spin_lock(&lock%d);", t);
		add("r = bpf_rbtree_first(&root%d);", t);
		add("if (!r) {");
		add("\tbpf_spin_unlock(&lock%d);", t);
		add("\t%s", leave());
		add("}");
		add("r = bpf_rbtree_remove(&root%d, r);", t);
		add("bpf_spin_unlock(&lock%d);", t);
		if (types[t].ref || !mistake()) {
			add("if (!r)");
			add("\t%s", leave());
		}
		add("p%d = container_of(r, struct n%d, r);", k, t);
		owned[k] = 1;
		break;
	case 7: /* out of a list */
		k = random_free();
		t = k < 0 ? 0 : type_of[k];
		if (k < 0 || !types[t].list)
			break;
		tag("pop");
		add("bpf_spin_lock(&lock%d);", t);
		add("l = bpf_list_pop_%s(&head%d);", pick(2) ? "front" : "back", t);
		add("bpf_spin_unlock(&lock%d);", t);
		add("if (!l)");
		add("\t%s", leave());
		add("p%d = container_of(l, struct n%d, l);", k, t);
		owned[k] = 1;
		break;
	case 8: /* another reference */
		k = random_owned();
		k2 = random_free();
		if (k < 0 || k2 < 0 || type_of[k] != type_of[k2] || (!types[type_of[k]].ref && !mistake()))
			break;
		tag("acquire");
		add("p%d = bpf_refcount_acquire(p%d);", k2, k);
		if (pick(2)) {
			add("if (!p%d)", k2);
			add("\t%s", leave());
		}
		owned[k2] = 1;
		break;
	case 9: case 10: /* into a map */
		k = random_owned();
		if (k < 0)
			break;
		t = type_of[k];
		tag(t % 2 ? "stash-hash" : "stash-array");
		add("{");
		add("\tint key = %s;", pick(2) ? "0" : "x & 3");
		add("\tstruct v%d *v = bpf_map_lookup_elem(&map%d, &key);", t, t);
		if (!mistake()) {
			add("\tif (!v)");
			add("\t\tgoto out;");
		}
		add("\tp%d = bpf_kptr_xchg(&v->p, p%d);", k, k);
		add("\tif (p%d)", k);
		add("\t\tbpf_obj_drop(p%d);", k);
		add("\tp%d = NULL;", k);
		add("}");
		owned[k] = 0;
		break;
	case 11: /* out of a map, or new */
		k = random_free();
		if (k < 0)
			break;
		t = type_of[k];
		tag("take-or-new");
		add("{");
		add("\tint key = 1;");
		add("\tstruct v%d *v = bpf_map_lookup_elem(&map%d, &key);", t, t);
		add("\tp%d = v ? bpf_kptr_xchg(&v->p, NULL) : NULL;", k);
		add("\tif (!p%d) {", k);
		add("\t\tp%d = (void *)bpf_obj_new(struct n%d);", k, one_in(6) ? (int)pick(TYPES) : t);
		add("\t\tif (!p%d)", k);
		add("\t\t\t%s", leave());
		add("\t}");
		add("}");
		owned[k] = 1;
		break;
	case 12: case 13: /* one call for two types: clang merges what the branches have in common */
		t = pick(TYPES);
		n = one_in(2) ? (int)pick(TYPES) : t ^ 1;
		condition(cond);
		if (pick(2)) {
			tag("merged-new");
			add("{");
			add("\tvoid *q;");
			add("\tif (%s)", cond);
			add("\t\tq = bpf_obj_new(struct n%d);", t);
			add("\telse");
			add("\t\tq = bpf_obj_new(struct n%d);", n);
			add("\tif (!q)");
			add("\t\t%s", leave());
			add("\tbpf_obj_drop(q);");
			add("}");
		} else {
			tag("merged-drop");
			add("if (%s) {", cond);
			add("\tstruct n%d *q = bpf_obj_new(typeof(*q));", t);
			add("\tif (!q)");
			add("\t\t%s", leave());
			add("\tq->value = x;");
			add("\tbpf_obj_drop(q);");
			add("} else {");
			add("\tstruct n%d *q = bpf_obj_new(typeof(*q));", n);
			add("\tif (!q)");
			add("\t\t%s", leave());
			add("\tq->value = y;");
			add("\tbpf_obj_drop(q);");
			add("}");
		}
		break;
	case 14: /* one insertion for two types */
		t = pick(TYPES);
		n = t ^ 1;
		if (!types[t].list || !types[n].list)
			break;
		condition(cond);
		tag(types[t].ref && types[n].ref ? "merged-push-ref" : "merged-push");
		add("{");
		add("\tstruct n%d *a = bpf_obj_new(typeof(*a));", t);
		add("\tstruct n%d *b;", n);
		add("\tif (!a)");
		add("\t\t%s", leave());
		add("\tb = bpf_obj_new(typeof(*b));");
		add("\tif (!b) {");
		add("\t\tbpf_obj_drop(a);");
		add("\t\t%s", leave());
		add("\t}");
		add("\tif (%s) {", cond);
		add("\t\tbpf_spin_lock(&lock%d);", t);
		add("\t\tbpf_list_push_back(&head%d, &a->l);", t);
		add("\t\tbpf_spin_unlock(&lock%d);", t);
		add("\t\tbpf_obj_drop(b);");
		add("\t} else {");
		add("\t\tbpf_spin_lock(&lock%d);", n);
		add("\t\tbpf_list_push_back(&head%d, &b->l);", n);
		add("\t\tbpf_spin_unlock(&lock%d);", n);
		add("\t\tbpf_obj_drop(a);");
		add("\t}");
		add("}");
		break;
	case 15:
		if (level > 2)
			break;
		condition(cond);
		add("if (%s) {", cond);
		branch(level);
		if (pick(2)) {
			add("} else {");
			branch(level);
		}
		add("}");
		break;
	case 16: /* RCU */
		t = pick(TYPES);
		tag("rcu");
		add("{");
		add("\tint key = 2;");
		add("\tstruct v%d *v = bpf_map_lookup_elem(&map%d, &key);", t, t);
		add("\tbpf_rcu_read_lock();");
		add("\tif (v && v->leaf)");
		add("\t\tx += v->leaf->a;");
		if (types[t].ref && pick(2)) {
			tag("rcu-acquire");
			add("\tif (v && v->p) {");
			add("\t\tstruct n%d *q = bpf_refcount_acquire(v->p);", t);
			add("\t\tif (q)");
			add("\t\t\tbpf_obj_drop(q);");
			add("\t}");
		}
		if (!mistake())
			add("\tbpf_rcu_read_unlock();");
		add("}");
		break;
	case 17:
		tag("preempt");
		add("bpf_preempt_disable();");
		add("x += bpf_get_smp_processor_id();");
		if (!mistake())
			add("bpf_preempt_enable();");
		break;
	case 18:
		tag("irq");
		add("{");
		add("\tunsigned long flags;");
		add("\tbpf_local_irq_save(&flags);");
		add("\ty += bpf_get_smp_processor_id();");
		add("\tbpf_local_irq_restore(&flags);");
		add("}");
		break;
	case 19:
		if (level > 0)
			break;
		tag("iter");
		add("bpf_for(i, 0, %s) {", pick(2) ? "3" : "(x & 7)");
		branch(level + 1);
		add("}");
		break;
	case 20:
		tag("may_goto");
		add("loop(x, %d);", 10 + pick(100));
		break;
	case 21: /* with 0 iterations the callback is dead */
		n = pick(5);
		tag(n ? "bpf_loop" : "bpf_loop0");
		add("bpf_loop(%d, %s, &x, 0);", n, (const char *[]){ "cb_count", "cb_alloc", "cb_print", "cb_div" }[pick(kind == CGROUP ? 1 : 4)]);
		break;
	case 22:
		tag("bpf_loop?");
		add("bpf_loop(x & 15, %s, &x, 0);", (const char *[]){ "cb_count", "cb_div" }[pick(2)]);
		break;
	case 23:
		tag("for_each");
		if (pick(2))
			add("bpf_for_each_map_elem(&counts, cb_elem, NULL, 0);");
		else
			add("bpf_for_each_map_elem(&map0, cb_elem_kptr, NULL, 0);");
		break;
	case 24: case 25: /* timers, work */
		tag("timers");
		add("{");
		add("\tint key = %d;", pick(4));
		add("\tstruct val_timer *v = bpf_map_lookup_elem(&timers, &key);");
		add("\tif (v) {");
		switch (pick(3)) {
		case 0:
			tag("timer");
			add("\t\tbpf_timer_init(&v->t, &timers, 1);");
			add("\t\tbpf_timer_set_callback(&v->t, cb_timer);");
			break;
		case 1:
			tag("wq");
			add("\t\tbpf_wq_init(&v->w, &timers, 0);");
			add("\t\tbpf_wq_set_callback(&v->w, cb_wq, 0);");
			add("\t\tbpf_wq_start(&v->w, 0);");
			break;
		default:
			tag("task_work");
			add("\t\tbpf_task_work_schedule_%s(bpf_get_current_task_btf(), &v->tw, &timers, cb_tw, NULL);",
			    pick(2) ? "signal_impl" : "resume_impl");
		}
		add("\t}");
		add("}");
		break;
	case 26:
		tag("tail_call");
		for (k = 0; k < VARS; k++)
			if (owned[k] && !mistake())
				return;
		add("bpf_tail_call%s(ctx, &jmp, %s);", pick(2) ? "" : "_static", pick(2) ? "1" : "0");
		break;
	case 27:
		for (k = 0; k < VARS; k++)
			if (owned[k] && !mistake())
				return;
		tag("throw");
		condition(cond);
		add("if (%s)", cond);
		add("\tbpf_throw(%d);", pick(3));
		break;
	case 28: case 29: /* what the verifier rewrites */
		tag("div");
		switch (pick(5)) {
		case 0: add("x = (__u64)x / (__u64)y;"); break;
		case 1: add("y = (__u32)y %% (__u32)x;"); break;
		case 2: add("x = (__u64)y %% ((__u64)x & 255);"); break;
		case 3: add("y = (__u64)x / %d;", 3 + pick(100)); break;
		default: add("x += (__u32)x / (__u32)y;"); break;
		}
		break;
	case 30:
		if (!kinds[kind].packet)
			break;
		tag("narrow");
		if (kind == XDP)
			add("x += *(volatile __u%d *)&ctx->%s;", 32 >> pick(1), pick(2) ? "ingress_ifindex" : "rx_queue_index");
		else
			add("x += *(volatile __u%d *)&ctx->%s;", 32 >> pick(3),
			    (const char *[]){ "mark", "len", "protocol", "priority", "vlan_tci", "hash" }[pick(6)]);
		break;
	case 31:
		if (kind != TC && kind != CGROUP)
			break;
		tag("ld_abs");
		add("x += load_%s(ctx, %s);", (const char *[]){ "byte", "half", "word" }[pick(3)], pick(2) ? "12" : "(__u32)y & 63");
		break;
	case 32:
		tag("spill");
		add("asm volatile(\"\" ::: \"r6\", \"r7\", \"r8\", \"r9\");");
		add("noise[0] = bpf_ktime_get_ns();");
		break;
	case 33:
		tag("stream");
		add("bpf_stream_printk(BPF_STDOUT, \"%%d %%ld\\n\", (int)x, y);");
		break;
	case 34:
		tag("percpu");
		add("{");
		add("\tstruct leaf __percpu_kptr *q = bpf_percpu_obj_new(struct leaf);");
		add("\tint key = 0;");
		add("\tstruct val_kptr *v = bpf_map_lookup_elem(&percpu_kptrs, &key);");
		add("\tif (!q)");
		add("\t\tgoto out;");
		add("\tif (v)");
		add("\t\tq = bpf_kptr_xchg(&v->p, q);");
		add("\tif (q)");
		add("\t\tbpf_percpu_obj_drop(q);");
		add("}");
		break;
	case 35:
		tag("inner");
		add("{");
		add("\tint key = 0;");
		add("\tvoid *m = bpf_map_lookup_elem(&outer, &key);");
		add("\tstruct v0 *v = m ? bpf_map_lookup_elem(m, &key) : NULL;");
		add("\tstruct n0 *q = bpf_obj_new(typeof(*q));");
		add("\tif (!q)");
		add("\t\tgoto out;");
		add("\tif (v)");
		add("\t\tq = bpf_kptr_xchg(&v->p, q);");
		add("\tif (q)");
		add("\t\tbpf_obj_drop(q);");
		add("}");
		break;
	case 36:
		tag("percpu-map");
		add("{");
		add("\tint key = 0;");
		add("\tstruct val_percpu *v = bpf_map_lookup_elem(&percpu, &key);");
		add("\tstruct leaf *q = bpf_obj_new(typeof(*q));");
		add("\tif (!q)");
		add("\t\tgoto out;");
		add("\tif (v)");
		add("\t\tq = bpf_kptr_xchg(&v->leaf, q);");
		add("\tif (q)");
		add("\t\tbpf_obj_drop(q);");
		add("}");
		break;
	case 37:
		tag("subprog");
		switch (pick(3)) {
		case 0: add("x += global_sum(x, y);"); break;
		case 1: add("y += global_print(x);"); break;
		default: add("x += locked(%s);", pick(2) ? "0" : "y & 3"); break;
		}
		break;
	case 38:
		tag("ringbuf");
		add("{");
		add("\tlong *e = bpf_ringbuf_reserve(&rb, 16, 0);");
		add("\tif (e) {");
		add("\t\te[0] = x;");
		add("\t\tbpf_ringbuf_%s(e, 0);", pick(2) ? "submit" : "discard");
		add("\t}");
		add("}");
		break;
	case 39:
		tag("helper");
		add("{");
		add("\tint key = x & 3;");
		add("\tlong *v = bpf_map_lookup_elem(&counts, &key);");
		add("\tif (v)");
		add("\t\t__sync_fetch_and_add(v, y);");
		add("}");
		break;
	case 40:
		if (kind != TC && kind != XDP)
			break;
		tag("packet");
		add("{");
		add("\tunsigned char *d = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;");
		add("\tif (d + %d <= end)", 14 + pick(20));
		add("\t\tx += d[%d];", pick(30));
		add("}");
		break;
	case 41:
		k = random_owned();
		if (k < 0)
			break;
		t = type_of[k];
		if (!types[t].kptr)
			break;
		tag("object-kptr");
		add("{");
		add("\tstruct leaf *q = bpf_obj_new(typeof(*q));");
		add("\tif (!q)");
		add("\t\tgoto out;");
		add("\tq = bpf_kptr_xchg(&p%d->leaf, q);", k);
		add("\tif (q)");
		add("\t\tbpf_obj_drop(q);");
		add("}");
		break;
	case 42:
		if (!kinds[kind].sleepable)
			break;
		tag("sleep");
		add("bpf_copy_from_user(noise, 8, NULL);");
		break;
	default:
		switch (pick(4)) {
		case 0: add("x = (__u32)x;"); break;
		case 1: add("sink += x;"); break;
		case 2: add("y ^= x >> %d;", pick(32)); break;
		default: add("x = bpf_get_prandom_u32();"); break;
		}
	}
}

static void print_program(int nth)
{
	int n = 2 + pick(5), i;

	kind = pick(KINDS);
	at = 0;
	strcpy(tags, " ");
	memset(owned, 0, sizeof(owned));
	for (i = 0; i < VARS; i++)
		type_of[i] = i && one_in(2) ? type_of[i - 1] : (int)pick(TYPES);
	depth = 1;
	while (n--)
		statement(0);
	add("sink = x + y;");
	tag(kinds[kind].sec);
	printf("// p%d:%s\n", nth, tags);
	printf("SEC(\"%s\")\nint p%d(%s)\n{\n", kinds[kind].sec, nth, kinds[kind].ctx);
	for (i = 0; i < VARS; i++)
		printf("\tstruct n%d *p%d = NULL;\n", type_of[i], i);
	printf("\tstruct bpf_rb_node *r;\n\tstruct bpf_list_node *l;\n"
	       "\tlong x = noise[%d], y = noise[%d];\n\tint i;\n\n", pick(4), pick(4));
	printf("%s", text);
	printf("out:\n");
	for (i = 0; i < VARS; i++)
		printf("\tif (p%d)\n\t\tbpf_obj_drop(p%d);\n", i, i);
	printf("\treturn 0;\n}\n\n");
}

int main(int argc, char **argv)
{
	int i, n;

	if (argc != 3) {
		fprintf(stderr, "usage: generate SEED PROGRAMS\n");
		return 2;
	}
	seed = atoi(argv[1]) * 2654435761u;
	n = atoi(argv[2]);
	printf("// generated: generate %s %s\n", argv[1], argv[2]);
	fputs("#include <vmlinux.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\n#include <bpf/bpf_core_read.h>\n"
	      "#include \"bpf_misc.h\"\n#include \"bpf_experimental.h\"\n\n"
	      "#define private(name) SEC(\".data.\" #name) __hidden __attribute__((aligned(8)))\n"
	      "unsigned long long load_byte(void *skb, unsigned long long off) asm(\"llvm.bpf.load.byte\");\n"
	      "unsigned long long load_half(void *skb, unsigned long long off) asm(\"llvm.bpf.load.half\");\n"
	      "unsigned long long load_word(void *skb, unsigned long long off) asm(\"llvm.bpf.load.word\");\n"
	      "#define bpf_tail_call_static(ctx, map, n) bpf_tail_call(ctx, map, n)\n"
	      "extern void bpf_rcu_read_lock(void) __ksym;\nextern void bpf_rcu_read_unlock(void) __ksym;\n"
	      "extern void bpf_preempt_disable(void) __ksym;\nextern void bpf_preempt_enable(void) __ksym;\n"
	      "extern void bpf_local_irq_save(unsigned long *) __ksym;\nextern void bpf_local_irq_restore(unsigned long *) __ksym;\n\n"
	      "char _license[] SEC(\"license\") = \"GPL\";\nstatic volatile int zero;\n\n", stdout);
	print_types();
	print_refused();
	print_maps();
	print_shared();
	for (i = 0; i < n; i++)
		print_program(i);
	return 0;
}
