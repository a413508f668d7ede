/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of an object that the BTF stage reads, taken apart so that they can be changed one by one, and
 * put together again. A corpus file is an ELF object, then what ELF readers ignore:
 *
 *	object | base BTF, base_len bytes | trailer
 *
 * It can be given to the tool as it is.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAILER_MAGIC "fuzz"

enum {
	MODE_BASE	= 1 << 0,	/* -b base */
	MODE_EXISTS	= 1 << 1,	/* the output file is there already */
	MODE_RESOLVE	= 1 << 2,	/* then resolve the ids with that BTF, twice */
	MODE_ALL	= MODE_BASE | MODE_EXISTS | MODE_RESOLVE,
};

/* The last bytes of a corpus file, little endian. One that has none has all zero. */
struct trailer {
	uint32_t base_len;
	uint16_t fail;		/* which of the calls of the tool that can fail does; 0: none */
	uint8_t	 mode;
	uint8_t	 pad;
	char	 magic[4];
};

struct input {
	const uint8_t	*base;
	size_t		 base_len;
	size_t		 object_len;
	struct trailer	 tr;
};

void input_parse(struct input *in, const uint8_t *data, size_t size);

/* Memory that is there until the next arena_reset(). NULL when the arena is full. */
void arena_reset(void);
void *arena_alloc(size_t size);
void *arena_dup(const void *p, size_t size, size_t room);

/* ---- BTF */
struct type {
	uint32_t *w;		/* name_off, info, size or type, and what follows */
	uint32_t  n;
};

enum { KIND_INT = 1, KIND_PTR, KIND_ARRAY, KIND_STRUCT, KIND_UNION, KIND_ENUM, KIND_FWD, KIND_TYPEDEF,
       KIND_VOLATILE, KIND_CONST, KIND_RESTRICT, KIND_FUNC, KIND_FUNC_PROTO, KIND_VAR, KIND_DATASEC, KIND_FLOAT,
       KIND_DECL_TAG, KIND_TYPE_TAG, KIND_ENUM64, KIND_CNT };

#define MAX_TYPES 2048

struct btf_model {
	bool		 present;
	bool		 decoded;	/* else raw is all there is */
	bool		 big;
	uint8_t		*raw;
	size_t		 raw_len;
	struct type	*types;		/* MAX_TYPES */
	uint32_t	 nr_types;
	char		*strs;
	uint32_t	 str_len;
};

#define STR_ROOM 4096

uint32_t type_words(uint32_t info);
bool btf_decode(struct btf_model *btf, const uint8_t *data, size_t size);
bool btf_encode(struct btf_model *btf);

static inline uint32_t info_kind(uint32_t info) { return info >> 24 & 31; }
static inline uint32_t info_vlen(uint32_t info) { return info & 0xffff; }

/* ---- ELF; with XINDEX, it has the section of each symbol, and the symbols of .BTF_ids have SHN_XINDEX */
enum { IDS, BTF, BTF_BASE, SYMTAB, STRTAB, XINDEX, SHSTRTAB, NR_SECS };

#define MAX_SYMS 512
#define IDS_ROOM 2048		/* words */

struct sym {
	const char *name;
	uint64_t    value, size;	/* value is the offset in its section */
	uint16_t    shndx;		/* 1 + IDS for that section */
	uint8_t	    info;
};

struct model {
	bool		 is64, big;
	uint16_t	 machine, type;
	bool		 has[NR_SECS];
	uint64_t	 addr;		/* of .BTF_ids */
	uint8_t		*ids;
	size_t		 ids_len;
	struct sym	*syms;		/* MAX_SYMS, without the null symbol */
	size_t		 nr_syms;
	uint32_t	 xcut;		/* so many words are missing at the end of XINDEX */
	struct btf_model btf, btf_base, base;
	struct trailer	 tr;
};

bool model_parse(struct model *m, const uint8_t *data, size_t size);
size_t model_emit(struct model *m, uint8_t *data, size_t max);

/* Put other contents into the .BTF section of an object, behind its end. The new size, or 0, also where a section lies over
 * the header that this changes.
 */
size_t replace_btf(uint8_t *object, size_t size, size_t max, const uint8_t *btf, size_t btf_len);
/* A section of an object, NULL where there is none, or not within the file. */
const uint8_t *find_section(const uint8_t *object, size_t size, int sec, size_t *len);
/* Are there two of a kind, of which the tool reads one? */
bool two_sections(const uint8_t *object, size_t size);

#endif
