# SPDX-License-Identifier: GPL-2.0
# btf-list.sh: host tests of what resolving the ids does to the list magic_kfuncs
#
# The pairs ascend in both columns and hold the ids of foo and foo_impl, whatever the order in the source, also
# on a second run after the ids have changed and for the other byte order; a list that cannot be bisected is
# refused.
. "$ROOT/tests/btf/lib.sh"

# The words of .BTF_ids, as names where they are ids of the BTF in $2.
ids() {
	func_names "$2" > names
	btf_ids "$1" | awk '
		NR == FNR { name[$1] = $2; next }
		{ printf "%s ", $1 in name ? name[$1] : "-" }' names -
}

# Do the pairs ascend by their numbers?
ascending() {
	btf_ids list.o 8 | awk '
		$1 <= a || $2 <= b || (NR > 1 && $2 <= $1) { bad = 1 }
		{ a = $1; b = $2; if (!low) low = $2 }
		END { exit bad || a >= low }'
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
func() {
	for f; do echo "int $f(int a, void *aux__magic) { return a; }"; done
}
{ echo '#include "ids.h"'; func zz aa mm; echo "$set8"; } > one.c
{ echo '#include "ids.h"'; func b d mm f q zz u x aa; echo "$set8"; } > two.c

for cross in "" s390x-linux-gnu-; do
	"${cross}gcc" -I"$here" -c list.c -o list.o
	for n in one two; do
		cat $n.c list.c | "${cross}gcc" -g -I"$here" -c -x c - -o all.o
		pahole -J all.o
		"$tool" --btf_out $n.btf all.o
	done
	for n in one two one; do
		"$tool" --btf $n.btf list.o
		got=$(ids list.o $n.btf | fmt -w 1 | paste -d' ' - - | sort)
		check "list: $cross$n: pairs" same "$got" "$(printf '%s\n' "aa aa_impl" "mm mm_impl" "zz zz_impl")"
		check "list: $cross$n: ascending" ascending
	done
done
cross=

# object OBJECT: with BTF, of the source on stdin
object() {
	gcc -g -I"$here" -c -x c - -o "$1"
	pahole -J "$1"
}

# Modules that were built before go on fitting: BTF depends neither on the order of rows and entries nor on other flags.
# With another kfunc, it is another.
btf_of() {
	tee "$1.c" | object all.o
	"$tool" --btf_out "$1.btf" all.o
}
cat one.c list.c | btf_of before
{ cat one.c; sed -n 1,2p list.c; sed -n '3,8p' list.c | paste - - | tac | tr '\t' '\n'; sed -n '9,$p' list.c; } | btf_of rows
cat one.c list.c | sed 's/(func, mm, KF_MAGIC_ARGS)/(func, mm, KF_MAGIC_ARGS | KF_SLEEPABLE)/' | btf_of flag
{ sed '/^BTF_ID_FLAGS/d; /^BTF_KFUNCS_END/d' one.c; sed -n '/^BTF_ID_FLAGS/p' one.c | tac; echo 'BTF_KFUNCS_END(set)'; cat list.c; } | btf_of entries
cat one.c list.c | sed '/(func, mm/d; /(func, mm_impl/d; s/int mm(int a, void \*aux__magic)/int mm(int a, void *aux)/' | btf_of fewer
for n in rows flag entries; do
	check "list: $n: another source" not cmp -s $n.c before.c
	check "list: $n: the same BTF" cmp before.btf $n.btf
done
check "list: fewer: another BTF" same "$(cmp -s before.btf fewer.btf || echo $?)" 1

# refused NAME BTF MESSAGE: the list on stdin, with status 255 and that message
refused() {
	gcc -I"$here" -c -x c - -o list.o
	rc=0
	"$tool" --btf "$2" list.o 2> err || rc=$?
	check "list: $1: status" [ "$rc" = 255 ]
	check "list: $1: message" same "$(grep -c "^resolve_btfids: list.o: list magic_kfuncs: pair $3; " err)" 1
}

# A list that pahole's BTF has no impls for, one with a pair twice, one whose impls have ids among those of the kfuncs.
object plain.o < one.c
first=$(func_names plain.o | head -n 1)
refused "no impls" plain.o "${first% *}, 0 (__BTF_ID__func__${first#* }__[0-9]*) has no ID" < list.c
cat two.c list.c | btf_of more
sed 's/mm/aa/' list.c | refused twice more.btf "[0-9]*, [0-9]* (__BTF_ID__func__aa__[0-9]*) is there twice"
func aa aa_impl mm mm_impl zz zz_impl | object low.o
refused "low impl" low.o "[0-9]*, [0-9]* (.*) is out of order" < list.c
