# SPDX-License-Identifier: GPL-2.0
# lib.sh: sourced by tests/host/btf-*.sh, the host tests of resolve_btfids, which print a line for each check themselves.
# Builds the tool from build/linux, or takes RESOLVE_BTFIDS=FILE; $tool is the tool, $here is tests/btf, and the current
# directory is a scratch one, where the file log has what the commands said.
# shellcheck disable=SC2034 # the tests use it
here=$ROOT/tests/btf
dir=$ROOT/build/host/$(basename "$file" .sh)
tool=${RESOLVE_BTFIDS:-$ROOT/build/host/resolve_btfids/resolve_btfids}

# make_tool SOURCE OUTPUT: the tool from the kernel tree SOURCE
make_tool() {
	mkdir -p "$2"
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$1/tools/bpf/resolve_btfids" OUTPUT="$2/" HOSTCC="ccache gcc"
}

# check NAME COMMAND...: it must succeed
check() {
	line=btf-$1
	shift
	if "$@" >&2; then echo "ok - $line"; else echo "not ok - $line # see $dir/log"; fi
}

# btf_ids OBJECT [BYTES]: the words of its .BTF_ids, a line each, or so many bytes on a line
btf_ids() {
	"${cross-}objcopy" -O binary --only-section=.BTF_ids --set-section-flags .BTF_ids=alloc "$1" raw
	case ${cross-} in s390x*) endian=big ;; *) endian=little ;; esac
	od --endian="$endian" -An -v -tu4 -w"${2-4}" raw
}

# func_names BTF: `id name` of each function
func_names() {
	bpftool btf dump file "$1" | sed -n "s/^\[\([0-9]*\)\] FUNC '\([a-z_]*\)'.*/\1 \2/p"
}

rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
exec 2> log
# of the files that run at the same time, the first one builds it
[ -n "${RESOLVE_BTFIDS-}" ] || (flock 9 && make_tool "$ROOT/build/linux" "${tool%/*}" >&2) 9> "${tool%/*}.lock" || {
	echo "not ok - $(basename "$file" .sh) # the tool does not build: see $dir/log"
	exit 1
}
