#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# pahole-oracle.sh STOCK PATCHED TOOL OUT OBJECT [MODULE...]: compare two producers of the pairs of magic kfuncs
# STOCK and PATCHED are the same release of pahole, the second with patches-dwarves/; TOOL is resolve_btfids. OBJECT is
# a vmlinux or any object with kfuncs, its modules follow. The stage makes the pairs from STOCK's output; PATCHED
# makes them itself. Both must have the same functions, with the same prototypes and tags and in the same order, and
# the stage must not change a byte of what PATCHED has made. What differs is in OUT.
# Exit status: 0 when they agree.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
stock=$1 patched=$2 tool=$3 out=$4 vmlinux=$5
shift 4
features=--btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs,attributes
rm -rf "$out"
mkdir -p "$out"
rc=0

# functions BTF [BASE]: of the BTF's own, as text, in the order of their ids, tags in the order of the alphabet
functions() {
	[ -z "${2-}" ] || bpftool btf dump file "$2" >"$out/base.txt"
	bpftool btf dump file "$1" ${2:+-B "$2"} >"$out/own.txt"
	awk -f "$here/tests/btf/funcs.awk" ${2:+"$out/base.txt"} "$out/own.txt" | awk -F'"' '{
		for (i = 2; i <= NF; i += 2)
			for (k = i; k > 2 && $k < $(k - 2); k -= 2) {
				t = $k
				$k = $(k - 2)
				$(k - 2) = t
			}
		print
	}' OFS='"'
}

base=
for object; do
	name=$(basename "$object")
	# what is split over the BTF of vmlinux is to have the same base both times
	"$stock" -J $features ${base:+--btf_base "$base"} --btf_encode_detached="$out/$name.plain" "$object"
	"$tool" ${base:+-b "$base"} --btf "$out/$name.plain" --btf_out "$out/$name.stage" "$object"
	"$patched" -J $features ${base:+--btf_base "$base"} --btf_encode_detached="$out/$name.pahole" "$object"
	"$tool" ${base:+-b "$base"} --btf "$out/$name.pahole" --btf_out "$out/$name.again" "$object"
	# an object without .BTF_ids has no kfuncs
	[ -e "$out/$name.stage" ] || cp "$out/$name.plain" "$out/$name.stage"
	[ -e "$out/$name.again" ] || cp "$out/$name.pahole" "$out/$name.again"

	cmp "$out/$name.pahole" "$out/$name.again" || {
		echo "pahole-oracle: $name: the stage changes what pahole has made" >&2
		rc=1
	}
	functions "$out/$name.stage" "$base" >"$out/$name.stage.txt"
	functions "$out/$name.pahole" "$base" >"$out/$name.pahole.txt"
	diff -u "$out/$name.stage.txt" "$out/$name.pahole.txt" >"$out/$name.diff" || {
		echo "pahole-oracle: $name: the functions differ: see $out/$name.diff" >&2
		rc=1
	}
	[ "$object" != "$vmlinux" ] || grep -q '_impl(.*"bpf_kfunc"' "$out/$name.pahole.txt" || {
		echo "pahole-oracle: $name: has no impls: nothing was compared" >&2
		rc=1
	}
	printf '%s: %d functions, %d with tags, %d impls\n' "$name" "$(grep -c '(' "$out/$name.pahole.txt")" \
		"$(grep -c '"bpf_kfunc"' "$out/$name.pahole.txt")" "$(grep -c '_impl(.*"bpf_kfunc"' "$out/$name.pahole.txt")"
	[ "$object" != "$vmlinux" ] || base=$out/$name.stage
done
exit $rc
