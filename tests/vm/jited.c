// SPDX-License-Identifier: GPL-2.0
/* jited PIN: the machine code of a program, which a bpftool without a disassembler refuses to dump, even raw */
#include <err.h>
#include <unistd.h>

#include <bpf/bpf.h>

int main(int argc, char **argv)
{
	static char code[65536];
	struct bpf_prog_info info = { .jited_prog_len = sizeof(code), .jited_prog_insns = (unsigned long)code };
	unsigned int len = sizeof(info);

	if (bpf_prog_get_info_by_fd(bpf_obj_get(argc > 1 ? argv[1] : ""), &info, &len))
		err(1, "get the code");
	if (!info.jited_prog_len || info.jited_prog_len > sizeof(code))
		errx(1, "%u bytes of code", info.jited_prog_len);
	return write(1, code, info.jited_prog_len) != info.jited_prog_len;
}
