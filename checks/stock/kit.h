/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of this folder share, beside lib/: memory that BPF programs and user space share, and what the kernel's
 * log reports. What fails here ends the process with a line on stderr and exit status 1.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../lib/translated.h"
#include "../../lib/types.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static char verifier_log[1 << 16];

/* Where a member of a struct of vmlinux is, in bytes. */
static inline int member_offset(const char *name, const char *member)
{
	int id = btf__find_by_name_kind(vmlinux, name, BTF_KIND_STRUCT), i;
	const struct btf_type *t = id > 0 ? btf__type_by_id(vmlinux, id) : NULL;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(vmlinux, btf_members(t)[i].name_off), member))
			return btf_member_bit_offset(t, i) / 8;
	errno = ENOENT;
	die(member);
}

/* Memory of a map that user space has, too. */
static int shared_map;

static inline void *share(int size)
{
	void *shared;

	shared_map = make_map("shared", size, 1, 0, 0, BPF_F_MMAPABLE);
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, shared_map, 0);
	if (shared == MAP_FAILED)
		die("memory shared with programs");
	return shared;
}

/* R0 = what is in the field of a map's value, or of an object, which gets the argument. */
static inline void exchange(struct arg field, struct arg with)
{
	call_helper(BPF_FUNC_kptr_xchg, field, with);
}

static inline int run(int fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(fd, &opts))
		die("run a program");
	return opts.retval;
}

static inline void stay_on(int nr)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(nr, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		die("stay on a CPU");
}

/* The last line of the verifier's log that says why, without a newline; "" if there is none. */
static inline const char *why(void)
{
	static char line[256];
	char *end = strstr(verifier_log, "\nprocessed "), *start;

	if (!end)
		end = verifier_log + strlen(verifier_log);
	while (end > verifier_log && end[-1] == '\n')
		end--;
	for (start = end; start > verifier_log && start[-1] != '\n'; start--)
		;
	snprintf(line, sizeof(line), "%.*s", (int)(end - start), start);
	for (start = line; *start; start++)
		if (*start == '\t')
			*start = ' ';
	return line;
}

/* ---- what the kernel's log reports */

static int kmsg = -1;

static const char *const alarms[] = { "KASAN: ", "UBSAN: ", "refcount_t: ", "Oops", "BUG: ", "WARNING: ", "list_add corruption",
	"list_del corruption", "general protection fault", "verifier bug" };

static inline void open_kmsg(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0)
		die("/dev/kmsg");
	lseek(kmsg, 0, SEEK_END);
}

/* Append to text what was reported since the last call, the kinds of alarms and the function, each once. */
static inline void read_reports(char *text, size_t size)
{
	char line[2048], what[160], *s, *end;
	ssize_t n;
	size_t i;

	for (;;) {
		n = read(kmsg, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return;
		line[n] = '\0';
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		s = strchr(line, ';');
		for (i = 0; s && i < ARRAY_SIZE(alarms); i++) {
			if (!strstr(s, alarms[i]))
				continue;
			s = strstr(s, alarms[i]);
			/* KASAN: slab-use-after-free in refcount_dec+0x12/0x34 */
			snprintf(what, sizeof(what), "%.*s", (int)strcspn(s, "+"), s);
			what[strcspn(what, "\t")] = '\0';
			if (!strstr(text, what) && strlen(text) + strlen(what) + 3 < size)
				sprintf(text + strlen(text), "%s%s", *text ? "; " : "", what);
			break;
		}
	}
}

/* Wait until objects that were freed before are back in the slab. */
static inline void wait_for_rcu(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		usleep(20000);
	}
}
