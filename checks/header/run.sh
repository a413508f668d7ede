#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh DIR STOCK SERIES: run what DIR/guest has on three kernels, and write build/results/header.txt.body
#
# STOCK and SERIES are images of a stock 6.18 and of the series, DIR/cloud/image is Debian's 6.12; VM is the directory of
# the guest's initramfs.
# Exit status: 0 when all did.
set -eu
dir=$1 stock=$2 series=$3
clangs='clang-14 clang-16 clang-19'
missing="is referenced but wasn't resolved"
result=build/results/header.txt.body
tab=$(printf '\t')

job() {
	printf '%s\t60\tcd /t && %s\n' "$1" "$2"
}

# jobs KERNEL: what to run there
jobs() {
	for o in "$dir"/guest/all-*.bpf.o; do
		o=${o##*/} c=${o#all-}
		case $1 in cloud) [ "${c#*-*-}" = "$c" ] || continue ;; esac # one level each: this kernel is slow to start with
		job "load by libbpf 1.1, ${c%.bpf.o}" "./run-1.1 load $o"
		job "load by the tree's libbpf, ${c%.bpf.o}" "./run-tree load $o"
	done
	for c in $clangs; do
		[ "$1" = cloud ] || job "cost, $c" "./run-tree cost plain-$c.bpf.o hand-$c.bpf.o"
	done
	job "light skeleton of bpftool 7.1" "./lrun-1.1 9"
	[ "$1" = cloud ] || job "light skeleton of the tree's bpftool" "./lrun-tree 12"
	case $1 in
	cloud)
		for c in $clangs; do
			job "no stream, unasked, $c" "./run-tree refuse plain-$c.bpf.o stream \"kfunc 'bpf_stream_vprintk_impl' $missing\""
		done
		;;
	stock)
		job "streams of 6.17" "./run-tree btf 6.17 load all-clang-19.bpf.o"
		job "streams of 6.17, libbpf 1.1" "./run-1.1 btf 6.17 refuse all-clang-19.bpf.o stream \"'bpf_stream_vprintk': func_proto\""
		;;
	series)
		for c in $clangs; do
			job "no impls, libbpf 1.1, $c" "./run-1.1 btf no-impl load all-$c.bpf.o"
			job "no impls, the tree's libbpf, $c" "./run-tree btf no-impl load all-$c.bpf.o"
		done
		;;
	esac
	job "neither, asked, libbpf 1.1" "./run-1.1 btf neither load all-clang-19.bpf.o"
	job "neither, asked, the tree's libbpf" "./run-tree btf neither load all-clang-19.bpf.o"
	job "neither, unasked, libbpf 1.1" "./run-1.1 btf neither refuse plain-clang-19.bpf.o wq 'not eliminated in verifier pass'"
	job "neither, unasked, the tree's libbpf" "./run-tree btf neither refuse plain-clang-19.bpf.o wq \"kfunc 'bpf_wq_set_callback_impl' $missing\""
	[ "$1" = cloud ] || job translated "mkdir /sys/fs/bpf/h && bpftool prog loadall plain-clang-19.bpf.o /sys/fs/bpf/h && bpftool prog dump xlated pinned /sys/fs/bpf/h/refs"
}

guest() {
	jobs "$1" > "$dir/$1.jobs"
	checks/header/guest.sh header "$dir" "$1" "$2"
}

# one line for each job: its name, and the last thing it said
report() {
	awk -v kernel="$2" '
		/^@begin / { name = substr($0, 8); said = ""; next }
		/^@end / { if (name != "translated" && name !~ /^cost/) print "| " kernel " | " name " | " said " |"; next }
		/^called:/ { said = "finds and calls " NF - 1; next }
		/^refused|^light/ { said = $0 }' "$dir/vm-$1/results"
}

guest stock "$stock"
guest series "$series"
VM_MACHINE=pc guest cloud "$dir/cloud/image"

{
	echo "# make header: include/magic_kfuncs.bpf.h with other headers, and on other kernels"
	echo "# 6.18: $(sed -n 's/^LINUX := \([^ ]*\).*/\1/p' linux.mk)"
	echo "# Debian: linux $(cat "$dir/cloud/version"), libbpf-dev $(dpkg-query -W -f '${Version}' libbpf-dev)"
	for c in $clangs; do
		echo "# $("$c" --version | head -n 1)"
	done
	printf '\n## Compiled\n\nFor each vmlinux.h and bpf_helpers.h: with the header before and after bpf_helpers.h, after bpf_experimental.h of\n'
	printf '6.18 and of the series. A digit counts the compilers, of 3, that take it; - is refused without the header, too.\n\n'
	printf '| vmlinux.h | libbpf 1.1 | libbpf 1.6 | 6.18 | series |\n|---|---|---|---|---|\n'
	awk -F'\t' '
		{ if (!($3 in seen)) { seen[$3] = 1; rows[++nr] = $3 }
		  cell = $3 FS $4 FS $5 FS $6; if ($1 == "ok") ok[cell]++; if ($1 == "no") no[cell]++ }
		function one(cell) { return no[cell] ? "-" : ok[cell] + 0 }
		END { split("1.1 1.6 base series", bpf, " ")
		      for (r = 1; r <= nr; r++) { line = "| " rows[r] " |"
				for (b = 1; b <= 4; b++) { c = rows[r] FS bpf[b] FS
					line = line " " one(c "before" FS "-") " " one(c "after" FS "-") " " \
						one(c "after" FS "base") " " one(c "after" FS "series") " |" }
				print line } }' "$dir/compiled"
	printf '\n%s compiled, %s refused, %s failed.\n' "$(grep -c "^ok$tab" "$dir/compiled" || :)" \
		"$(grep -c "^no$tab" "$dir/compiled" || :)" "$(grep -c "^FAIL$tab" "$dir/compiled" || :)"
	printf '\n## Run\n\n| kernel | what | outcome |\n|---|---|---|\n'
	report stock 6.18
	report series series
	report cloud "Debian's 6.12"
	printf '\n## Cost\n\nInstructions of a program after the verifier: with the header, and with foo_impl(..., NULL) by hand.\n\n'
	printf '| kernel | compiler | program | header | by hand |\n|---|---|---|---|---|\n'
	for k in stock series; do
		awk -v kernel="$k" '
			/^@begin cost/ { clang = $3 }
			/^cost / { sub(":", "", $2); sub(",", "", $11); print "| " kernel " | " clang " | " $2 " | " $3 " | " $11 " |" }' \
			"$dir/vm-$k/results"
	done
	for k in stock series; do
		printf '\n## Translated, on %s: n = bpf_obj_new(), bpf_refcount_acquire(n), two bpf_obj_drop()\n\n' "$k"
		sed -n '/^@begin translated/,/^@end/p' "$dir/vm-$k/results" | grep -E '^ *[0-9]+: \(' | sed 's/0xffffffff[0-9a-f]*/\&foo/; s/0xff[0-9a-f]*/META/'
	done
} > "$result.new"
mv "$result.new" "$result"
echo "header: ok: $result"
