// SPDX-License-Identifier: GPL-2.0
/*
 * run FILE...: run the fuzz target on each file once, without libFuzzer
 * run -s MODE OBJECT [BASE]: write a corpus file of OBJECT and BASE, raw BTF, to stdout, with what the stage reads
 * run -x MODE OBJECT [BASE]: the same, with the sections of symbols in .symtab_shndx
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *load(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(1 << 22);

	if (!f || !p) {
		perror(path);
		exit(1);
	}
	*size = fread(p, 1, 1 << 22, f);
	fclose(f);
	return realloc(p, *size + !*size);
}

static int seed(const char *mode, const char *object, const char *base, bool xindex)
{
	static uint8_t file[1 << 20];
	size_t size, n;
	uint8_t *p = load(object, &size);
	struct model m;

	if (!model_parse(&m, p, size)) {
		fprintf(stderr, "%s: no ELF object\n", object);
		return 1;
	}
	free(p);
	m.tr.mode = atoi(mode);
	m.has[XINDEX] |= xindex;
	if (base) {
		p = load(base, &n);
		btf_decode(&m.base, p, n);
		free(p);
	}
	n = model_emit(&m, file, sizeof(file));
	fwrite(file, 1, n, stdout);
	return !n;
}

int main(int argc, char **argv)
{
	size_t size;
	uint8_t *p;
	int i;

	if (argc > 3 && (!strcmp(argv[1], "-s") || !strcmp(argv[1], "-x")))
		return seed(argv[2], argv[3], argv[4], argv[1][1] == 'x');

	LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++) {
		p = load(argv[i], &size);
		/* the name is on stderr when the target aborts */
		fprintf(stderr, "%s\n", argv[i]);
		LLVMFuzzerTestOneInput(p, size);
		free(p);
	}
	return 0;
}
