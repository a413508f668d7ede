#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The corpus of corpus.sh on a kernel, and compared with what stock 6.18 makes of it.
#
#   checks/stock/judge.sh pack JUDGE BTF OBJECTS DIR VARIANT...
#   checks/stock/judge.sh run DIR VM BZIMAGE NAME [FILE...]
#   checks/stock/judge.sh compare DIR EXCUSES STOCK NAME
#
# pack: DIR receives list and corpus.cpio, the objects of the variants in OBJECTS with at least one program that differs by
# its instructions from all before; counts says how many. JUDGE is judge.c, compiled, BTF that of the stock kernel.
# run: DIR receives rows-NAME, what judge.c prints on that kernel. VM has base.cpio and gen_init_cpio. FILEs (modules) are
# put into the guest and loaded first. A guest that dies takes the object with it that it had begun: the rest runs in a new
# one. WORK is where the guest's files are (default DIR/vm-NAME), ARGS what judge.c is to be told (-x).
# compare: what NAME has and STOCK has not; EXCUSES is a table of differences that are meant.
#
# Exit status: 0; 1 when there is a difference, or with a line on stderr when it does not work; 2 for wrong usage.
set -eu

die() {
	echo "judge: $*" >&2
	exit 1
}

usage() {
	sed -n 's/^#   /usage: /p' "$0" >&2
	exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
tab=$(printf '\t')

pack() {
	judge=$1 btf=$2 objects=$3 dir=$4
	shift 4
	mkdir -p "$dir"
	for variant; do
		(cd "$objects" && find "$variant" -name '*.o' | grep -vE "${WITHOUT:-^$}" | sort | xargs "$judge" scan "$btf")
	done > "$dir/scan"
	awk -F"$tab" '
		$1 == "begin" { objects++ }
		$1 == "none" { none++ }
		$1 == "scan" {
			all++
			if ($6 in known)
				next
			known[$6]
			distinct++
			if (!($2 in list))
				order[++n] = $2
			list[$2] = list[$2] (list[$2] == "" ? "" : ",") $3
		}
		END {
			for (i = 1; i <= n; i++)
				print order[i], list[order[i]] > "'"$dir/list"'"
			printf "%d objects, %d programs, %d distinct in %d objects; %d that libbpf does not relocate\n",
				objects, all + none, distinct, n, none > "'"$dir/counts"'"
		}' "$dir/scan"
	cut -d' ' -f1 "$dir/list" | while read -r object; do
		echo "dir /c/${object%/*} 755 0 0"
	done | sort -u > "$dir/cpio.list"
	cut -d' ' -f1 "$dir/list" | while read -r object; do
		echo "file /c/$object $objects/$object 644 0 0"
	done >> "$dir/cpio.list"
	{
		echo "dir /c 755 0 0"
		echo "file /c/judge $judge 755 0 0"
		cat "$dir/cpio.list"
	} > "$dir/cpio.list.new"
	mv "$dir/cpio.list.new" "$dir/cpio.list"
	"${GEN_INIT_CPIO:?is not set}" -t 0 "$dir/cpio.list" > "$dir/corpus.cpio"
	cat "$dir/counts"
}

run() {
	dir=$1 vm=$2 kernel=$3 name=$4
	shift 4
	work=${WORK:-$dir/vm-$name}
	mkdir -p "$work"
	cp "${LIST:-$dir/list}" "$work/left"
	: > "$work/rows"
	before=''
	for file; do before="$before insmod /m/${file##*/};"; done
	while [ -s "$work/left" ]; do
		printf 'judge\t%d\t%s cd /c && exec ./judge run %s /left\n' "${LIMIT:-3000}" "$before" "${ARGS-}" > "$work/jobs"
		{
			echo "file /etc/jobs $work/jobs 644 0 0"
			echo "file /left $work/left 644 0 0"
			echo "dir /m 755 0 0"
			for file; do echo "file /m/${file##*/} $file 644 0 0"; done
		} > "$work/cpio.list"
		"$vm/gen_init_cpio" -t 0 "$work/cpio.list" > "$work/jobs.cpio"
		VM_TIMEOUT=$((${LIMIT:-3000} + 60)) "${BOOT:-$here/../../vm/boot.sh}" test "$work" "$kernel" "$vm/base.cpio" \
			"$dir/corpus.cpio" "$work/jobs.cpio" > "$work/boot.log" 2>&1 || :
		tr -d '\r' < "$work/results" | grep -E "^(begin|load|run|none|died|done)" > "$work/said" || :
		cat "$work/console.log" >> "$work/consoles"
		last=$(sed -n "s/^begin$tab//p" "$work/said" | tail -n 1)
		[ -n "$last" ] || die "$name: said nothing: $(tail -n 1 "$work/boot.log"); see $work/console.log"
		if grep -qx 'done' "$work/said"; then
			grep -E "^(load|run|none|died)$tab" "$work/said" >> "$work/rows" || :
			break
		fi
		# what the guest was about to write may be cut off
		grep -E "^(load|run|none|died)$tab" "$work/said" | grep -vF "$tab$last$tab" >> "$work/rows" || :
		printf 'died\t%s\tthe kernel: %s\n' "$last" "$(tail -n 1 "$work/boot.log" | cut -c1-200)" >> "$work/rows"
		awk -v last="$last" 'found { print } $1 == last { found = 1 }' "$work/left" > "$work/left.new"
		mv "$work/left.new" "$work/left"
	done
	sort -t "$tab" -k 2,2 -k 1,1 -k 3,3n "$work/rows" > "${ROWS:-$dir/rows-$name}"
}

compare() {
	dir=$1 excuses=$2 stock=$3 name=$4
	awk -F"$tab" -f "$here/judge.awk" "$excuses" "$stock" "$name"
}

[ $# -ge 5 ] || usage
mode=$1
shift
case $mode in
pack | run | compare) "$mode" "$@" ;;
*) usage ;;
esac
