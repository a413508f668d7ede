#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# xlated-report.sh DIR: what checks/veristat/run.sh says about objects that did not load in time and about translations
#
# DIR has of both kernels, base and series, veristat-NAME.failed, the objects that a program gave up on; veristat-NAME.csv;
# xlated-NAME.csv, `OBJECT,PROGRAM,INSTRUCTIONS,HASH`, with - and - where there is no translation to be had.
# Every program that veristat loads on both kernels is counted once: compared, or named as not to be had on both.
# Exit status: 0; 1 where only one kernel got through an object or has a translation, where two translations differ, or
# where nothing was compared.
set -eu
cd "$1"
status=0
comm -3 veristat-base.failed veristat-series.failed | sed 's/\t/series: /; t; s/^/base: /' > failed.one
if [ -s failed.one ]; then
	sed 's/^/only one kernel does not get through: /' failed.one
	status=1
fi
comm -12 veristat-base.failed veristat-series.failed | sed 's/^/neither kernel gets through: /'
awk -F, '
	function random() { return $1 == "random" }
	FILENAME ~ /veristat-base/ { if ($3 == "success") base[$1 "," $2]; next }
	FILENAME ~ /veristat-series/ { if ($3 == "success" && ($1 "," $2) in base) both[$1 "," $2]; next }
	FILENAME ~ /xlated-base/ { was[$1 "," $2] = $3 "," $4; next }
	{
		key = $1 "," $2; is = $3 "," $4; seen[key]
		if (!(key in was)) { print "translated on the series only: " key; bad++ }
		else if (was[key] != is) {
			print "translated to something else: " key ": " was[key] " on the base, " is " on the series"; bad++
		} else if (is != "-,-") { same++; if (random()) nrandom++; else { if (key in both) loaded++ } }
		else if (key in both) { print "loads, but its translation cannot be had on either kernel: " key; hidden++ }
	}
	END {
		for (key in was) if (!(key in seen)) { print "translated on the base only: " key; bad++ }
		for (key in both) { nboth++; if (!(key in seen)) { print "loads, but was not translated: " key; bad++ } }
		printf "translated to the same: %d programs, %d of them random; of %d that load on both kernels %d, and %d cannot be had\n",
			same, nrandom, nboth, loaded, hidden
		exit bad || !same
	}' veristat-base.csv veristat-series.csv xlated-base.csv xlated-series.csv || status=1
exit "$status"
