// SPDX-License-Identifier: GPL-2.0
/*
 * The demo: shows, in a running kernel, that bpf_wq_set_callback() is a magic kfunc.
 *
 *   demo [STEP...]	run the steps, all of them by default
 *   demo list		say which there are
 *
 * A step prints the figure or the line that proves it, between a title and its verdict:
 *
 *   --- api: call bpf_wq_set_callback(wq, callback, 0)
 *   api: program 17: the callback ran 1 time, read 6018
 *   ok api
 *
 * The verdict is `ok NAME` or `FAIL NAME: why`; the last line is `demo: N passed, N failed`. What
 * libbpf and the verifier have to say goes to stderr.
 *
 * Exit status: 0 when every step passed, 1 when one failed, 2 for wrong usage.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "outcome.h"
#include "api.skel.h"
#include "aux.skel.h"
#include "both.skel.h"
#include "impl.skel.h"
#include "portable.skel.h"
#include "stock.skel.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define KFUNC "bpf_wq_set_callback"
#define IMPL KFUNC "_impl"
#define IMPL_ARGS 4
#define STREAM_KFUNC "bpf_stream_vprintk"
#define STREAM_IMPL STREAM_KFUNC "_impl"
#define PATIENCE_S 5		/* how long a callback may take to run */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* An object file as clang made it; the skeleton serves to have its bytes in this executable. */
struct object {
	const char *name;
	const void *(*elf)(size_t *size);
	unsigned int calls;	/* of the kfunc, by either name: each sets one callback */
	bool greets;		/* whether it writes GREETING to its stream */
};

static const struct object api = { "api", api_bpf__elf_bytes, 1, false };
static const struct object impl = { "impl", impl_bpf__elf_bytes, 1, false };
static const struct object both = { "both", both_bpf__elf_bytes, 2, false };
static const struct object stock = { "stock", stock_bpf__elf_bytes, 1, true };
static const struct object portable = { "portable", portable_bpf__elf_bytes, 1, true };
static const struct object *const callers[] = { &api, &impl, &both, &stock, &portable };

static char why[256];

/* Note why the step fails. Always false, so that a step can return it. */
static bool __attribute__((format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- BTF ---- */

static void __attribute__((format(printf, 2, 0))) emit(void *ctx, const char *fmt, va_list ap)
{
	(void)ctx;
	vprintf(fmt, ap);
}

/* `[61418] int foo(int a, void *b)`, as vmlinux.h declares the function with that id */
static bool print_prototype(const struct btf *btf, __u32 id)
{
	const struct btf_type *func = btf__type_by_id(btf, id);
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts,
		.field_name = btf__name_by_offset(btf, func->name_off));
	struct btf_dump *dump = btf_dump__new(btf, emit, NULL, NULL);
	int err;

	if (!dump)
		return fail("btf: dump: %s", strerror(errno));
	printf("[%u] ", id);
	err = btf_dump__emit_type_decl(dump, func->type, &opts);
	printf("\n");
	btf_dump__free(dump);
	return !err || fail("btf: print %s: %s", opts.field_name, strerror(-err));
}

/* The prototype of the function called name, which is printed; NULL if there is none. */
static const struct btf_type *find_prototype(const struct btf *btf, const char *name, __s32 *id)
{
	*id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	if (*id < 0) {
		fail("btf: find function %s: %s", name, strerror(-*id));
		return NULL;
	}
	if (!print_prototype(btf, *id))
		return NULL;
	return btf__type_by_id(btf, btf__type_by_id(btf, *id)->type);
}

static bool is_tagged(const struct btf *btf, __u32 id, const char *tag)
{
	for (__u32 i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (btf_is_decl_tag(t) && t->type == id && btf_decl_tag(t)->component_idx == -1 &&
		    !strcmp(btf__name_by_offset(btf, t->name_off), tag))
			return true;
	}
	return false;
}

static bool is_void_pointer(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	return btf_is_ptr(t) && t->type == 0;
}

/* The kfunc's prototype must be the impl's without its last parameter, `void *aux__magic`. */
static bool check_pair(const struct btf *btf, const struct btf_type *kfunc,
		       const struct btf_type *impl)
{
	const struct btf_param *k = btf_params(kfunc), *i = btf_params(impl);
	const struct btf_param *magic = &i[IMPL_ARGS - 1];

	if (btf_vlen(kfunc) != IMPL_ARGS - 1 || btf_vlen(impl) != IMPL_ARGS)
		return fail("btf: parameters: %u and %u, want %u and %u", btf_vlen(kfunc),
			    btf_vlen(impl), IMPL_ARGS - 1, IMPL_ARGS);
	if (kfunc->type != impl->type)
		return fail("btf: the two return types differ");
	for (int n = 0; n < IMPL_ARGS - 1; n++)
		if (k[n].type != i[n].type ||
		    strcmp(btf__name_by_offset(btf, k[n].name_off),
			   btf__name_by_offset(btf, i[n].name_off)))
			return fail("btf: parameter %d differs in the two prototypes", n + 1);
	if (strcmp(btf__name_by_offset(btf, magic->name_off), "aux__magic") ||
	    !is_void_pointer(btf, magic->type))
		return fail("btf: %s: the last parameter is not `void *aux__magic`", IMPL);
	return true;
}

static bool show_pair(const struct btf *btf)
{
	const struct btf_type *kfunc, *impl;
	__s32 kfunc_id, impl_id;

	kfunc = find_prototype(btf, KFUNC, &kfunc_id);
	if (!kfunc)
		return false;
	impl = find_prototype(btf, IMPL, &impl_id);
	if (!impl || !check_pair(btf, kfunc, impl))
		return false;
	if (!is_tagged(btf, kfunc_id, "bpf_kfunc") || !is_tagged(btf, impl_id, "bpf_kfunc"))
		return fail("btf: one of the two has no bpf_kfunc tag");
	printf("both have the tag bpf_kfunc\n");
	return true;
}

/* Two functions for the BPF program, one for the machine. */
static bool show_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	int kfuncs = 0, impls = 0;
	char name[512];

	if (!f)
		return fail("open /proc/kallsyms: %s", strerror(errno));
	while (fscanf(f, "%*s %*s %511s%*[^\n]", name) == 1) {
		kfuncs += !strcmp(name, KFUNC);
		impls += !strcmp(name, IMPL);
	}
	fclose(f);
	printf("symbols in /proc/kallsyms: %d %s, %d %s\n", kfuncs, KFUNC, impls, IMPL);
	return (kfuncs == 1 && impls == 0) || fail("kallsyms: want 1 and 0 symbols");
}

static bool step_pair(const struct object *none)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool ok;

	(void)none;
	if (!btf)
		return fail("btf: load " BTF_FILE ": %s", strerror(errno));
	ok = show_pair(btf) && show_symbols();
	btf__free(btf);
	return ok;
}

/* ---- programs that include wq.bpf.h ---- */

/* NULL when libbpf does not like it. */
static struct bpf_object *open_object(const struct object *object)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = object->name);
	struct bpf_object *obj;
	const void *elf;
	size_t size;

	elf = object->elf(&size);
	obj = bpf_object__open_mem(elf, size, &opts);
	if (!obj)
		fail("%s.bpf.o: open: %s", object->name, strerror(errno));
	return obj;
}

/* The program's struct outcome; the mapping exists once the object is loaded. */
static const volatile struct outcome *find_outcome(struct bpf_object *obj)
{
	struct bpf_map *bss = bpf_object__find_map_by_name(obj, ".bss");
	const void *outcome;
	size_t size = 0;

	outcome = bss ? bpf_map__initial_value(bss, &size) : NULL;
	if (!outcome || size != sizeof(struct outcome)) {
		fail("%s.bpf.o: .bss is not a struct outcome", bpf_object__name(obj));
		return NULL;
	}
	return outcome;
}

static bool read_prog_id(int fd, __u32 *id)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int err = bpf_prog_get_info_by_fd(fd, &info, &len);

	*id = info.id;
	return !err || fail("program: get its id: %s", strerror(-err));
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void wait_until(const volatile unsigned int *value, unsigned int want)
{
	long deadline = now_ms() + PATIENCE_S * 1000;

	while (*value < want && now_ms() < deadline)
		usleep(1000);
}

/* Each callback must have run once and have been handed the element of its own wq. */
static bool check_outcome(const volatile struct outcome *outcome, const struct object *object,
			  __u32 prog_id)
{
	wait_until(&outcome->ran, object->calls);
	printf("%s: program %u: the callback ran %u time%s, read", object->name, prog_id,
	       outcome->ran, outcome->ran == 1 ? "" : "s");
	for (unsigned int i = 0; i < object->calls; i++)
		printf(" %u", outcome->saw[i]);
	printf("\n");

	if (outcome->ran != object->calls)
		return fail("%s: the callback ran %u times in %d s, want %u", object->name,
			    outcome->ran, PATIENCE_S, object->calls);
	for (unsigned int i = 0; i < object->calls; i++)
		if (outcome->saw[i] != VALUE(i))
			return fail("%s: callback %u read %u, want %u", object->name, i + 1,
				    outcome->saw[i], VALUE(i));
	return true;
}

/* What the program has written through bpf_stream_printk(). */
static bool check_stream(const struct object *object, int fd)
{
	char text[256];
	int len = bpf_prog_stream_read(fd, BPF_STREAM_STDOUT, text, sizeof(text) - 1, NULL);

	if (len < 0)
		return fail("%s: read the program's stream: %s", object->name, strerror(errno));
	text[len] = 0;
	printf("%s: stream: %s%s", object->name, text, len && text[len - 1] == '\n' ? "" : "\n");
	return !strcmp(text, GREETING) || fail("%s: the stream does not read as written", object->name);
}

/* Load an open object, run its program, wait for the callbacks. *id is the program's. */
static bool load_and_run(struct bpf_object *obj, const struct object *object, __u32 *id)
{
	const volatile struct outcome *outcome;
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int fd, err;

	err = bpf_object__load(obj);
	if (err)
		return fail("%s.bpf.o: load: %s; the log is on stderr", object->name, strerror(-err));
	outcome = find_outcome(obj);
	fd = bpf_program__fd(bpf_object__find_program_by_name(obj, "run"));
	if (!outcome || !read_prog_id(fd, id))
		return false;
	err = bpf_prog_test_run_opts(fd, &run);
	if (err)
		return fail("%s.bpf.o: run: %s", object->name, strerror(-err));
	if (run.retval)
		return fail("%s.bpf.o: run: the program returned %d", object->name, (int)run.retval);
	return check_outcome(outcome, object, *id) && (!object->greets || check_stream(object, fd));
}

static bool run_object(const struct object *object, __u32 *id)
{
	struct bpf_object *obj = open_object(object);
	bool ok = obj && load_and_run(obj, object, id);

	bpf_object__close(obj);
	return ok;
}

static bool step_call(const struct object *object)
{
	__u32 id;

	return run_object(object, &id);
}

/*
 * What the old object expects stands in its own BTF: the prototype of its extern. Clang keeps no
 * names of an extern's parameters; libbpf calls each of them dummy_ksym.
 */
static bool show_extern(const struct bpf_object *obj)
{
	const struct btf_type *proto;
	__s32 id;

	proto = find_prototype(bpf_object__btf(obj), IMPL, &id);
	if (!proto)
		return false;
	return btf_vlen(proto) == IMPL_ARGS ||
	       fail("stock.bpf.o: its %s has %u parameters, want %u", IMPL, btf_vlen(proto),
		    IMPL_ARGS);
}

static bool step_stock(const struct object *object)
{
	struct bpf_object *obj = open_object(object);
	__u32 id;
	bool ok = obj && show_extern(obj) && load_and_run(obj, object, &id);

	bpf_object__close(obj);
	return ok;
}

/* ---- one object for every kernel ---- */

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

static bool show_names(bool *has_kfunc)
{
	static const char *const names[] = { KFUNC, IMPL, STREAM_KFUNC, STREAM_IMPL };
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return fail("btf: load " BTF_FILE ": %s", strerror(errno));
	printf("in this kernel's BTF:");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (has_function(btf, names[i]))
			printf(" %s", names[i]);
	printf("\n");
	*has_kfunc = has_function(btf, KFUNC);
	btf__free(btf);
	return true;
}

/* The program must have called the kfunc where the kernel has it, the impl elsewhere. */
static bool check_called(const volatile struct outcome *outcome, bool has_kfunc)
{
	enum called want = has_kfunc ? CALLED_KFUNC : CALLED_IMPL;

	printf("portable: called %s\n", outcome->called == CALLED_KFUNC ? KFUNC :
	       outcome->called == CALLED_IMPL ? IMPL : "neither");
	return outcome->called == want || fail("portable: should have called %s",
					       has_kfunc ? KFUNC : IMPL);
}

static bool step_portable(const struct object *object)
{
	struct bpf_object *obj = open_object(object);
	bool has_kfunc = false, ok;
	__u32 id;

	ok = obj && show_names(&has_kfunc) && load_and_run(obj, object, &id) &&
	     check_called(find_outcome(obj), has_kfunc);
	bpf_object__close(obj);
	return ok;
}

/*
 * A kernel that has only the kfunc: libbpf resolves names against a file, so for as long as the step
 * takes, another file is there, in which the impls have lost their names. (The kernel itself would
 * refuse a magic kfunc without its impl.)
 */
#define NO_IMPL_FILE "/tmp/no-impl.btf"

/* Rename foo_impl to foo_gone in a copy of the BTF's strings, for each function foo. */
static unsigned int rename_impls(const struct btf *btf, char *str, const char *end)
{
	static const char suffix[] = "_impl", gone[] = "_gone";
	unsigned int renamed = 0;

	for (; str < end; str += strlen(str) + 1) {
		size_t len = strlen(str);
		char *tail = str + len - (sizeof(suffix) - 1);

		if (len < sizeof(suffix) || strcmp(tail, suffix) || !has_function(btf, str))
			continue;
		*tail = 0;
		if (has_function(btf, str)) {
			memcpy(tail, gone, sizeof(gone));
			renamed++;
		} else {
			*tail = suffix[0];
		}
	}
	return renamed;
}

static bool write_no_impl_file(const struct btf *btf)
{
	__u32 size;
	const void *raw = btf__raw_data(btf, &size);
	struct btf_header *hdr = raw ? malloc(size) : NULL;
	char *strings;
	bool ok;
	FILE *f;

	if (!hdr)
		return fail("btf: copy: %s", strerror(errno));
	memcpy(hdr, raw, size);
	strings = (char *)hdr + hdr->hdr_len + hdr->str_off;
	ok = rename_impls(btf, strings, strings + hdr->str_len) || fail("btf: no impl to rename");
	f = ok ? fopen(NO_IMPL_FILE, "we") : NULL;
	if (ok && (!f || fwrite(hdr, size, 1, f) != 1 || fflush(f)))
		ok = fail("write " NO_IMPL_FILE ": %s", strerror(errno));
	if (f)
		fclose(f);
	free(hdr);
	return ok;
}

static bool step_no_impl(const struct object *object)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool ok;

	if (!btf)
		return fail("btf: load " BTF_FILE ": %s", strerror(errno));
	ok = write_no_impl_file(btf);
	btf__free(btf);
	if (!ok)
		return false;
	if (mount(NO_IMPL_FILE, BTF_FILE, NULL, MS_BIND, NULL))
		return fail("mount " NO_IMPL_FILE " on " BTF_FILE ": %s", strerror(errno));
	ok = step_portable(object);
	if (umount(BTF_FILE))
		ok = fail("unmount " BTF_FILE ": %s", strerror(errno));
	unlink(NO_IMPL_FILE);
	return ok;
}

/* ---- the injected argument ---- */

/* Every call that the object makes must have received the aux of the object's own program. */
static bool compare_aux(const struct object *object, struct aux_bpf *probe)
{
	__u32 id;

	memset(probe->bss, 0, sizeof(*probe->bss));
	if (!run_object(object, &id))
		return false;
	if (probe->bss->calls != object->calls)
		return fail("%s: the kprobe saw %u calls, want %u", object->name, probe->bss->calls,
			    object->calls);
	for (unsigned int i = 0; i < object->calls; i++) {
		bool own = probe->bss->ids[i] == id;

		printf("%s: aux->id %u %s program id %u\n", object->name, probe->bss->ids[i],
		       own ? "==" : "!=", id);
		if (!own)
			return fail("%s: call %u did not receive its program's aux", object->name,
				    i + 1);
	}
	return true;
}

static bool step_aux(const struct object *none)
{
	struct aux_bpf *probe = aux_bpf__open_and_load();
	bool ok = true;

	(void)none;
	if (!probe)
		return fail("aux.bpf.o: load: %s; the log is on stderr", strerror(errno));
	if (aux_bpf__attach(probe))
		ok = fail("kprobe: attach to %s: %s", KFUNC, strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(callers) && ok; i++)
		ok = compare_aux(callers[i], probe);
	aux_bpf__destroy(probe);
	return ok;
}

/* ---- the steps ---- */

static const struct step {
	const char *name, *title;
	bool (*run)(const struct object *object);
	const struct object *object;	/* NULL where the step is not about a single one */
} steps[] = {
	{ "pair", "two prototypes in this kernel's BTF, one function in the kernel", step_pair, NULL },
	{ "api", "call " KFUNC "(wq, callback, 0)", step_call, &api },
	{ "impl", "call " IMPL "(wq, callback, 0, NULL)", step_call, &impl },
	{ "both", "call both from one program", step_call, &both },
	{ "stock", "load an object built with the headers of an unpatched 6.18", step_stock, &stock },
	{ "portable", "load the one object that is for every kernel", step_portable, &portable },
	{ "no-impl", "load it where BTF has only the kfuncs, not the impls", step_no_impl, &portable },
	{ "aux", "whose aux the kernel function receives as its fourth argument", step_aux, NULL },
};

static const struct step *find_step(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (!strcmp(steps[i].name, name))
			return &steps[i];
	return NULL;
}

static bool run_step(const struct step *step)
{
	bool ok;

	printf("--- %s: %s\n", step->name, step->title);
	ok = step->run(step->object);
	if (ok)
		printf("ok %s\n", step->name);
	else
		printf("FAIL %s: %s\n", step->name, why);
	return ok;
}

static int list_steps(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		printf("%-10s%s\n", steps[i].name, steps[i].title);
	return 0;
}

static int usage(FILE *f, int status)
{
	fprintf(f, "usage: demo [STEP...], demo list, demo -h\n"
		   "Run the steps, all of them by default. `demo list` says which there are.\n");
	return status;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	/* a pipe that carries stderr too must show what belongs together, together */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);

	if (argc == 2 && !strcmp(argv[1], "-h"))
		return usage(stdout, 0);
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list_steps();
	for (int i = 1; i < argc; i++) {
		if (!find_step(argv[i])) {
			fprintf(stderr, "demo: %s: no such step; `demo list` names them\n", argv[i]);
			return usage(stderr, 2);
		}
	}

	for (size_t i = 0; i < (argc > 1 ? (size_t)argc - 1 : ARRAY_SIZE(steps)); i++) {
		const struct step *step = argc > 1 ? find_step(argv[i + 1]) : &steps[i];

		if (run_step(step))
			passed++;
		else
			failed++;
	}
	printf("demo: %d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
