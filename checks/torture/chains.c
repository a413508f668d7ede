// SPDX-License-Identifier: GPL-2.0
/*
 * Long chains of objects and many nodes, made and freed by the programs of chains.bpf.c, in the guest.
 *
 *   chains OBJECT RUNS NODES
 *
 * Each program runs RUNS times with two nodes, and once with NODES nodes. What they left is in a line,
 * `chains: chain_dropped: 100000 runs, 12 KiB more`. If each run kept one node there would be 96 bytes more a run; more
 * than half of that is a failure. That this is seen, a first line shows, of a program that keeps its nodes until its map
 * is freed. A debug kernel reports what else is wrong. Exit status: 0, or 1 with a line on stderr.
 */
#include <bpf/libbpf.h>
#include <time.h>

#include "../../lib/program.h"
#include "memory.h"

/* Memory is given back after a grace period, which needs the program to pause. */
#define CHUNK 100
#define NODE_SIZE 96

/* shared with the programs */
struct counts {
	int nodes;
	long made, failed;
};

static struct bpf_object *load(const char *file, struct counts **counts)
{
	struct bpf_object *obj = bpf_object__open_file(file, NULL);
	struct bpf_map *map;
	size_t size;

	if (!obj || bpf_object__load(obj))
		die(file);
	map = bpf_object__find_map_by_name(obj, ".data.counts");
	*counts = map ? bpf_map__initial_value(map, &size) : NULL;
	if (!*counts || size != sizeof(**counts))
		die("counts");
	return obj;
}

/* Nodes that are kept are seen, and gone when their map is. */
static void check_kept(const char *file, long runs)
{
	struct counts *counts;
	struct bpf_object *obj = load(file, &counts);
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, "nodes_kept");
	long before, kib, limit = runs * NODE_SIZE / 1024 / 2;

	counts->nodes = 1;
	before = memory();
	run(bpf_program__fd(prog), runs, CHUNK, NULL);
	kib = memory() - before;
	printf("chains: %ld nodes: %ld KiB more\n", counts->made, kib);
	if (kib <= limit || counts->made != runs || counts->failed) {
		errno = ERANGE;
		die("nodes take no memory");
	}
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	struct counts *counts;
	long runs, nodes, kib, limit;
	time_t start;
	int bad = 0;

	runs = argc == 4 ? atol(argv[2]) : 0;
	nodes = argc == 4 ? atol(argv[3]) : 0;
	if (runs <= 0 || nodes <= 0) {
		fprintf(stderr, "usage: chains OBJECT RUNS NODES\n");
		return 2;
	}
	limit = runs * NODE_SIZE / 1024 / 2;
	check_kept(argv[1], runs);
	obj = load(argv[1], &counts);
	bpf_object__for_each_program(prog, obj) {
		const char *name = bpf_program__name(prog);
		int fd = bpf_program__fd(prog);

		if (!strcmp(name, "nodes_kept"))
			continue;
		start = time(NULL);
		counts->failed = 0;
		counts->nodes = nodes;
		counts->made = 0;
		run(fd, 1, CHUNK, NULL);
		if (counts->made != nodes)
			counts->failed += 1;
		counts->nodes = 2;
		run(fd, runs / 10, CHUNK, NULL);	/* what is allocated once, or kept in caches */
		kib = memory();
		counts->made = 0;
		run(fd, runs, CHUNK, NULL);
		kib = more(kib, limit, NULL);
		printf("chains: %s: %ld runs, %ld KiB more, %ld s\n", name, runs, kib, (long)(time(NULL) - start));
		fflush(stdout);
		if (kib > limit || counts->failed || counts->made != 2 * runs) {
			fprintf(stderr, "chains: %s: %s: %ld nodes, %ld failures\n", name,
				kib > limit ? "keeps memory" : "does not work", counts->made, counts->failed);
			bad = 1;
		}
	}
	printf("chains: %s\n", bad ? "failed" : "done");
	return bad;
}
