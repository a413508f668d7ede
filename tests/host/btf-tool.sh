#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# btf-tool.sh: host tests of the build of resolve_btfids
#
# It needs no more of the kernel than tools/ and scripts/, as packages of headers have them, and it stops where the
# header that it shares with the kernel differs from the kernel's.
# Prints KTAP; what was said is in build/host/btf-tool/log.
# shellcheck source=tests/btf/lib.sh
. "$(dirname "$0")/../btf/lib.sh"
exec 2> log

# The work tree, commits or not
(cd "$root/build/linux" && git ls-files -z -- tools/arch tools/bpf/resolve_btfids tools/build tools/include tools/lib \
	tools/scripts tools/objtool scripts && printf 'tools/include/linux/btf_magic.h\0') |
	tar -C "$root/build/linux" --null -T - -cf - | tar -xf -

# build: the tool from the copy in the current directory
build()
{
	rm -rf out
	mkdir out
	env -u MAKEFLAGS -u MAKELEVEL make -s -C tools/bpf/resolve_btfids OUTPUT="$PWD/out/" HOSTCC="ccache gcc" > make.log 2>&1
}

rc=0
build || rc=$?
cat make.log >&2
if [ "$rc" = 0 ] && out/resolve_btfids --help 2>&1 | grep -q btf_out; then
	result "tool: from tools/ and scripts/" 0
else
	result "tool: from tools/ and scripts/" 1
fi

mkdir -p include/linux
cp tools/include/linux/btf_magic.h include/linux/
if build; then result "tool: the kernel's header agrees" 0; else result "tool: the kernel's header agrees" 1; fi
echo "/* more */" >> include/linux/btf_magic.h
rc=0
build || rc=$?
cat make.log >&2
if [ "$rc" != 0 ] && [ ! -e out/resolve_btfids ] &&
   grep -q '^resolve_btfids: .*/tools/include/linux/btf_magic.h differs from .*/include/linux/btf_magic.h: copy it$' make.log; then
	result "tool: the kernel's header differs" 0
else
	result "tool: the kernel's header differs" 1
fi
rm -rf tools scripts include out
