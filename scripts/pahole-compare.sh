#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# pahole-compare.sh BPFTOOL VMLINUX-A VMLINUX-B DIR: is all that concerns kfuncs the same in both, whatever the pahole?
# Compared are, of two builds of one kernel, the functions that are tagged as kfuncs and how often, foo_impl among them, and
# the kfunc section of vmlinux.h. Not compared are ids, order, and address spaces: before 1.30 pahole does not
# know those of arena kfuncs. DIR receives the lists and vmlinux.h of both.
# Prints a line a comparison, with what differs, and exits with 0 when nothing does.
set -eu
bpftool=$1 dir=$4
mkdir -p "$dir"
rm -f "$dir"/[ab].*

# lists NAME VMLINUX
lists() {
	"$bpftool" btf dump file "$2" >"$dir/$1.btf"
	"$bpftool" btf dump file "$2" format c >"$dir/$1.vmlinux.h"
	# `NAME COUNT` for each function with the tag
	awk -F"'" '/^\[[0-9]+\] FUNC / { split($1, w, /[][]/); name[w[2]] = $2 }
		/^\[[0-9]+\] DECL_TAG .bpf_kfunc/ { match($3, /type_id=[0-9]+/); tags[substr($3, RSTART + 8, RLENGTH - 8)]++ }
		END { for (id in tags) print name[id], tags[id] }' "$dir/$1.btf" | sort >"$dir/$1.tags"
	sed -nE '/__ksym;$/{
		s/__attribute__\(\(address_space\([0-9]+\)\)\) ?//g
		s/ +/ /g
		s/\* /*/g
		p
	}' "$dir/$1.vmlinux.h" | sort >"$dir/$1.kfuncs"
}

bad=0
lists a "$2"
lists b "$3"
for what in tags kfuncs; do
	if [ ! -s "$dir/a.$what" ]; then
		echo "FAIL  $what: none found"
		bad=1
	elif diff -U0 "$dir/a.$what" "$dir/b.$what" >"$dir/diff"; then
		echo "ok    $what: $(wc -l <"$dir/a.$what") the same"
	else
		echo "FAIL  $what: $dir/a.$what and $dir/b.$what differ"
		grep '^[-+][^-+]' "$dir/diff"
		bad=1
	fi
done
exit "$bad"
