#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The corpus of corpus.sh on a kernel, and compared with what stock 6.18 makes of it.
#
#   checks/stock/judge.sh pack SCAN JUDGE BTF OBJECTS DIR VARIANT...
#   checks/stock/judge.sh run DIR VM BZIMAGE NAME [FILE...]
#   checks/stock/judge.sh compare DIR EXCUSES STOCK ROWS
#   checks/stock/judge.sh both DIR VM BASE SERIES BASE-MODULE SERIES-MODULE SRC RESULT
#
# pack: DIR receives list and corpus.cpio, the objects of the variants in OBJECTS with at least one program that differs by
# its instructions from all before; counts says how many. SCAN and JUDGE are judge.c, compiled for here and for the guest, BTF
# that of the stock kernel, KOBJ where that was built, GEN_INIT_CPIO a program, WITHOUT a pattern of objects to leave out.
# run: DIR receives rows-NAME, what judge.c prints on that kernel. VM has base.cpio and gen_init_cpio. FILEs (modules) are
# put into the guest and loaded first. BEFORE is a shell command for the guest, with a semicolon. A guest is given PART objects
# (default 100). One that dies takes the object with it that it had begun: the rest runs in a new one. WORK is where the guest's
# files are (default DIR/vm-NAME), ARGS what judge.c is to be told (-x).
# compare: what differs between two files of rows; EXCUSES is a table of differences that are meant.
# both: run on both kernels and compare, for each of $MODES: plain (with runs, and objects with maps a second time),
# harden (constants blinded), cap (CAP_BPF alone), none (no capability). Results of runs that differ count when a second run on
# both kernels gives what the first gave. Both kernels run at the same time. A run is not made again while the kernel and the corpus are
# the same, and one that was stopped is gone on with. A warning that only SERIES prints is a difference. RESULT receives the counts.
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
	scan=$1 judge=$2 btf=$3 objects=$4 dir=$5
	shift 5
	mkdir -p "$dir"
	for variant; do
		(cd "$objects" && find "$variant" -name '*.o' | grep -vE "${WITHOUT:-^$}" | sort | xargs "$scan" scan "$btf")
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
		# libbpf wants to know it for __kconfig variables
		if [ -n "${KOBJ-}" ]; then
			echo "dir /boot 755 0 0"
			echo "file /boot/config-$(cat "$KOBJ/include/config/kernel.release") $KOBJ/.config 644 0 0"
		fi
		cat "$dir/cpio.list"
	} > "$dir/cpio.list.new"
	mv "$dir/cpio.list.new" "$dir/cpio.list"
	"${GEN_INIT_CPIO:?is not set}" -t 0 "$dir/cpio.list" > "$dir/corpus.cpio.new"
	# the same one keeps its time, so what ran with it counts (both)
	cmp -s "$dir/corpus.cpio.new" "$dir/corpus.cpio" || cp "$dir/corpus.cpio.new" "$dir/corpus.cpio"
	rm "$dir/corpus.cpio.new"
	rm -f "$dir/refuse" "$dir/tags"
	[ ! -f "$objects/refuse" ] || cp "$objects/refuse" "$objects/tags" "$dir"
	cat "$dir/counts"
}

# harvest: what the guest in $work said of the objects in $work/part, to $work/rows; $work/left receives what it did not come to,
# without the object that it ended with. False when it said nothing.
harvest() {
	tr -d '\r' < "$work/results" | grep -E "^(begin|load|again|run|none|died|done)" > "$work/said" || :
	cat "$work/console.log" >> "$work/consoles"
	tail -n 1 "$work/splats" | grep -q '^scanned ' || die "$name: was not scanned: $(tail -n 1 "$work/boot.log")"
	sed '$d' "$work/splats" >> "$work/splats-all"
	last=$(sed -n "s/^begin$tab//p" "$work/said" | tail -n 1)
	if grep -qx 'done' "$work/said"; then
		grep -E "^(load|again|run|none|died)$tab" "$work/said" >> "$work/rows" || :
		tail -n "+$(($(wc -l < "$work/part") + 1))" "$work/left" > "$work/left.new"
		mv "$work/left.new" "$work/left"
		return 0
	fi
	[ -n "$last" ] || return 1
	# what the guest was about to write may be cut off, unless judge itself gave up
	if grep -qF "died$tab$last$tab" "$work/said"; then
		grep -E "^(load|again|run|none|died)$tab" "$work/said" >> "$work/rows"
	else
		grep -E "^(load|again|run|none|died)$tab" "$work/said" | grep -vF "$tab$last$tab" >> "$work/rows" || :
		printf 'died\t%s\tthe kernel: %s\n' "$last" "$(tail -n 1 "$work/boot.log" | cut -c1-200)" >> "$work/rows"
	fi
	awk -v last="$last" '$1 == last { found = 1; next } found' "$work/left" > "$work/left.new"
	mv "$work/left.new" "$work/left"
}

run() {
	dir=$1 vm=$2 kernel=$3 name=$4
	shift 4
	work=${WORK:-$dir/vm-$name}
	mkdir -p "$work"
	before=''
	for file; do before="$before insmod /m/${file##*/};"; done
	# a run of the same that was stopped is gone on with; what its last guest said does not count, it was not scanned
	key=$(sha256sum "$kernel" "${LIST:-$dir/list}" "$dir/corpus.cpio" "$@" | cut -d' ' -f1)
	if [ "$(cat "$work/key" 2> /dev/null)" != "$key" ]; then
		rm -f "$work/key"
		cp "${LIST:-$dir/list}" "$work/left"
		: > "$work/rows"
		: > "$work/splats-all"
		echo "$key" > "$work/key"
	fi
	while [ -s "$work/left" ]; do
		head -n "${PART:-100}" "$work/left" > "$work/part"
		printf 'judge\t%d\t%s cd /c && exec ./judge run %s /left\n' "${LIMIT:-3000}" "${BEFORE-} $before" "${ARGS-}" > "$work/jobs"
		{
			echo "file /etc/jobs $work/jobs 644 0 0"
			echo "file /left $work/part 644 0 0"
			echo "dir /m 755 0 0"
			for file; do echo "file /m/${file##*/} $file 644 0 0"; done
		} > "$work/cpio.list"
		"$vm/gen_init_cpio" -t 0 "$work/cpio.list" > "$work/jobs.cpio"
		VM_TIMEOUT=$((${LIMIT:-3000} + 60)) "${BOOT:-$here/../../guest/boot.sh}" test "$work" "$kernel" "$vm/base.cpio" \
			"$dir/corpus.cpio" "$work/jobs.cpio" > "$work/boot.log" 2>&1 || :
		harvest || die "$name: said nothing: $(tail -n 1 "$work/boot.log"); see $work/console.log"
	done
	rm "$work/key"
	grep -E "^(load|again|run|none|died)$tab" "$work/rows" | sort -t "$tab" -k 2,2 -k 1,1 -k 3,3n > "${ROWS:-$dir/rows-$name}"
}

compare() {
	dir=$1 excuses=$2 stock=$3 name=$4
	awk -F"$tab" -v refuse="$([ ! -f "$dir/refuse" ] || echo "$dir/refuse")" \
		-v tags="$([ ! -f "$dir/tags" ] || echo "$dir/tags")" -f "$here/judge.awk" "$excuses" "$stock" "$name"
}

# mode NAME: sets ARGS and BEFORE
mode() {
	BEFORE=''
	case $1 in
	plain) ARGS=-xt ;;
	harden) ARGS=-q BEFORE='echo 2 > /proc/sys/net/core/bpf_jit_harden;' ;;
	cap) ARGS=-qc BEFORE='echo 0 > /proc/sys/kernel/unprivileged_bpf_disabled;' ;;
	none) ARGS=-qu BEFORE='echo 0 > /proc/sys/kernel/unprivileged_bpf_disabled;' ;;
	*) die "$1: want plain, harden, cap or none" ;;
	esac
	export ARGS BEFORE
}

# only LIST ROWS: those of the objects in LIST
only() {
	awk -F"$tab" 'NR == FNR { sub(/ .*/, ""); want[$0]; next } $2 in want' "$1" "$2"
}

# made NAME KERNEL: true when rows-NAME are of that kernel and the corpus as they are
made() {
	[ -n "$(find "$dir/rows-$1" -newer "$dir/corpus.cpio" -newer "$2" 2> /dev/null)" ]
}

# both_ran PID...: wait for all, and exit if one of them failed
both_ran() {
	failed=''
	for pid; do wait "$pid" || failed=1; done
	[ -z "$failed" ] || exit 1
}

both() {
	dir=$1 vm=$2 base=$3 series=$4 base_module=$5 series_module=$6 src=$7 result=$8
	status=0 all=$dir
	for mode in ${MODES:-plain harden cap none}; do
		mode "$mode"
		runs=''
		if ! made "base-$mode" "$base"; then
			echo "judge: $mode: stock" >&2
			(run "$dir" "$vm" "$base" "base-$mode" "$base_module") &
			runs=$!
		fi
		if ! made "series-$mode" "$series"; then
			echo "judge: $mode: series" >&2
			(run "$dir" "$vm" "$series" "series-$mode" "$series_module") &
			runs="$runs $!"
		fi
		# shellcheck disable=SC2086 # none, one or two
		both_ran $runs
		compare "$dir" "$here/excuses" "$dir/rows-base-$mode" "$dir/rows-series-$mode" > "$dir/said-$mode" || :
		# what differs from itself on either kernel is not compared
		sed -n 's/^differs: run \([^ ]*\) .*/\1/p' "$dir/said-$mode" | sort -u > "$dir/again"
		if [ -s "$dir/again" ]; then
			awk 'NR == FNR { again[$1]; next } $1 in again' "$dir/again" "$dir/list" > "$dir/list-again"
			(LIST=$dir/list-again run "$dir" "$vm" "$base" "base-again" "$base_module") &
			runs=$!
			(LIST=$dir/list-again run "$dir" "$vm" "$series" "series-again" "$series_module") &
			both_ran "$runs" $!
			awk -F"$tab" -v OFS="$tab" '
				$1 == "run" { key = $2 FS $3; said = $5 FS $6 FS $7 FS $8 }
				n == 1 && $1 == "run" { again[key] = said }
				n == 2 && $1 == "run" && key in again && again[key] != said { shaky[key] }
				n == 3 && $1 == "run" { base[key] = said }
				n == 4 && $1 == "run" && (key in shaky || key in base && base[key] != said) { $5 = $6 = $7 = $8 = "?" }
				n == 4 { print }' n=1 "$dir/rows-series-again" n=2 "$dir/rows-series-$mode" n=3 "$dir/rows-base-again" \
				n=4 "$dir/rows-base-$mode" > "$dir/rows-base-$mode.new"
			mv "$dir/rows-base-$mode.new" "$dir/rows-base-$mode"
			compare "$dir" "$here/excuses" "$dir/rows-base-$mode" "$dir/rows-series-$mode" > "$dir/said-$mode" || :
		fi
		grep -E '^(differs|excused: 0):' "$dir/said-$mode" | head -n 40 || :
		tail -n 1 "$dir/said-$mode" | grep -q ' 0 differ$' || status=1
		for name in base series; do
			[ -e "$dir/vm-$name-$mode/splats-all" ] || die "$name-$mode: no splats-all: remove $dir/rows-$name-$mode"
			sed -E 's/\[ *[0-9.]+\]//g; s|\.\./linux[^/]*/||; s/0x[0-9a-f]+|[0-9]+/N/g' "$dir/vm-$name-$mode/splats-all" | sort -u > "$dir/splats-$name"
		done
		comm -13 "$dir/splats-base" "$dir/splats-series" | sed 's/^/differs: splat /' > "$dir/splats"
		cat "$dir/splats"
		[ ! -s "$dir/splats" ] || status=1
	done
	mkdir -p "$(dirname "$result")"
	{
		echo "# The BPF programs of the stock tree and generated ones, on the unpatched kernel and on the series (checks/stock/judge.sh)."
		echo "# Patched tree: $(git -C "$src" rev-parse 'HEAD^{tree}')"
		echo "corpus: $(cat "$all/counts")"
		for mode in ${MODES:-plain harden cap none}; do echo "$mode: $(tail -n 1 "$dir/said-$mode")"; done
	} > "$result.new"
	mv "$result.new" "$result"
	cat "$result"
	return $status
}

[ $# -ge 5 ] || usage
mode=$1
shift
case $mode in
pack | run | compare | both) "$mode" "$@" ;;
*) usage ;;
esac
