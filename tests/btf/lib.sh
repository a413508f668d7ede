# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lib.sh: sourced by tests/host/btf-*.sh, the host tests of resolve_btfids. Builds the tool from build/linux, or
# takes RESOLVE_BTFIDS=FILE; $tool is the tool, $here is tests/btf, and the current directory is a scratch one.
set -eu
here=$(cd "$(dirname "$0")/../btf" && pwd)
root=$(cd "$here/../.." && pwd)
dir=$root/build/host/$(basename "$0" .sh)
# shellcheck disable=SC2034 # the tests use it
tool=${RESOLVE_BTFIDS:-$root/build/host/resolve_btfids/resolve_btfids}

rm -rf "$dir"
mkdir -p "$dir" "$root/build/host/resolve_btfids"
[ -n "${RESOLVE_BTFIDS:-}" ] || env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root/build/linux/tools/bpf/resolve_btfids" \
	OUTPUT="$root/build/host/resolve_btfids/" HOSTCC="ccache gcc" > "$dir/make.log" 2>&1 || {
	printf 'not ok - %s # the tool does not build: see %s\n' "$(basename "$0" .sh)" "$dir/make.log"
	exit 1
}
cd "$dir"

# result NAME STATUS
result()
{
	if [ "$2" = 0 ]; then
		printf 'ok - btf-%s\n' "$1"
	else
		printf 'not ok - btf-%s # see %s/log\n' "$1" "$dir"
	fi
}
