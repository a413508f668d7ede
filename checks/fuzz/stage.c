// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzz target: runs resolve_btfids --btf_out, in this process, on the object that the input is (model.h), and
 * aborts where the stage does not keep its promises:
 *
 *   - it crashes nowhere, leaks neither memory nor descriptors, and changes none of its inputs;
 *   - it fails for an object with two sections where it reads one;
 *   - it fails with 255 and a message (one line; one for each mistake of the author of a kfunc), and then there is
 *     no output, or what was there before, and nothing else is left behind;
 *   - or it succeeds and says nothing. Its output is the input's BTF and appended types, of the kinds that the stage
 *     makes; and the stage, run on an object with that BTF, gives the same bytes again.
 *
 * `redefine` lists the symbols of the tool that are replaced by the tool_*() functions of this file. Files are in
 * the directory FUZZ_DIR; after a finding, object and base are left there.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model.h"

int tool_main(int argc, const char **argv);
FILE *tool_stderr;

static char dir[256], object[300], base[300], out[300];
static char errors[1 << 16];
static size_t errors_len;
static struct input in;

#define OLD_OUT "what was there before"

__attribute__((noreturn, format(printf, 1, 2)))
static void finding(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "finding: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nthe tool said: %.*s\n", (int)errors_len, errors);
	fprintf(stderr, "run: resolve_btfids %s%s --btf_out out %s\n",
		in.tr.mode & MODE_BASE ? "-b " : "", in.tr.mode & MODE_BASE ? base : "", object);
	abort();
}

/* ---- what the tool calls */

/* Counts down to the call that fails. */
static unsigned int fail_in;

static bool fails(int err)
{
	if (!fail_in || --fail_in)
		return false;
	errno = err;
	return true;
}

/* When it resolves ids, the tool leaves it to exit() to free them. */
static bool resolving;
static void *unfreed[1 << 14];
static size_t nr_unfreed;

static void *note(void *p)
{
	if (resolving && p && nr_unfreed < sizeof(unfreed) / sizeof(*unfreed))
		unfreed[nr_unfreed++] = p;
	return p;
}

void tool_free(void *p)
{
	size_t i;

	for (i = nr_unfreed; i--; )
		if (unfreed[i] == p) {
			unfreed[i] = unfreed[--nr_unfreed];
			break;
		}
	free(p);
}

void *tool_malloc(size_t size)
{
	return fails(ENOMEM) ? NULL : note(malloc(size));
}

void *tool_calloc(size_t nr, size_t size)
{
	return fails(ENOMEM) ? NULL : note(calloc(nr, size));
}

void *tool_realloc(void *p, size_t size)
{
	void *new;

	if (fails(ENOMEM))
		return NULL;
	if (!resolving)
		return realloc(p, size);
	/* no tool_free() of p, which may not be there any more */
	new = malloc(size);
	if (new && p)
		memcpy(new, p, malloc_usable_size(p) < size ? malloc_usable_size(p) : size);
	if (new)
		tool_free(p);
	return note(new);
}

char *tool_strdup(const char *s)
{
	return fails(ENOMEM) ? NULL : note(strdup(s));
}

int tool_asprintf(char **p, const char *fmt, ...)
{
	va_list args;
	int n;

	if (fails(ENOMEM))
		return -1;
	va_start(args, fmt);
	n = vasprintf(p, fmt, args);
	va_end(args);
	if (n >= 0)
		note(*p);
	return n;
}

ssize_t tool_write(int fd, const void *p, size_t size)
{
	if (!fails(ENOSPC))
		return write(fd, p, size);
	return in.tr.pad & 1 ? write(fd, p, (size + 1) / 2) : -1;
}

int tool_close(int fd)
{
	int err = close(fd);

	return fails(EIO) ? -1 : err;
}

int tool_rename(const char *from, const char *to)
{
	return fails(EACCES) ? -1 : rename(from, to);
}

/* Put the data of a section into memory of its own, so that reading beyond is noticed. */
static void *copies[4096];
static size_t nr_copies;

static Elf_Data *copy_data(Elf_Data *data)
{
	void *p = nr_copies < sizeof(copies) / sizeof(*copies) ? malloc(data->d_size) : NULL;

	if (p) {
		if (data->d_size)
			memcpy(p, data->d_buf, data->d_size);
		copies[nr_copies++] = data->d_buf = p;
	}
	return data;
}

Elf_Data *tool_elf_getdata(Elf_Scn *scn, Elf_Data *data)
{
	data = elf_getdata(scn, data);
	return data && data->d_buf && !resolving ? copy_data(data) : data;
}

/*
 * KNOWN: libbpf takes any length for that of the header, and then its types are misaligned, which only UBSan minds.
 * The stage refuses all but 24 afterwards, and no tool makes another.
 */
static bool is_misaligned(const uint8_t *btf, size_t size)
{
	return size >= 8 && btf[0] == 0x9f && btf[1] == 0xeb && btf[4] % 4;
}

/* KNOWN: libbpf's btf_new() copies no bytes from NULL where .BTF is empty. No tool makes it so, and it is harmless. */
Elf_Data *libbpf_elf_getdata(Elf_Scn *scn, Elf_Data *data)
{
	data = elf_getdata(scn, data);
	if (data && data->d_buf && is_misaligned(data->d_buf, data->d_size))
		return NULL;
	return data && (data->d_buf || !data->d_size) ? copy_data(data) : data;
}

static ssize_t collect_errors(void *cookie, const char *p, size_t n)
{
	size_t room = sizeof(errors) - errors_len;

	(void)cookie;
	memcpy(errors + errors_len, p, n < room ? n : room);
	errors_len += n < room ? n : room;
	return n;
}

/* ---- files */

static void write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd)) {
		perror(path);
		exit(1);
	}
}

/* The contents of a file, NULL where there is none. To be freed. */
static uint8_t *read_file(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *p;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !(p = malloc(st.st_size + 1)) || read(fd, p, st.st_size) != st.st_size) {
		perror(path);
		exit(1);
	}
	close(fd);
	*n = st.st_size;
	return p;
}

static void check_file(const char *path, const void *p, size_t n)
{
	size_t len;
	uint8_t *now = read_file(path, &len);

	if (!now || len != n || memcmp(now, p, n))
		finding("%s: changed", path);
	free(now);
}

/* No file but these is in the directory. */
static void check_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && strcmp(e->d_name, "object") &&
		    strcmp(e->d_name, "base") && strcmp(e->d_name, "out"))
			finding("%s: left behind", e->d_name);
	closedir(d);
}

/* ---- the checks */

/* Run the tool as the last arguments say, with -b before them where the input wants it. */
static int run(const char *opt, const char *value, const char *path)
{
	const char *argv[8] = { "resolve_btfids" };
	int argc = 1, fd = dup(0), fd2, rc;

	if (in.tr.mode & MODE_BASE) {
		argv[argc++] = "-b";
		argv[argc++] = base;
	}
	if (opt) {
		argv[argc++] = opt;
		argv[argc++] = value;
	}
	argv[argc++] = path;

	close(fd);
	errors_len = 0;
	rc = tool_main(argc, argv) & 0xff;
	fail_in = 0;
	fflush(tool_stderr);
	while (nr_copies)
		free(copies[--nr_copies]);
	while (nr_unfreed)
		free(unfreed[--nr_unfreed]);

	fd2 = dup(0);
	close(fd2);
	if (fd2 != fd)
		finding("%d descriptors left open", fd2 - fd);
	if (rc && rc != 255)
		finding("exit status %d", rc);
	return rc;
}

static bool starts_with(const char *s, size_t n, const char *prefix)
{
	return n >= strlen(prefix) && !memcmp(s, prefix, strlen(prefix));
}

/*
 * One line, or several that are each about a kfunc or the list of them.
 * KNOWN: a section's name may contain a newline in the first message below, which is older than the stage.
 */
static void check_errors(void)
{
	size_t pos, len, nr = 0, nr_mistakes = 0;
	char kfunc[400], list[400];
	const char *line;

	if (!errors_len || (errors_len < sizeof(errors) && errors[errors_len - 1] != '\n'))
		finding("failed without a message");
	if (starts_with(errors, errors_len, "FAILED to get section("))
		return;
	snprintf(kfunc, sizeof(kfunc), "resolve_btfids: %s: kfunc ", object);
	snprintf(list, sizeof(list), "resolve_btfids: %s: list ", object);
	for (pos = 0; pos < errors_len; pos += len + 1) {
		line = errors + pos;
		len = (char *)memchr(line, '\n', errors_len - pos) - line;
		if (!starts_with(line, len, "resolve_btfids: ") && !starts_with(line, len, "FAILED"))
			finding("strange message");
		nr++;
		nr_mistakes += starts_with(line, len, kfunc) || starts_with(line, len, list);
	}
	if (nr > 1 && nr_mistakes != nr && errors_len < sizeof(errors))
		finding("%zu messages", nr);
}

/*
 * The output has all of the input's types and strings. What the stage may change is the prototype of a function and
 * the subject of a parameter's tag, to something that it has appended.
 */
static void check_output(const uint8_t *object, size_t size, const uint8_t *p, size_t n)
{
	const uint8_t *old_btf;
	struct btf_model old, new;
	uint32_t i, k;
	size_t len;

	arena_reset();
	old_btf = find_section(object, size, BTF, &len);
	if (!old_btf || !btf_decode(&old, old_btf, len))
		return;
	if (!btf_decode(&new, p, n))
		finding("malformed output");
	if (new.big != old.big)
		finding("byte order of the output");
	if (new.str_len < old.str_len || (old.str_len && memcmp(old.strs, new.strs, old.str_len)) ||
	    new.nr_types < old.nr_types)
		finding("output lacks types or strings");

	for (i = old.nr_types; i < new.nr_types; i++) {
		uint32_t kind = info_kind(new.types[i].w[1]);

		if (kind != KIND_FUNC && kind != KIND_FUNC_PROTO && kind != KIND_DECL_TAG &&
		    kind != KIND_PTR && kind != KIND_TYPE_TAG)
			finding("type %u of kind %u appended", i, kind);
	}
	for (i = 0; i < old.nr_types; i++) {
		struct type *a = &old.types[i], *b = &new.types[i];
		uint32_t kind = info_kind(a->w[1]);

		for (k = 0; k < a->n && b->n == a->n; k++) {
			if (a->w[k] == b->w[k])
				continue;
			if (k == 2 && b->w[k] > old.nr_types &&
			    (kind == KIND_FUNC || (kind == KIND_DECL_TAG && (int32_t)a->w[3] >= 0)))
				continue;
			finding("type %u of kind %u changed", i, kind);
		}
		if (b->n != a->n)
			finding("type %u of kind %u changed its size", i, kind);
	}
}

/* ---- resolving the ids with the BTF that the stage has made */

static bool is_func(const struct sym *s)
{
	return s->shndx == 1 + IDS && !strncmp(s->name, "__BTF_ID__func__", 16);
}

static bool is_set(const struct sym *s)
{
	return s->shndx == 1 + IDS && !strncmp(s->name, "__BTF_ID__set8__", 16);
}

/* Where the list of pairs begins, or the end of the section */
static uint64_t list_start(const struct model *m)
{
	for (const struct sym *s = m->syms; s < m->syms + m->nr_syms; s++)
		if (s->shndx == 1 + IDS && !strcmp(s->name, "magic_kfuncs"))
			return s->value;
	return m->ids_len;
}

/*
 * Is .BTF_ids all functions and set8 lists, beside the labels of the list of pairs, and has each its own words? What
 * older code does to anything else is not the point here.
 */
static bool is_plain(const struct model *m)
{
	enum { NONE, SET, FLAGS, FUNC } owner[IDS_ROOM] = { NONE };
	const struct sym *s;
	uint64_t off;

	if (!m->has[IDS] || m->ids_len % 4 || !m->btf.decoded || m->nr_syms == MAX_SYMS / 2)
		return false;
	for (s = m->syms; s < m->syms + m->nr_syms; s++) {
		if (!is_set(s))
			continue;
		if (s->value % 4 || s->size % 8 || !s->size || s->size > m->ids_len ||
		    s->value > m->ids_len - s->size)
			return false;
		for (off = 0; off < s->size; off += 4) {
			if (owner[(s->value + off) / 4])
				return false;
			owner[(s->value + off) / 4] = off < 8 || off % 8 ? FLAGS : SET;
		}
	}
	/* a set that has rows of the list in it would be sorted with them */
	for (s = m->syms; s < m->syms + m->nr_syms; s++) {
		if (s->shndx != 1 + IDS || strcmp(s->name, "magic_kfuncs_end"))
			continue;
		for (off = list_start(m); off < s->value && off < m->ids_len; off += 4)
			if (owner[off / 4])
				return false;
	}
	for (s = m->syms; s < m->syms + m->nr_syms; s++) {
		if (s->shndx != 1 + IDS || is_set(s) || !strncmp(s->name, "magic_kfuncs", 12))
			continue;
		if (!is_func(s) || s->value % 4 || s->value >= m->ids_len || owner[s->value / 4] > SET)
			return false;
		owner[s->value / 4] = FUNC;
	}
	for (off = 0; off < m->ids_len; off += 4)
		if (!owner[off / 4] || owner[off / 4] == SET)
			return false;
	return true;
}

static uint32_t ids_word(const struct model *m, uint64_t off)
{
	uint32_t w;

	memcpy(&w, m->ids + off, 4);
	return m->big ? __builtin_bswap32(w) : w;
}

/* The function that a symbol names, as it stands there before the last two underscores. */
static bool names(const struct sym *s, const char *func)
{
	size_t n = strlen(func);

	return !strncmp(s->name + 16, func, n) && !strncmp(s->name + 16 + n, "__", 2);
}

/* Each function has its id, which only a BTF without a base tells here, and the flags in its set that it had. */
static void check_ids(const struct model *before, const struct model *after)
{
	size_t i, k;

	if (before->nr_syms != after->nr_syms || before->ids_len != after->ids_len)
		finding("resolving changed the symbols");
	for (i = 0; i < before->nr_syms; i++) {
		const struct sym *a = &before->syms[i], *b = &after->syms[i];
		uint32_t id;

		if (!is_func(a))
			continue;
		id = ids_word(after, b->value);
		if (in.tr.mode & MODE_BASE)
			continue;
		if (id && (id > after->btf.nr_types ||
			   !names(a, after->btf.strs + after->btf.types[id - 1].w[0])))
			finding("%s: has the id %u", a->name, id);
		for (k = 0; k < before->nr_syms; k++) {
			const struct sym *set = &before->syms[k];

			if (is_set(set) && a->value - set->value < set->size &&
			    ids_word(before, a->value + 4) != ids_word(after, b->value + 4))
				finding("%s: has other flags", a->name);
		}
	}
}

/*
 * Resolve the ids: where the stage has run, the list of pairs can be sorted. And again: nothing changes.
 */
static void check_resolve(const uint8_t *data, size_t size, bool staged)
{
	static uint8_t plain[1 << 18];
	struct model before, after;
	uint8_t *once, *twice;
	size_t len, len2;

	arena_reset();
	if (!model_parse(&before, data, size) || before.has[BTF_BASE] || !is_plain(&before))
		return;
	len = model_emit(&before, plain, sizeof(plain));
	if (!len)
		return;
	write_file(object, plain, len);
	resolving = true;
	if (run(NULL, NULL, object)) {
		if (staged && memmem(errors, errors_len, "list magic_kfuncs", 17))
			finding("the list of pairs cannot be resolved");
		resolving = false;
		return;
	}
	once = read_file(object, &len);
	if (run(NULL, NULL, object))
		finding("resolving a second time fails");
	resolving = false;
	twice = read_file(object, &len2);
	if (len != len2 || memcmp(once, twice, len))
		finding("resolving a second time changes the object");
	if (!model_parse(&after, once, len))
		finding("resolving spoiled the object");
	check_ids(&before, &after);
	free(once);
	free(twice);
}

/* With its own output as its BTF, the object gives the same output. */
static void check_again(const uint8_t *data, size_t size, const uint8_t *p, size_t n)
{
	size_t max = size + n + 16, again_size, len;
	uint8_t *again = malloc(max), *p2;

	memcpy(again, data, size);
	again_size = replace_btf(again, size, max, p, n);
	if (again_size) {
		write_file(object, again, again_size);
		if (run("--btf_out", out, object))
			finding("failed with its own output");
		p2 = read_file(out, &len);
		if (!p2 || len != n || memcmp(p, p2, n))
			finding("not idempotent");
		free(p2);
		if (in.tr.mode & MODE_RESOLVE)
			check_resolve(again, again_size, true);
	}
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *p;
	size_t n;
	int rc;

	input_parse(&in, data, size);
	if (is_misaligned(in.base, in.base_len))
		return -1;

	write_file(object, data, size);
	if (in.tr.mode & MODE_BASE)
		write_file(base, in.base, in.base_len);
	unlink(out);
	if (in.tr.mode & MODE_EXISTS)
		write_file(out, OLD_OUT, sizeof(OLD_OUT));

	fail_in = in.tr.fail;
	rc = run("--btf_out", out, object);
	check_dir();
	check_file(object, data, size);
	if (in.tr.mode & MODE_BASE)
		check_file(base, in.base, in.base_len);
	if (rc)
		check_errors();
	else if (errors_len)
		finding("succeeded with a message");
	else if (two_sections(data, in.object_len))
		finding("took one of two sections");

	p = read_file(out, &n);
	if (in.tr.mode & MODE_EXISTS && (!p || (n == sizeof(OLD_OUT) && !memcmp(p, OLD_OUT, n)))) {
		if (!p)
			finding("the old output is gone");
	} else if (p && rc) {
		finding("failed with an output");
	} else if (p) {
		check_output(data, size, p, n);
		check_again(data, size, p, n);
	}
	free(p);
	if (in.tr.mode & MODE_RESOLVE)
		check_resolve(data, size, false);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static cookie_io_functions_t io = { .write = collect_errors };
	const char *name = getenv("FUZZ_DIR");

	(void)argc;
	(void)argv;
	if (!name) {
		fprintf(stderr, "FUZZ_DIR: not set: name an empty directory, best of a tmpfs\n");
		exit(1);
	}
	snprintf(dir, sizeof(dir), "%s", name);
	snprintf(object, sizeof(object), "%s/object", dir);
	snprintf(base, sizeof(base), "%s/base", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	tool_stderr = fopencookie(NULL, "w", io);
	return tool_stderr ? 0 : 1;
}
