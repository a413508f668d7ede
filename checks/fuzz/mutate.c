// SPDX-License-Identifier: GPL-2.0
/*
 * The structure-aware mutator: takes an object apart (model.h), changes types, strings, set entries, flags and
 * symbols one by one, and puts it together again with the counts and offsets right, so that most of what it makes
 * gets past the parsers. One in four mutations is libFuzzer's own, of the bytes.
 */
#include <string.h>

#include "model.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned int seed);

static uint32_t rnd_state;

static uint32_t rnd(uint32_t n)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return n ? (rnd_state >> 3) % n : 0;
}

#define PICK(array) (array)[rnd(sizeof(array) / sizeof(*(array)))]

static const char * const funcs[] = {
	"foo", "bar", "baz", "foo_impl", "bar_impl", "foo_impl_impl", "_impl", "fo", "foo_", "foo_imp", "f__1",
};
static const char * const params[] = {
	"a", "b", "aux__magic", "meta__magic", "off__magic", "x__magic", "__magic", "aux__magic_", "", "aux",
};
static const char * const names[] = {
	"bpf_prog_aux", "btf_struct_meta", "bpf_kfunc", "bpf_fastcall", "int", "u64", "", "address_space(1)",
};
static const char * const labels[] = {
	"magic_kfuncs", "magic_kfuncs_end", "magic_kfuncs_", "__BTF_ID__set8__x", "__BTF_ID__set8__y",
	"__BTF_ID__set8__", "__BTF_ID__set__x", "__BTF_ID__struct__bpf_prog_aux__1", "__BTF_ID__func__",
	"__BTF_ID__func__foo", "__BTF_ID__func____1", "__BTF_ID__func_foo__1", "__BTF_ID__", "", "__BTF_ID__funcs__foo__1",
	"__BTF_ID__func___", "__BTF_ID__func__foo__", "__BTF_ID__typedef__u64__3", "__BTF_ID__union__u__3",
};
static const uint32_t words[] = {
	0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 24, 32, 64, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
	0xfffffffe, 0xfffffff8, 0x10001, 0x1000, 0x11000, 0x40000000, 0x20000000, 0xeb9f, 0x9feb,
};
static const uint32_t flags[] = {
	0, 1 << 16, 1 << 16, 1 << 12, 1 << 12 | 1 << 16, 1 << 5, 1 << 16 | 1 << 5, 1 << 13, 1 << 14 | 1 << 13,
	1 << 15, 1 << 14 | 1 << 16,
};

static const char *any_name(void)
{
	switch (rnd(4)) {
	case 0:	 return PICK(params);
	case 1:	 return PICK(names);
	default: return PICK(funcs);
	}
}

static uint32_t any_word(uint32_t old)
{
	switch (rnd(4)) {
	case 0:	 return old + rnd(9) - 4;
	case 1:	 return old ^ 1u << rnd(32);
	case 2:	 return rnd(-1);
	default: return PICK(words);
	}
}

/* ---- BTF: strings and ids of a split one begin where those of the base end */

struct ctx {
	struct btf_model *btf;
	uint32_t first_id, first_str;
};

static struct ctx own_btf(struct model *m)
{
	struct btf_model *base = m->has[BTF_BASE] ? &m->btf_base : m->tr.mode & MODE_BASE ? &m->base : NULL;
	struct ctx c = { .btf = &m->btf, .first_id = 1 };

	if (base && base->decoded) {
		c.first_id = 1 + base->nr_types;
		c.first_str = base->str_len;
	}
	return c;
}

/* The offset of a string, which is added where it is missing, and sometimes where it is not. */
static uint32_t str(struct ctx *c, const char *s)
{
	struct btf_model *btf = c->btf;
	uint32_t off, n = strlen(s) + 1;

	for (off = 0; rnd(16) && off < btf->str_len; off += strnlen(btf->strs + off, btf->str_len - off) + 1)
		if (off + n <= btf->str_len && !memcmp(btf->strs + off, s, n))
			return c->first_str + off;
	if (btf->str_len + n > STR_ROOM)
		return 0;
	memcpy(btf->strs + btf->str_len, s, n);
	btf->str_len += n;
	return c->first_str + btf->str_len - n;
}

static uint32_t any_str(struct ctx *c)
{
	return rnd(8) ? str(c, any_name()) : rnd(4) ? rnd(c->first_str + c->btf->str_len) : any_word(0);
}

static uint32_t any_id(struct ctx *c)
{
	return rnd(16) ? rnd(c->first_id + c->btf->nr_types) : any_word(c->first_id + c->btf->nr_types);
}

/* The id of a type of the kind, 0 if there is none. */
static uint32_t any_of(struct ctx *c, uint32_t kind)
{
	uint32_t i, n = c->btf->nr_types, at = rnd(n);

	for (i = 0; i < n; i++) {
		uint32_t k = (at + i) % n;

		if (info_kind(c->btf->types[k].w[1]) == kind)
			return c->first_id + k;
	}
	return 0;
}

static struct type *own_type(struct ctx *c, uint32_t id)
{
	return id >= c->first_id && id - c->first_id < c->btf->nr_types ? &c->btf->types[id - c->first_id] : NULL;
}

/* Append a type with random contents. Returns its id, or 0. */
static uint32_t add_type(struct ctx *c, uint32_t info, uint32_t name_off, uint32_t type)
{
	struct type *t = &c->btf->types[c->btf->nr_types];
	uint32_t i;

	t->n = type_words(info);
	if (c->btf->nr_types >= MAX_TYPES - 2 || !t->n || t->n > 200)
		return 0;
	t->w = arena_alloc(4 * t->n);
	if (!t->w)
		return 0;
	t->w[0] = name_off;
	t->w[1] = info;
	t->w[2] = type;
	for (i = 3; i < t->n; i++)
		t->w[i] = any_id(c);
	return c->first_id + c->btf->nr_types++;
}

static uint32_t ptr_to(struct ctx *c, uint32_t kind, const char *name)
{
	uint32_t info = kind << 24, id = name ? add_type(c, info, str(c, name), 0) : 0;

	while (!rnd(4))
		id = add_type(c, rnd(2) ? KIND_CONST << 24 : KIND_TYPEDEF << 24, rnd(2) ? 0 : str(c, "t"), id);
	return add_type(c, KIND_PTR << 24, 0, id);
}

/* A type for the magic parameter of the name, mostly a right one. */
static uint32_t param_type(struct ctx *c, const char *name)
{
	uint32_t id;

	/* as kernels from 7.0 on have it: magic by its type */
	if (!rnd(4) && !strstr(name, "__magic"))
		return ptr_to(c, rnd(2) ? KIND_STRUCT : KIND_FWD, rnd(2) ? "bpf_prog_aux" : "btf_struct_meta");
	if (!rnd(6) || !strstr(name, "__magic"))
		return any_id(c);
	if (*name == 'o') {
		id = add_type(c, KIND_INT << 24, str(c, "u64"), 8);
		if (own_type(c, id))
			own_type(c, id)->w[3] = rnd(8) ? 64 : any_word(64);
		return id;
	}
	if (rnd(2))
		return ptr_to(c, 0, NULL);
	return ptr_to(c, rnd(2) ? KIND_STRUCT : KIND_FWD, *name == 'a' ? "bpf_prog_aux" : "btf_struct_meta");
}

/* A prototype: some parameters, then magic ones. */
static uint32_t add_proto(struct ctx *c)
{
	uint32_t i, n = rnd(4), nr_magic = rnd(3), id;
	const char *name;

	id = add_type(c, KIND_FUNC_PROTO << 24 | (n + nr_magic), 0, any_id(c));
	for (i = 0; id && i < n + nr_magic; i++) {
		name = i < n && rnd(16) ? params[rnd(2)] : params[2 + rnd(rnd(8) ? 3 : 8)];
		own_type(c, id)->w[3 + 2 * i] = str(c, name);
		own_type(c, id)->w[4 + 2 * i] = param_type(c, name);
	}
	return id;
}

static uint32_t add_func(struct ctx *c, const char *name)
{
	uint32_t proto = rnd(2) ? any_of(c, KIND_FUNC_PROTO) : 0;

	if (!proto)
		proto = add_proto(c);
	return add_type(c, KIND_FUNC << 24 | (rnd(8) ? 0 : rnd(4)), str(c, name), proto);
}

static void add_tag(struct ctx *c)
{
	uint32_t func = any_of(c, rnd(8) ? KIND_FUNC : 1 + rnd(KIND_CNT)), id;

	id = add_type(c, KIND_DECL_TAG << 24 | (rnd(8) ? 0 : 1u << 31), str(c, rnd(2) ? PICK(names) : "tag"), func);
	if (id)
		own_type(c, id)->w[3] = rnd(3) ? rnd(6) : rnd(16) ? (uint32_t)-1 : any_word(0);
}

/* The parameters of a prototype, one more or one less. */
static void resize_proto(struct ctx *c)
{
	struct type *t = own_type(c, any_of(c, KIND_FUNC_PROTO));
	uint32_t n, at, *w;
	const char *name = PICK(params);

	if (!t)
		return;
	/* the count may be wrong already */
	n = (t->n - 3) / 2;
	if (rnd(2) && n) {
		at = 3 + 2 * rnd(n);
		memmove(t->w + at, t->w + at + 2, 4 * (t->n - at - 2));
		t->n -= 2;
		t->w[1]--;
	} else if (n < 100) {
		w = arena_alloc(4 * (t->n + 2));
		if (!w)
			return;
		at = 3 + 2 * (rnd(2) ? n : rnd(n + 1));
		memcpy(w, t->w, 4 * at);
		memcpy(w + at + 2, t->w + at, 4 * (t->n - at));
		t->w = w;
		t->n += 2;
		t->w[1]++;
		w[at] = str(c, name);
		w[at + 1] = param_type(c, name);
	}
}

static void mutate_btf(struct ctx *c)
{
	struct btf_model *btf = c->btf;
	struct type *t, tmp;
	uint32_t k, n;

	if (!btf->present)
		return;
	if (!btf->decoded || !rnd(24)) {
		uint8_t *raw;

		btf_encode(btf);
		raw = arena_dup(btf->raw, btf->raw_len, btf->raw_len + 64);
		if (!raw)
			return;
		btf->decoded = false;
		btf->raw = raw;
		/* the header often enough */
		if (rnd(2) && btf->raw_len >= 24) {
			uint32_t w;

			k = 4 * rnd(6);
			memcpy(&w, raw + k, 4);
			w = rnd(2) ? any_word(w) : __builtin_bswap32(any_word(__builtin_bswap32(w)));
			memcpy(raw + k, &w, 4);
		} else {
			btf->raw_len = LLVMFuzzerMutate(raw, btf->raw_len, btf->raw_len + 64);
		}
		return;
	}

	n = btf->nr_types;
	t = n ? &btf->types[rnd(n)] : NULL;
	switch (rnd(14)) {
	case 0: /* a reference */
		if (t)
			t->w[2] = any_id(c);
		break;
	case 1: /* a name */
		if (t)
			t->w[0] = any_str(c);
		break;
	case 2: /* what follows: types and names of parameters and members */
		if (t && t->n > 3)
			t->w[3 + rnd(t->n - 3)] = rnd(2) ? any_id(c) : any_str(c);
		break;
	case 3: /* the kind, the count and the flag */
		if (!t)
			break;
		k = t->w[1];
		t->w[1] = rnd(2) ? (k & 0x80ffffff) | (1 + rnd(KIND_CNT)) << 24 : any_word(k);
		tmp.n = type_words(t->w[1]);
		if (rnd(4) && tmp.n && tmp.n < 200) {
			tmp.w = arena_alloc(4 * tmp.n);
			if (!tmp.w)
				break;
			memset(tmp.w, 0, 4 * tmp.n);
			memcpy(tmp.w, t->w, 4 * (tmp.n < t->n ? tmp.n : t->n));
			*t = tmp;
		}
		break;
	case 4: /* a copy */
		if (t && n < MAX_TYPES - 2) {
			tmp.n = t->n;
			tmp.w = arena_dup(t->w, 4 * t->n, 0);
			if (tmp.w)
				btf->types[btf->nr_types++] = tmp;
		}
		break;
	case 5: /* one less */
		if (t) {
			k = rnd(2) ? t - btf->types : n - 1;
			memmove(&btf->types[k], &btf->types[k + 1], (n - k - 1) * sizeof(*t));
			btf->nr_types--;
		}
		break;
	case 6: /* another order */
		if (t) {
			k = rnd(n);
			tmp = *t;
			*t = btf->types[k];
			btf->types[k] = tmp;
		}
		break;
	case 7:
		resize_proto(c);
		break;
	case 8:
		add_tag(c);
		break;
	case 9:
		add_func(c, PICK(funcs));
		break;
	case 10: /* any word */
		if (t) {
			k = rnd(t->n);
			t->w[k] = any_word(t->w[k]);
		}
		break;
	case 11: /* a byte of the strings */
		if (btf->str_len)
			btf->strs[rnd(btf->str_len)] = rnd(4) ? PICK(funcs)[0] : (char)any_word(0);
		break;
	case 12: /* fewer strings */
		btf->str_len = rnd(8) ? btf->str_len : rnd(btf->str_len + 1);
		break;
	case 13: /* another byte order */
		if (!rnd(4))
			btf->big = !btf->big;
		break;
	}
}

/* ---- .BTF_ids */

static const char *func_symbol(const char *name)
{
	char *s = arena_alloc(strlen(name) + 40), *p = s;

	if (!s)
		return "__BTF_ID__func__foo__1";
	p = strcpy(s, "__BTF_ID__func__") + 16;
	p = strcpy(p, name) + strlen(name);
	*p++ = '_';
	*p++ = '_';
	*p++ = '0' + rnd(10);
	*p = '\0';
	return s;
}

static struct sym *add_sym(struct model *m, const char *name, uint64_t value, uint64_t size)
{
	struct sym *s = &m->syms[m->nr_syms];

	if (m->nr_syms >= MAX_SYMS - 1)
		return NULL;
	m->nr_syms++;
	*s = (struct sym){ .name = name, .value = value, .size = size, .shndx = 1 + IDS, .info = 1 };
	return s;
}

/* Make room for n bytes at off: symbols there and behind move on. */
static bool insert_ids(struct model *m, size_t off, size_t n)
{
	size_t i;

	if (m->ids_len + n > 4 * IDS_ROOM || off > m->ids_len)
		return false;
	memmove(m->ids + off + n, m->ids + off, m->ids_len - off);
	memset(m->ids + off, 0, n);
	m->ids_len += n;
	for (i = 0; i < m->nr_syms; i++)
		if (m->syms[i].shndx == 1 + IDS && m->syms[i].value >= off)
			m->syms[i].value += n;
	return true;
}

static void put_word(struct model *m, size_t off, uint32_t w)
{
	if (off + 4 > m->ids_len || off > m->ids_len)
		return;
	if (m->big)
		w = __builtin_bswap32(w);
	memcpy(m->ids + off, &w, 4);
}

/* A symbol whose name begins so, at random. */
static struct sym *find_sym(struct model *m, const char *prefix)
{
	size_t i, n = m->nr_syms, at = rnd(n);

	for (i = 0; i < n; i++) {
		struct sym *s = &m->syms[(at + i) % n];

		if (!strncmp(s->name, prefix, strlen(prefix)))
			return s;
	}
	return NULL;
}

static void add_set(struct model *m)
{
	static const char * const sets[] = { "__BTF_ID__set8__x", "__BTF_ID__set8__y", "__BTF_ID__set8__z" };

	if (!insert_ids(m, m->ids_len, 8))
		return;
	add_sym(m, PICK(sets), m->ids_len - 8, 8);
	put_word(m, m->ids_len - 4, rnd(8) ? 1 : rnd(4));
}

/* One more function in a set, anywhere in it. */
static void add_entry(struct model *m, const char *name, uint32_t flags)
{
	struct sym *set = find_sym(m, "__BTF_ID__set8__");
	uint64_t off;

	if (!set || set->shndx != 1 + IDS || set->size > 4 * IDS_ROOM)
		return;
	off = set->value + 8 + 8 * rnd(set->size / 8);
	if (off < set->value || !insert_ids(m, off, 8))
		return;
	set->size += 8;
	add_sym(m, func_symbol(name), off, 4);
	put_word(m, off + 4, flags);
}

static void add_listed(struct model *m, const char *name)
{
	struct sym *end = find_sym(m, "magic_kfuncs_end");
	const char *second;
	char *impl;
	uint64_t off;

	if (!end) {
		add_sym(m, "magic_kfuncs", m->ids_len, 0);
		end = add_sym(m, "magic_kfuncs_end", m->ids_len, 0);
	}
	impl = arena_alloc(strlen(name) + 6);
	if (!end || end->shndx != 1 + IDS || !impl)
		return;
	strcpy(stpcpy(impl, name), "_impl");
	second = rnd(8) ? impl : PICK(funcs);
	off = end->value;
	if (!insert_ids(m, off, 8))
		return;
	/* a list that is empty has begun here */
	if (find_sym(m, "magic_kfuncs")->value == off + 8 && !strcmp(find_sym(m, "magic_kfuncs")->name, "magic_kfuncs"))
		find_sym(m, "magic_kfuncs")->value = off;
	add_sym(m, func_symbol(name), off, 4);
	if (rnd(16))
		add_sym(m, func_symbol(second), off + 4, 4);
}

/* All that a kfunc has, now and then with a part missing. */
static void add_kfunc(struct model *m)
{
	struct ctx c = own_btf(m);
	const char *name = PICK(funcs);
	uint32_t f = PICK(flags);

	if (!find_sym(m, "__BTF_ID__set8__"))
		add_set(m);
	if (c.btf->decoded && rnd(8))
		add_func(&c, name);
	if (rnd(16))
		add_entry(m, name, f);
	if (f & 1 << 16 && rnd(16))
		add_listed(m, name);
}

static void mutate_ids(struct model *m)
{
	struct sym *s = m->nr_syms ? &m->syms[rnd(m->nr_syms)] : NULL;
	size_t k;

	switch (rnd(16)) {
	case 0:
		add_entry(m, PICK(funcs), PICK(flags));
		break;
	case 1: /* flags of a set or of an entry */
		k = m->ids_len / 4;
		if (k)
			put_word(m, 4 * rnd(k), rnd(2) ? PICK(flags) : rnd(2) ? 1 : any_word(0));
		break;
	case 2:
		if (s)
			s->value = rnd(2) ? any_word(s->value) : s->value + 4 * (rnd(5) - 2);
		break;
	case 3:
		if (s)
			s->size = rnd(2) ? any_word(s->size) : s->size + 8 * (rnd(5) - 2);
		break;
	case 4:
		if (s)
			s->name = rnd(2) ? func_symbol(any_name()) : PICK(labels);
		break;
	case 5:
		if (s && m->nr_syms < MAX_SYMS - 1)
			m->syms[m->nr_syms++] = *s;
		break;
	case 6:
		if (s)
			*s = m->syms[--m->nr_syms];
		break;
	case 7:
		add_set(m);
		break;
	case 8:
		add_listed(m, PICK(funcs));
		break;
	case 9:
		m->ids_len = LLVMFuzzerMutate(m->ids, m->ids_len, 4 * IDS_ROOM);
		break;
	case 10:
		m->addr = rnd(4) ? 0 : any_word(0);
		break;
	case 11: /* a function of the source */
		s = add_sym(m, PICK(funcs), 0, 0);
		if (s) {
			s->shndx = 1 + BTF;
			s->info = 2;
		}
		break;
	case 12:
		if (s)
			add_sym(m, PICK(labels), s->value + 4 * (rnd(3) - 1), s->size);
		break;
	case 13:
		if (s && rnd(2))
			s->shndx = rnd(2) ? 1 + IDS : any_word(0);
		else if (s)
			s->info = any_word(0);
		break;
	case 14:
		insert_ids(m, 4 * rnd(m->ids_len / 4 + 1), 4 + 4 * rnd(2));
		break;
	case 15:
		m->ids_len -= rnd(4) ? 0 : rnd(m->ids_len + 1);
		break;
	}
}

static void mutate_rest(struct model *m)
{
	uint32_t i;

	switch (rnd(7)) {
	case 0:
		i = rnd(NR_SECS);
		m->has[i] = !m->has[i];
		if (i == BTF_BASE && m->has[i] && !m->btf_base.present)
			m->btf_base = m->base.present ? m->base : m->btf;
		if (i == BTF && m->has[i] && !m->btf.present)
			m->has[i] = false;
		if (i == BTF_BASE && !m->btf_base.present)
			m->has[i] = false;
		break;
	case 1:
		if (rnd(2))
			m->is64 = !m->is64;
		else
			m->big = !m->big;
		break;
	case 2:
		m->tr.mode ^= 1 << rnd(3);
		if (m->tr.mode & MODE_BASE && !m->base.present)
			m->base = m->btf;
		break;
	case 3:
	case 4: /* the calls of the tool are few hundred at most */
		m->tr.fail = rnd(3) ? rnd(rnd(2) ? 30 : 300) : 0;
		m->tr.pad = rnd(2);
		break;
	case 5:
		m->type = rnd(4);
		break;
	case 6:
		m->has[XINDEX] = true;
		m->xcut = rnd(3) ? 0 : rnd(8);
		break;
	}
}

/*
 * A field of a section header of what model_emit() has made, there are 1 + NR_SECS of them; or name and type, from
 * another one.
 */
static void mutate_header(uint8_t *data, size_t size)
{
	bool is64 = size > 4 && data[4] == 2, big = data[5] == 2;
	uint32_t shoff, ent = is64 ? 64 : 40, at, from, w;

	memcpy(&shoff, data + (is64 ? 40 + 4 * big : 32), 4);
	if (big)
		shoff = __builtin_bswap32(shoff);
	at = shoff + rnd(1 + NR_SECS) * ent;
	from = shoff + rnd(1 + NR_SECS) * ent;
	if (!rnd(4) && at < size && size - at >= 8 && from < size && size - from >= 8) {
		memmove(data + at, data + from, 8);
		return;
	}
	at += 4 * rnd(ent / 4);
	if (at > size || size - at < 4)
		return;
	memcpy(&w, data + at, 4);
	w = any_word(big ? __builtin_bswap32(w) : w);
	w = big ? __builtin_bswap32(w) : w;
	memcpy(data + at, &w, 4);
}

static size_t mutate_model(struct model *m, uint8_t *data, size_t max)
{
	uint32_t i, n = 1 + rnd(rnd(2) ? 1 : 6);
	struct ctx c;
	size_t size;

	for (i = 0; i < n; i++) {
		switch (rnd(16)) {
		case 0: case 1: case 2: case 3: case 4:
			c = own_btf(m);
			mutate_btf(&c);
			break;
		case 5: /* the base, if there is one */
			c = (struct ctx){ m->has[BTF_BASE] ? &m->btf_base : &m->base, 1, 0 };
			mutate_btf(&c);
			break;
		case 6: case 7: case 8: case 9: case 10:
			mutate_ids(m);
			break;
		case 11: case 12: case 13:
			add_kfunc(m);
			break;
		default:
			mutate_rest(m);
		}
	}
	size = model_emit(m, data, max);
	if (size && !rnd(12))
		mutate_header(data, size);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct model m;
	size_t n;

	rnd_state = seed * 2654435761u | 1;
	arena_reset();
	if (rnd(4) && model_parse(&m, data, size)) {
		n = mutate_model(&m, data, max);
		if (n)
			return n;
	}
	return LLVMFuzzerMutate(data, size, max);
}

/* The types of one and the lists of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned int seed)
{
	struct model m, other;

	rnd_state = seed * 2654435761u | 1;
	arena_reset();
	if (!model_parse(&m, a, a_size) || !model_parse(&other, b, b_size))
		return 0;
	m.btf = other.btf;
	m.base = other.base;
	m.btf_base = other.btf_base;
	m.has[BTF] = other.has[BTF];
	m.has[BTF_BASE] = other.has[BTF_BASE];
	m.tr.mode = other.tr.mode;
	return model_emit(&m, out, max);
}
