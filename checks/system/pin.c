// SPDX-License-Identifier: GPL-2.0
/*
 * pin OBJECT DIRECTORY: load the programs of OBJECT, attach each to what its section names, and pin the links
 * Linked with Debian's libbpf 1.1. Its bpftool cannot attach tracing programs.
 */
#include <stdio.h>
#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *prog;
	char path[256];
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: pin OBJECT DIRECTORY\n");
		return 2;
	}
	object = bpf_object__open(argv[1]);
	if (!object || bpf_object__load(object)) {
		fprintf(stderr, "pin: %s: does not load\n", argv[1]);
		return 1;
	}
	bpf_object__for_each_program(prog, object) {
		struct bpf_link *link = bpf_program__attach(prog);

		snprintf(path, sizeof(path), "%s/%s", argv[2], bpf_program__name(prog));
		err = link ? bpf_link__pin(link, path) : -1;
		if (err) {
			fprintf(stderr, "pin: %s: cannot be %s\n", path, link ? "pinned" : "attached");
			return 1;
		}
	}
	return 0;
}
