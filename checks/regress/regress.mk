# SPDX-License-Identifier: GPL-2.0
# `make regress`: the selftests of an unpatched 6.18 on both kernels, in configuration `regress`, or as CONFIG says: then
# without the programs of Debian and the table of what fails; on another architecture than x86_64, those of tests/plan.
# Included by the Makefile, after guest/guest.mk.
#
# One test_progs, built from the stock sources, and for each kernel the stock test modules. Only vmlinux.h
# comes from the series: with an old pahole, that of the base declares no kfunc, and tests do not compile.
REGRESS := $O/regress$(patsubst %,-%,$(filter-out regress,$(CONFIG)))
REGRESS_SRC := $(REGRESS)/tests/src/tools/testing/selftests/bpf
# what the tests start and Debian does not have
REGRESS_PROGRAMS := $(if $(filter regress,$(CONFIG)),urandom_read liburandom_read.so uprobe_multi xdp_synproxy sign-file veristat)

.PHONY: regress regress-run regress-modules regress-deps

regress-deps: deps
	@$(if $(CROSS),,scripts/deps.sh packages-regress.txt iptables-legacy)

regress: regress-deps
	@$(RESULT) $(MAKE) --no-print-directory CONFIG=$(patsubst small,regress,$(CONFIG)) regress-run

$(REGRESS)/plan: checks/regress/left-out tests/plan | base-kernel
	@mkdir -p $(@D)
	@grep -v '^#' checks/regress/left-out | cut -f1 > $@.without
	@cat $O/tree-base/linux/tools/testing/selftests/bpf/prog_tests/*.c | \
		sed -nE 's/^void (serial_)?test_(\w+)\((void)?\).*/\2\t120/p' | sort -u | \
		awk -F'\t' 'NR == FNR { without[$$1]; next } !($$1 in without)' $@.without - \
		$(if $(CROSS),| awk -F'\t' 'NR == FNR { want[$$1]; next } $$1 in want' tests/plan -) > $@

$(REGRESS)/tests/jobs: $(OBJ)/vmlinux $(REGRESS)/plan guest/selftests.sh guest/prune.mk guest/modules.sh checks/regress/programs.sh | $(BPFTOOL)
	@KMAKE='$(KMAKE)' JOBS=$(NPROC) $(if $(REGRESS_PROGRAMS),SELFTESTS_LINK= SELFTESTS_MORE='$(REGRESS_PROGRAMS)') \
		$(STAGE) "selftests: stock" $(LOG)/selftests-stock.log \
		guest/selftests.sh $O/tree-base/linux $(OBJ) $(REGRESS)/tests $(REGRESS)/plan tests/skips regress
	@$(if $(REGRESS_PROGRAMS),checks/regress/programs.sh $(REGRESS) $(REGRESS_SRC) $(REGRESS_PROGRAMS))
	@$(if $(REGRESS_PROGRAMS),cp $(BPFTOOL) $(REGRESS)/tests/files/)
	@rm -rf $(REGRESS)/kmods
	@cp -a $(REGRESS_SRC)/test_kmods $(REGRESS)/kmods
	@$(MAKE) --no-print-directory TREE=base regress-modules

# with TREE=base
regress-modules:
	@KMAKE='$(KMAKE)' guest/modules.sh $(REGRESS)/kmods $(REGRESS)/modules-base

regress-run: kernel base-kernel $(VM)/base.cpio $(REGRESS)/tests/jobs
	@checks/regress/run.sh $(REGRESS) $(VM) $(BASE_BZIMAGE) $(BZIMAGE) $(if $(REGRESS_PROGRAMS),checks/regress/fails)
