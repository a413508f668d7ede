#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# btf-double-run.sh: run resolve_btfids on one object again and again
#
# The BTF's ids change in between, as when kbuild does this to a module that was not linked again. Each function's
# flags must stay with the function, and a later run with the first BTF must give the first result. Fails on the
# tool of the base. Prints KTAP.
# shellcheck source=tests/btf/lib.sh
. "$(dirname "$0")/../btf/lib.sh"
exec 2> log

cat > ids.c <<'END'
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
gcc -I"$here" -c ids.c
gcc -g -c -x c - -o btf1.o <<'END'
int zz(int a) { return a; }
int mm(int a) { return a; }
int aa(int a) { return a; }
END
gcc -g -c -x c - -o btf2.o <<'END'
int aa(int a) { return a; }
int zz(int a) { return a; }
int mm(int a) { return a; }
END

# Prints "set name=flags" of every set8 entry, by the ids that are in the file.
dump()
{
	objcopy -O binary --only-section=.BTF_ids --set-section-flags .BTF_ids=alloc ids.o raw
	bpftool btf dump file "$1" | sed -n "s/^\[\([0-9]*\)\] FUNC '\([a-z]*\)'.*/\1 \2/p" > names
	od -An -v -td4 -w4 raw | awk '
		NR == FNR { name[$1] = $2; next }
		{ w[n++] = $1 + 0 }
		END {
			for (i = 0; i < n; ) {
				cnt = w[i]
				i += 2
				for (last = 0; cnt--; i += 2) {
					if (w[i] <= last)
						printf "unsorted "
					last = w[i]
					printf "%s=%d ", name[w[i]], w[i + 1]
				}
				printf "; "
			}
		}' names - | tr ' ' '\n' | awk '/;/ { n++; next } NF { print n + 0, $0 }' | sort
}

pahole -J btf1.o
pahole -J btf2.o
printf '0 aa=2\n0 mm=4\n0 zz=1\n2 mm=32\n2 zz=8\n' > want

n=0
for btf in btf1.o btf2.o btf1.o btf1.o; do
	"$tool" --btf "$btf" ids.o
	dump "$btf" > got
	[ "$btf" != btf1.o ] || [ -f first.o ] || cp ids.o first.o
	n=$((n + 1))
	if diff want got >&2; then result "double-run: run $n" 0; else result "double-run: run $n" 1; fi
done
if cmp ids.o first.o; then result "double-run: first BTF again" 0; else result "double-run: first BTF again" 1; fi
