// SPDX-License-Identifier: GPL-2.0
/* Takes objects apart and puts them together again. Trusts nothing. */
#define _GNU_SOURCE
#include <elf.h>
#include <string.h>

#include "model.h"

static uint8_t arena[1 << 22] __attribute__((aligned(16)));
static size_t arena_used;

void arena_reset(void)
{
	arena_used = 0;
}

void *arena_alloc(size_t size)
{
	void *p = arena + arena_used;

	if (size > sizeof(arena) - arena_used)
		return NULL;
	arena_used += (size + 15) & ~(size_t)15;
	if (arena_used > sizeof(arena))
		arena_used = sizeof(arena);
	return p;
}

/* A copy of size bytes, in room for more. */
void *arena_dup(const void *p, size_t size, size_t room)
{
	void *copy = arena_alloc(size > room ? size : room);

	if (copy && size)
		memcpy(copy, p, size);
	return copy;
}

void input_parse(struct input *in, const uint8_t *data, size_t size)
{
	memset(in, 0, sizeof(*in));
	in->object_len = size;
	if (size < sizeof(in->tr))
		return;
	memcpy(&in->tr, data + size - sizeof(in->tr), sizeof(in->tr));
	if (memcmp(in->tr.magic, TRAILER_MAGIC, 4) || in->tr.base_len > size - sizeof(in->tr)) {
		memset(&in->tr, 0, sizeof(in->tr));
		return;
	}
	in->base_len = in->tr.base_len;
	in->object_len = size - sizeof(in->tr) - in->base_len;
	in->base = data + in->object_len;
}

/* An integer of n bytes at p. */
static uint64_t get(const uint8_t *p, int n, bool big)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < n; i++)
		v |= (uint64_t)p[big ? n - 1 - i : i] << 8 * i;
	return v;
}

static void put(uint8_t *p, int n, bool big, uint64_t v)
{
	int i;

	for (i = 0; i < n; i++)
		p[big ? n - 1 - i : i] = v >> 8 * i;
}

/* ---- BTF */

/* How many words a type has, 0 for an unknown kind. */
uint32_t type_words(uint32_t info)
{
	uint32_t n = info_vlen(info);

	switch (info_kind(info)) {
	case KIND_FWD: case KIND_CONST: case KIND_VOLATILE: case KIND_RESTRICT: case KIND_PTR:
	case KIND_TYPEDEF: case KIND_FUNC: case KIND_FLOAT: case KIND_TYPE_TAG:
		return 3;
	case KIND_INT: case KIND_VAR: case KIND_DECL_TAG:
		return 4;
	case KIND_ARRAY:
		return 6;
	case KIND_ENUM: case KIND_FUNC_PROTO:
		return 3 + 2 * n;
	case KIND_STRUCT: case KIND_UNION: case KIND_DATASEC: case KIND_ENUM64:
		return 3 + 3 * n;
	}
	return 0;
}

/* Take BTF apart where it is well-formed, as libbpf has it; keep the bytes in any case. */
bool btf_decode(struct btf_model *btf, const uint8_t *data, size_t size)
{
	uint32_t hdr_len, type_off, type_len, str_off, str_len, pos, i;

	memset(btf, 0, sizeof(*btf));
	btf->present = true;
	btf->raw = arena_dup(data, size, size);
	if (!btf->raw) {
		btf->present = false;
		return false;
	}
	btf->raw_len = size;
	if (size < 24 || (get(data, 2, false) != 0xeb9f && get(data, 2, true) != 0xeb9f))
		return false;
	btf->big = get(data, 2, true) == 0xeb9f;
	hdr_len = get(data + 4, 4, btf->big);
	type_off = get(data + 8, 4, btf->big);
	type_len = get(data + 12, 4, btf->big);
	str_off = get(data + 16, 4, btf->big);
	str_len = get(data + 20, 4, btf->big);
	if (hdr_len < 24 || hdr_len > size || (uint64_t)str_off + str_len > size - hdr_len ||
	    (uint64_t)type_off + type_len > str_off)
		return false;

	btf->types = arena_alloc(MAX_TYPES * sizeof(*btf->types));
	btf->strs = arena_dup(data + hdr_len + str_off, str_len, str_len + STR_ROOM);
	if (!btf->types || !btf->strs)
		return false;
	btf->str_len = str_len;

	data += hdr_len + type_off;
	for (pos = 0; type_len - pos >= 12; ) {
		struct type *t = &btf->types[btf->nr_types];

		t->n = type_words(get(data + pos + 4, 4, btf->big));
		t->w = arena_alloc(4 * t->n);
		if (!t->n || t->n > (type_len - pos) / 4 || !t->w || btf->nr_types == MAX_TYPES - 1)
			return false;
		for (i = 0; i < t->n; i++, pos += 4)
			t->w[i] = get(data + pos, 4, btf->big);
		btf->nr_types++;
	}
	btf->decoded = pos == type_len;
	return btf->decoded;
}

/* Make the bytes anew of the types and the strings. */
bool btf_encode(struct btf_model *btf)
{
	size_t size = 24 + btf->str_len;
	uint32_t i, k;
	uint8_t *p;

	if (!btf->present || !btf->decoded)
		return btf->present;
	for (i = 0; i < btf->nr_types; i++)
		size += 4 * btf->types[i].n;
	p = arena_alloc(size);
	if (!p)
		return false;
	btf->raw = p;
	btf->raw_len = size;

	put(p, 2, btf->big, 0xeb9f);
	p[2] = 1;
	p[3] = 0;
	put(p + 4, 4, btf->big, 24);
	put(p + 8, 4, btf->big, 0);
	put(p + 12, 4, btf->big, size - 24 - btf->str_len);
	put(p + 16, 4, btf->big, size - 24 - btf->str_len);
	put(p + 20, 4, btf->big, btf->str_len);
	p += 24;
	for (i = 0; i < btf->nr_types; i++)
		for (k = 0; k < btf->types[i].n; k++, p += 4)
			put(p, 4, btf->big, btf->types[i].w[k]);
	memcpy(p, btf->strs, btf->str_len);
	return true;
}

/* ---- ELF */

struct elf {
	const uint8_t	*data;
	size_t		 size;
	bool		 is64, big;
	bool		 two;		/* sections of one kind, as the tool tells them: by type, else by name */
	uint64_t	 shoff;
	uint32_t	 shnum;
	struct {
		uint64_t hdr, off, size, addr;
		uint32_t link, index;
	} secs[NR_SECS];		/* index is 0 where there is none */
};

static const char * const sec_names[NR_SECS] = {
	".BTF_ids", ".BTF", ".BTF.base", ".symtab", ".strtab", ".symtab_shndx", ".shstrtab"
};

static uint64_t field(const struct elf *e, uint64_t off, int off32, int len32, int off64, int len64)
{
	return get(e->data + off + (e->is64 ? off64 : off32), e->is64 ? len64 : len32, e->big);
}

/* The string at off of a range of the file, NULL where it has no end. */
static const char *string(const struct elf *e, uint64_t start, uint64_t len, uint64_t off)
{
	const char *s = (const char *)e->data + start + off;

	return off < len && strnlen(s, len - off) < len - off ? s : NULL;
}

/* Find the sections, the last of each name. */
static bool elf_scan(struct elf *e, const uint8_t *data, size_t size)
{
	uint64_t names, names_len, hdr, off, len;
	uint32_t shent, i, strndx, s, kind, seen = 0;

	memset(e, 0, sizeof(*e));
	e->data = data;
	e->size = size;
	if (size < 64 || memcmp(data, ELFMAG, SELFMAG))
		return false;
	e->is64 = data[EI_CLASS] == ELFCLASS64;
	e->big = data[EI_DATA] == ELFDATA2MSB;
	e->shoff = field(e, 0, 32, 4, 40, 8);
	e->shnum = field(e, 0, 48, 2, 60, 2);
	strndx = field(e, 0, 50, 2, 62, 2);
	shent = e->is64 ? 64 : 40;
	if (e->shoff > size || e->shnum > (size - e->shoff) / shent || strndx >= e->shnum)
		return false;

	hdr = e->shoff + strndx * shent;
	names = field(e, hdr, 16, 4, 24, 8);
	names_len = field(e, hdr, 20, 4, 32, 8);
	if (names > size || names_len > size - names)
		return false;

	for (i = 1; i < e->shnum; i++) {
		const char *name;

		hdr = e->shoff + i * shent;
		off = field(e, hdr, 16, 4, 24, 8);
		len = field(e, hdr, 20, 4, 32, 8);
		if (off > size || len > size - off)
			continue;
		name = string(e, names, names_len, field(e, hdr, 0, 4, 0, 4));
		for (s = 0; name && s < NR_SECS; s++)
			if (!strcmp(name, sec_names[s]))
				break;
		kind = field(e, hdr, 4, 4, 4, 4);
		kind = kind == SHT_SYMTAB ? SYMTAB : kind == SHT_SYMTAB_SHNDX ? XINDEX : s < SYMTAB ? s : NR_SECS;
		if (name && kind < NR_SECS) {
			e->two |= seen >> kind & 1;
			seen |= 1 << kind;
		}
		if (!name || s == NR_SECS)
			continue;
		e->secs[s].hdr = hdr;
		e->secs[s].off = off;
		e->secs[s].size = len;
		e->secs[s].addr = field(e, hdr, 12, 4, 16, 8);
		e->secs[s].link = field(e, hdr, 24, 4, 40, 4);
		e->secs[s].index = i;
	}
	return true;
}

const uint8_t *find_section(const uint8_t *object, size_t size, int sec, size_t *len)
{
	struct elf e;

	if (!elf_scan(&e, object, size) || !e.secs[sec].index)
		return NULL;
	*len = e.secs[sec].size;
	return object + e.secs[sec].off;
}

bool two_sections(const uint8_t *object, size_t size)
{
	struct elf e;

	return elf_scan(&e, object, size) && e.two;
}

size_t replace_btf(uint8_t *object, size_t size, size_t max, const uint8_t *btf, size_t btf_len)
{
	size_t off = (size + 7) & ~(size_t)7, at;
	struct elf e;
	uint8_t *hdr;

	if (off + btf_len > max || !elf_scan(&e, object, size) || !e.secs[BTF].index)
		return 0;
	/* a section that lies over this header would change with it */
	at = e.secs[BTF].hdr;
	for (int s = 0; s < NR_SECS; s++)
		if (e.secs[s].index && e.secs[s].off < at + (e.is64 ? 64 : 40) && e.secs[s].off + e.secs[s].size > at)
			return 0;
	memset(object + size, 0, off - size);
	memcpy(object + off, btf, btf_len);
	hdr = object + e.secs[BTF].hdr;
	put(hdr + (e.is64 ? 24 : 16), e.is64 ? 8 : 4, e.big, off);
	put(hdr + (e.is64 ? 32 : 20), e.is64 ? 8 : 4, e.big, btf_len);
	return off + btf_len;
}

static void parse_syms(struct model *m, const struct elf *e)
{
	uint64_t start = e->secs[SYMTAB].off, off = start, end = off + e->secs[SYMTAB].size, ent = e->is64 ? 24 : 16;
	uint64_t nr_words = e->secs[XINDEX].size / 4, nr = e->secs[SYMTAB].size / ent;

	if (m->has[XINDEX] && nr > nr_words)
		m->xcut = nr - nr_words;
	for (off += ent; off < end && end - off >= ent && m->nr_syms < MAX_SYMS / 2; off += ent) {
		uint64_t shndx = field(e, off, 14, 2, 6, 2);
		const char *name = string(e, e->secs[STRTAB].off, e->secs[STRTAB].size, field(e, off, 0, 4, 0, 4));
		struct sym *sym = &m->syms[m->nr_syms];

		if (shndx == SHN_XINDEX && (off - start) / ent < nr_words)
			shndx = get(e->data + e->secs[XINDEX].off + 4 * ((off - start) / ent), 4, e->big);
		sym->info = field(e, off, 12, 1, 4, 1);
		/* of the other symbols, the stage looks at functions only */
		if (!name || (shndx != e->secs[IDS].index && ELF64_ST_TYPE(sym->info) != STT_FUNC))
			continue;
		sym->name = arena_dup(name, strlen(name) + 1, 0);
		if (!sym->name)
			return;
		sym->value = field(e, off, 4, 4, 8, 8);
		sym->size = field(e, off, 8, 4, 16, 8);
		sym->shndx = shndx == e->secs[IDS].index ? 1 + IDS : 1 + BTF;
		if (sym->shndx == 1 + IDS)
			sym->value -= m->addr;
		m->nr_syms++;
	}
}

/* Take a corpus file or an object apart. False where it is no ELF object. */
bool model_parse(struct model *m, const uint8_t *data, size_t size)
{
	struct input in;
	struct elf e;
	int i;

	memset(m, 0, sizeof(*m));
	input_parse(&in, data, size);
	if (!elf_scan(&e, data, in.object_len))
		return false;
	m->tr = in.tr;
	if (in.base_len)
		btf_decode(&m->base, in.base, in.base_len);
	m->is64 = e.is64;
	m->big = e.big;
	m->type = get(data + 16, 2, e.big);
	m->machine = get(data + 18, 2, e.big);
	for (i = 0; i < NR_SECS; i++)
		m->has[i] = e.secs[i].index;
	m->addr = e.secs[IDS].addr;
	m->ids_len = e.secs[IDS].size;
	if (m->ids_len > 4 * IDS_ROOM)
		m->ids_len = 4 * IDS_ROOM;
	m->ids = arena_dup(data + e.secs[IDS].off, m->ids_len, 4 * IDS_ROOM);
	m->syms = arena_alloc(MAX_SYMS * sizeof(*m->syms));
	if (!m->ids || !m->syms)
		return false;
	if (m->has[SYMTAB] && m->has[STRTAB])
		parse_syms(m, &e);
	if (m->has[BTF])
		btf_decode(&m->btf, data + e.secs[BTF].off, e.secs[BTF].size);
	if (m->has[BTF_BASE])
		btf_decode(&m->btf_base, data + e.secs[BTF_BASE].off, e.secs[BTF_BASE].size);
	return true;
}

struct out {
	uint8_t	*data;
	size_t	 len, max;
	bool	 big, full;
};

static uint8_t *out_bytes(struct out *o, const void *p, size_t n)
{
	uint8_t *at = o->data + o->len;

	if (o->full || n > o->max - o->len) {
		o->full = true;
		return NULL;
	}
	if (p)
		memcpy(at, p, n);
	else
		memset(at, 0, n);
	o->len += n;
	return at;
}

static void out_int(struct out *o, int n, uint64_t v)
{
	uint8_t *at = out_bytes(o, NULL, n);

	if (at)
		put(at, n, o->big, v);
}

static void out_align(struct out *o, size_t align)
{
	out_bytes(o, NULL, -o->len & (align - 1));
}

/* Put the object together, with the sections in the order of the enum. The size, or 0 if it does not fit. */
size_t model_emit(struct model *m, uint8_t *data, size_t max)
{
	static const uint32_t types[NR_SECS] = {
		SHT_PROGBITS, SHT_PROGBITS, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_SYMTAB_SHNDX, SHT_STRTAB
	};
	struct out o = { .data = data, .max = max, .big = m->big };
	size_t off[NR_SECS], len[NR_SECS], strs, shoff, i, k;
	int addr = m->is64 ? 8 : 4;
	struct trailer tr = m->tr;
	uint32_t name;

	if ((m->has[BTF] && !btf_encode(&m->btf)) || (m->has[BTF_BASE] && !btf_encode(&m->btf_base)) ||
	    (m->base.present && !btf_encode(&m->base)))
		return 0;

	out_bytes(&o, NULL, m->is64 ? 64 : 52);
	for (i = 0; i < NR_SECS; i++) {
		if (i == SHSTRTAB)
			m->has[i] = true;
		out_align(&o, i == SYMTAB ? 8 : i < SYMTAB || i == XINDEX ? 4 : 1);
		off[i] = o.len;
		if (!m->has[i])
			;
		else if (i == IDS)
			out_bytes(&o, m->ids, m->ids_len);
		else if (i == BTF)
			out_bytes(&o, m->btf.raw, m->btf.raw_len);
		else if (i == BTF_BASE)
			out_bytes(&o, m->btf_base.raw, m->btf_base.raw_len);
		else if (i == SYMTAB) {
			out_bytes(&o, NULL, m->is64 ? 24 : 16);
			for (k = 0, strs = 1; k < m->nr_syms; k++) {
				struct sym *s = &m->syms[k];
				uint64_t value = s->shndx == 1 + IDS ? s->value + m->addr : s->value;

				out_int(&o, 4, strs);
				if (!m->is64) {
					out_int(&o, 4, value);
					out_int(&o, 4, s->size);
				}
				out_int(&o, 1, s->info);
				out_int(&o, 1, 0);
				out_int(&o, 2, m->has[XINDEX] && s->shndx == 1 + IDS ? SHN_XINDEX : s->shndx);
				if (m->is64) {
					out_int(&o, 8, value);
					out_int(&o, 8, s->size);
				}
				strs += strlen(s->name) + 1;
			}
		} else if (i == STRTAB) {
			out_bytes(&o, "", 1);
			for (k = 0; k < m->nr_syms; k++)
				out_bytes(&o, m->syms[k].name, strlen(m->syms[k].name) + 1);
		} else if (i == XINDEX) {
			for (k = 0; k + m->xcut < 1 + m->nr_syms; k++)
				out_int(&o, 4, k ? m->syms[k - 1].shndx : 0);
		} else {
			out_bytes(&o, "", 1);
			for (k = 0; k < NR_SECS; k++)
				out_bytes(&o, sec_names[k], strlen(sec_names[k]) + 1);
		}
		len[i] = o.len - off[i];
	}

	/* section headers: a missing section is one without a name */
	out_align(&o, 8);
	shoff = o.len;
	out_bytes(&o, NULL, m->is64 ? 64 : 40);
	for (i = 0, name = 1; i < NR_SECS; i++) {
		out_int(&o, 4, m->has[i] ? name : 0);
		out_int(&o, 4, m->has[i] ? types[i] : SHT_NULL);
		out_int(&o, addr, i == IDS ? SHF_ALLOC : 0);
		out_int(&o, addr, i == IDS ? m->addr : 0);
		out_int(&o, addr, off[i]);
		out_int(&o, addr, len[i]);
		out_int(&o, 4, i == SYMTAB ? 1 + STRTAB : i == XINDEX ? 1 + SYMTAB : 0);
		out_int(&o, 4, i == SYMTAB ? 1 : 0);
		out_int(&o, addr, i == SYMTAB ? 8 : i < SYMTAB || i == XINDEX ? 4 : 1);
		out_int(&o, addr, i == SYMTAB ? (m->is64 ? 24 : 16) : i == XINDEX ? 4 : 0);
		name += strlen(sec_names[i]) + 1;
	}

	if (m->base.present)
		out_bytes(&o, m->base.raw, m->base.raw_len);
	if (m->base.present || tr.mode || tr.fail) {
		tr.base_len = m->base.present ? m->base.raw_len : 0;
		memcpy(tr.magic, TRAILER_MAGIC, 4);
		out_bytes(&o, &tr, sizeof(tr));
	}
	if (o.full)
		return 0;

	i = o.len;
	o.len = 0;
	out_bytes(&o, ELFMAG, SELFMAG);
	out_int(&o, 1, m->is64 ? ELFCLASS64 : ELFCLASS32);
	out_int(&o, 1, m->big ? ELFDATA2MSB : ELFDATA2LSB);
	out_int(&o, 1, EV_CURRENT);
	o.len = 16;
	out_int(&o, 2, m->type);
	out_int(&o, 2, m->machine);
	out_int(&o, 4, EV_CURRENT);
	out_int(&o, addr, 0);
	out_int(&o, addr, 0);
	out_int(&o, addr, shoff);
	out_int(&o, 4, 0);
	out_int(&o, 2, m->is64 ? 64 : 52);
	out_int(&o, 4, 0);
	out_int(&o, 2, m->is64 ? 64 : 40);
	out_int(&o, 2, 1 + NR_SECS);
	out_int(&o, 2, 1 + SHSTRTAB);
	return i;
}
