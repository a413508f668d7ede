# SPDX-License-Identifier: GPL-2.0
# Measurements. Included by the Makefile, which has B, O, SRC and OBJ.
BENCH := $B/bench

.PHONY: bench-stage

bench-stage: kernel
	@mkdir -p $(BENCH) results/bench
	@$(RESULT) bench/stage.py $(OBJ)/.tmp_vmlinux1 $(OBJ)/tools/bpf/resolve_btfids/resolve_btfids $(BENCH)/stage \
		results/bench/stage.csv $$(printf '%s\n' 'include scripts/Kbuild.include $(OBJ)/.config scripts/Makefile.btf' \
		'all: ; @echo $$(PAHOLE_FLAGS)' | MAKEFLAGS= make -s -C $(SRC) -f - JOBS=1 all)

.PHONY: bench naive-kernel

NAIVE_BZIMAGE := $O/tree-naive/obj-naive-$(CONFIG)/arch/x86/boot/bzImage

naive-kernel:
	@$(MAKE) --no-print-directory TREE=naive kernel

$(BENCH)/bench $(BENCH)/run: $(BENCH)/%: bench/%.c bench/now.h checks/torture/programs.h $(wildcard lib/*.h) $(BPFTOOL)
	@mkdir -p $(@D)
	@$(WITH_LIBBPF) scripts/cc.sh guest $@ $< -idirafter $(SRC)/include

bench: kernel base-kernel naive-kernel $(VM)/base.cpio $(BENCH)/bench $(BENCH)/run
	@scripts/deps.sh packages-bench.txt gnuplot
	@bench/guests.sh $(BENCH) $(VM) $(BASE_BZIMAGE) $(NAIVE_BZIMAGE) $(BZIMAGE)
	@$(RESULT) bench/bench.py $(BENCH) results/bench $(BPFTOOL) base=$O/tree-base/obj-base-$(CONFIG) series=$(OBJ)

##   profile    OBJECT=FILE: in which functions the instructions to load it go, unpatched and series; all its programs must load
.PHONY: profile
profile: kernel base-kernel $(VM)/base.cpio $(SELFTESTS)/jobs
	@$(if $(OBJECT),,echo "profile: OBJECT: which object is to be loaded?" >&2; exit 1;) bench/profiles.py $(BENCH)/profile \
		$(VM)/base.cpio $(SELFTESTS)/src/tools/testing/selftests/bpf/veristat $(OBJECT) \
		base=$O/tree-base/obj-base-$(CONFIG) series=$(OBJ)

.PHONY: bench-objects veristat
# by its old name
veristat: bench-objects

# the stock selftests, as `make stock` compiles them
bench-objects: kernel base-kernel $(VM)/base.cpio $(SELFTESTS)/jobs $O/corpus/include/vmlinux.h
	@JOBS=$(NPROC) $(STAGE) "objects of the stock selftests" $(LOG)/bench-objects.log env ONLY='^bpf ' \
		checks/stock/corpus.sh $O/tree-base/linux $O/corpus/include $O/corpus/obj 19-v3-O2
	@mkdir -p $(BENCH)/objects results/bench
	@rm -f $(BENCH)/objects/*
	@ln -s $(abspath $O)/corpus/obj/19-v3-O2/bpf:*.o $(BENCH)/objects
	@$(RESULT) bench/objects.sh $(BENCH) $(VM) $(SELFTESTS)/src/tools/testing/selftests/bpf/veristat \
		$(abspath $(BENCH)/objects) $(BASE_BZIMAGE) $(BZIMAGE) results/bench/objects.csv
