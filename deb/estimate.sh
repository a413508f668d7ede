#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# estimate.sh OBJ: how long a build of OBJ/.config takes, and what of the disk, from the number of its symbols
# A core of 2026 takes 1.5 s for a symbol that is built in and 7 s for a module; on the disk that is 2 MB and 7 MB, with
# debug information. Measured with config/system.config, estimated for modules; what is built already and what the
# compiler's cache has take less.
# Exit status: 1 when the disk has less free than that; FORCE=1 makes that a warning.
set -eu
obj=$1
built_in=$(grep -c '^CONFIG_.*=y$' "$obj/.config") modules=$(grep -c '^CONFIG_.*=m$' "$obj/.config") || :
if [ -s "$obj/.lost" ]; then
	echo "         $(wc -l < "$obj/.lost") symbols of that configuration are not in this kernel: $obj/.lost"
fi
if [ -e "$obj/vmlinux" ]; then
	echo "         $built_in symbols, $modules modules; built before: what changed is built again"
	exit 0
fi
minutes=$(((built_in * 3 / 2 + modules * 7) / $(nproc) / 60 + 1))
need=$((built_in * 2 + modules * 7 + 500))
# a build that was interrupted has some of it
need=$((need - $(du -sm "$obj" | cut -f1)))
[ "$need" -gt 0 ] || need=0
free=$(df -m --output=avail "$obj" | tail -n 1)
echo "         $built_in symbols, $modules modules: about $minutes minutes on $(nproc) cores, $need MB on the disk ($free MB are free)"
if [ "$need" -gt "$free" ]; then
	echo "$obj: estimate: needs $need MB, $free MB are free: free some, or FORCE=1 builds all the same" >&2
	[ -n "${FORCE:-}" ]
fi
