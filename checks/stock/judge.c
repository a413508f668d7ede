// SPDX-License-Identifier: GPL-2.0
/*
 * Load the programs of BPF objects and say what the kernel makes of each, without what differs between two kernels that do
 * the same.
 *
 *   judge scan BTF[,MODULE=BTF...] OBJECT...	on the host, without a kernel: BTF is that of vmlinux
 *   judge run [-xtcuq] LIST	a line of LIST is OBJECT PROGRAM,PROGRAM...; PROGRAM is its number in the object
 *   judge show OBJECT PROGRAM	one program: the verifier's log of level 2, and what it is translated to
 *
 * scan prints, for each program that libbpf can relocate, what run prints first, and in place of the kernel's answer
 *
 *   scan<TAB>OBJECT<TAB>NUMBER<TAB>PROGRAM<TAB>INSTRUCTIONS<TAB>HASH
 *
 * where HASH is over the instructions that the kernel would be given. run prints, in the order of the programs:
 *
 *   begin<TAB>OBJECT
 *   load<TAB>OBJECT<TAB>NUMBER<TAB>PROGRAM<TAB>ERRNO<TAB>LOG1<TAB>WORK<TAB>LOG2<TAB>XLATED<TAB>INFO<TAB>JITED<TAB>RND<TAB>WHY
 *   again<TAB>...		the same columns, when the object is loaded a second time with the first one's maps
 *   run<TAB>OBJECT<TAB>NUMBER<TAB>PROGRAM<TAB>ERRNO<TAB>RETVAL<TAB>DATA<TAB>MAPS
 *   none<TAB>OBJECT<TAB>NUMBER<TAB>PROGRAM<TAB>what libbpf had to say
 *   died<TAB>OBJECT<TAB>how
 *
 * LOG1 and LOG2 are hashes of the logs of level 1 and 2 ('-' where a log of level 2 is too long or takes too long),
 * WORK is what the verifier counted, XLATED is the number of instructions and a hash over them, INFO hashes over lines and
 * functions, JITED the size and a hash over where lines and functions begin, RND is XLATED of a load with
 * BPF_F_TEST_RND_HI32, WHY is the last line of the log. -x also runs the programs that
 * BPF_PROG_TEST_RUN takes: DATA is a hash of the packet afterwards, MAPS one of the object's arrays. -t loads objects with
 * maps a second time, as a service does that is started again and finds its maps pinned. -c loads the programs with CAP_BPF
 * and no other capability, -u with none. -q leaves LOG2 and RND out.
 *
 * libbpf loads the objects; its bpf() calls come by here, and each program is loaded as libbpf would load it. That another
 * one of the object does not load keeps none from being loaded. An object has a process and 300 seconds, a program 4.
 * When the kernel does not come back from a program, judge ends without the last line, `done`.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../../lib/capabilities.h"
#include "../../lib/insn.h"
#include "../../lib/translated.h"

#define MAX_PROGS 1024
#define LOG_SIZE (64U << 20)
/* more work than this, and there is no log of level 2 */
#define MAX_WORK 8000

#ifndef BPF_F_TEST_RND_HI32
#define BPF_F_TEST_RND_HI32 (1U << 2)
#endif

static const char *scan_btf;	/* not NULL: there is no kernel */
static bool run_programs, show, twice, limited, quick;
static __u64 capabilities;	/* if limited */
static const char *what = "load";
static struct btf *vmlinux;
static char *verifier_log, libbpf_said[512];

/* The object that is being loaded. */
static struct bpf_object *object;
static struct bpf_program *progs[MAX_PROGS];
static bool wanted[MAX_PROGS], seen[MAX_PROGS];
static int nr_progs, last_seen, dummy = -1;
static char path[512];

long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);
int __real_open64(const char *name, int flags, ...);
int __wrap_open64(const char *name, int flags, ...);
int __wrap_faccessat(int dir, const char *name, int mode, int flags);
int __real_faccessat(int dir, const char *name, int mode, int flags);

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char line[512];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	/* the first one says why, the last ones that an object does not load */
	if (!*libbpf_said && strncmp(line, "libbpf: Error in bpf_create_map_xattr", 37))
		snprintf(libbpf_said, sizeof(libbpf_said), "%s", line);
	for (char *s = libbpf_said; *s; s++)
		if (*s == '\t')
			*s = ' ';
	return 0;
}

int __wrap_open64(const char *name, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, int);
	va_end(ap);
	if (scan_btf && !strcmp(name, "/sys/kernel/btf/vmlinux"))
		name = scan_btf;
	return __real_open64(name, flags, mode);
}

int __wrap_faccessat(int dir, const char *name, int mode, int flags)
{
	if (scan_btf && !strcmp(name, "/sys/kernel/btf/vmlinux"))
		return 0;
	return __real_faccessat(dir, name, mode, flags);
}

/* ---- what the verifier said */

/*
 * Text without addresses, ids, times and what aligns columns, in place. Where a foo_impl is called, the registers with the
 * values for its last arguments are live on stock and not on the series: nor does the list of live registers count then.
 * Nor does which scalars are precise ("bpf: Mark NULL as precise where a pointer is expected"): lines about that go, and the
 * state behind them follows the instruction again.
 */
static void plain(char *text)
{
	bool impl = strstr(text, "_impl#") != NULL;
	/* given a type of the kernel by its id */
	bool cast = strstr(text, "bpf_rdonly_cast#") != NULL;
	char *to = text, *s = text, *end;

	while (*s) {
		if (to == text || to[-1] == '\n') {
			while (!strncmp(s, "mark_precise: ", 14) ||
			       (!strncmp(s, "frame ", 6) && !strncmp(s + 6 + strspn(s + 6, "0123456789"), ": propagating", 13))) {
				s += strcspn(s, "\n");
				s += *s == '\n';
			}
			end = s + strspn(s, "0123456789");
			if (to > text && end > s && (!strncmp(end, ": R", 3) || !strncmp(end, ": frame", 7))) {
				to[-1] = ' ';
				*to++ = ';';
				s = end + 1;
			}
		}
		if (s[0] == 'P' && s > text && s[-1] == '=') {
			s++;
			continue;
		}
		if (impl && (s == text || s[-1] == '\n')) {
			/* the component of loops may come before the number */
			for (end = s; *end == ' ' || isdigit(*end); end++)
				;
			if (end > s && end[0] == ':' && end[1] == ' ' && strspn(end + 2, ".0123456789") == 10 && end[12] == ' ')
				memset(end + 2, '.', 10);
		}
		if (s[0] == ' ' && s[1] == ' ') {
			s++;
			continue;
		}
		if (!strncmp(s, "verification time ", 18)) {
			/* not always a line of its own */
			s += strcspn(s, "\n");
		} else if (s[0] == '0' && s[1] == 'x') {
			for (end = s + 2; isxdigit(*end); end++)
				;
			if (end - s > (cast ? 5 : 10)) {
				*to++ = '@';
				s = end;
				continue;
			}
			while (s < end)
				*to++ = *s++;
		} else if (s[0] == 'i' && s[1] == 'd' && s[2] == '=' && isdigit(s[3])) {
			/* also whether there is one */
			for (s += 3; isdigit(*s); s++)
				;
			s += *s == ',';
		} else if (!strncmp(s, "refs=", 5)) {
			for (s += 5; isdigit(*s) || *s == ','; s++)
				;
		} else if (!strncmp(s, "btf_id ", 7)) {
			for (s += 7; isdigit(*s); s++)
				;
			*to++ = '@';
		} else if (cast && s > text && s[-1] == '=' && isdigit(s[0]) && strspn(s, "0123456789") > 3) {
			for (; isdigit(*s); s++)
				;
			*to++ = '@';
		} else if (s[0] == '#' && isdigit(s[1])) {
			for (end = s + 1; isdigit(*end); end++)
				;
			/* helpers have numbers below 1000, functions of the kernel's BTF larger ones */
			if (end - s > 4) {
				*to++ = '#';
				s = end;
				continue;
			}
			while (s < end)
				*to++ = *s++;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* Cut "processed N insns (limit ...) ..." off and return it, without tabs and the limit. */
static char *cut_work(char *text)
{
	char *s = NULL, *next = text;

	while ((next = strstr(next, "processed "))) {
		if (next == text || next[-1] == '\n')
			s = next;
		next++;
	}
	if (!s)
		return "-";
	if (s > text)
		s[-1] = '\0';
	else
		text[0] = '\0', s++;
	s[strcspn(s, "\n")] = '\0';
	return s;
}

static unsigned long long hash_text(const char *text)
{
	return hash(0xcbf29ce484222325ULL, text, strlen(text));
}

/* The last line, with spaces for tabs. */
static void last_line(const char *text, char *line, size_t size)
{
	const char *end = text + strlen(text), *start;

	/* what BPF_LOG_STATS adds comes last */
	do {
		while (end > text && end[-1] == '\n')
			end--;
		for (start = end; start > text && start[-1] != '\n'; start--)
			;
	} while (!strncmp(start, "stack depth ", 12) && (end = start) > text);
	snprintf(line, size, "%.*s", (int)(end - start), start);
	for (; *line; line++)
		if (*line == '\t')
			*line = ' ';
}

static void interrupted(int sig)
{
	(void)sig;
}

/* BPF_PROG_LOAD with a time limit: the verifier looks at signals. */
static int load(union bpf_attr *attr, unsigned int size, int level)
{
	struct itimerval limit = { .it_value.tv_sec = 4, .it_interval.tv_sec = 1 }, off = {};
	int fd, err;

	verifier_log[0] = '\0';
	attr->log_level = level;
	attr->log_buf = level ? (__u64)(unsigned long)verifier_log : 0;
	attr->log_size = level ? LOG_SIZE : 0;
	setitimer(ITIMER_REAL, &limit, NULL);
	/* the object's maps and BTF are not what is looked at, they are made with all capabilities */
	if (limited)
		set_capabilities(capabilities);
	fd = __real_syscall(__NR_bpf, BPF_PROG_LOAD, attr, size);
	err = errno;
	if (limited)
		set_capabilities(ALL_CAPABILITIES);
	setitimer(ITIMER_REAL, &off, NULL);
	errno = err;
	return fd;
}

/* ---- what the program became */

#define MAX_LINES (1 << 16)
#define MAX_FUNCS 1024

/* Hashes over the lines and functions, and over where they begin in the code. Returns the size of the code. */
static unsigned int infos(int fd, unsigned long long *info_hash, unsigned long long *jited_hash)
{
	static struct bpf_line_info lines[MAX_LINES];
	static __u64 jited_lines[MAX_LINES], ksyms[MAX_FUNCS];
	static __u32 lens[MAX_FUNCS];
	static struct bpf_func_info funcs[MAX_FUNCS];
	struct bpf_prog_info info = {
		.line_info = (__u64)(unsigned long)lines, .nr_line_info = MAX_LINES, .line_info_rec_size = sizeof(*lines),
		.func_info = (__u64)(unsigned long)funcs, .nr_func_info = MAX_FUNCS, .func_info_rec_size = sizeof(*funcs),
		.jited_line_info = (__u64)(unsigned long)jited_lines, .nr_jited_line_info = MAX_LINES,
		.jited_line_info_rec_size = sizeof(*jited_lines),
		.jited_ksyms = (__u64)(unsigned long)ksyms, .nr_jited_ksyms = MAX_FUNCS,
		.jited_func_lens = (__u64)(unsigned long)lens, .nr_jited_func_lens = MAX_FUNCS,
	};
	unsigned long long h = 0xcbf29ce484222325ULL, j = h;
	__u32 len = sizeof(info), i, k;
	__u64 at;

	if (bpf_prog_get_info_by_fd(fd, &info, &len)) {
		*info_hash = *jited_hash = 0;
		return 0;
	}
	h = hash(h, lines, info.nr_line_info * sizeof(*lines));
	h = hash(h, funcs, info.nr_func_info * sizeof(*funcs));
	j = hash(j, lens, info.nr_jited_func_lens * sizeof(*lens));
	for (i = 0; i < info.nr_jited_line_info; i++) {
		at = jited_lines[i];
		for (k = 0; k < info.nr_jited_ksyms && k < info.nr_jited_func_lens; k++)
			if (at >= ksyms[k] && at < ksyms[k] + lens[k])
				break;
		at = k < info.nr_jited_ksyms ? (__u64)k << 32 | (at - ksyms[k]) : ~0ULL;
		j = hash(j, &at, sizeof(at));
	}
	*info_hash = h;
	*jited_hash = j;
	return info.jited_prog_len;
}

static void print_load(int nth, union bpf_attr *attr, unsigned int size, int *result)
{
	unsigned long long xlated = 0, info = 0, jited = 0, rnd = 0, log1, log2 = 0;
	unsigned int cnt = 0, rnd_cnt = 0, jited_len = 0;
	char why[256] = "", work[256], rnd_text[64] = "-", log2_text[32] = "-";
	int fd, err, fd2, err2;
	char *s;

	fd = load(attr, size, show && !getenv("LEVEL1") ? 2 | 4 : 1 | 4);
	err = fd < 0 ? errno : 0;
	if (show)
		printf("%s", verifier_log);
	plain(verifier_log);
	s = cut_work(verifier_log);
	snprintf(work, sizeof(work), "%s", s);
	log1 = hash_text(verifier_log);
	last_line(verifier_log, why, sizeof(why));
	if (fd >= 0) {
		xlated = translated(vmlinux, fd, show ? "i" : NULL, &cnt);
		jited_len = infos(fd, &info, &jited);
	}
	if (err == EAGAIN || err == EINTR) {
		/* out of time: nothing that can be compared */
		strcpy(work, "-");
		log1 = 0;
		why[0] = '\0';
	} else if (!quick && (sscanf(work, "processed %u", &rnd_cnt) != 1 || rnd_cnt < MAX_WORK)) {
		fd2 = load(attr, size, 2);
		err2 = fd2 < 0 ? errno : 0;
		if (fd2 >= 0)
			close(fd2);
		plain(verifier_log);
		cut_work(verifier_log);
		log2 = hash_text(verifier_log);
		/* with more to print it may run out of time */
		if (err2 == err)
			snprintf(log2_text, sizeof(log2_text), "%llx", log2);
		else if (err2 != EAGAIN && err2 != EINTR)
			snprintf(log2_text, sizeof(log2_text), "errno=%d", err2);
		if (fd >= 0) {
			attr->prog_flags |= BPF_F_TEST_RND_HI32;
			fd2 = load(attr, size, 0);
			attr->prog_flags &= ~BPF_F_TEST_RND_HI32;
			if (fd2 >= 0) {
				rnd = translated(vmlinux, fd2, NULL, &rnd_cnt);
				snprintf(rnd_text, sizeof(rnd_text), "%u,%llx", rnd_cnt, rnd);
				close(fd2);
			} else if (errno != EAGAIN && errno != EINTR) { /* out of time */
				snprintf(rnd_text, sizeof(rnd_text), "errno=%d", errno);
			}
		}
	}
	printf("%s\t%s\t%d\t%s\t%d\t%llx\t%s\t%s\t%u,%llx\t%llx\t%u,%llx\t%s\t%s\n", what, path, nth,
	       bpf_program__name(progs[nth]), err, log1, work, log2_text, cnt, xlated, info, jited_len, jited, rnd_text, why);
	fflush(stdout);
	*result = fd;
}

static void print_scan(int nth, const union bpf_attr *attr)
{
	unsigned long long h = hash(0xcbf29ce484222325ULL, (void *)(unsigned long)attr->insns,
				    attr->insn_cnt * sizeof(struct bpf_insn));

	printf("scan\t%s\t%d\t%s\t%u\t%llx\n", path, nth, bpf_program__name(progs[nth]), attr->insn_cnt, h);
}

/* ---- libbpf's system calls */

/* What scan was told of modules: their ids are their places here, plus 1. */
static struct {
	char name[64];
	void *btf;
	size_t size;
	int fd;
} modules[16];
static int nr_modules;

static void read_modules(char *list)
{
	char *module, *file;
	FILE *f;

	while ((module = strsep(&list, ",")) && nr_modules < 16) {
		file = strchr(module, '=');
		f = file ? fopen(file + 1, "r") : NULL;
		if (!f) {
			fprintf(stderr, "judge: %s: no MODULE=BTF\n", module);
			exit(1);
		}
		snprintf(modules[nr_modules].name, sizeof(modules->name), "%.*s", (int)(file - module), module);
		modules[nr_modules].btf = malloc(1 << 22);
		modules[nr_modules].size = fread(modules[nr_modules].btf, 1, 1 << 22, f);
		modules[nr_modules++].fd = -1;
		fclose(f);
	}
}

static int pretend_info(union bpf_attr *attr)
{
	struct bpf_btf_info *info = (void *)(unsigned long)attr->info.info;
	int i;

	for (i = 0; i < nr_modules; i++)
		if (modules[i].fd == (int)attr->info.bpf_fd)
			break;
	if (i == nr_modules)
		return 0;
	info->id = i + 1;
	info->kernel_btf = 1;
	if (info->name)
		snprintf((void *)(unsigned long)info->name, info->name_len, "%s", modules[i].name);
	if (info->btf)
		memcpy((void *)(unsigned long)info->btf, modules[i].btf,
		       info->btf_size < modules[i].size ? info->btf_size : modules[i].size);
	info->btf_size = modules[i].size;
	info->name_len = strlen(modules[i].name);
	return 0;
}

/* In place of a kernel. */
static long pretend(int cmd, union bpf_attr *attr)
{
	int fd;

	switch (cmd) {
	case BPF_BTF_GET_NEXT_ID:
		if ((int)attr->start_id >= nr_modules) {
			errno = ENOENT;
			return -1;
		}
		attr->next_id = attr->start_id + 1;
		return 0;
	case BPF_BTF_GET_FD_BY_ID:
		fd = __real_syscall(__NR_memfd_create, "btf", MFD_CLOEXEC);
		modules[attr->btf_id - 1].fd = fd;
		return fd;
	case BPF_OBJ_GET_INFO_BY_FD:
		return pretend_info(attr);
	case BPF_TOKEN_CREATE:
		errno = EOPNOTSUPP;
		return -1;
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_BTF_LOAD:
	case BPF_LINK_CREATE:
		fd = __real_syscall(__NR_memfd_create, "fd", MFD_CLOEXEC);
		if (fd >= 0 && ftruncate(fd, 1LL << 33))
			return -1;
		return fd;
	default:
		return 0;
	}
}

long __wrap_syscall(long nr, ...)
{
	union bpf_attr *libbpf_attr, attr = {};
	unsigned int size;
	long a[6];
	va_list ap;
	int i, fd;

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr != __NR_bpf)
		return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	libbpf_attr = (void *)a[1];
	size = a[2];
	if (a[0] == BPF_PROG_LOAD && object) {
		for (i = 0; i < nr_progs; i++)
			if ((__u64)(unsigned long)bpf_program__insns(progs[i]) == libbpf_attr->insns)
				break;
		if (i < nr_progs) {
			last_seen = i;
			if (seen[i] || !wanted[i])
				return scan_btf ? pretend(BPF_PROG_LOAD, NULL) : dup(dummy);
			seen[i] = true;
			if (scan_btf) {
				print_scan(i, libbpf_attr);
				return pretend(BPF_PROG_LOAD, NULL);
			}
			memcpy(&attr, libbpf_attr, size < sizeof(attr) ? size : sizeof(attr));
			print_load(i, &attr, size, &fd);
			return fd >= 0 ? fd : dup(dummy);
		}
	}
	return scan_btf ? pretend(a[0], libbpf_attr) : __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- runs */

/* Addresses are another kernel's, in lists for example. */
static void without_addresses(void *value, size_t size)
{
	__u64 *word = value;

	for (; size >= sizeof(*word); size -= sizeof(*word), word++)
		if (*word >> 56 == 0xff)
			*word = 0;
}

static bool runs_by_itself(enum bpf_prog_type type)
{
	switch (type) {
	case BPF_PROG_TYPE_SOCKET_FILTER:
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
	case BPF_PROG_TYPE_XDP:
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT:
	case BPF_PROG_TYPE_FLOW_DISSECTOR:
	case BPF_PROG_TYPE_SK_LOOKUP:
	case BPF_PROG_TYPE_NETFILTER:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_SYSCALL:
		return true;
	default:
		return false;
	}
}

static unsigned long long hash_maps(void)
{
	unsigned long long h = 0xcbf29ce484222325ULL;
	static char value[1 << 16] __attribute__((aligned(8)));
	struct bpf_map *map;
	__u32 key;

	bpf_object__for_each_map(map, object) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_ARRAY || bpf_map__value_size(map) > sizeof(value))
			continue;
		for (key = 0; key < bpf_map__max_entries(map) && key < 64; key++)
			if (!bpf_map_lookup_elem(bpf_map__fd(map), &key, value)) {
				without_addresses(value, bpf_map__value_size(map));
				h = hash(h, value, bpf_map__value_size(map));
			}
	}
	return h;
}

static void run_one(int nth)
{
	/* Ethernet, IPv4, TCP */
	static const unsigned char frame[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 114, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 2, 0x10, 0, 0, 0, 0, 0, 'd', 'a', 't', 'a' };
	enum bpf_prog_type type = bpf_program__type(progs[nth]);
	unsigned char in[128] = {}, out[4096] = {}, ctx[256] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err;

	memcpy(in, frame, sizeof(frame));
	if (type == BPF_PROG_TYPE_SYSCALL) {
		opts.ctx_in = ctx;
		opts.ctx_size_in = 64;
	} else if (type == BPF_PROG_TYPE_RAW_TRACEPOINT) {
		opts.ctx_in = ctx;
		opts.ctx_size_in = 96;
	} else {
		opts.data_in = in;
		opts.data_size_in = sizeof(in);
		if (type != BPF_PROG_TYPE_FLOW_DISSECTOR && type != BPF_PROG_TYPE_SK_LOOKUP && type != BPF_PROG_TYPE_NETFILTER) {
			opts.data_out = out;
			opts.data_size_out = sizeof(out);
		}
	}
	err = bpf_prog_test_run_opts(bpf_program__fd(progs[nth]), &opts) ? errno : 0;
	printf("run\t%s\t%d\t%s\t%d\t%x\t%u,%llx\t%llx\n", path, nth, bpf_program__name(progs[nth]), err, opts.retval,
	       opts.data_size_out, hash(0xcbf29ce484222325ULL, out, sizeof(out)), hash_maps());
	fflush(stdout);
}

/* ---- objects */

/* As veristat does it: no pinning, and sizes for those maps that a test gives one. */
static void fix_maps(void)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		bpf_map__set_pin_path(map, NULL);
		switch (bpf_map__type(map)) {
		case BPF_MAP_TYPE_SK_STORAGE:
		case BPF_MAP_TYPE_TASK_STORAGE:
		case BPF_MAP_TYPE_INODE_STORAGE:
		case BPF_MAP_TYPE_CGROUP_STORAGE:
		case BPF_MAP_TYPE_CGRP_STORAGE:
		case BPF_MAP_TYPE_STRUCT_OPS:
			break;
		default:
			if (!bpf_map__max_entries(map))
				bpf_map__set_max_entries(map, 1);
		}
	}
}

/* The maps of the first load, by their place in the object; -1: none that can be used again. */
static int kept[MAX_PROGS], nr_kept;

static void keep_maps(void)
{
	struct bpf_map *map;

	nr_kept = 0;
	bpf_object__for_each_map(map, object) {
		if (nr_kept == MAX_PROGS)
			break;
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS || bpf_map__type(map) == BPF_MAP_TYPE_ARENA ||
		    bpf_map__fd(map) < 0)
			kept[nr_kept++] = -1;
		else
			kept[nr_kept++] = dup(bpf_map__fd(map));
	}
}

static void reuse_maps(void)
{
	struct bpf_map *map;
	int i = 0;

	bpf_object__for_each_map(map, object) {
		if (i < nr_kept && kept[i] >= 0 && bpf_map__reuse_fd(map, kept[i]))
			fprintf(stderr, "judge: %s: reuse of map %s: %s\n", path, bpf_map__name(map), strerror(errno));
		i++;
	}
}

static void print_none(int nth)
{
	seen[nth] = true;
	if (strcmp(what, "load"))
		return;
	printf("none\t%s\t%d\t%s\t%s\n", path, nth, bpf_program__name(progs[nth]), libbpf_said);
	fflush(stdout);
}

/*
 * Load the object until each program that is wanted has been loaded or cannot be: what libbpf cannot load, it has not got to
 * the kernel, and that one is left out the next time.
 */
static void load_object(const char *list)
{
	bool more = true;
	struct bpf_program *prog;
	int i, err;

	memset(seen, 0, sizeof(seen));
	while (more) {
		*libbpf_said = '\0';
		object = bpf_object__open_file(path, NULL);
		if (!object) {
			printf("none\t%s\t-\t-\t%s\n", path, libbpf_said);
			return;
		}
		nr_progs = 0;
		bpf_object__for_each_program(prog, object)
			if (nr_progs < MAX_PROGS)
				progs[nr_progs++] = prog;
		memset(wanted, !list, sizeof(wanted));
		for (const char *s = list; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL)
			wanted[atoi(s) % MAX_PROGS] = true;
		for (i = 0; i < nr_progs; i++)
			bpf_program__set_autoload(progs[i], wanted[i] && !seen[i]);
		fix_maps();
		reuse_maps();
		last_seen = -1;
		err = bpf_object__load(object);
		more = false;
		/* the first one that did not come by, behind the last that did */
		for (i = last_seen + 1; err && i < nr_progs; i++)
			if (wanted[i] && !seen[i])
				break;
		if (err && i < nr_progs) {
			if (last_seen < 0 && i + 1 < nr_progs && strncmp(libbpf_said, "libbpf: prog '", 14)) {
				/* it is the object that does not load */
				for (; i < nr_progs; i++)
					if (wanted[i] && !seen[i])
						print_none(i);
			} else {
				print_none(i);
			}
		}
		for (i = 0; err && i < nr_progs; i++)
			if (wanted[i] && !seen[i])
				more = true;
		if (twice && !more && !err && !nr_kept)
			keep_maps();
		if (!err && run_programs && !strcmp(what, "load"))
			for (i = 0; i < nr_progs; i++)
				if (wanted[i] && runs_by_itself(bpf_program__type(progs[i])))
					run_one(i);
		bpf_object__close(object);
		object = NULL;
	}
}

/* In a process of its own. */
static void handle(const char *list)
{
	int status, waited = 0;
	pid_t pid;

	printf("begin\t%s\n", path);
	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("judge: fork");
		exit(1);
	}
	if (!pid) {
		struct sigaction sa = { .sa_handler = interrupted };
		struct bpf_insn insns[] = { MOV(BPF_REG_0, 0), EXIT };

		sigaction(SIGALRM, &sa, NULL);
		if (!scan_btf)
			dummy = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "dummy", "GPL", insns, 2, NULL);
		load_object(list);
		if (nr_kept) {
			what = "again";
			load_object(list);
		}
		fflush(stdout);
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		usleep(2000);
		if (++waited == 150000)
			kill(pid, SIGKILL);
		if (waited == 160000) {
			printf("died\t%s\tdoes not end\n", path);
			exit(1);
		}
	}
	if (waited >= 150000)
		printf("died\t%s\tout of time\n", path);
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		printf("died\t%s\tstatus %x\n", path, status);
	fflush(stdout);
}

/* Each process would do it anew for its object: load the first one's maps and BTF. */
static void probe_kernel(const char *first)
{
	struct bpf_object *obj = bpf_object__open_file(first, NULL);
	struct bpf_program *prog;

	if (!obj)
		return;
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, false);
	bpf_object__load(obj);
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	char line[8192], *list;
	bool first = true;
	FILE *f;
	int i;

	/* libbpf moves its descriptors out of the way of these */
	do
		i = open("/dev/null", O_RDWR);
	while (i >= 0 && i <= STDERR_FILENO);
	libbpf_set_print(keep_warning);
	verifier_log = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (argc > 3 && !strcmp(argv[1], "scan")) {
		list = argv[2];
		scan_btf = strsep(&list, ",");
		read_modules(list);
		for (i = 3; i < argc; i++) {
			snprintf(path, sizeof(path), "%s", argv[i]);
			handle(NULL);
		}
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "show")) {
		show = true;
		vmlinux = btf__load_vmlinux_btf();
		snprintf(path, sizeof(path), "%s", argv[2]);
		handle(argv[3]);
		return 0;
	}
	if (argc < 3 || strcmp(argv[1], "run")) {
		fprintf(stderr, "usage: judge scan BTF OBJECT...|run [-xtcuq] LIST|show OBJECT PROGRAM\n");
		return 2;
	}
	for (i = 2; i < argc - 1; i++) {
		run_programs |= !!strchr(argv[i], 'x');
		twice |= !!strchr(argv[i], 't');
		quick |= !!strchr(argv[i], 'q');
		limited |= strchr(argv[i], 'c') || strchr(argv[i], 'u');
		if (strchr(argv[i], 'c'))
			capabilities = 1ULL << CAP_BPF;
	}
	f = fopen(argv[argc - 1], "r");
	vmlinux = btf__load_vmlinux_btf();
	if (!f || !vmlinux) {
		perror("judge: list, or BTF of vmlinux");
		return 1;
	}
	/* what is the same for all of them: the kernel's symbols, and what libbpf finds out about the kernel */
	read_symbols();
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		list = strchr(line, ' ');
		if (list)
			*list++ = '\0';
		snprintf(path, sizeof(path), "%.511s", line);
		if (first)
			probe_kernel(path);
		first = false;
		handle(list);
	}
	printf("done\n");
	return 0;
}
