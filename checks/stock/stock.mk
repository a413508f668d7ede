# SPDX-License-Identifier: GPL-2.0
# Stock 6.18 as the judge: the same programs on the unpatched kernel and on the series. Included by the Makefile, after
# guest/guest.mk.
STOCK := $B/stock-$(CONFIG)
STOCK_PROGRAMS := $(addprefix $(STOCK)/,records dead refs rewrites cases cases.bpf.o)

.PHONY: oracle oracle-programs

$(STOCK)/%: checks/stock/%.c checks/stock/kit.h $(wildcard lib/*.h) $(BPFTOOL)
	@mkdir -p $(@D)
	@$(WITH_LIBBPF) scripts/cc.sh guest $@ $<

$(STOCK)/cases.bpf.o: checks/stock/cases.bpf.c
	@mkdir -p $(@D)
	@scripts/cc.sh bpf $@ $<

oracle-programs: $(STOCK_PROGRAMS)
# the short form is one of the tests
ifneq ($(filter stock,$(VM_TESTS)),)
guest-test: base-kernel oracle-programs stock-sample
endif

oracle: kernel base-kernel $(VM)/base.cpio $(STOCK_PROGRAMS)
	@$(RESULT) checks/stock/oracle.sh $(abspath $(STOCK)) $(abspath $(VM)) $(BASE_BZIMAGE) $(BZIMAGE) $(SRC) \
		$B/results/oracle.txt.body

# ---- the corpus: every BPF program of the stock tree in several variants, and generated ones
#
# Nothing here is built again when the kernel changes: the programs are to stay the same. `rm -r build/corpus` for new ones.

CORPUS := $O/corpus$(if $(CROSS),-$(CONFIG))
JUDGE := $O/judge-$(CONFIG)
STOCK_TREE := $O/tree-base/linux
# CLANG-CPU-LEVEL: most of the distinct programs come from these
STOCK_VARIANTS := 19-v3-O2 14-v1-O2 19-v4-O1 16-v2-Os
# with BPF objects, as files or in programs; found among what depends on libbpf, and in the lists of the archive's files
STOCK_PACKAGES := libbpf-tools xdp-tools libxdp1 xdp-tests ir-keytable pcp libknot13 golang-github-cilium-ebpf-dev
STOCK_SEED := 1
STOCK_FILES := 340
# files of 60 programs
STOCK_PROGRAMS_A_FILE := 60
# they take a minute each under TCG, and run out of time on both kernels
STOCK_WITHOUT := /bpf:(pyperf|strobemeta|loop[0-9]|test_verif_scale)
STOCK_MODULES = $(JUDGE)/modules-$1/bpf_testmod.ko

.PHONY: stock stock-programs stock-modules stock-corpus stock-sample

JUDGE_CC = UAPI=$(STOCK_TREE)/tools/include/uapi scripts/cc.sh guest $@ $< -Wl,--wrap=syscall,--wrap=open64,--wrap=faccessat

$(JUDGE)/judge: checks/stock/judge.c $(wildcard lib/*.h) $(BPFTOOL)
	@mkdir -p $(@D)
	@LIBBPF=$(LIBBPF) $(JUDGE_CC)

# the same, to run here
$(JUDGE)/scan: checks/stock/judge.c $(wildcard lib/*.h) $(BPFTOOL)
	@mkdir -p $(@D)
	@GUEST_PREFIX='' GUEST_SYSROOT='' LIBBPF=$(dir $(HOST_BPFTOOL))libbpf $(JUDGE_CC)

$(JUDGE)/generate: checks/stock/generate.c
	@mkdir -p $(@D)
	@gcc -O2 -Wall -Wextra -Werror -o $@ $<

# the stock headers; only vmlinux.h is that of the series, because that of the base declares no kfuncs with an old pahole
$(CORPUS)/include/vmlinux.h: | $(BPFTOOL)
	@mkdir -p $(@D)/bpf
	@cp $(STOCK_TREE)/tools/lib/bpf/*.h $(@D)/bpf/
	@cp $(LIBBPF)/include/bpf/bpf_helper_defs.h $(@D)/bpf/
	@$(HOST_BPFTOOL) btf dump file $(OBJ)/vmlinux format c > $@

# with TREE: the stock test modules for that kernel
stock-modules:
	@rm -rf $(JUDGE)/kmods-$(TREE)
	@mkdir -p $(JUDGE)
	@cp -a $(STOCK_TREE)/tools/testing/selftests/bpf/test_kmods $(JUDGE)/kmods-$(TREE)
	@KMAKE='$(KMAKE)' guest/modules.sh $(JUDGE)/kmods-$(TREE) $(JUDGE)/modules-$(TREE)

$(JUDGE)/base.btf: | base-kernel
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)objcopy -O binary --only-section=.BTF $O/tree-base/obj-base-$(CONFIG)/vmlinux $@

stock-programs: kernel $(JUDGE)/base.btf $(JUDGE)/judge $(JUDGE)/scan $(JUDGE)/generate $(CORPUS)/include/vmlinux.h
	@$(MAKE) --no-print-directory TREE=base stock-modules
	@$(MAKE) --no-print-directory TREE=series stock-modules
	@$(CROSS_COMPILE)objcopy --dump-section .BTF=$(JUDGE)/testmod.btf $(JUDGE)/modules-base/bpf_testmod.ko /dev/null

stock-corpus: stock-programs $(VM)/gen_init_cpio
	@scripts/deps.sh packages-header.txt $(filter-out clang-19,$(foreach v,$(STOCK_VARIANTS),clang-$(firstword $(subst -, ,$v))))
	@JOBS=$(NPROC) $(STAGE) "corpus: $(STOCK_VARIANTS)" $(LOG)/stock-corpus.log \
		checks/stock/corpus.sh $(STOCK_TREE) $(CORPUS)/include $(CORPUS)/obj $(STOCK_VARIANTS)
	@JOBS=$(NPROC) $(STAGE) "corpus: $(STOCK_FILES) generated files" $(LOG)/stock-generated.log checks/stock/generated.sh \
		$(JUDGE)/generate $(STOCK_TREE) $(CORPUS)/include $(CORPUS)/obj $(STOCK_SEED) $(STOCK_FILES) $(STOCK_PROGRAMS_A_FILE)
	@$(STAGE) "corpus: packages of Debian" $(LOG)/stock-packages.log checks/stock/packages.py $(CORPUS)/obj/debian \
		$(STOCK_PACKAGES)
	@GEN_INIT_CPIO=$(abspath $(VM)/gen_init_cpio) KOBJ=$O/tree-base/obj-base-$(CONFIG) WITHOUT='$(STOCK_WITHOUT)' checks/stock/judge.sh pack $(JUDGE)/scan $(JUDGE)/judge \
		$(JUDGE)/base.btf,bpf_testmod=$(JUDGE)/testmod.btf $(CORPUS)/obj $(JUDGE)/corpus $(STOCK_VARIANTS) debian gen

stock: stock-corpus $(VM)/base.cpio
	@$(RESULT) checks/stock/judge.sh both $(JUDGE)/corpus $(VM) $(BASE_BZIMAGE) $(BZIMAGE) $(call STOCK_MODULES,base) \
		$(call STOCK_MODULES,series) $(SRC) $B/results/stock.txt.body

# what `make test` has of it: some of the sources, and two generated files; without those that need a module
STOCK_SAMPLE := 60
stock-sample: kernel $(JUDGE)/base.btf $(JUDGE)/judge $(JUDGE)/scan $(JUDGE)/generate $(CORPUS)/include/vmlinux.h $(VM)/gen_init_cpio
	@JOBS=$(NPROC) SAMPLE=$(STOCK_SAMPLE) SEED=$(STOCK_SEED) $(STAGE) "corpus: a sample of $(STOCK_SAMPLE)" $(LOG)/stock-sample.log \
		checks/stock/corpus.sh $(STOCK_TREE) $(CORPUS)/include $(CORPUS)/sample $(firstword $(STOCK_VARIANTS))
	@JOBS=$(NPROC) checks/stock/generated.sh $(JUDGE)/generate $(STOCK_TREE) $(CORPUS)/include $(CORPUS)/sample $(STOCK_SEED) 2 40
	@GEN_INIT_CPIO=$(abspath $(VM)/gen_init_cpio) KOBJ=$O/tree-base/obj-base-$(CONFIG) WITHOUT='$(STOCK_WITHOUT)' checks/stock/judge.sh pack $(JUDGE)/scan $(JUDGE)/judge \
		$(JUDGE)/base.btf $(CORPUS)/sample $(JUDGE)/sample $(firstword $(STOCK_VARIANTS)) gen > $(LOG)/stock-sample.counts
