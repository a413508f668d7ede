#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# matrix.sh TABLE DIR [NAME...]: build and boot the series in the configurations of TABLE, or in those named
# checks/matrix/rows explains TABLE. DIR has the BPF objects for the guest and receives a directory for each row.
# `make matrix` sets VM, where gen_init_cpio is, and GUEST, the archives to boot. Of each row:
#   - the kernel builds, and neither the compiler nor the linker nor a tool warns
#   - with W=1, the files that the series touches give no warning that the base does not give
#   - where it has the pairs, each kfunc has one tag in its BTF
#   - it boots, the checks and selftests pass, PID 1 reaches its end marker, nothing on the console is in guest/splats
# Prints KTAP, a line a row, the reason of a failure behind it, and `matrix: N passed, N failed`; what the row said is in
# build/log/matrix-NAME.log. Exit status: 0 when none failed and there was one.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
table=$1 out=$2
shift 2
tab=$(printf '\t')
passed=0 failed=0

# m ARG...: a make that knows nothing of the one that started this script
m() {
	# shellcheck disable=SC2086
	env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL make --no-print-directory CONFIG="$config" $args "$@"
}

# why TEXT...: the reason of a failure is the last line of a log
why() {
	echo "$*"
	exit 1
}

# warnings LOG: what compilers warned of in LOG, without line numbers; what was foo_impl() in the base is foo()
warnings() {
	sed -nE "s/^([^ :]*linux\/|\.\.\/)*([^ :]+):[0-9]+(:[0-9]+)?: (warning|error): /\3: \5: /; T
		s/_impl(['’])/\1/g; p" "$1" | sort
}

# touched_objects OBJ: what this kernel has of the .c files that the series touches
touched_objects() {
	touched patches | sed -n 's/\.c$/.o/p' | while read -r f; do
		[ ! -e "$1/$f" ] || case $f in tools/*) ;; *) echo "$f" ;; esac
	done
}

# What warned once says nothing when there is nothing to build: a kernel whose build was not seen here from the
# beginning, without a warning, is built anew. The compiler cache keeps warnings.
build() {
	[ -e "$obj/.matrix" ] || rm -rf "$obj"
	m kernel
	if grep -nE 'warning:|WARNING|WARN:' "$kernel_log"; then
		rm -f "$obj/.matrix"
		why "kernel: $(grep -m 1 -E 'warning:|WARNING|WARN:' "$kernel_log")"
	fi
	touch "$obj/.matrix"
}

# The series' objects are put back, so that the kernel is still up to date.
no_new_warnings() {
	files=$(touched_objects "$obj" | paste -sd' ' -)
	[ -n "$files" ] || why "W=1: $obj has none of the files that the series touches"
	mkdir -p "$dir/objects"
	# shellcheck disable=SC2086
	(cd "$obj" && for f in $files; do echo "$f" && echo "${f%/*}/.${f##*/}.cmd"; done |
		xargs cp -p --parents -t "$dir/objects")
	rc=0
	m matrix-w1 FILES="$files" OUT="$dir/w1-series" || rc=$?
	cp -pr "$dir/objects/." "$obj/"
	[ "$rc" -eq 0 ] || why "W=1: the series does not compile"
	m TREE=base matrix-w1 FILES="$files" OUT="$dir/w1-base" || why "W=1: the base does not compile"
	for t in base series; do
		for f in $files; do
			grep -qE "^ +CC +(\[M\] +)?$f\$" "$dir/w1-$t" || why "W=1: $t: $f was not compiled"
		done
		warnings "$dir/w1-$t" >"$dir/warnings-$t"
	done
	comm -13 "$dir/warnings-base" "$dir/warnings-series" >"$dir/warnings-new"
	cat "$dir/warnings-new"
	[ ! -s "$dir/warnings-new" ] || why "W=1: $(wc -l <"$dir/warnings-new") new: $(head -n 1 "$dir/warnings-new")"
}

# BTF that is none: its magic number is zero
mismatching() {
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$1" "$1.btf"
	[ -s "$1.btf" ] || why "$1: has no BTF"
	printf '\0\0' | dd of="$1.btf" conv=notrunc status=none
	objcopy --update-section .BTF="$1.btf" "$1" "$2"
}

# id_of STRUCT VMLINUX: the id of that struct in its BTF
id_of() {
	bpftool btf dump file "$2" | sed -n "s/^\[\([0-9]*\)\] STRUCT '$1' .*/\1/p" | head -n 1
}

# The module built against the small kernel, with a pahole that writes .BTF.base: its ids are not this kernel's.
distilled() {
	(config=small args=PAHOLE=1.31 && m -s matrix-obj >"$dir/other" && m matrix-module DIR="$dir/distilled")
	other=$(cat "$dir/other")
	mkdir -p "$dir/module"
	cp "$dir/distilled/matrix_mod.ko" "$dir/module/matrix_mod_distilled.ko"
	readelf -S --wide "$dir/module/matrix_mod_distilled.ko" | grep -q ' \.BTF\.base ' ||
		why "matrix_mod_distilled.ko: has no .BTF.base"
	ids="$(id_of fs_struct "$obj/vmlinux") $(id_of fs_struct "$other/vmlinux")"
	echo "struct fs_struct has the ids $ids"
	[ "${ids% *}" != "${ids#* }" ] || why "$other/vmlinux: its types have the same ids"
}

archive() {
	cat <<-END
		file /etc/jobs $dir/jobs 644 0 0
		dir /matrix 755 0 0
		file /matrix/check.sh checks/matrix/guest/check.sh 755 0 0
		file /matrix/pairs $dir/pairs 644 0 0
	END
	for f in "$out"/*.bpf.o "$dir"/module/*.ko; do
		[ ! -e "$f" ] || echo "file /matrix/${f##*/} $f 644 0 0"
	done
	for f in "$dir"/selftests/files/*; do
		[ ! -e "$f" ] || echo "file /tests/${f##*/} $f 755 0 0"
	done
}

# jobs: a check each, and a job for each of the selftests; $named are those that have to end well
jobs() {
	named=
	for c in $checks; do
		case $c in
		selftests)
			mkdir -p "$dir/selftests"
			m matrix-selftests DIR="$dir/selftests"
			[ ! -s "$dir/selftests/not-built" ] || why "selftests: not built: $(head -n 1 "$dir/selftests/not-built")"
			cat "$dir/selftests/jobs" >>"$dir/jobs"
			named="$named $(cut -f1 "$dir/selftests/jobs" | paste -sd' ' -)"
			;;
		*)
			printf '%s\t120\t/matrix/check.sh %s\n' "$c" "$c" >>"$dir/jobs"
			named="$named $c"
			;;
		esac
	done
}

# ran JOB: it ended well, and a selftest was not skipped
ran() {
	tr -d '\r' <"$dir/vm/results" | sed -n "/^@begin $1\$/,/^@end $1 /p" >"$dir/said"
	grep -qx "@end $1 status=0" "$dir/said" || why "guest: $1 did not run"
	! grep -q "^$1$tab" "$dir/selftests/jobs" 2>/dev/null || grep -qE "^#[0-9]+ +$1:OK$" "$dir/said" ||
		why "guest: $1: $(grep -E "^#[0-9]+ +$1:" "$dir/said" || echo "no verdict")"
}

boot() {
	jobs
	sed -n '/^BTF_ID_LIST(magic_kfuncs)$/,/^BTF_ID_LIST_END(magic_kfuncs)$/s/^BTF_ID(func, \(.*\))$/\1/p' \
		build/linux/kernel/bpf/btf.c | sed '/_impl$/d' >"$dir/pairs"
	[ -s "$dir/pairs" ] || why "btf.c: list magic_kfuncs: no pairs found"
	case " $checks " in
	*" pairs "*)
		bpftool btf dump file "$obj/vmlinux" >"$dir/btf"
		scripts/kfunc-tags.py "$obj/vmlinux" "$dir/btf"
		;;
	esac
	case " $checks" in
	*" module-"*) m matrix-module DIR="$dir/module" ;;
	esac
	case " $checks " in
	*" module-mismatch "*) mismatching "$dir/module/matrix_mod.ko" "$dir/module/matrix_mod_mismatch.ko" ;;
	esac
	case " $checks " in
	*" module-distilled "*) distilled ;;
	esac
	archive >"$dir/list"
	"$VM/gen_init_cpio" -t 0 "$dir/list" >"$dir/matrix.cpio"
	rc=0
	# shellcheck disable=SC2086
	guest/boot.sh test "$dir/vm" "$obj/arch/x86/boot/bzImage" $GUEST "$dir/matrix.cpio" || rc=$?
	cat "$dir/vm/results" || :
	if grep -v '^scanned ' "$dir/vm/splats"; then
		why "console: $(head -n 1 "$dir/vm/splats" | cut -f2)"
	fi
	! bad=$(grep -aE -m 1 'BTF of ' "$dir/vm/console.log") || why "console: $bad"
	[ "$rc" -eq 0 ] || why "guest: $(awk '/^@begin/ { last = "" } /^@end .* status=0/ { next } /^@end/ { print $2 ": " last; exit } { last = $0 }' "$dir/vm/results" | grep . || echo "did not end, see $dir/vm/console.log")"
	for c in $named; do ran "$c"; done
}

row() {
	dir=$PWD/$out/$name
	rm -rf "$dir"
	mkdir -p "$dir"
	obj=$(m -s matrix-obj)
	kernel_log=build/log/kernel-${obj##*/obj-}.log
	build
	boot
	no_new_warnings
}

# rows: those of TABLE that are asked for
for n; do
	grep -q "^$n$tab" "$table" || die "$n: matrix: no such row: $table has them"
done
# a copy, as a table that is edited meanwhile would be read from the wrong place
cp "$table" "$out/table"
while IFS=$tab read -r name config args checks <&3; do
	case $name in '' | '#'*) continue ;; esac
	[ -n "$checks" ] || die "$table: $name: want name<TAB>configuration<TAB>arguments<TAB>checks"
	case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
	[ "$args" != - ] || args=
	log=build/log/matrix-$name.log
	begin=$(date +%s)
	set +e # in a list with || the shell would not stop at an error inside
	(set -e && row) >"$log" 2>&1 </dev/null 3<&-
	rc=$?
	set -e
	if [ "$rc" -eq 0 ]; then
		passed=$((passed + 1))
		printf 'ok %d - %s: %s (%d s)\n' $((passed + failed)) "$name" "$checks" $(($(date +%s) - begin))
	else
		failed=$((failed + 1))
		printf 'not ok %d - %s # %s (%s)\n' $((passed + failed)) "$name" "$(tail -n 1 "$log")" "$log"
	fi
done 3<"$out/table"
echo "matrix: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
