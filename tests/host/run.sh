#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh RESULTS [FILE...]: run the host tests, all of tests/host/*.sh or those named
# Each FILE is a program that prints lines of KTAP, `ok - name`, `not ok - name # detail` or `ok - name # SKIP reason`, with a
# number or without; they are collected in RESULTS, and numbered there. A file that fails, or says nothing, adds a
# failure of its own name. Failures and skips are printed.
# Exit status: 0 when RESULTS has no failure.
set -eu
results=$1
shift
dir=$(dirname "$0")
[ $# -gt 0 ] || set -- "$dir"/*.sh
now=$(date +%s)
mkdir -p "${results%/*}"
rm -f "$results" "$results.all"
for f in "$@"; do
	[ "$f" != "$0" ] || continue
	printf '[%4d s] %s\n' $(($(date +%s) - ${START:-$now})) "host tests: ${f##*/}"
	rc=0
	"$f" >"$results.new" </dev/null || rc=$?
	grep -qE '^(not )?ok ' "$results.new" || rc=1
	[ "$rc" -eq 0 ] || printf 'not ok - %s # broke off with status %d\n' "${f##*/}" "$rc" >>"$results.new"
	cat "$results.new" >>"$results.all"
done
{
	echo "KTAP version 1"
	echo "1..$(grep -cE '^(not )?ok ' "$results.all")"
	awk '/^(not )?ok / { sub(/ok ([0-9]+ )?(- )?/, "ok " ++n " - ") } 1' "$results.all"
} >"$results.new"
rm -f "$results.all"
mv "$results.new" "$results"
grep -E '^not ok |^ok .* # SKIP ' "$results" || :
failed=$(grep -c '^not ok ' "$results") || :
skipped=$(grep -c '^ok .* # SKIP ' "$results") || :
printf 'host tests: %d passed, %d failed, %d skipped\n' "$(($(grep -c '^ok ' "$results") - skipped))" "$failed" "$skipped"
[ "$failed" -eq 0 ]
