// SPDX-License-Identifier: GPL-2.0
/*
 * The demo: shows, in a running kernel, that bpf_wq_set_callback() is a magic kfunc.
 *
 *   demo [STEP...]	run the steps, all of them by default
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
 * Exit status: 0 when every step passed, 1 when one failed or there is none of that name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
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

static const struct step {
	const char *name, *title;
	void (*run)(const struct object *object);
	const struct object *object;	/* NULL where the step is not about a single one */
} *step;	/* the one that runs, in a process of its own */

/* End the step, and say why. */
static void __attribute__((format(printf, 1, 2), noreturn)) fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("FAIL %s: ", step->name);
	vprintf(fmt, ap);
	printf("\n");
	exit(1);
}

#define NEED(condition, ...) do { if (!(condition)) fail(__VA_ARGS__); } while (0)

/* ---- BTF ---- */

static struct btf *load_vmlinux_btf(void)
{
	struct btf *btf = btf__load_vmlinux_btf();

	NEED(btf, "btf: load " BTF_FILE ": %s", strerror(errno));
	return btf;
}

static void __attribute__((format(printf, 2, 0))) emit(void *ctx, const char *fmt, va_list ap)
{
	(void)ctx;
	vprintf(fmt, ap);
}

/* The prototype of the function called name, which is printed with its id, as vmlinux.h has it: `[61418] int foo(int a)` */
static const struct btf_type *show_prototype(const struct btf *btf, const char *name, __s32 *id)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = name);
	struct btf_dump *dump = btf_dump__new(btf, emit, NULL, NULL);
	__u32 proto;

	*id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	NEED(*id > 0, "btf: find function %s: %s", name, strerror(-*id));
	proto = btf__type_by_id(btf, *id)->type;
	printf("[%u] ", *id);
	NEED(dump && !btf_dump__emit_type_decl(dump, proto, &opts), "btf: print %s: %s", name, strerror(errno));
	printf("\n");
	btf_dump__free(dump);
	return btf__type_by_id(btf, proto);
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

static bool is_param(const struct btf *btf, const struct btf_param *param, const char *name, __u32 type)
{
	return param->type == type && !strcmp(btf__name_by_offset(btf, param->name_off), name);
}

/* The kfunc's prototype must be the impl's without its last parameter, `void *aux__magic`. */
static void check_pair(const struct btf *btf, const struct btf_type *kfunc, const struct btf_type *impl)
{
	const struct btf_param *k = btf_params(kfunc), *i = btf_params(impl), *magic = &i[IMPL_ARGS - 1];
	const struct btf_type *t;

	NEED(btf_vlen(kfunc) == IMPL_ARGS - 1 && btf_vlen(impl) == IMPL_ARGS,
	     "btf: parameters: %u and %u, want %u and %u", btf_vlen(kfunc), btf_vlen(impl), IMPL_ARGS - 1, IMPL_ARGS);
	NEED(kfunc->type == impl->type, "btf: the two return types differ");
	for (int n = 0; n < IMPL_ARGS - 1; n++)
		NEED(is_param(btf, &k[n], btf__name_by_offset(btf, i[n].name_off), i[n].type),
		     "btf: parameter %d differs in the two prototypes", n + 1);
	t = btf__type_by_id(btf, magic->type);
	NEED(is_param(btf, magic, "aux__magic", magic->type) && btf_is_ptr(t) && !t->type,
	     "btf: %s: the last parameter is not `void *aux__magic`", IMPL);
}

/* Two functions for the BPF program, one for the machine. */
static void show_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	int kfuncs = 0, impls = 0;
	char name[512];

	NEED(f, "open /proc/kallsyms: %s", strerror(errno));
	while (fscanf(f, "%*s %*s %511s%*[^\n]", name) == 1) {
		kfuncs += !strcmp(name, KFUNC);
		impls += !strcmp(name, IMPL);
	}
	fclose(f);
	printf("symbols in /proc/kallsyms: %d %s, %d %s\n", kfuncs, KFUNC, impls, IMPL);
	NEED(kfuncs == 1 && impls == 0, "kallsyms: want 1 and 0 symbols");
}

static void step_pair(const struct object *none)
{
	struct btf *btf = load_vmlinux_btf();
	const struct btf_type *kfunc, *impl;
	__s32 kfunc_id, impl_id;

	(void)none;
	kfunc = show_prototype(btf, KFUNC, &kfunc_id);
	impl = show_prototype(btf, IMPL, &impl_id);
	check_pair(btf, kfunc, impl);
	NEED(is_tagged(btf, kfunc_id, "bpf_kfunc") && is_tagged(btf, impl_id, "bpf_kfunc"),
	     "btf: one of the two has no bpf_kfunc tag");
	printf("both have the tag bpf_kfunc\n");
	show_symbols();
}

/* ---- programs that include wq.bpf.h ---- */

static struct bpf_object *open_object(const struct object *object)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = object->name);
	struct bpf_object *obj;
	const void *elf;
	size_t size;

	elf = object->elf(&size);
	obj = bpf_object__open_mem(elf, size, &opts);
	NEED(obj, "%s.bpf.o: open: %s", object->name, strerror(errno));
	return obj;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Each callback must have run once and have been handed the element of its own wq. */
static void check_outcome(const volatile struct outcome *outcome, const struct object *object, __u32 prog_id)
{
	long deadline = now_ms() + PATIENCE_S * 1000;

	while (outcome->ran < object->calls && now_ms() < deadline)
		usleep(1000);
	printf("%s: program %u: the callback ran %u time%s, read", object->name, prog_id,
	       outcome->ran, outcome->ran == 1 ? "" : "s");
	for (unsigned int i = 0; i < object->calls; i++)
		printf(" %u", outcome->saw[i]);
	printf("\n");

	NEED(outcome->ran == object->calls, "%s: the callback ran %u times in %d s, want %u", object->name,
	     outcome->ran, PATIENCE_S, object->calls);
	for (unsigned int i = 0; i < object->calls; i++)
		NEED(outcome->saw[i] == VALUE(i), "%s: callback %u read %u, want %u", object->name, i + 1,
		     outcome->saw[i], VALUE(i));
}

/* What the program has written through bpf_stream_printk(). */
static void check_stream(const struct object *object, int fd)
{
	char text[256];
	int len = bpf_prog_stream_read(fd, BPF_STREAM_STDOUT, text, sizeof(text) - 1, NULL);

	NEED(len >= 0, "%s: read the program's stream: %s", object->name, strerror(errno));
	text[len] = 0;
	printf("%s: stream: %s%s", object->name, text, len && text[len - 1] == '\n' ? "" : "\n");
	NEED(!strcmp(text, GREETING), "%s: the stream does not read as written", object->name);
}

/* Load an open object, run its program, wait for the callbacks. Returns the program's id, and what it left in its .bss. */
static __u32 load_and_run(struct bpf_object *obj, const struct object *object, const volatile struct outcome **outcome)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct bpf_map *bss;
	size_t size = 0;
	int fd;

	NEED(!bpf_object__load(obj), "%s.bpf.o: load: %s; the log is on stderr", object->name, strerror(errno));
	bss = bpf_object__find_map_by_name(obj, ".bss");
	*outcome = bss ? bpf_map__initial_value(bss, &size) : NULL;
	NEED(*outcome && size == sizeof(**outcome), "%s.bpf.o: .bss is not a struct outcome", object->name);
	fd = bpf_program__fd(bpf_object__find_program_by_name(obj, "run"));
	NEED(!bpf_prog_get_info_by_fd(fd, &info, &len), "program: get its id: %s", strerror(errno));
	NEED(!bpf_prog_test_run_opts(fd, &run), "%s.bpf.o: run: %s", object->name, strerror(errno));
	NEED(!run.retval, "%s.bpf.o: run: the program returned %d", object->name, (int)run.retval);
	check_outcome(*outcome, object, info.id);
	if (object->greets)
		check_stream(object, fd);
	return info.id;
}

static void step_call(const struct object *object)
{
	const volatile struct outcome *outcome;

	load_and_run(open_object(object), object, &outcome);
}

/*
 * What the old object expects stands in its own BTF: the prototype of its extern. Clang keeps no
 * names of an extern's parameters; libbpf calls each of them dummy_ksym.
 */
static void step_stock(const struct object *object)
{
	struct bpf_object *obj = open_object(object);
	const volatile struct outcome *outcome;
	const struct btf_type *proto;
	__s32 id;

	proto = show_prototype(bpf_object__btf(obj), IMPL, &id);
	NEED(btf_vlen(proto) == IMPL_ARGS, "stock.bpf.o: its %s has %u parameters, want %u", IMPL, btf_vlen(proto),
	     IMPL_ARGS);
	load_and_run(obj, object, &outcome);
}

/* ---- one object for every kernel ---- */

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/* The program must have called the kfunc where the kernel has it, the impl elsewhere. */
static void step_portable(const struct object *object)
{
	static const char *const names[] = { KFUNC, IMPL, STREAM_KFUNC, STREAM_IMPL };
	struct bpf_object *obj = open_object(object);
	const volatile struct outcome *outcome;
	struct btf *btf = load_vmlinux_btf();
	enum called want = has_function(btf, KFUNC) ? CALLED_KFUNC : CALLED_IMPL;

	printf("in this kernel's BTF:");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (has_function(btf, names[i]))
			printf(" %s", names[i]);
	printf("\n");
	load_and_run(obj, object, &outcome);
	printf("portable: called %s\n", outcome->called == CALLED_KFUNC ? KFUNC :
	       outcome->called == CALLED_IMPL ? IMPL : "neither");
	NEED(outcome->called == want, "portable: should have called %s", want == CALLED_KFUNC ? KFUNC : IMPL);
}

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

/*
 * A kernel that has only the kfunc: libbpf resolves names against a file, so this process sees another one there, in
 * which the impls have lost their names. (The kernel itself would refuse a magic kfunc without its impl.)
 */
static void step_no_impl(const struct object *object)
{
	static const char file[] = "/tmp/no-impl.btf";
	struct btf *btf = load_vmlinux_btf();
	__u32 size;
	const void *raw = btf__raw_data(btf, &size);
	struct btf_header *hdr = raw ? malloc(size) : NULL;
	char *strings;
	FILE *f;

	NEED(hdr, "btf: copy: %s", strerror(errno));
	memcpy(hdr, raw, size);
	strings = (char *)hdr + hdr->hdr_len + hdr->str_off;
	NEED(rename_impls(btf, strings, strings + hdr->str_len), "btf: no impl to rename");
	f = fopen(file, "we");
	NEED(f && fwrite(hdr, size, 1, f) == 1 && !fclose(f), "write %s: %s", file, strerror(errno));
	NEED(!unshare(CLONE_NEWNS) && !mount(file, BTF_FILE, NULL, MS_BIND, NULL),
	     "mount %s on " BTF_FILE ": %s", file, strerror(errno));
	unlink(file);
	step_portable(object);
}

/* ---- the injected argument ---- */

/* Every call that an object makes must have received the aux of the object's own program. */
static void step_aux(const struct object *none)
{
	struct aux_bpf *probe = aux_bpf__open_and_load();

	(void)none;
	NEED(probe, "aux.bpf.o: load: %s; the log is on stderr", strerror(errno));
	NEED(!aux_bpf__attach(probe), "kprobe: attach to %s: %s", KFUNC, strerror(errno));
	for (size_t c = 0; c < ARRAY_SIZE(callers); c++) {
		const struct object *object = callers[c];
		const volatile struct outcome *outcome;
		__u32 id;

		memset(probe->bss, 0, sizeof(*probe->bss));
		id = load_and_run(open_object(object), object, &outcome);
		NEED(probe->bss->calls == object->calls, "%s: the kprobe saw %u calls, want %u", object->name,
		     probe->bss->calls, object->calls);
		for (unsigned int i = 0; i < object->calls; i++) {
			bool own = probe->bss->ids[i] == id;

			printf("%s: aux->id %u %s program id %u\n", object->name, probe->bss->ids[i],
			       own ? "==" : "!=", id);
			NEED(own, "%s: call %u did not receive its program's aux", object->name, i + 1);
		}
	}
}

/* ---- the steps ---- */

static const struct step steps[] = {
	{ "pair", "two prototypes in this kernel's BTF, one function in the kernel", step_pair, NULL },
	{ "api", "call " KFUNC "(wq, callback, 0)", step_call, &api },
	{ "impl", "call " IMPL "(wq, callback, 0, NULL)", step_call, &impl },
	{ "both", "call both from one program", step_call, &both },
	{ "stock", "load an object built with the headers of an unpatched 6.18", step_stock, &stock },
	{ "portable", "load the one object that is for every kernel", step_portable, &portable },
	{ "no-impl", "load it where BTF has only the kfuncs, not the impls", step_no_impl, &portable },
	{ "aux", "whose aux the kernel function receives as its fourth argument", step_aux, NULL },
};

/* In a child, which ends where it fails, and takes with it what it has made. */
static bool run_step(void)
{
	int status = -1;
	pid_t child;

	printf("--- %s: %s\n", step->name, step->title);
	child = fork();
	if (!child) {
		step->run(step->object);
		printf("ok %s\n", step->name);
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		printf("FAIL %s: its process: status %#x\n", step->name, status);
	return !status;
}

static bool wanted(const char *name, char **names)
{
	bool all = !*names;

	while (*names && strcmp(name, *names))
		names++;
	return all || *names;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	/* a pipe that carries stderr too must show what belongs together, together */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (step = steps; step < steps + ARRAY_SIZE(steps); step++) {
		if (!wanted(step->name, argv + 1))
			continue;
		if (run_step())
			passed++;
		else
			failed++;
	}
	printf("demo: %d passed, %d failed\n", passed, failed);
	if (passed + failed < argc - 1)
		fprintf(stderr, "demo: a step that there is not, or is named twice\n");
	return failed || passed < argc - 1;
}
