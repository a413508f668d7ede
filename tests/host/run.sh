#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh RESULTS [FILE...]: run the host tests, all of tests/host/*.sh or those named
# Each FILE is a program that prints lines `ok|FAIL|skip<TAB>name<TAB>detail`; they are collected in RESULTS.
# A file that fails, or says nothing, adds a FAIL of its own name. Failures and skips are printed.
# Exit status: 0 when RESULTS has no FAIL.
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
	grep -qE '^(ok|FAIL|skip)	' "$results.new" || rc=1
	[ "$rc" -eq 0 ] || printf 'FAIL\t%s\tbroke off with status %d\n' "${f##*/}" "$rc" >>"$results.new"
	cat "$results.new" >>"$results.all"
done
rm -f "$results.new"
mv "$results.all" "$results"
grep -vE '^ok	' "$results" || :
printf 'host tests: %d passed, %d failed, %d skipped\n' "$(grep -c '^ok	' "$results")" \
	"$(grep -c '^FAIL	' "$results")" "$(grep -c '^skip	' "$results")"
! grep -q '^FAIL	' "$results"
