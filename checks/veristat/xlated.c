// SPDX-License-Identifier: GPL-2.0
/*
 * What programs are translated to: load each program of BPF objects by itself and print, for each that loads,
 *
 *   xlated OBJECT,PROGRAM,INSTRUCTIONS,HASH
 *
 * and `xlated OBJECT,PROGRAM,-,-` for one that does not, or whose translation cannot be had.
 * translated.h says what the hash is over.
 *
 *   xlated [-d] OBJECT...
 *   xlated [-d] -r COUNT
 *
 * -d prints the instructions that the hash is over. -r takes COUNT random programs instead, the same ones each time:
 * calls of bpf_stream_vprintk_impl() with branches over them, short and long, some never taken, in the program,
 * in subprograms and in callbacks, with line info, which the hash is over too. Exit status: 0, or 1 if an object
 * could not be read or if a random program does not load.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../../lib/insn.h"
#include "../../lib/translated.h"

static struct btf *vmlinux;
static bool dump;

static int silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static void print_xlated(const char *object, const char *prog, int fd)
{
	unsigned long long h;
	unsigned int cnt;
	char name[256];

	snprintf(name, sizeof(name), "%s,%s", object, prog);
	h = translated(vmlinux, fd, dump ? name : NULL, &cnt);
	if (h)
		printf("xlated %s,%u,%016llx\n", name, cnt, h);
	else
		printf("xlated %s,-,-\n", name);
}

/* Load the nth program of the object alone. Returns false if there is none. */
static bool load_nth(const char *path, int nth)
{
	const char *object = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct bpf_program *prog, *the_prog = NULL;
	struct bpf_object *obj;
	struct bpf_map *map;
	int i = 0;

	obj = bpf_object__open_file(path, NULL);
	if (!obj) {
		fprintf(stderr, "xlated: %s: open: %s\n", path, strerror(errno));
		exit(1);
	}
	bpf_object__for_each_program(prog, obj) {
		if (i == nth)
			the_prog = prog;
		bpf_program__set_autoload(prog, i++ == nth);
	}
	if (!the_prog) {
		bpf_object__close(obj);
		return false;
	}
	/* as veristat does it: maps whose size a test sets */
	bpf_object__for_each_map(map, obj) {
		bpf_map__set_pin_path(map, NULL);
		if (!bpf_map__max_entries(map))
			bpf_map__set_max_entries(map, 1);
	}
	if (!bpf_object__load(obj))
		print_xlated(object, bpf_program__name(the_prog), bpf_program__fd(the_prog));
	else
		printf("xlated %s,%s,-,-\n", object, bpf_program__name(the_prog));
	bpf_object__close(obj);
	return true;
}

#define MAX_INSNS 8192
#define MAX_FUNCS 4

static struct bpf_insn insns[MAX_INSNS];
static int cnt;
static unsigned int seed;
static int impl_id, fmt_map;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void add(struct bpf_insn insn)
{
	insns[cnt++] = insn;
}

static void add_call(void)
{
	add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1));
	add(INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0, fmt_map));
	add(INSN(0, 0, 0, 0, 0));
	add(INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0));
	add(INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -8));
	add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 8));
	add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, impl_id));
}

/* In R6, what nobody knows. Anew for each branch: two branches that exclude each other make 6.18 warn. */
static void add_unknown(void)
{
	add(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_prandom_u32));
	add(INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_0, 0, 0));
}

/* The nth of nr functions, which calls those after it, by number for now. starts[nth] becomes where it starts. */
static void add_function(int nth, int nr, int *starts)
{
	/* to blocks that are not there yet */
	static struct { int at, block; } branches[MAX_INSNS];
	int block, blocks = 5 + pick(40), nr_branches = 0, block_start[64], i, to;
	struct bpf_insn *insn;

	starts[nth] = cnt;
	add(INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0));
	add_unknown();
	add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_7, 0, 0, pick(4)));
	if (nth + 1 < nr) /* no function may be left out */
		add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, nth + 1));
	for (block = 0; block < blocks; block++) {
		block_start[block] = cnt;
		switch (pick(8)) {
		case 0:
		case 1:
			add_call();
			break;
		case 2: /* on what nobody knows, 64 or 32 bits */
			add_unknown();
			branches[nr_branches].at = cnt;
			branches[nr_branches++].block = block + 1 + pick(blocks - block);
			add(INSN((pick(2) ? BPF_JMP : BPF_JMP32) | (pick(2) ? BPF_JEQ : BPF_JGT) | BPF_K, BPF_REG_6, 0, 0,
				 pick(1000)));
			break;
		case 3: /* on what the verifier knows: one side is dead */
			branches[nr_branches].at = cnt;
			branches[nr_branches++].block = block + 1 + pick(blocks - block);
			add(INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_7, 0, 0, pick(4)));
			break;
		case 4: /* goto and gotol, behind a branch over them */
			add_unknown();
			add(INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_6, 0, 1, pick(1000)));
			branches[nr_branches].at = cnt;
			branches[nr_branches++].block = block + 1 + pick(blocks - block);
			add(INSN((pick(2) ? BPF_JMP : BPF_JMP32) | BPF_JA, 0, 0, 0, 0));
			break;
		case 5:
			if (nth + 1 == nr)
				break;
			to = nth + 1 + pick(nr - nth - 1);
			if (pick(2)) {
				add(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, to));
				break;
			}
			add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 2));
			add(INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_FUNC, 0, to));
			add(INSN(0, 0, 0, 0, 0));
			add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0));
			add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 0));
			add(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_loop));
			break;
		default:
			add(INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_6, 0, 0, pick(100)));
		}
	}
	block_start[blocks] = cnt;
	add(INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0));
	add(INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
	for (i = 0; i < nr_branches; i++) {
		insn = &insns[branches[i].at];
		to = block_start[branches[i].block] - branches[i].at - 1;
		if (insn->code == (BPF_JMP32 | BPF_JA))
			insn->imm = to;
		else
			insn->off = to;
	}
}

static void load_random(unsigned int nr)
{
	static char log[1 << 20];
	struct bpf_line_info lines[MAX_INSNS / 3];
	struct bpf_func_info funcs[MAX_FUNCS];
	int starts[MAX_FUNCS], i, k, fd, nr_funcs, nr_lines = 0, proto, name, int_id;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE, .log_buf = log, .log_size = sizeof(log),
		    .log_level = 1);
	char prog[32];
	struct btf *btf;

	seed = nr;
	cnt = 0;
	nr_funcs = 1 + pick(MAX_FUNCS);
	for (i = 0; i < nr_funcs; i++)
		add_function(i, nr_funcs, starts);
	point_at_functions(insns, cnt, starts);

	btf = btf__new_empty();
	int_id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, int_id);
	name = btf__add_str(btf, "a line");
	for (i = k = 0; i < nr_funcs; i++) {
		snprintf(prog, sizeof(prog), "f%d", i);
		funcs[i] = (struct bpf_func_info){
			.insn_off = starts[i], .type_id = btf__add_func(btf, prog, BTF_FUNC_STATIC, proto) };
		for (k = starts[i]; k < (i + 1 < nr_funcs ? starts[i + 1] : cnt); k += 1 + pick(6)) {
			if (!insns[k].code)
				k--; /* a line begins with an instruction, not in it */
			if (nr_lines && lines[nr_lines - 1].insn_off == (unsigned int)k)
				k += is_wide(&insns[k]) ? 2 : 1;
			if (k >= (i + 1 < nr_funcs ? starts[i + 1] : cnt))
				break;
			lines[nr_lines] = (struct bpf_line_info){ .insn_off = k, .file_name_off = name,
				.line_off = name, .line_col = (nr_lines + 1) << 10 };
			nr_lines++;
		}
	}
	btf__load_into_kernel(btf);
	opts.prog_btf_fd = btf__fd(btf);
	opts.func_info = funcs;
	opts.func_info_cnt = nr_funcs;
	opts.func_info_rec_size = sizeof(*funcs);
	opts.line_info = lines;
	opts.line_info_cnt = nr_lines;
	opts.line_info_rec_size = sizeof(*lines);
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "random", "GPL", insns, cnt, &opts);
	if (fd < 0) {
		fprintf(stderr, "xlated: random program %u does not load: %s\n%s\n", nr, strerror(errno), log);
		exit(1);
	}
	snprintf(prog, sizeof(prog), "%u", nr);
	print_xlated("random", prog, fd);
	close(fd);
	btf__free(btf);
}

static int all_random(int count)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_RDONLY_PROG);
	char value[8] = "hello\n";
	int key = 0, i;

	impl_id = btf__find_by_name_kind(vmlinux, "bpf_stream_vprintk_impl", BTF_KIND_FUNC);
	fmt_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "fmt", sizeof(key), sizeof(value), 1, &opts);
	if (impl_id < 0 || fmt_map < 0 || bpf_map_update_elem(fmt_map, &key, value, 0) || bpf_map_freeze(fmt_map)) {
		fprintf(stderr, "xlated: no kfunc or no map for random programs: %s\n", strerror(errno));
		return 1;
	}
	for (i = 1; i <= count; i++)
		load_random(i);
	return 0;
}

int main(int argc, char **argv)
{
	int i, nth;

	dump = argc > 1 && !strcmp(argv[1], "-d");
	libbpf_set_print(silent);
	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux) {
		fprintf(stderr, "xlated: BTF of vmlinux: %s\n", strerror(errno));
		return 1;
	}
	i = dump ? 2 : 1;
	if (i + 1 < argc && !strcmp(argv[i], "-r"))
		return all_random(atoi(argv[i + 1]));
	for (; i < argc; i++)
		for (nth = 0; load_nth(argv[i], nth); nth++)
			;
	return 0;
}
