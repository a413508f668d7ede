# SPDX-License-Identifier: GPL-2.0
# btf-double-run.sh: run resolve_btfids on one object again and again
#
# The BTF's ids change in between, as when kbuild does this to a module that was not linked again. Each function's
# flags must stay with the function, and a later run with the first BTF must give the first result. Fails on the
# tool of the base.
. "$ROOT/tests/btf/lib.sh"

gcc -I"$here" -c -x c - -o ids.o <<'END'
#include "ids.h"
BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, zz, 1)
BTF_ID_FLAGS(func, aa, 2)
BTF_ID_FLAGS(func, mm, 4)
BTF_KFUNCS_END(set)
BTF_SET8_START(empty)
BTF_SET8_END(empty)
BTF_SET8_START(other)
BTF_ID_FLAGS(func, mm, 32)
BTF_ID_FLAGS(func, zz, 8)
BTF_SET8_END(other)
END
# with_btf OBJECT FUNCTION...
with_btf() {
	obj=$1
	shift
	printf 'int %s(int a) { return a; }\n' "$@" | gcc -g -c -x c - -o "$obj"
	pahole -J "$obj"
}
with_btf btf1.o zz mm aa
with_btf btf2.o aa zz mm

# Prints "set name=flags" of every set8 entry, by the ids that are in the file.
dump() {
	func_names "$1" > names
	btf_ids ids.o | awk '
		NR == FNR { name[$1] = $2; next }
		{ w[n++] = $1 + 0 }
		END {
			for (i = 0; i < n; set++) {
				cnt = w[i]
				i += 2
				for (last = 0; cnt--; i += 2) {
					print set + 0, (w[i] <= last ? "unsorted " : "") name[w[i]] "=" w[i + 1]
					last = w[i]
				}
			}
		}' names - | sort
}

printf '0 aa=2\n0 mm=4\n0 zz=1\n2 mm=32\n2 zz=8\n' > want
n=0
for btf in btf1.o btf2.o btf1.o btf1.o; do
	"$tool" --btf "$btf" ids.o
	dump "$btf" > got
	n=$((n + 1))
	[ $n != 1 ] || cp ids.o first.o
	check "double-run: run $n" diff want got
done
check "double-run: first BTF again" cmp ids.o first.o
