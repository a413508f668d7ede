# SPDX-License-Identifier: GPL-2.0
# btf-stage.sh: host tests of the BTF-to-BTF stage (resolve_btfids --btf_out)
#
# Each file of tests/btf/stage/ is compiled, given BTF by pahole and run through the tool; the functions of the
# result must be those of the .out file beside it. Each file of stage-bad/ must fail with the lines of its .err
# file and leave nothing behind; stage-mod/ has the same for modules. Objects for x86_64 and for s390x, which has
# the other byte order. Then objects that no compiler makes. UPDATE=1 rewrites the golden files.
. "$ROOT/tests/btf/lib.sh"

# compare NAME GOT WANTED
compare() {
	[ -z "${UPDATE-}" ] || cp "$2" "$3"
	check "$1" diff -u "$3" "$2"
}

# funcs BTF [BASE]
funcs()
{
	[ -z "${2-}" ] || bpftool btf dump file "$2" > base.txt
	bpftool btf dump file "$1" ${2:+-B "$2"} > own.txt
	awk -f "$here/funcs.awk" ${2:+base.txt} own.txt | sort
}

# good NAME ELF WANTED [OPTION...]: output as wanted; again: same bytes
good() {
	test=$1 elf=$2 wanted=$3
	shift 3
	cp "$elf" before
	rm -f out out2
	if ! "$tool" "$@" --btf_out out "$elf" 2> err || [ -s err ]; then
		check "$test" not cat err
		return
	fi
	funcs out "${2-}" > got 2>&1 || :
	compare "$test" got "$wanted"
	check "$test: object unchanged" cmp "$elf" before

	cp "$elf" again.elf
	"${cross}objcopy" --update-section .BTF=out again.elf || :
	"$tool" "$@" --btf_out out2 again.elf || :
	check "$test: idempotent" cmp out out2
}

# run ARGUMENT...: the tool, with an empty directory o; what it said, and left there, goes to err.
run() {
	rm -rf o
	mkdir o
	rc=0
	"$tool" "$@" 2> err || rc=$?
	ls o >> err
	[ "$rc" = 255 ] || echo "exit status $rc" >> err
}

# bad NAME ELF WANTED [OPTION...]
bad() {
	test=$1 elf=$2 wanted=$3
	shift 3
	run "$@" --btf_out o/out "$elf"
	compare "$test" err "$wanted"
}

# refused NAME PATTERN OPTION...: one line of that pattern, no output, nothing left behind
refused() {
	test=$1 pattern=$2
	shift 2
	run "$@"
	[ "$rc" = 255 ] || echo >> err # one line too many for says
	check "$test" says "$pattern" err
}

# resolved OBJECT N: the ids of OBJECT, with the BTF in out, are N words that are not 0
resolved() {
	"$tool" --btf out "$1" && same "$(btf_ids "$1" | grep -cv ' 0$')" "$2"
}

# with_btf OBJECT [OPTION...]: of the source on stdin
with_btf() {
	obj=$1
	shift
	gcc -g -I"$here" "$@" -c -x c - -o "$obj"
	pahole -J "$obj"
}

for cross in "" s390x-linux-gnu-; do
	cc="${cross}gcc -O2"
	arch=${cross%%-*}${cross:+ }
	for src in "$here"/stage/*.c; do
		name=$(basename "$src" .c)
		c=$cc
		[ "$name" != tags ] || { [ -z "$arch" ] || continue; c="clang-19 -O2"; }
		$c -g -Wno-unused-variable -I"$here" -c "$src" -o "$name.o"
		pahole -J "$name.o"
		good "$arch$name" "$name.o" "$here/stage/$name.out"

		[ -z "$arch" ] || continue
		ld -e 0x1000 -o "$name.elf" "$name.o"
		good "linked $name" "$name.elf" "$here/stage/$name.out"
	done
	for src in "$here"/stage-bad/*.c; do
		name=$(basename "$src" .c)
		$cc -g -I"$here" -c "$src" -o "$name.o"
		pahole -J "$name.o"
		bad "$arch$name" "$name.o" "$here/stage-bad/$name.err"
	done
done

# An object with more sections than st_shndx can tell apart, as -ffunction-sections makes them: the symbols of
# .BTF_ids have their section's number elsewhere. Then the ids are resolved: no word stays 0.
{
	echo '__asm__('
	seq 66000 | sed 's/.*/".section .text.f&,\\"ax\\"\\n"/'
	printf '"\\t.text\\n");\n#include "%s"\n' "$here/stage/aux.c"
} > sections.c
for cross in "" s390x-linux-gnu-; do
	arch=${cross%%-*}${cross:+ }
	"${cross}gcc" -O2 -g -I"$here" -c sections.c -o sections.o
	pahole -J sections.o
	good "${arch}66,000 sections" sections.o "$here/stage/aux.out"
	check "${arch}66,000 sections: resolved" resolved sections.o 6
done
cross=

# Modules: BTF that is split over that of a base, which has a kfunc of the same
# shape. They list no pairs. Some have the base in a section, too, as pahole distills it.
{ cat "$here/stage/aux.c"; echo 'int taken_impl(int a) { return a; }'; } | with_btf base.o -O2
"$tool" --btf_out base.btf base.o
objcopy --update-section .BTF=base.btf base.o
for src in "$here"/stage-mod/*.c; do
	name=$(basename "$src" .c)
	gcc -O2 -g -I"$here" -c "$src" -o "$name.o"
	pahole -J --btf_base base.o "$name.o"
	objcopy --add-section .BTF.base=base.btf "$name.o" "$name.base.o"
	sed "s/$name\.o/$name.base.o/" "${src%.c}.err" > "$name.err" || :
	case $name in
	bad-*)
		bad "module $name" "$name.o" "${src%.c}.err" -b base.o
		bad "module $name, distilled" "$name.base.o" "$name.err" -b base.o
		;;
	*)
		good "module $name" "$name.o" "${src%.c}.out" -b base.o
		;;
	esac
done
refused "no vmlinux" "mod.base.o: nowhere: cannot load BTF of vmlinux: No such file" -b nowhere --btf_out o/out mod.base.o

# Objects that no compiler makes, and other things that go wrong.
malformed() {
	{ cat "$here/stage/aux.c"; printf '%s\n' "$3"; } | with_btf x.o
	refused "$1" "$2" --btf_out o/out x.o
}

malformed "set beyond the section" "x.o: symbol __BTF_ID__set8__x: malformed set, size 4096" \
	'BTF_KFUNCS_START(x) IDS(".size __BTF_ID__set8__x, 4096\n")'
malformed "set of no size" "malformed set, size 0" 'BTF_KFUNCS_START(x)'
malformed "set of odd size" "malformed set, size 12" 'BTF_KFUNCS_START(x) BTF_ID(func, foo) BTF_KFUNCS_END(x)'
malformed "overlapping sets" "set [xy]: overlaps with set [xy]" 'BTF_KFUNCS_START(x)
	IDS("__BTF_ID__set8__y:\n.size __BTF_ID__set8__y, 8\n")
	BTF_ID_FLAGS(func, foo, KF_MAGIC_ARGS) BTF_KFUNCS_END(x)'
malformed "name without number" "symbol __BTF_ID__func__foo: malformed name" 'IDS("__BTF_ID__func__foo: .zero 4\n")'
malformed "name of underscores" "malformed name" 'IDS("__BTF_ID__func___: .zero 4\n")'
malformed "function at the end" "outside of .BTF_ids" 'IDS("__BTF_ID__func__foo__1:\n")'
malformed "symbol outside" "outside of .BTF_ids" 'IDS("__BTF_ID__func__far__1 = . + 4096\n")'
malformed "tab in a name" "x.o: symbol __BTF_ID__func__a.b: malformed name" 'IDS("\"__BTF_ID__func__a\tb\": .zero 4\n")'

# lld does so with symbols of the linker script: __end_rodata, in a kernel with LTO
{ cat "$here/stage/aux.c"; printf '%s\n' 'IDS(".globl __end_rodata\n__end_rodata = . + 4096\n")'; } | with_btf x.o -O2
good "symbol of the linker script" x.o "$here/stage/aux.out"

gcc -g -I"$here" -c "$here/stage/aux.c" -o x.o
# set_type OBJECT SECTION BYTES: give the section the type of these four bytes
set_type() {
	readelf -SW "$1" > sections.txt
	n=$(sed -n "s/^ *\[ *\([0-9]*\)\] $2 .*/\1/p" sections.txt)
	off=$(readelf -hW "$1" | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
	printf %b "$3" | dd of="$1" bs=1 seek=$((off + 64 * n + 4)) conv=notrunc
}

# without the numbers of sections that st_shndx has no room for
cp sections.o y.o
set_type y.o .symtab_shndx '\0\0\0\01'
refused "no section numbers" "FAILED symbol [0-9]* has no extended section index" --btf_out o/out y.o

# The linker makes one section of two .BTF_ids, also where other code than btf_ids.h gives them other flags, but not where
# one is not loaded or is in a group. Then the ids of one would stay 0, and the object is refused by the stage and after.
printf '%s\n' '#include "ids.h"' '__bpf_kfunc int two(int a) { return a; }' 'BTF_KFUNCS_START(twos)' \
	'BTF_ID_FLAGS(func, two)' 'BTF_KFUNCS_END(twos)' | gcc -O2 -g -I"$here" -S -x c - -o two.s

# two FLAGS LD: y.o of x.o and another with a set, in a section .BTF_ids with these flags
two() {
	sed "s/ \.BTF_ids,.*/ .BTF_ids,$1/" two.s | gcc -c -x assembler - -o two.o
	$2 -r -o y.o x.o two.o
	pahole -J y.o
}

for ld in ld ld.lld-19; do
	two '"aw"' "$ld"
	rm -f out
	"$tool" --btf_out out y.o || :
	check "two .BTF_ids in one, $ld" resolved y.o 9
done

# refused_both NAME SECTION: by the stage and when ids are resolved, and the object is left as it is
refused_both() {
	cp y.o before
	message="^FAILED y.o: sections [0-9]* and [0-9]* are both $2, and only one can be read: give them the same type and flags, "
	refused "$1" "$message" --btf_out o/out y.o
	refused "$1, resolved" "$message" y.o
	check "$1: object unchanged" cmp y.o before
}
two '""' ld
refused_both "two .BTF_ids" .BTF_ids
for ld in ld ld.lld-19; do
	two '"aG",@progbits,group,comdat' "$ld"
	refused_both "two .BTF_ids, a group, $ld" .BTF_ids
done
# No tool makes two of these.
cp x.o y.o
pahole -J y.o
objcopy --dump-section .BTF=btf y.o
objcopy --add-section .one=btf --add-section .two=btf x.o both.o
for name in .BTF .BTF.base; do
	objcopy --rename-section .one=$name --rename-section .two=$name both.o y.o
	refused_both "two $name" $name
done
head -c 24 /dev/zero > one
objcopy --add-section .one=one --add-section .two=one x.o both.o
set_type both.o .one '\02\0\0\0'
cp both.o y.o
refused_both "two .symtab" .symtab
set_type both.o .one '\022\0\0\0'
set_type both.o .two '\022\0\0\0'
mv both.o y.o
refused_both "two .symtab_shndx" .symtab_shndx

refused "no .BTF" "x.o: .BTF: no such section; pahole has not" --btf_out o/out x.o
pahole -J x.o
objcopy --strip-all x.o y.o
refused "stripped" "y.o: no symbol table" --btf_out o/out y.o
refused "stripped, resolved" "^FAILED y.o: no symbol table for .BTF_ids; the object is stripped$" y.o
head -c 700 x.o > y.o
refused "truncated" . --btf_out o/out y.o
head -c 30 x.o > y.o
refused "truncated header" . --btf_out o/out y.o
# A header of 28 bytes, which libbpf reads.
objcopy --dump-section .BTF=btf x.o
{ head -c 4 btf; printf '\034'; tail -c +6 btf | head -c 19; printf '\0\0\0\0'; tail -c +25 btf; } > btf.long
objcopy --update-section .BTF=btf.long x.o y.o
refused "long BTF header" "y.o: .BTF: header of 28 bytes instead of 24; use a pahole" --btf_out o/out y.o
: > y.o
refused "empty" . --btf_out o/out y.o
echo text > y.o
refused "not ELF" . --btf_out o/out y.o
refused "no object" "z.o: No such file" --btf_out o/out z.o
refused "no such directory" "x.o: nowhere/out.tmp: open: No such file" --btf_out nowhere/out x.o
mkdir x.d
refused "output is a directory" "x.o: x.d: write: Is a directory" --btf_out x.d x.o
cp x.o y.o
refused "output is the object" "x.o: x.o: is the object itself" --btf_out x.o x.o
ln -s x.o x.link
refused "output is a link to it" "is the object itself" --btf_out x.link x.o
check "object unchanged" cmp x.o y.o
ln -s /dev/full full.tmp
refused "full disk" "x.o: full: write: No space left on device" --btf_out full x.o
# No .BTF_ids, no kfuncs: nothing to complete, and no file.
echo 'int foo(int a, void *aux__magic) { return a; }' | with_btf no-ids.o
objcopy --dump-section .BTF=btf no-ids.o
head -c 60 btf > btf.cut
objcopy --update-section .BTF=btf.cut no-ids.o y.o
refused "half a .BTF, no .BTF_ids" "y.o: .BTF: cut off" --btf_out o/out y.o
: > btf.cut
objcopy --update-section .BTF=btf.cut no-ids.o y.o
refused "empty .BTF, no .BTF_ids" "y.o: .BTF: no " --btf_out o/out y.o
objcopy --remove-section .BTF no-ids.o y.o
refused "no .BTF, no .BTF_ids" "y.o: .BTF: no such section" --btf_out o/out y.o
run --btf_out o/out no-ids.o
check "no .BTF_ids" same "$(cat err)" "exit status 0"
# The right one still works, over a file that is there.
: > o/out
good "output exists" x.o "$here/stage/aux.out"
