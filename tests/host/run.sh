#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh RESULTS [FILE...]: run the host tests, all of tests/host/*.sh or those named
# tests/lib.sh runs each FILE, which prints lines of KTAP, `ok - name`, `not ok - name # detail` or `ok - name # SKIP reason`, with a
# number or without; they are collected in RESULTS, and numbered there. A file that fails, or says nothing, adds a
# failure of its own name. Two files run at a time, and are collected in order. Skips are printed, and failures, with the
# lines of `#` behind them, by which a reader without the log has to understand the failure. All of tests/host/ count as they
# were the last time, if they passed and nothing that they can see has changed since (key() below); FORCE=1 runs them.
# Exit status: 0 when RESULTS has no failure.
set -eu
results=$1
shift
dir=$(dirname "$0")
# key: a hash of this repository but for its texts, of the kernel tree as it stands, and of the tools
key() {
	{
		cd "$dir/../.."
		git ls-files -co --exclude-standard ':!*.md' ':!results' | while read -r f; do [ ! -f "$f" ] || sha256sum "$f"; done
		git -C build/linux rev-parse 'HEAD^{tree}' && git -C build/linux diff HEAD
		pahole --version && gcc --version && clang-19 --version && qemu-system-x86_64 --version
	} 2>&1 | sha256sum
}

now=$(date +%s) key=
mkdir -p "${results%/*}"
if [ $# -eq 0 ]; then
	set -- "$dir"/*.sh
	key=$(key)
	if [ -z "${FORCE-}" ] && [ -e "$results" ] && [ "$key" = "$(cat "$results.key" 2>/dev/null)" ]; then
		printf 'host tests: %d passed before, and nothing has changed since\n' "$(grep -c '^ok ' "$results")"
		exit
	fi
fi
rm -rf "$results" "$results.key" "$results.parts"
mkdir "$results.parts"
# shellcheck disable=SC2016 # the shell that xargs starts expands it
printf '%s\n' "$@" | grep -vFx "$0" | xargs -P 2 -n 1 sh -eu -c '
	f=$4 out=$2/${4##*/} rc=0
	printf "[%4d s] host tests: %s\n" $(($(date +%s) - $3)) "${f##*/}"
	"$1/../lib.sh" "$f" >"$out" </dev/null || rc=$?
	grep -qE "^(not )?ok " "$out" || rc=1
	[ "$rc" -eq 0 ] || printf "not ok - %s # broke off with status %d\n" "${f##*/}" "$rc" >>"$out"
' run "$dir" "$results.parts" "${START:-$now}"
for f in "$@"; do
	[ "$f" = "$0" ] || cat "$results.parts/${f##*/}"
done >"$results.all"
{
	echo "KTAP version 1"
	echo "1..$(grep -cE '^(not )?ok ' "$results.all")"
	awk '/^(not )?ok / { sub(/ok ([0-9]+ )?(- )?/, "ok " ++n " - ") } 1' "$results.all"
} >"$results.new"
rm -r "$results.all" "$results.parts"
mv "$results.new" "$results"
awk '/^(not )?ok / { show = /^not / } show || /^ok .* # SKIP /' "$results"
failed=$(grep -c '^not ok ' "$results") || :
skipped=$(grep -c '^ok .* # SKIP ' "$results") || :
printf 'host tests: %d passed, %d failed, %d skipped\n' "$(($(grep -c '^ok ' "$results") - skipped))" "$failed" "$skipped"
[ "$failed" -eq 0 ]
[ -z "$key" ] || echo "$key" >"$results.key"
