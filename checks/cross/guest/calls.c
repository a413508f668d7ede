// SPDX-License-Identifier: GPL-2.0
/*
 * The test in the guests of checks/cross/cross.mk: loads programs that call bpf_stream_vprintk() by both names, runs them, and
 * reads what they wrote to their streams. PID 1 runs it as if it were the shell, which these guests do not have:
 *
 *   sh -c '<id of bpf_stream_vprintk> <id of bpf_stream_vprintk_impl>'
 *
 * where the ids are those in the kernel's BTF, 0 for bpf_stream_vprintk() in an unpatched kernel, which has none. It uses the
 * bpf system call alone, as Debian has libelf for another architecture only in that architecture's packages.
 *
 * The JITs of these architectures look the prototype of a called kfunc up in the program's table of descriptors: i386's
 * passes as many arguments as that has, s390x's extends those that are narrower than a register. On i386 the key is the
 * address in the call, which both names share; on s390x, which has far kfunc calls, it is the id in the call, which has
 * become that of the kfunc. Of two descriptors with one key either could be found, so there must be
 * one. The table itself cannot be read, but a program is told when it is full.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../lib/insn.h"

#define STDOUT_STREAM 1
#define VALUE_SIZE 32
#define JUNK 0x6b6b6b6b
#define MAX_KFUNC_DESCS 256

enum name { KFUNC, IMPL };

static const char *const text[] = { [KFUNC] = "by the kfunc's name\n", [IMPL] = "by the impl's name\n" };
static int ids[2];
static char log_buf[1 << 16];

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static void die(const char *test, const char *what)
{
	printf("FAIL %s: %s: %s\n%s", test, what, strerror(errno), log_buf);
	exit(1);
}

/* A frozen, read-only map of that string, as libbpf makes one of a program's constants. */
static int string_map(const char *test, const char *s)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = VALUE_SIZE,
				.max_entries = 1, .map_flags = BPF_F_RDONLY_PROG };
	char value[VALUE_SIZE] = "";
	uint32_t key = 0;
	int fd;

	fd = bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		die(test, "create a map");
	strcpy(value, s);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)value;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		die(test, "update the map");
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	if (bpf(BPF_MAP_FREEZE, &attr))
		die(test, "freeze the map");
	return fd;
}

/*
 * bpf_stream_vprintk(STDOUT_STREAM, string, nothing, 0), with junk for the impl's aux. The kernel function takes the
 * stream from aux: where the program's own stream has the string, it was not the junk that arrived.
 */
static struct bpf_insn *emit_call(struct bpf_insn *p, int map, int id)
{
	*p++ = MOV(BPF_REG_1, STDOUT_STREAM);
	*p++ = INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0, map);
	*p++ = INSN(0, 0, 0, 0, 0);
	*p++ = INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0);
	*p++ = INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0);
	*p++ = INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -8);
	*p++ = MOV(BPF_REG_4, 0);
	*p++ = MOV(BPF_REG_5, JUNK);
	*p++ = INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, id);
	return p;
}

/* The program that is being made: @n calls that the verifier sees, and then finds to be dead, come first. */
static struct bpf_insn insns[MAX_KFUNC_DESCS + 64];

static struct bpf_insn *begin(const int *dead, int n)
{
	struct bpf_insn *p = insns;
	int i;

	*p++ = MOV(BPF_REG_0, 0);
	*p++ = INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, n, 0);
	for (i = 0; i < n; i++)
		*p++ = INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, dead[i]);
	return p;
}

static int load(struct bpf_insn *p)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SYSCALL, .prog_flags = BPF_F_SLEEPABLE, .log_level = 1 };

	*p++ = MOV(BPF_REG_0, 0);
	*p++ = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = p - insns;
	attr.license = (uintptr_t)"GPL";
	attr.log_buf = (uintptr_t)log_buf;
	attr.log_size = sizeof(log_buf);
	return bpf(BPF_PROG_LOAD, &attr);
}

/*
 * A program that calls by @n names, one after the other, must leave their strings, in that order. Of the descriptors that
 * dead calls have made, the JIT must find the one of each call that is left.
 */
static void test(const char *name, const enum name *calls, int n, const int *dead, int nr_dead)
{
	struct bpf_insn *p = begin(dead, nr_dead);
	char want[256] = "", got[256] = "";
	int maps[2], i, fd, len;
	union bpf_attr attr;

	maps[KFUNC] = string_map(name, text[KFUNC]);
	maps[IMPL] = string_map(name, text[IMPL]);
	for (i = 0; i < n; i++) {
		p = emit_call(p, maps[calls[i]], ids[calls[i]]);
		strcat(want, text[calls[i]]);
	}
	fd = load(p);
	if (fd < 0)
		die(name, "load");
	log_buf[0] = 0;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = fd;
	if (bpf(BPF_PROG_TEST_RUN, &attr))
		die(name, "run");

	memset(&attr, 0, sizeof(attr));
	attr.prog_stream_read.stream_buf = (uintptr_t)got;
	attr.prog_stream_read.stream_buf_len = sizeof(got) - 1;
	attr.prog_stream_read.stream_id = STDOUT_STREAM;
	attr.prog_stream_read.prog_fd = fd;
	len = bpf(BPF_PROG_STREAM_READ_BY_FD, &attr);
	if (len < 0)
		die(name, "read the stream");
	if (strcmp(got, want)) {
		printf("FAIL %s: the stream has %d bytes, want %zu:\n%s", name, len, strlen(want), got);
		exit(1);
	}
	printf("ok %s\n", name);
	close(maps[KFUNC]);
	close(maps[IMPL]);
	close(fd);
}

/* Ids of other kernel functions that take a descriptor each: any will do in a call that is dead. */
static void find_others(const char *name, int *others)
{
	int id, fd, n = 0;

	for (id = ids[KFUNC] - 1; n < MAX_KFUNC_DESCS; id--) {
		if (id <= 0)
			die(name, "find other functions");
		fd = load(begin(&id, 1));
		if (fd < 0)
			continue;
		close(fd);
		others[n++] = id;
	}
}

/* Both names, called from a program with @n other functions, take a descriptor, and not two. */
static void test_descriptors(const char *name, int n, bool fits)
{
	static int others[MAX_KFUNC_DESCS];
	struct bpf_insn *p;
	int map, fd;

	if (!others[0])
		find_others(name, others);
	map = string_map(name, text[KFUNC]);
	p = begin(others, n);
	p = emit_call(p, map, ids[IMPL]);
	p = emit_call(p, map, ids[KFUNC]);
	p = emit_call(p, map, ids[IMPL]);
	fd = load(p);
	if (fits && fd < 0)
		die(name, "load");
	if (fd >= 0)
		errno = 0;
	if (!fits && (fd >= 0 || errno != E2BIG || !strstr(log_buf, "too many different kernel function calls")))
		die(name, fd < 0 ? "refused for another reason" : "loaded");
	printf("ok %s\n", name);
	close(map);
	if (fd >= 0)
		close(fd);
}

/*
 * Print the machine code of a program with one call by that name, with NULL for the impl's aux, as programs for 6.18 have
 * it: checks/cross/size.sh counts its instructions.
 */
static void print_jited(const char *name, enum name call)
{
	static unsigned char code[1 << 12];
	static char hex[2 * sizeof(code) + 1];
	struct bpf_prog_info info = { .jited_prog_len = sizeof(code), .jited_prog_insns = (uintptr_t)code };
	int map = string_map(name, text[call]), fd;
	struct bpf_insn *p = emit_call(begin(NULL, 0), map, ids[call]);
	union bpf_attr attr = {};
	unsigned int i;

	if (call == IMPL) {
		p[-2].imm = 0;
	} else {
		p[-2] = p[-1];
		p--;
	}
	fd = load(p);
	if (fd < 0)
		die(name, "load");
	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		die(name, "get the code");
	if (!info.jited_prog_len || info.jited_prog_len > sizeof(code)) {
		printf("FAIL %s: %u bytes of machine code\n", name, info.jited_prog_len);
		exit(1);
	}
	for (i = 0; i < info.jited_prog_len; i++)
		sprintf(hex + 2 * i, "%02x", code[i]);
	printf("%s %s\n", name, hex);
	close(map);
	close(fd);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc != 3 || sscanf(argv[2], "%d %d", &ids[KFUNC], &ids[IMPL]) != 2) {
		printf("FAIL usage: sh -c 'KFUNC IMPL', the ids of the two functions\n");
		return 2;
	}
	print_jited("jited impl", IMPL);
	if (!ids[KFUNC]) {
		test("impl", (enum name[]){ IMPL }, 1, NULL, 0);
		return 0;
	}
	print_jited("jited kfunc", KFUNC);
	test("kfunc", (enum name[]){ KFUNC }, 1, NULL, 0);
	test("impl", (enum name[]){ IMPL }, 1, NULL, 0);
	test("kfunc, impl, kfunc", (enum name[]){ KFUNC, IMPL, KFUNC }, 3, NULL, 0);
	test("impl, kfunc, impl", (enum name[]){ IMPL, KFUNC, IMPL }, 3, NULL, 0);
	test("kfunc, impl is dead", (enum name[]){ KFUNC }, 1, &ids[IMPL], 1);
	test("impl, kfunc is dead", (enum name[]){ IMPL }, 1, &ids[KFUNC], 1);
	test("kfunc, impl; both dead, too", (enum name[]){ KFUNC, IMPL }, 2, ids, 2);
	test_descriptors("one descriptor: room for it", MAX_KFUNC_DESCS - 1, true);
	test_descriptors("one descriptor: no room for it", MAX_KFUNC_DESCS, false);
	return 0;
}
