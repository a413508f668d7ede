// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts the instructions that a guest's kernel executes, by address, from each entry into one
 * function of the kernel to the return to user space: -plugin profile.so,start=ADDRESS,out=FILE
 *
 * FILE receives a line `ADDRESS COUNT` for each block of instructions that was executed then, in hexadecimal and decimal.
 * What an interrupt does meanwhile is counted in; a block that an exception ends counts as a whole. For one CPU.
 * Debian has no header for plugins: what follows is what this file uses of version 1 of the interface, which QEMU 7.2 has.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_info_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

int qemu_plugin_version = 1;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, void (*cb)(unsigned int, void *),
					  enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

#define KERNEL (1ULL << 63)

/* QEMU translates a block again when it has forgotten it */
static struct block {
	uint64_t addr, insns, count;
	struct block *next;
} *blocks[1 << 16];
static uint64_t start;
static bool counting;
static char *out;

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	if (!(block->addr & KERNEL))
		counting = false;
	else if (block->addr == start)
		counting = true;
	if (counting)
		block->count += block->insns;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb), insns = qemu_plugin_tb_n_insns(tb);
	struct block **head = &blocks[(addr ^ addr >> 16) & 0xffff], *block;

	for (block = *head; block; block = block->next)
		if (block->addr == addr && block->insns == insns)
			break;
	if (!block) {
		block = calloc(1, sizeof(*block));
		if (!block)
			abort();
		*block = (struct block){ .addr = addr, .insns = insns, .next = *head };
		*head = block;
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_NO_REGS, block);
}

static void finish(qemu_plugin_id_t id, void *unused)
{
	FILE *file = fopen(out, "w");
	struct block *block;
	size_t i;

	for (i = 0; file && i < sizeof(blocks) / sizeof(blocks[0]); i++)
		for (block = blocks[i]; block; block = block->next)
			if (block->count)
				fprintf(file, "%llx %llu\n", (unsigned long long)block->addr,
					(unsigned long long)block->count);
	if (!file || fclose(file))
		perror(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "start=", 6))
			start = strtoull(argv[i] + 6, NULL, 16);
		if (!strncmp(argv[i], "out=", 4))
			out = argv[i] + 4;
	}
	if (!start || !out)
		return -1;
	out = strdup(out);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
