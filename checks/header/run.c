// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and runs what all.bpf.c was compiled to, in the guest. Built once with each libbpf.
 *
 *	run load OBJECT		load it, run each program, wait for the callbacks; say which kfuncs it found
 *	run refuse OBJECT PROGRAM TEXT	load that program only: it is refused, and the log has TEXT
 *	run cost HEADER HAND	load both; for each program, the number of instructions after the verifier
 *	run btf HOW ...		do the rest with another /sys/kernel/btf/vmlinux, where libbpf looks names up
 *
 * HOW is no-impl: the kernel has no foo_impl; neither: it has no foo, either; 6.17: it has bpf_stream_vprintk() with five
 * arguments, and no bpf_stream_vprintk_impl().
 *
 * What is said goes to stdout, libbpf's and the verifier's words included. Exit status: 0 when all was as it should be.
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
#include "kfuncs.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define OTHER_FILE "/tmp/btf"
#define LOG_SIZE (4 << 20)

static char log_buf[LOG_SIZE], said[4096];

/* Always false, so that a function can return it */
static bool __attribute__((format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list ap;

	printf("FAIL: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	return false;
}

/* What libbpf says is kept, in front of the verifier's log, for what is to be found in it */
static int keep(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	static size_t len;

	if (level != LIBBPF_DEBUG && len < sizeof(said) - 1)
		len += vsnprintf(said + len, sizeof(said) - len, fmt, ap);
	return 0;
}

/* ---- another BTF */

static bool rename_to(char *s, const char *end, const char *from, const char *to)
{
	for (; s < end; s += strlen(s) + 1) {
		if (strcmp(s, from))
			continue;
		memset(s, 0, strlen(from));
		memcpy(s, to, strlen(to));
		return true;
	}
	return false;
}

static bool change(char *s, const char *end, const char *how)
{
	int renamed = 0;
	char impl[64], other[64];

	if (!strcmp(how, "6.17"))
		return rename_to(s, end, "bpf_stream_vprintk_impl", "bpf_stream_vprintk");
	for (int i = 0; i < NR_KFUNCS; i++) {
		snprintf(impl, sizeof(impl), "%s_impl", kfuncs[i]);
		snprintf(other, sizeof(other), "x%s", impl + 1);
		renamed += rename_to(s, end, impl, other);
		snprintf(other, sizeof(other), "x%s", kfuncs[i] + 1);
		if (!strcmp(how, "neither"))
			renamed += rename_to(s, end, kfuncs[i], other);
	}
	return renamed;
}

static bool replace_btf(const char *how)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct btf_header *hdr;
	const void *raw;
	__u32 size;
	FILE *f;

	raw = btf ? btf__raw_data(btf, &size) : NULL;
	hdr = raw ? malloc(size) : NULL;
	if (!hdr)
		return fail("btf: %s", strerror(errno));
	memcpy(hdr, raw, size);
	btf__free(btf);
	if (!change((char *)hdr + hdr->hdr_len + hdr->str_off, (char *)hdr + size, how))
		return fail("btf: %s: no such name", how);
	f = fopen(OTHER_FILE, "w");
	if (!f || fwrite(hdr, size, 1, f) != 1 || fclose(f) || mount(OTHER_FILE, BTF_FILE, NULL, MS_BIND, NULL))
		return fail("btf: %s: %s", OTHER_FILE, strerror(errno));
	free(hdr);
	return true;
}

/* One bit for each kfunc that libbpf can find, by either name */
static bool find_kfuncs(__u32 *has)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int nr_new = 0, nr_impl = 0;
	char impl[64];

	if (!btf)
		return fail("btf: %s", strerror(errno));
	for (int i = 0; i < NR_KFUNCS; i++) {
		bool new = btf__find_by_name_kind(btf, kfuncs[i], BTF_KIND_FUNC) > 0;

		snprintf(impl, sizeof(impl), "%s_impl", kfuncs[i]);
		nr_new += new;
		if (btf__find_by_name_kind(btf, impl, BTF_KIND_FUNC) > 0)
			nr_impl++;
		else if (!new)
			continue;
		*has |= 1 << i;
	}
	btf__free(btf);
	printf("btf: %d foo, %d foo_impl\n", nr_new, nr_impl);
	return true;
}

/* ---- load and run */

/* The value of a variable in .bss; libbpf 1.1 does not map that for who has no skeleton */
static bool read_bss(struct bpf_object *obj, const char *name, __u32 *value)
{
	struct bpf_map *bss = bpf_object__find_map_by_name(obj, ".bss");
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *t = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC));
	__u32 values[64], key = 0;

	if (!bss || !t || bpf_map__value_size(bss) > sizeof(values) ||
	    bpf_map_lookup_elem(bpf_map__fd(bss), &key, values))
		return fail(".bss: cannot be read");
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_var_secinfo *v = &btf_var_secinfos(t)[i];

		if (strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, v->type)->name_off), name))
			continue;
		*value = values[v->offset / 4];
		return true;
	}
	return fail(".bss: no %s", name);
}

static bool wait_for(struct bpf_object *obj, const char *name, __u32 want)
{
	time_t end = time(NULL) + 10;
	__u32 value;

	do {
		if (!read_bss(obj, name, &value))
			return false;
		usleep(1000);
	} while (value < want && time(NULL) < end);
	return value == want || fail("%s: %u, want %u", name, value, want);
}

static bool run(struct bpf_program *prog)
{
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err;

	if (bpf_program__type(prog) == BPF_PROG_TYPE_SCHED_CLS) {
		opts.data_in = packet;
		opts.data_size_in = sizeof(packet);
	}
	err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
	if (err || opts.retval)
		return fail("%s: run: %d, returned %d", bpf_program__name(prog), err, (int)opts.retval);
	return true;
}

static struct bpf_object *open_object(const char *path)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log_buf, .kernel_log_size = LOG_SIZE);
	struct bpf_object *obj = bpf_object__open_file(path, &opts);

	if (!obj)
		fail("%s: open: %s", path, strerror(errno));
	return obj;
}

static bool load_object(const char *path)
{
	struct bpf_object *obj = open_object(path);
	struct bpf_program *prog;
	__u32 want = 0, has;

	if (!obj || !find_kfuncs(&want))
		return false;
	if (bpf_object__load(obj))
		return fail("%s: load: %s\n%s%s", path, strerror(errno), said, log_buf);
	bpf_object__for_each_program(prog, obj)
		if (!run(prog))
			return false;
	if (!read_bss(obj, "has", &has))
		return false;
	if (has != want)
		return fail("%s: found the kfuncs %x, want %x", path, has, want);
	printf("called:");
	for (int i = 0; i < NR_KFUNCS; i++)
		if (has & 1 << i)
			printf(" %s", kfuncs[i]);
	printf("\n");
	return wait_for(obj, "wq_ran", want & HAS_WQ ? 1 : 0) &&
	       wait_for(obj, "task_work_ran", want & HAS_TASK_WORK ? 2 : 0);
}

static bool refuse_object(const char *path, const char *name, const char *text)
{
	struct bpf_object *obj = open_object(path);
	struct bpf_program *prog;

	if (!obj)
		return false;
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
	if (!bpf_object__load(obj))
		return fail("%s: %s: loads", path, name);
	if (!strstr(log_buf, text) && !strstr(said, text))
		return fail("%s: %s: the log has no `%s`: %s%s", path, name, text, said, log_buf);
	printf("refused %s: %s\n", name, text);
	return true;
}

/* ---- cost */

struct cost {
	struct bpf_object *obj;
	struct bpf_insn insns[512];
	__u32 nr, bytes;
};

static bool translated(struct cost *c, const char *name)
{
	struct bpf_prog_info info = { .xlated_prog_len = sizeof(c->insns), .xlated_prog_insns = (__u64)c->insns };
	__u32 len = sizeof(info);
	struct bpf_program *prog = bpf_object__find_program_by_name(c->obj, name);

	if (!prog || bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return fail("%s: info: %s", name, strerror(errno));
	c->nr = info.xlated_prog_len / sizeof(c->insns[0]);
	c->bytes = info.jited_prog_len;
	return true;
}

/* One with ld_imm64 counted once */
static int count(const struct cost *c, bool jumps)
{
	int n = 0;

	for (__u32 i = 0; i < c->nr; i++) {
		__u8 code = c->insns[i].code, class = BPF_CLASS(code);
		bool jump = (class == BPF_JMP || class == BPF_JMP32) && BPF_OP(code) != BPF_CALL &&
			    BPF_OP(code) != BPF_EXIT;

		n += jumps ? jump : code != 0;
	}
	return n;
}

static bool compare_cost(const char *header, const char *hand)
{
	static struct cost a, b;
	struct bpf_program *prog;
	bool ok = true;

	a.obj = open_object(header);
	b.obj = open_object(hand);
	if (!a.obj || !b.obj)
		return false;
	if (bpf_object__load(a.obj) || bpf_object__load(b.obj))
		return fail("load: %s\n%s%s", strerror(errno), said, log_buf);
	bpf_object__for_each_program(prog, b.obj) {
		const char *name = bpf_program__name(prog);

		if (!translated(&a, name) || !translated(&b, name))
			return false;
		printf("cost %s: %d instructions, %d jumps, %u bytes; by hand %d, %d, %u\n", name, count(&a, false),
		       count(&a, true), a.bytes, count(&b, false), count(&b, true), b.bytes);
		if (count(&a, true) > count(&b, true) ||
		    count(&a, false) > count(&b, false) + !strcmp(name, "stream"))
			ok = fail("%s: the header costs more", name);
	}
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = false;

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	libbpf_set_print(keep);
	if (argc > 3 && !strcmp(argv[1], "btf")) {
		if (!replace_btf(argv[2]))
			return 1;
		argc -= 2;
		argv += 2;
	}
	if (argc == 3 && !strcmp(argv[1], "load"))
		ok = load_object(argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "refuse"))
		ok = refuse_object(argv[2], argv[3], argv[4]);
	else if (argc == 4 && !strcmp(argv[1], "cost"))
		ok = compare_cost(argv[2], argv[3]);
	else
		fprintf(stderr, "usage: run [btf HOW] load OBJECT|refuse OBJECT PROGRAM TEXT|cost HEADER HAND\n");
	umount(BTF_FILE);
	return !ok;
}
