#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# btf-list.sh: host tests of what resolving the ids does to the list magic_kfuncs
#
# The pairs ascend in both columns and hold the ids of foo and foo_impl, whatever the order in the source, also
# on a second run after the ids have changed and for the other byte order; a list that cannot be bisected is
# refused. Prints KTAP; what was wrong is in build/host/btf-list/log.
# shellcheck source=tests/btf/lib.sh
. "$(dirname "$0")/../btf/lib.sh"
exec 2> log

# check NAME GOT WANTED
check()
{
	[ "$2" = "$3" ] || printf '%s:\ngot:\n%s\nwanted:\n%s\n' "$1" "$2" "$3" >&2
	if [ "$2" = "$3" ]; then result "list: $1" 0; else result "list: $1" 1; fi
}

# The words of .BTF_ids, as names where they are ids of the BTF in $2.
ids()
{
	"${cross}objcopy" -O binary --only-section=.BTF_ids --set-section-flags .BTF_ids=alloc "$1" raw
	bpftool btf dump file "$2" | sed -n "s/^\[\([0-9]*\)\] FUNC '\([a-z_]*\)'.*/\1 \2/p" > names
	od --endian="$endian" -An -v -tu4 -w4 raw | awk '
		NR == FNR { name[$1] = $2; next }
		{ printf "%s ", $1 in name ? name[$1] : "-" }' names -
}

# Do the pairs of the last ids() ascend by their numbers?
ascending()
{
	od --endian="$endian" -An -v -tu4 -w8 raw | awk '
		$1 <= a || $2 <= b || (NR > 1 && $2 <= $1) { bad = 1 }
		{ a = $1; b = $2; if (!low) low = $2 }
		END { print ((bad || a >= low) ? "no" : "yes") }'
}

cat > list.c <<'END'
#include "ids.h"
BTF_ID_LIST(magic_kfuncs)
BTF_ID(func, zz)
BTF_ID(func, zz_impl)
BTF_ID(func, aa)
BTF_ID(func, aa_impl)
BTF_ID(func, mm)
BTF_ID(func, mm_impl)
BTF_ID_LIST_END(magic_kfuncs)
END
set8='BTF_KFUNCS_START(set)
BTF_ID_FLAGS(func, aa, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, mm, KF_MAGIC_ARGS)
BTF_ID_FLAGS(func, zz, KF_MAGIC_ARGS)
BTF_KFUNCS_END(set)'

# A second numbering: the same functions behind some others.
func()
{
	for f; do echo "int $f(int a, void *aux__magic) { return a; }"; done
}
{ echo '#include "ids.h"'; func zz aa mm; echo "$set8"; } > one.c
{ echo '#include "ids.h"'; func b d mm f q zz u x aa; echo "$set8"; } > two.c

for cross in "" s390x-linux-gnu-; do
	endian=little
	[ -z "$cross" ] || endian=big
	"${cross}gcc" -I"$here" -c list.c -o list.o
	for n in one two; do
		cat $n.c list.c | "${cross}gcc" -g -I"$here" -c -x c - -o all.o
		pahole -J all.o
		"$tool" --btf_out $n.btf all.o
	done
	for n in one two one; do
		"$tool" --btf $n.btf list.o
		got=$(ids list.o $n.btf | fmt -w 1 | paste -d' ' - - | sort)
		check "$cross$n: pairs" "$got" "aa aa_impl
mm mm_impl
zz zz_impl"
		check "$cross$n: ascending" "$(ascending)" yes
	done
done
cross=

# Modules that were built before go on fitting: BTF depends neither on the order of rows and entries nor on other flags.
# With another kfunc, it is another.
btf_of()
{
	cat > "$1.c"
	gcc -g -I"$here" -c "$1.c" -o all.o
	pahole -J all.o
	"$tool" --btf_out "$1.btf" all.o
}
cat one.c list.c | btf_of before
{ cat one.c; sed -n 1,2p list.c; sed -n '3,8p' list.c | paste - - | tac | tr '\t' '\n'; sed -n '9,$p' list.c; } | btf_of rows
cat one.c list.c | sed 's/(func, mm, KF_MAGIC_ARGS)/(func, mm, KF_MAGIC_ARGS | KF_SLEEPABLE)/' | btf_of flag
{ sed '/^BTF_ID_FLAGS/d; /^BTF_KFUNCS_END/d' one.c; sed -n '/^BTF_ID_FLAGS/p' one.c | tac; echo 'BTF_KFUNCS_END(set)'; cat list.c; } | btf_of entries
cat one.c list.c | sed '/(func, mm/d; /(func, mm_impl/d; s/int mm(int a, void \*aux__magic)/int mm(int a, void *aux)/' | btf_of fewer
for n in rows flag entries; do
	not_same=0
	cmp -s $n.c before.c || not_same=1
	check "$n: another source" "$not_same" 1
	rc=0
	cmp before.btf $n.btf >&2 || rc=$?
	check "$n: the same BTF" "$rc" 0
done
rc=0
cmp -s before.btf fewer.btf || rc=$?
check "fewer: another BTF" "$rc" 1

# What is refused: a list that pahole's BTF has no impls for, one with a pair
# twice, one whose impls have ids among those of the kfuncs.
rc=0
gcc -g -I"$here" -c one.c -o plain.o
pahole -J plain.o
gcc -I"$here" -c list.c -o list.o
"$tool" --btf plain.o list.o 2> err || rc=$?
check "no impls: status" "$rc" 255
first=$(bpftool btf dump file plain.o | sed -n "s/^\[\([0-9]*\)\] FUNC '\([a-z]*\)'.*/\1 \2/p" | head -n 1)
check "no impls: message" "$(grep -c "^resolve_btfids: list.o: list magic_kfuncs: pair ${first% *}, 0 (__BTF_ID__func__${first#* }__[0-9]*) has no ID; " err)" 1

cat two.c list.c | gcc -g -I"$here" -c -x c - -o all.o
pahole -J all.o
"$tool" --btf_out two.btf all.o
sed 's/mm/aa/' list.c | gcc -I"$here" -c -x c - -o list.o
rc=0
"$tool" --btf two.btf list.o 2> err || rc=$?
check "twice: status" "$rc" 255
check "twice: message" "$(grep -c '^resolve_btfids: list.o: list magic_kfuncs: pair [0-9]*, [0-9]* (__BTF_ID__func__aa__[0-9]*) is there twice; ' err)" 1

func aa aa_impl mm mm_impl zz zz_impl | gcc -g -c -x c - -o low.o
pahole -J low.o
gcc -I"$here" -c list.c -o list.o
rc=0
"$tool" --btf low.o list.o 2> err || rc=$?
check "low impl: status" "$rc" 255
check "low impl: message" "$(grep -c '^resolve_btfids: list.o: list magic_kfuncs: pair [0-9]*, [0-9]* (.*) has an impl with a low ID; ' err)" 1
