# SPDX-License-Identifier: GPL-2.0
# btf-tool.sh: host tests of the build of resolve_btfids
#
# It needs no more of the kernel than tools/ and scripts/, as packages of headers have them, and it stops where the
# header that it shares with the kernel differs from the kernel's.
. "$ROOT/tests/btf/lib.sh"

# The work tree, commits or not
(cd "$ROOT/build/linux" && git ls-files -z -- tools/arch tools/bpf/resolve_btfids tools/build tools/include tools/lib \
	tools/scripts tools/objtool scripts && printf 'tools/include/linux/btf_magic.h\0') |
	tar -C "$ROOT/build/linux" --null -T - -cf - | tar -xf -

# build: the tool from the copy in the current directory
build() {
	rm -rf out
	make_tool . "$PWD/out"
}

works() {
	build && out/resolve_btfids --help 2>&1 | grep btf_out
}

stops() {
	if build 2> make.log; then return 1; fi
	[ ! -e out/resolve_btfids ] &&
		grep '^resolve_btfids: .*/tools/include/linux/btf_magic.h differs from .*/include/linux/btf_magic.h: copy it$' make.log
}

check "tool: from tools/ and scripts/" works
mkdir -p include/linux
cp tools/include/linux/btf_magic.h include/linux/
check "tool: the kernel's header agrees" build
echo "/* more */" >> include/linux/btf_magic.h
check "tool: the kernel's header differs" stops
rm -rf tools scripts include out
