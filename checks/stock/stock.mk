# SPDX-License-Identifier: GPL-2.0
# Stock 6.18 as the judge: the same programs on the unpatched kernel and on the series. Included by the Makefile, after
# vm/vm.mk.
STOCK := $B/stock-$(CONFIG)
STOCK_PROGRAMS := $(addprefix $(STOCK)/,records dead refs cases compare cases.bpf.o)

.PHONY: oracle oracle-programs

$(STOCK)/%: checks/stock/%.c checks/stock/kit.h vm/translated.h vm/insn.h $(BPFTOOL)
	@mkdir -p $(@D)
	@gcc -static -O2 -Wall -Wextra -Werror -isystem $(LIBBPF)/include -isystem $(SRC)/tools/include/uapi -o $@ $< \
		$(LIBBPF)/libbpf.a -lelf -lz

$(STOCK)/cases.bpf.o: checks/stock/cases.bpf.c
	@mkdir -p $(@D)
	@clang-19 -O2 -g -target bpf -mcpu=v3 -Wall -Werror -o $@ -c $<

oracle-programs: $(STOCK_PROGRAMS)
# the short form is one of the tests
ifeq ($(TREE),series)
guest-test: base-kernel oracle-programs
endif

##   oracle     with CONFIG=debug: one call that serves two types, dead callbacks, references after unlock, and calls that
##              clang merged, on the unpatched kernel and on the series: results/oracle.txt
oracle: kernel base-kernel $(VM)/base.cpio $(STOCK_PROGRAMS)
	@checks/stock/oracle.sh $(abspath $(STOCK)) $(abspath $(VM)) $(BASE_BZIMAGE) $(BZIMAGE) $(SRC) results/oracle.txt

# ---- the corpus: every BPF program of the stock tree, in several variants

CORPUS := $B/corpus
JUDGE := $B/judge
# most of the distinct programs come from these; see docs/testing.md
STOCK_VARIANTS := 19-v3-O2 14-v1-O2 19-v4-O1 16-v2-Os
STOCK_TREE := $O/linux-base

.PHONY: stock stock-modules stock-corpus

# with TREE: the stock test modules for that kernel
stock-modules:
	@mkdir -p $(JUDGE)
	@rm -rf $(JUDGE)/kmods-$(TREE)
	@cp -a $(STOCK_TREE)/tools/testing/selftests/bpf/test_kmods $(JUDGE)/kmods-$(TREE)
	@KMAKE='$(KMAKE)' vm/modules.sh $(abspath $(JUDGE))/kmods-$(TREE) $(JUDGE)/modules-$(TREE)
