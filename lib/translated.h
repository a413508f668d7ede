/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a program is translated to, without what differs between two kernels or two boots: ids of maps, offsets of
 * helpers, and 64-bit immediates, apart from whether they are zero: addresses, and ids of the kernel's types in programs
 * that have one. Kfuncs of vmlinux count by name, where foo_impl is foo, and those of modules not.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#define IMPL "_impl"

static unsigned long long hash(unsigned long long h, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

/* Symbols of the kernel, in the order of their addresses. */
static struct symbol {
	__u64 addr;
	char name[64];
} *symbols;
static size_t nr_symbols;
static __u64 call_base;

static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long addr;
	size_t room = 0;
	char name[64];

	while (f && fscanf(f, "%llx %*c %63s%*[^\n]", &addr, name) == 2) {
		if (!strcmp(name, "__bpf_call_base"))
			call_base = addr;
		if (nr_symbols == room) {
			room = room ? 2 * room : 1 << 16;
			symbols = realloc(symbols, room * sizeof(*symbols));
			if (!symbols)
				break;
		}
		symbols[nr_symbols].addr = addr;
		strcpy(symbols[nr_symbols++].name, name);
	}
	if (f)
		fclose(f);
	if (!call_base || !symbols) {
		fprintf(stderr, "translated: /proc/kallsyms has no __bpf_call_base\n");
		exit(1);
	}
	qsort(symbols, nr_symbols, sizeof(*symbols), compare_symbols);
}

/*
 * The name of the kfunc that is called, without what makes it an impl. "" for a kfunc of a module, and where who loaded
 * the program may not see addresses. The call is relative to __bpf_call_base, or, where the JIT can call what is further
 * away, the kfunc's id.
 */
static void kfunc_name(const struct btf *vmlinux, const struct bpf_insn *insn, char *name, size_t size)
{
	const struct btf_type *t;
	struct symbol key, *sym;
	size_t len;

	name[0] = '\0';
	if (insn->off || !insn->imm)
		return;
	if (!symbols)
		read_symbols();
	key.addr = call_base + insn->imm;
	sym = bsearch(&key, symbols, nr_symbols, sizeof(key), compare_symbols);
	t = sym ? NULL : btf__type_by_id(vmlinux, insn->imm);
	snprintf(name, size, "%s", sym ? sym->name : t ? btf__name_by_offset(vmlinux, t->name_off) : "");
	len = strlen(name);
	if (len > strlen(IMPL) && !strcmp(name + len - strlen(IMPL), IMPL))
		name[len - strlen(IMPL)] = '\0';
}

static bool is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Remove what depends on the kernel from the instruction at insns[i]. Returns how many it is. */
static int normalise(const struct btf *vmlinux, struct bpf_insn *insns, unsigned int i, unsigned int cnt, char *name,
		     size_t size)
{
	struct bpf_insn *insn = &insns[i];
	__u64 wide;

	name[0] = '\0';
	if (is_wide(insn) && i + 1 < cnt) {
		wide = (__u64)(__u32)insn[1].imm << 32 | (__u32)insn->imm;
		if (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE)
			insn->imm = 0;
		else if (insn->src_reg != BPF_PSEUDO_FUNC && wide)
			insn->imm = insn[1].imm = -1;
		return 2;
	}
	if (insn->code == (BPF_JMP | BPF_CALL)) {
		if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
			kfunc_name(vmlinux, insn, name, size);
		if (insn->src_reg != BPF_PSEUDO_CALL)
			insn->imm = insn->off = 0;
	}
	/* what BPF_F_TEST_RND_HI32 puts into the upper half of a register is random */
	if (insn->code == (BPF_ALU64 | BPF_MOV | BPF_K) && insn->dst_reg == 11 && i + 1 < cnt &&
	    insn[1].code == (BPF_ALU64 | BPF_LSH | BPF_K) && insn[1].dst_reg == 11)
		insn->imm = 0;
	/* the address of a per-CPU variable, in two instructions */
	if (BPF_OP(insn->code) == BPF_MOV && BPF_SRC(insn->code) == BPF_K && i + 1 < cnt &&
	    insn[1].code == (BPF_ALU64 | BPF_MOV | BPF_X) && insn[1].off == -1)
		insn->imm = 0;
	return 1;
}

/*
 * A hash over the translated instructions of the program, and where its lines and functions begin; *cnt becomes the
 * number of instructions, which are printed if print says after what. Returns 0 if there is nothing to see.
 */
static unsigned long long translated(const struct btf *vmlinux, int fd, const char *print, unsigned int *cnt)
{
	static struct bpf_line_info lines[1 << 16];
	static struct bpf_func_info funcs[256];
	unsigned long long h = 0xcbf29ce484222325ULL;
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct bpf_insn *insns;
	unsigned int i, k, n;
	char name[128];

	if (bpf_prog_get_info_by_fd(fd, &info, &len))
		return 0;
	*cnt = info.xlated_prog_len / sizeof(*insns);
	insns = calloc(*cnt, sizeof(*insns));
	if (!insns)
		return 0;
	memset(&info, 0, sizeof(info));
	info.xlated_prog_len = *cnt * sizeof(*insns);
	info.xlated_prog_insns = (__u64)(unsigned long)insns;
	info.line_info = (__u64)(unsigned long)lines;
	info.line_info_rec_size = sizeof(*lines);
	info.nr_line_info = sizeof(lines) / sizeof(*lines);
	info.func_info = (__u64)(unsigned long)funcs;
	info.func_info_rec_size = sizeof(*funcs);
	info.nr_func_info = sizeof(funcs) / sizeof(*funcs);
	len = sizeof(info);
	if (bpf_prog_get_info_by_fd(fd, &info, &len) || !info.xlated_prog_insns) {
		free(insns);
		return 0;
	}
	for (i = 0; i < *cnt; i += n) {
		n = normalise(vmlinux, insns, i, *cnt, name, sizeof(name));
		h = hash(h, &insns[i], n * sizeof(*insns));
		h = hash(h, name, strlen(name));
		for (k = i; print && k < i + n; k++)
			printf("insn %s %u: %016llx %s\n", print, k, *(unsigned long long *)&insns[k], name);
	}
	for (i = 0; i < info.nr_line_info && i < sizeof(lines) / sizeof(*lines); i++)
		h = hash(h, &lines[i], sizeof(lines[i]));
	for (i = 0; i < info.nr_func_info && i < sizeof(funcs) / sizeof(*funcs); i++)
		h = hash(h, &funcs[i], sizeof(funcs[i]));
	free(insns);
	return h;
}
