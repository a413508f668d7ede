#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run the clients on the unpatched kernel and on the series, and compare.
#
#   checks/clients/run.sh DIR VM BASE SERIES
#
# The arguments are those of checks/regress/run.sh, which starts the guests and runs what differs again. A result that is no
# pass on both kernels has to be in the table `fails` beside this script, which has the reason.
# Exit status: 0 when none regressed or differed, and each that did not pass is in the table.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$1 rc=0
"$here/../regress/run.sh" "$@" || rc=$?
[ -s "$dir/table" ] || exit 1
awk -F'\t' '
	FILENAME == ARGV[1] { if (!/^#/ && NF) reason[$1] = $2; next }
	{ client = $1; sub(/\/.*/, "", client); n[client]++; all++ }
	$2 == "pass" && $3 == "pass" { pass[client]++; next }
	{ if ($1 in reason) why = reason[$1]; else { why = "FAIL"; bad = 1 } print $1 ": base: " $2 "; series: " $3 "; " why }
	END { for (client in n) print client ": " n[client] " results, " pass[client] + 0 " pass on both" | "sort"; exit bad }' \
	"$here/fails" "$dir/table" || rc=1
exit "$rc"
