# SPDX-License-Identifier: GPL-2.0
# A host test of the table of magic kfuncs, tests/btf/table.c, with ASan and UBSan
t_btf_table() {
	gcc -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
		-idirafter "$ROOT/build/linux/include" -o table "$ROOT/tests/btf/table.c"
	./table > counts || { cat counts && return 1; }
	printf '%s\t%s\n' 'orders of up to 8 pairs' 94460 'look-ups in up to 16384 pairs' 94837 | diff - counts
}
