/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of this folder share: instructions, the kernel's BTF, memory that BPF programs and user space share,
 * and what the kernel's log reports. What fails here ends the process with a line on stderr and exit status 1.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../../lib/insn.h"
#include "../../lib/translated.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct btf *vmlinux;
/* the program that is being written */
static struct bpf_insn code[4096];
static int cnt;
static char verifier_log[1 << 16];

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "stock: %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static inline void add(struct bpf_insn insn)
{
	if (cnt == ARRAY_SIZE(code))
		die("program is too long");
	code[cnt++] = insn;
}

static inline void add_wide(int reg, int kind, int imm, int next)
{
	add(INSN(BPF_LD | BPF_IMM | BPF_DW, reg, kind, 0, imm));
	add(INSN(0, 0, 0, 0, next));
}

static inline void add_kfunc(int id)
{
	add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, id));
}

/* A branch to a place that comes later; land() says that it is here. */
static inline int branch(int op, int reg, int imm)
{
	add(JUMP(op, reg, imm, 0));
	return cnt - 1;
}

static inline void land(int at)
{
	code[at].off = cnt - at - 1;
}

/* The id of a function of vmlinux; 0 if there is none. */
static inline int find_func(const char *name)
{
	int id = btf__find_by_name_kind(vmlinux, name, BTF_KIND_FUNC);

	return id > 0 ? id : 0;
}

static inline int need_func(const char *name)
{
	return find_func(name) ?: (errno = ENOENT, die(name), 0);
}

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

static void load_vmlinux_btf(void)
{
	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		die("BTF of vmlinux");
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
