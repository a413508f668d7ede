#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Build the planned part of the kernel's BPF selftests.
#
#   guest/selftests.sh SRC OBJ OUT PLAN SKIPS WHERE
#
# SRC is the kernel's source tree and OBJ where it was built; tests/plan and tests/skips explain PLAN,
# SKIPS and WHERE (TREE-CONFIG). OUT is the directory that receives
#   src/        a mirror of SRC with its own selftests/bpf, because selftests write where they are
#   files/      what the guest's /tests holds: test_progs, modules, the objects opened by name
#   jobs        the guest's /etc/jobs: a job for each test that was built
#   not-built   `test<TAB>reason`, each one a failure that tests/tally reports
#   build.log   what the compilers said; errors.log keeps what they said against dropped tests
#               (of the modules: src/tools/testing/selftests/bpf/test_kmods.log)
# KMAKE is the command that runs the kernel's make, JOBS the number of parallel compilers, SELFTESTS_LINK how test_progs is
# linked (default -static), SELFTESTS_MORE what is built beside it, in src/.
#
# Exit status: 0 when test_progs and the modules were built, even if single tests were not; 1
# otherwise; 2 for wrong usage.
set -eu

if [ $# -ne 6 ]; then
	echo "usage: guest/selftests.sh SRC OBJ OUT PLAN SKIPS WHERE" >&2
	exit 2
fi
mkdir -p "$3"
vm=$(cd "$(dirname "$0")" && pwd) src=$(cd "$1" && pwd) obj=$(cd "$2" && pwd) out=$(cd "$3" && pwd)
plan=$4 skips=$5 where=$6
from=$src/tools/testing/selftests/bpf
to=$out/src/tools/testing/selftests/bpf
tab=$(printf '\t')

die() {
	echo "selftests: $*" >&2
	exit 1
}

# PATTERN: whether it is for WHERE; an empty one always is.
here() {
	# shellcheck disable=SC2254 # it is a pattern
	case $where in ${1:-*}) true ;; *) false ;; esac
}

# The planned tests that are for WHERE, as `test<TAB>seconds`.
planned() {
	grep -v -e '^#' -e '^$' "$plan" | while IFS=$tab read -r test limit pattern; do
		! here "$pattern" || printf '%s\t%s\n' "$test" "${limit:-180}"
	done
}

# TEST: the option that keeps test_progs from running those of its subtests that are left out.
left_out() {
	grep -v -e '^#' -e '^$' "$skips" | while IFS=$tab read -r name pattern how _; do
		[ "$how" != left-out ] || ! here "$pattern" || echo "$name"
	done | grep "^$1/" | paste -sd, - | sed 's/./ -d &/'
}

# TEST REASON: a planned test that cannot run. It leaves tests and enters not-built.
drop() {
	printf '%s\t%s\n' "$1" "$2" >> "$out/not-built"
	echo "selftests: $1: not built: $2" >&2
	grep -v "^$1$tab" "$out/tests" > "$out/tests.new" || :
	mv "$out/tests.new" "$out/tests"
}

# tests: `test<TAB>seconds<TAB>file in prog_tests`, for those planned tests that the tree has.
find_tests() {
	: > "$out/not-built"
	planned | while IFS=$tab read -r test limit; do
		file=$(grep -lE "^void (serial_)?test_$test\((void)?\)" "$from"/prog_tests/*.c) || :
		printf '%s\t%s\t%s\n' "$test" "$limit" "${file##*/}"
	done > "$out/tests"
	sed -n "s/${tab}[0-9]*$tab\$//p" "$out/tests" > "$out/unknown"
	while read -r test; do drop "$test" "no test_$test() in $from/prog_tests"; done < "$out/unknown"
}

# verifier.c runs a hundred skeletons, each named in two lines: keep those of the planned tests.
pruned_verifier() {
	names=$(sed -n "s/$tab.*${tab}verifier\.c\$//p" "$out/tests" | paste -sd'|' -)
	# its end is for these two
	end="/^static int init_test_val_map/,\$d"
	case "|$names|" in *"|verifier_array_access|"*"|verifier_value_ptr_arith|"*) end='' ;; esac
	sed -E -e "$end" \
	    -e "/^(#include \"|void test_)($names)(\.skel\.h|\()/b" \
	    -e '/^#include ".*\.skel\.h"/d' -e '/^void test_/d' "$from/prog_tests/verifier.c"
}

# The files in progs/ that the files of prog_tests on stdin need: skeletons and objects by name, those that
# a skeleton is linked from, and all those that begin like a name that is put together ("x_" #y ".bpf.o").
progs_of() {
	grep -oE '["</ ]([A-Za-z0-9_]+(\.l?(sub)?skel\.h[">]|\.bpf\.o"|" *#[a-z]+ *"\.bpf\.o")|btf_dump_test_case_\w+")' |
		sed 's/^.//; s/".*#.*/*/; s/[."].*//' | sort -u | while read -r name; do
		linked=$(sed -n "s/^$name\.skel\.h-deps := //p" "$from/Makefile")
		for file in ${linked:-$name}; do
			# shellcheck disable=SC2086 # it may be a pattern
			(cd "$from" && ls progs/${file%.bpf.o}.c 2> /dev/null) || echo "progs/${file%.bpf.o}.c"
		done
	done
}

# Bring OUT/src up to date. Times are kept and what is not needed goes, so make does the rest.
copy_sources() {
	mkdir -p "$to/prog_tests"
	rm -f "$to/prog_tests/tests.h"
	: > "$out/verifier.c"
	cut -f3 "$out/tests" | sort -u | sed 's|^|prog_tests/|' > "$out/prog_tests"
	if grep -qx prog_tests/verifier.c "$out/prog_tests"; then
		pruned_verifier > "$out/verifier.c"
		cmp -s "$out/verifier.c" "$to/prog_tests/verifier.c" ||
			cp "$out/verifier.c" "$to/prog_tests/verifier.c"
	fi
	(
		cd "$from"
		grep -vx prog_tests/verifier.c "$out/prog_tests"
		grep -vx prog_tests/verifier.c "$out/prog_tests" |
			xargs cat "$out/verifier.c" | progs_of
		echo progs/btf_data.c
		for name in ${SELFTESTS_MORE-}; do echo "progs/${name}_kern.c"; done
		find . -maxdepth 1 \( -type f -o -type l \) ! -name '.*' ! -name Makefile -printf '%f\n'
		find gnu test_kmods prog_tests/*.h progs/*.h -type f
	) | while read -r file; do [ ! -f "$from/$file" ] || echo "$file"; done > "$out/copied"
	rsync -aL --files-from="$out/copied" "$from/" "$to/"
	(cd "$to" && find prog_tests progs -name '*.c') |
		grep -vxF -f "$out/copied" -f "$out/prog_tests" | sed "s|^|$to/|" | xargs -r rm -f
	# The Makefile does not know that a program may include the .c file of another.
	(cd "$to/progs" && sed -nE 's|^#include "(\w+\.c)".*|\1|; T; F; p' ./*.c) | paste - - |
		while IFS=$tab read -r prog included; do
			object=$to/${prog%.c}.bpf.o
			[ ! -f "$object" ] || find "$to/progs/$included" -newer "$object" -exec rm "$object" \;
		done
	sed "/^define DEFINE_TEST_RUNNER\$/i include $vm/prune.mk" "$from/Makefile" > "$to/Makefile"
	grep -q prune.mk "$to/Makefile" ||
		die "$from/Makefile: has no DEFINE_TEST_RUNNER: fit guest/selftests.sh to it"
}

# FROM TO BUT: make TO mirror FROM by symbolic links, except for the entry BUT.
mirror() {
	mkdir -p "$2"
	for entry in "$1"/*; do
		[ "${entry##*/}" = "$3" ] || ln -sfn "$entry" "$2/${entry##*/}"
	done
}

# Without MAKELEVEL, lib.mk chooses OUTPUT itself; otherwise it would be the root directory.
make_test_progs() {
	# shellcheck disable=SC2046 # names without spaces
	env -u MAKELEVEL -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u OUTPUT \
		make -C "$to" -k -j"${JOBS:-2}" CC="ccache ${GUEST_PREFIX-}gcc${GUEST_SYSROOT:+ --sysroot=$GUEST_SYSROOT}" \
		HOSTCC='ccache gcc' ARCH="${GUEST_ARCH:-x86}" CROSS_COMPILE="${GUEST_PREFIX-}" \
		CLANG="ccache clang-19${GUEST_SYSROOT:+ --sysroot=$GUEST_SYSROOT}" LLC=llc-19 LLVM_CONFIG=llvm-config-19 \
		LLVM_STRIP=llvm-strip-19 SKIP_LLVM=1 SKIP_DOCS=1 TRUNNER_EXTRA_FILES= \
		SAN_LDFLAGS="${SELFTESTS_LINK--static}" VMLINUX_BTF="$obj/vmlinux" \
		GENDIR="$obj/include/generated" test_progs \
		$(for name in ${SELFTESTS_MORE-}; do echo "$to/$name"; done) > "$out/build.log" 2>&1
}

# After a failed make -k: drop the tests that need what did not build. Fails if that is none.
drop_broken() {
	sed -nE -e "s#^make.*\*\*\* \[.*: $to/(\w+)\.test\.o\] Error.*#prog_tests/\1.c#p" \
		-e "s#^make.*\*\*\* \[.*: $to/(\w+)\.(bpf\.o|l?skel\.h)\] Error.*#progs/\1.c#p" \
		-e "s#^.*ld: .*/(\w+)\.test\.o: in function .*#prog_tests/\1.c#p" \
		"$out/build.log" > "$out/broken"
	cp "$out/tests" "$out/before"
	while IFS=$tab read -r test limit file; do
		case $file in
		verifier.c) echo "progs/$test.c" ;;
		*) progs_of < "$to/prog_tests/$file" ;;
		esac > "$out/needs"
		echo "prog_tests/$file" >> "$out/needs"
		broken=$(grep -xF -m1 -f "$out/broken" "$out/needs") || continue
		drop "$test" "$broken does not compile or link: see $out/errors.log"
	done < "$out/before"
	if cmp -s "$out/before" "$out/tests"; then return 1; fi
}

mirror "$src" "$out/src" tools
mirror "$src/tools" "$out/src/tools" testing
mirror "$src/tools/testing" "$out/src/tools/testing" selftests
mirror "$src/tools/testing/selftests" "$out/src/tools/testing/selftests" bpf
find_tests
copy_sources
: > "$out/errors.log"
until make_test_progs; do
	cat "$out/build.log" >> "$out/errors.log"
	if ! drop_broken; then
		grep -E '(error|\*\*\*)' "$out/build.log" >&2 || :
		die "test_progs: did not build: see $out/build.log"
	fi
	copy_sources
done

rm -rf "$out/files"
mkdir "$out/files"
"$vm/modules.sh" "$to/test_kmods" "$out/files"
"${GUEST_PREFIX-}strip" --strip-debug -o "$out/files/test_progs" "$to/test_progs"
cat "$to"/prog_tests/*.c | grep -oE '["/ ][A-Za-z0-9_]+(\.bpf\.o"|" *#[a-z]+ *"\.bpf\.o)' |
	sed 's/^.//; s/".*#.*/*.bpf.o/; s/"$//' | sort -u | while read -r name; do
	# shellcheck disable=SC2086 # it may be a pattern
	for object in "$to"/$name; do [ ! -f "$object" ] || cp "$object" "$out/files/"; done
done
while IFS=$tab read -r test limit _; do
	# 120 seconds are what test_progs gives a test or subtest by default
	# shellcheck disable=SC2016 # $SLOW is for the guest
	printf '%s\t%s\tcd /tests && exec ./test_progs -w $((120 * SLOW)) -a %s%s\n' \
		"$test" "$limit" "$test" "$(left_out "$test")"
done < "$out/tests" > "$out/jobs"
