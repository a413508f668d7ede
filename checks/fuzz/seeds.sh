#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# seeds.sh RUN TOOL DIR: make the seeds of the fuzzer in DIR from the inputs of the host tests, tests/btf
# RUN is the program of run.c, TOOL resolve_btfids. Objects of both byte orders and word sizes, with the BTF of
# pahole and with that of the stage; modules, with their base given and in .BTF.base. The current directory is for
# scratch files.
set -eu
run=$1 tool=$2 seeds=$3
btf=$(cd "$(dirname "$0")/../../tests/btf" && pwd)
mkdir -p "$seeds"

# seed NAME MODE OBJECT [BASE]
seed() {
	to=$seeds/$1
	shift
	"$run" -s "$@" >"$to"
}

# build CC SOURCE [PAHOLE-OPTION...]: x.o
build() {
	cc=$1 src=$2
	shift 2
	$cc -O2 -g -Wno-unused-variable -I"$btf" -c "$src" -o x.o
	pahole -J "$@" x.o
}

for src in "$btf"/stage/*.c "$btf"/stage-bad/*.c; do
	name=$(basename "$src" .c)
	cc=gcc
	[ "$name" != tags ] || cc=clang-19
	build "$cc" "$src"
	seed "$name" 0 x.o
	case $src in */stage-bad/*) continue ;; esac
	rm -f out
	"$tool" --btf_out out x.o
	[ -e out ] || continue
	objcopy --update-section .BTF=out x.o y.o 2>/dev/null
	seed "$name-again" 4 y.o
	objcopy -O elf32-x86-64 x.o y.o
	seed "$name-32" 4 y.o
	"$run" -x 4 x.o >"$seeds/$name-xindex"
	ld -e 0x1000 -o y.elf x.o
	seed "$name-linked" 2 y.elf
	[ "$name" != tags ] || continue
	build s390x-linux-gnu-gcc "$src"
	seed "$name-big" 4 x.o
done

build gcc "$btf/stage/aux.c"
mv x.o base.o
objcopy --dump-section .BTF=base base.o
for src in "$btf"/stage-mod/*.c; do
	name=mod-$(basename "$src" .c)
	build gcc "$src" --btf_base base.o
	seed "$name" 1 x.o base
	objcopy --add-section .BTF.base=base x.o y.o
	seed "$name-distilled" 4 y.o
done
