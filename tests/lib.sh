#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# lib.sh FILE [NAME]: run the tests of a FILE of tests/host/ or tests/vm/, or only t_NAME; prints KTAP
# FILE is read into this shell. There a function t_NAME is a test: it runs in a shell of its own, in an empty directory
# $T, stops at the first command that fails (then the last line it printed is the reason). What it said is in
# build/host/. A file may print lines of its own instead.
#
# In tests/vm/ there is, by absolute names, from guest/guest.mk: VM_KERNEL and VM_BASE, which in_guest boots; VM_STOCK, the
# unpatched kernel; VM_SRC, VM_OBJ and VM_VMLINUX, the source and what was built, and VM_KMAKE, the command that runs its
# make; VM_BPFTOOL, VM_LIBBPF beside it, and VM_HEADERS, directories with vmlinux.h and bpf/; VM_DEMO, VM_TESTMOD (a
# bpf_testmod.ko), VM_ORACLE (programs) and VM_JUDGE (a corpus).
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)

# fails COMMAND...: it must fail; its output goes to $T/out and $T/err
fails() {
	if "$@" >"$T/out" 2>"$T/err" </dev/null; then
		cat "$T/out" "$T/err"
		echo "succeeded, and should not have: $*"
		return 1
	fi
	cat "$T/err"
}

# says PATTERN [FILE]: what fails() ran wrote one line to stderr, or to FILE, with PATTERN in it
says() {
	set -- "$1" "${2-$T/err}"
	if [ "$(wc -l <"$2")" -ne 1 ] || ! grep -qE -- "$1" "$2"; then
		echo "stderr is not one line with '$1': $(head -n 1 "$2")"
		return 1
	fi
}

# refuses PATTERN COMMAND...: it must fail, and say that
refuses() {
	pattern=$1
	shift
	fails "$@"
	says "$pattern"
}

# fails_with PATTERN COMMAND...: it must fail, and a line of what it says has PATTERN
fails_with() {
	pattern=$1
	shift
	fails "$@"
	grep -qE -- "$pattern" "$T/out" "$T/err" || { cat "$T/out" && echo "no line has '$pattern'" && return 1; }
}

# in_guest SECONDS FILE...: a guest with these files in its root, or with FILE as /PATH where it says /PATH=FILE, runs the shell
# script on stdin, to the first command that fails; what it said is in ./said, the rest in vm/
in_guest() {
	printf 'job\t%d\tsh -eu /job\n' "$1" >'jobs'
	shift
	cat >job
	for f in job "$@"; do
		case $f in /*=*) ;; *) f=/${f#./}=$f ;; esac
		printf '%s\n' "$f"
	done >files
	rc=0
	# shellcheck disable=SC2046 # no name has a space
	"$ROOT/guest/boot.sh" test "$T/vm" "$VM_KERNEL" "$VM_BASE" /etc/jobs=jobs $(cat files) 2>boot.err || rc=$?
	tr -d '\r' <vm/results | sed '/^@/d' | tee said
	cat boot.err
	return "$rc"
}

# those of the architecture that the kernel is for
strip() { command "${GUEST_PREFIX-}strip" "$@"; }
objcopy() { command "${GUEST_PREFIX-}objcopy" "$@"; }

# bpf_cc SRC OBJECT [OPTION...]: an object, with the headers in VM_HEADERS
bpf_cc() {
	src=$1 obj=$2
	shift 2
	INCLUDE=$VM_HEADERS "$ROOT/scripts/cc.sh" bpf "$obj" "$src" "$@"
}

# not COMMAND...: `! COMMAND` does not stop a test
not() {
	if "$@"; then echo "should have failed: $*" && return 1; fi
}

same() {
	[ "$1" = "$2" ] || { echo "'$1' is not '$2'" && return 1; }
}

# A git without the user's settings, for what the tests do themselves
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null PYTHONDONTWRITEBYTECODE=1
export GIT_AUTHOR_NAME=tester GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=tester GIT_COMMITTER_EMAIL=t@t
case $1 in */host/*) unset VM_MACHINE GUEST_PREFIX GUEST_SYSROOT GUEST_ARCH ;; esac # those need no guest
unset LINUX_TREE LINUX_TARBALL FORCE MAKEFLAGS MFLAGS MAKEOVERRIDES TREE CONFIG

# toy_tree DIR VERSION: a kernel of a few files
toy_tree() {
	mkdir -p "$1/kernel" "$1/scripts"
	printf 'VERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = %s\n' \
		"$(echo "$2" | cut -d. -f1)" "$(echo "$2" | cut -d. -f2)" "$(echo "$2" | cut -d. -f3)" >"$1/Makefile"
	seq 1 100 >"$1/kernel/a.c"
	seq 200 300 >"$1/kernel/b.c"
	cat >"$1/scripts/checkpatch.pl" <<-'EOF'
		@ARGV = grep { !/^--/ } @ARGV;
		while (<>) { if (/UGLY/) { print "$ARGV:$.: WARNING:UGLY: is ugly\n"; $bad = 1; } }
		exit($bad);
	EOF
	cat >"$1/scripts/get_maintainer.pl" <<-'EOF'
		print "Z\xc3\xb3e Ham <zoe\@ham>\n$1\@list\n" if `cat $ARGV[-1]` =~ m|^diff --git a/kernel/(.)|m;
	EOF
	echo 'M: nobody' >"$1/MAINTAINERS"
}

# toy: the harness in $T/repo, where the test goes, over a toy kernel in the git tree $T/tree, no patches yet
toy() {
	mkdir "$T/repo"
	(cd "$ROOT" && cp -a Makefile linux.mk cross.mk packages.txt config scripts "$T/repo/")
	mkdir "$T/repo/patches"
	toy_tree "$T/tree" 6.18.3
	git init -q "$T/tree"
	git -C "$T/tree" add .
	git -C "$T/tree" commit -q -m toy
	export LINUX_TREE="$T/tree"
	cd "$T/repo"
}

# commit SUBJECT FILE SED-SCRIPT [BODY]: a change to build/linux, committed there
commit() {
	sed -i "$3" "build/linux/$2"
	git -C build/linux commit -q -a -m "$1" -m "Why it is so.${4:+

$4}"
}

# fixup SUBJECT FILE SED-SCRIPT: a change to what that commit of build/linux has; squash: it becomes part of it
fixup() {
	sed -i "$3" "build/linux/$2"
	git -C build/linux commit -q -a --fixup "$(git -C build/linux log --format=%h --grep="^$1\$")"
}

squash() {
	GIT_SEQUENCE_EDITOR=: git -C build/linux rebase -q -i --autosquash base
}

# toy_series: toy(), with four patches in two series, exported
toy_series() {
	toy
	scripts/series.sh apply
	commit "kernel: Change a" kernel/a.c 's/^10$/ten/' "Series: 1-fixes"
	commit "kernel: Change b" kernel/b.c 's/^210$/two hundred ten/'
	commit "kernel: Change a again" kernel/a.c 's/^50$/fifty/' "Series: 2-magic"
	commit "kernel: Change a a third time" kernel/a.c 's/^90$/ninety/'
	scripts/series.sh export
	echo "What it is for." | tee patches/1-fixes/cover-letter.txt >patches/2-magic/cover-letter.txt
	cp -a patches "$T/patches"
}

tip() {
	git -C build/linux rev-parse series
}

# changed: which files of patches/ differ from those that toy_series left
changed() {
	diff -rq patches "$T/patches" | sed 's/.*patches\/[^ ]* and //; s/ differ//' | wc -l
}

# shim NAME SCRIPT: a command of that name, first in PATH
shim() {
	mkdir -p "$T/bin"
	printf '#!/bin/sh\n%s\n' "$2" >"$T/bin/$1"
	chmod +x "$T/bin/$1"
	PATH=$T/bin:$PATH
}

# fake_guest CONSOLE: from now on guests end well and leave this console. Where the jobs' output goes to stdout, that is empty
fake_guest() {
	printf '%b' "$1" >"$T/planted"
	shim qemu-system-x86_64 "
		for a; do
			case \$a in
			*serial*) ;;
			file:*) cp '$T/planted' \"\${a#file:}\" ;;
			file,path=*) results=\${a#file,path=} results=\${results%,id=r} ;;
			stdio,*) results=\${a#*logfile=} results=\${results%,id=r} ;;
			esac
		done
		printf '@begin x\n@end x status=0\n@taint 12288\n@done\n' > \"\$results\""
}

# mirror VERSION...: a mirror with toy tarballs, which apt knows, and which linux.mk pins
mirror() {
	shim apt-get "echo copy:$T/mirror/"
	pool=$T/mirror/pool/main/l/linux
	mkdir -p "$pool"
	for v in "$@"; do
		toy_tree "$T/linux-$v" "$v"
		tar -C "$T" -cJf "$pool/linux_$v.orig.tar.xz" "linux-$v"
		echo "$v $(sha256sum <"$pool/linux_$v.orig.tar.xz" | cut -d' ' -f1)"
	done >"$T/pins"
	sed 's/^/ /; $!s/$/ \\/' "$T/pins" | sed '1s/^/LINUX := /' >linux.mk
	unset LINUX_TREE
}

file=$(realpath "$1")
. "$file"
for t in $(sed -n 's/^t_\([a-z0-9_]*\)() *{.*/\1/p' "$file"); do
	[ "${2-$t}" = "$t" ] || continue
	T=${HOST_DIR:-$ROOT/build/host}/$t
	rm -rf "$T"
	mkdir -p "$T"
	set +e # in a list with || the shell would not stop at an error inside
	(set -e && cd "$T" && "t_$t") >"$T.log" 2>&1 </dev/null
	rc=$?
	set -e
	if [ $rc -eq 0 ]; then
		echo "ok - $(echo "$t" | tr _ -)"
		rm -rf "$T" "$T.log"
	else
		last=$(tail -n 1 "$T.log")
		echo "not ok - $(echo "$t" | tr _ -) # ${last:-exit status $rc} (build/host/$t.log)"
		tail -n 80 "$T.log" | awk '{ print "# " $0 }'
	fi
done
