# SPDX-License-Identifier: GPL-2.0
# Host tests of include/magic_kfuncs.bpf.h: it compiles with every combination of other headers that compiles at all, with
# the vmlinux.h of checks/header/, which is short. `make header` does the same with whole ones, with older compilers, and
# runs what comes out.

CHECK=$ROOT/checks/header HEADER=$ROOT/include/magic_kfuncs.bpf.h

t_header_compiles() {
	"$CHECK/headers.sh" "$T/headers" "$ROOT/build/linux" "$CHECK/vmlinux.h"
	"$CHECK/compile.sh" "$T/headers" "$HEADER" clang-19 > table || { { grep ^FAIL table || :; } && return 1; }
	same "$(cut -f1 table | sort | uniq -c | xargs)" "9 no 103 ok"
}

# A header that lacks one #undef is found out: bpf_experimental.h has a macro of that name
t_header_check_fails() {
	"$CHECK/headers.sh" "$T/headers" "$ROOT/build/linux" "$CHECK/vmlinux.h"
	mkdir broken
	grep -v '^#undef bpf_obj_new$' "$HEADER" > broken/magic_kfuncs.bpf.h
	rm -rf headers/vmlinux/6.* headers/bpf/1.* # what is not there cannot compile
	fails_with "^FAIL.clang-19.series.series.after.base$" "$CHECK/compile.sh" "$T/headers" "$T/broken/magic_kfuncs.bpf.h" clang-19
}

# A name that is none of the twelve is an error that says so
t_header_unknown_name() {
	"$CHECK/headers.sh" "$T/headers" "$ROOT/build/linux" "$CHECK/vmlinux.h"
	cat > prog.c <<-'END'
		#include "vmlinux.h"
		#include "magic_kfuncs.bpf.h"
		SEC("syscall") int prog(void *ctx) { return magic_kfunc_exists(bpf_wq_start); }
	END
	fails clang-19 -target bpf -O2 -g -Werror -Iheaders/vmlinux/series -isystem headers/bpf/1.1 -I"$ROOT/include" \
		-isystem /usr/include/x86_64-linux-gnu -c prog.c -o prog.o
	grep -q '___magic_has_bpf_wq_start' err
}
