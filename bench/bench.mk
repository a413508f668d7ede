# SPDX-License-Identifier: GPL-2.0
# Measurements. Included by the Makefile, which has B, O, SRC and OBJ.
BENCH := $B/bench

.PHONY: bench-stage

##   bench-stage  time and memory of the BTF stage, beside pahole's: a table, and bench/results/stage.csv
bench-stage: kernel
	@mkdir -p $(BENCH) bench/results
	@bench/stage.py $(OBJ)/.tmp_vmlinux1 $(OBJ)/tools/bpf/resolve_btfids/resolve_btfids $(BENCH)/stage \
		bench/results/stage.csv $$(printf '%s\n' 'include scripts/Kbuild.include $(OBJ)/.config scripts/Makefile.btf' \
		'all: ; @echo $$(PAHOLE_FLAGS)' | MAKEFLAGS= make -s -C $(SRC) -f - JOBS=1 all)

.PHONY: bench

$(BENCH)/bench: bench/bench.c $(BPFTOOL)
	@mkdir -p $(@D)
	@gcc -static -O2 -Wall -Wextra -Werror -isystem $(LIBBPF)/include -isystem $(SRC)/tools/include/uapi \
		-idirafter $(SRC)/include -o $@ $< \
		$(LIBBPF)/libbpf.a -lelf -lz

##   bench      instructions that it takes to load programs, on the unpatched kernel and on the series, and to find a
##              magic kfunc: tables, and load and lookup in bench/results, as .csv, .svg and .png
bench: kernel base-kernel $(VM)/base.cpio $(BENCH)/bench
	@scripts/deps.sh packages-bench.txt gnuplot
	@bench/guests.sh $(BENCH) $(VM) $(BASE_BZIMAGE) $(BZIMAGE)
	@bench/bench.py $(BENCH)/results bench/results
