# SPDX-License-Identifier: GPL-2.0
# Stock 6.18 as the judge: the same programs on the unpatched kernel and on the series. Included by the Makefile, after
# vm/vm.mk.
STOCK := $B/stock-$(CONFIG)
STOCK_PROGRAMS := $(addprefix $(STOCK)/,records dead refs cases compare cases.bpf.o)

.PHONY: oracle oracle-programs

$(STOCK)/%: checks/stock/%.c checks/stock/kit.h vm/translated.h vm/insn.h $(BPFTOOL)
	@mkdir -p $(@D)
	@$(WITH_LIBBPF) scripts/cc.sh guest $@ $<

$(STOCK)/cases.bpf.o: checks/stock/cases.bpf.c
	@mkdir -p $(@D)
	@scripts/cc.sh bpf $@ $<

oracle-programs: $(STOCK_PROGRAMS)
# the short form is one of the tests
ifeq ($(TREE),series)
guest-test: base-kernel oracle-programs
endif

oracle: kernel base-kernel $(VM)/base.cpio $(STOCK_PROGRAMS)
	@$(RESULT) checks/stock/oracle.sh $(abspath $(STOCK)) $(abspath $(VM)) $(BASE_BZIMAGE) $(BZIMAGE) $(SRC) \
		$B/results/oracle.txt.body
