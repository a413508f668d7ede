#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# stage.sh NAME LOG COMMAND...: run COMMAND as the stage NAME
# Prints one stage line, and on a terminal how far it is; what COMMAND says goes to LOG. When it fails, the end of LOG and LOG's name
# go to stderr. Stages of the same LOG run one after the other, and every process that COMMAND started
# counts: a compiler that outlives an interrupted build would take away files of the next one.
# STAGE_OBJECTS is how many objects a kernel build is going to make. STAGE_SHOW is a file to print when COMMAND has succeeded. Exit status: COMMAND's.
set -eu

name=$1 log=$2
shift 2
now=$(date +%s)
printf '[%4d s] %s\n' $((now - ${START:-$now})) "$name"
mkdir -p "${log%/*}"
exec 9>"$log.lock" # COMMAND's processes inherit it
flock -n 9 || {
	printf '         %s: waiting for an earlier run of it to end\n' "$name"
	flock 9
}
# progress: how many objects the log has, of STAGE_OBJECTS if that is known, and the time left by that
progress() {
	while sleep 2; do
		n=$(grep -cE '^  (CC|AS) ' "$log") || continue
		passed=$(($(date +%s) - now))
		if [ "${STAGE_OBJECTS:-0}" -ge "$n" ]; then
			printf '\r         %s: object %d of %d, %d min %d s left \033[K' "$name" "$n" "$STAGE_OBJECTS" \
				$((passed * (STAGE_OBJECTS - n) / n / 60)) $((passed * (STAGE_OBJECTS - n) / n % 60))
		else
			printf '\r         %s: object %d\033[K' "$name" "$n"
		fi
	done
}

rc=0 pid=
if [ -t 1 ]; then
	progress 9>&- &
	pid=$!
fi
"$@" >"$log" 2>&1 </dev/null || rc=$?
if [ -n "$pid" ]; then
	kill "$pid"
	wait "$pid" 2>/dev/null || :
	printf '\r\033[K'
fi
if [ "$rc" -ne 0 ]; then
	tail -n 20 "$log" >&2
	printf '%s: %s: exit status %d: the whole log is %s\n' "$name" "$1" "$rc" "$log" >&2
fi
[ "$rc" -ne 0 ] || [ -z "${STAGE_SHOW-}" ] || cat "$STAGE_SHOW"
exit "$rc"
