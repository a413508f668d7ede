# SPDX-License-Identifier: GPL-2.0
# `make matrix`: the series in the configurations of checks/matrix/rows. Included by the Makefile, after demo/demo.mk.
# checks/matrix/run.sh calls the other targets, with the CONFIG and the PAHOLE of a row.
MATRIX := $B/matrix
MATRIX_OBJECTS := $(patsubst checks/matrix/guest/%.c,$(MATRIX)/%.o,$(wildcard checks/matrix/guest/*.bpf.c))
STOCK_CONFIG := $(CONFIG:%-pahole$(PAHOLE_NAME)=%)
MATRIX_GUEST := $(VM)/base.cpio $(VM)/demo.cpio

.PHONY: matrix matrix-obj matrix-w1 matrix-module matrix-selftests pahole-compare pahole-oracle

$(MATRIX)/%.bpf.o: checks/matrix/guest/%.bpf.c $(BPFTOOL)
	@mkdir -p $(@D)
	@$(WITH_LIBBPF) scripts/cc.sh bpf $@ $<

matrix: kernel $(MATRIX_GUEST) $(MATRIX_OBJECTS)
	@VM=$(VM) GUEST='$(MATRIX_GUEST)' $(RESULT) checks/matrix/run.sh checks/matrix/rows $(MATRIX) $(ROWS)

matrix-obj:
	@echo $(OBJ)

# compile FILES, which are objects of this kernel, with W=1; what the compilers say goes to the log OUT
matrix-w1: config
	@rm -f $(FILES:%=$(OBJ)/%)
	@$(STAGE) "W=1: $(TREE) $(CONFIG)" $(OUT) $(KMAKE) W=1 $(FILES)

# DIR/matrix_mod.ko for this kernel, stripped
matrix-module: kernel
	@rm -rf $(DIR) && mkdir -p $(DIR)/src
	@cp checks/matrix/guest/Kbuild checks/matrix/guest/matrix_mod.c $(DIR)/src/
	@KMAKE='$(KMAKE)' guest/modules.sh $(DIR)/src $(DIR)

# DIR with the selftests of checks/matrix/guest/selftests, as guest/selftests.sh leaves it
matrix-selftests: kernel
	@KMAKE='$(KMAKE)' JOBS=$(NPROC) $(STAGE) "selftests: $(TREE) $(CONFIG)" $(DIR)/selftests.log \
		guest/selftests.sh $(SRC) $(OBJ) $(DIR) checks/matrix/guest/selftests tests/skips $(TREE)-$(CONFIG)

##   pahole-compare  compare the kfuncs in BTF from Debian's pahole with those from PAHOLE=1.31
pahole-compare: kernel $(BPFTOOL)
	@$(if $(PAHOLE),,echo "pahole-compare: PAHOLE: which one is to be compared with Debian's?" >&2; exit 1)
	@$(MAKE) --no-print-directory PAHOLE= CONFIG=$(STOCK_CONFIG) kernel
	@scripts/pahole-compare.sh $(BPFTOOL) $(IN)/obj-$(TREE)-$(STOCK_CONFIG)/vmlinux $(OBJ)/vmlinux $B/pahole-compare

DWARVES_PIN := $(shell sed -n 's/^DWARVES := \([^ ]*\).*/\1/p' dwarves.mk)
ORACLE_MODULE = $(SELFTESTS)/src/tools/testing/selftests/bpf/test_kmods/bpf_testmod.ko

pahole-oracle: kernel $(SELFTESTS)/jobs
	@scripts/pahole.sh $(DWARVES_PIN) $O/pahole-$(DWARVES_PIN)
	@scripts/pahole.sh $(DWARVES_PIN) $O/pahole-$(DWARVES_PIN)-magic patches-dwarves
	@$(RESULT) scripts/pahole-oracle.sh $O/pahole-$(DWARVES_PIN)/pahole $O/pahole-$(DWARVES_PIN)-magic/pahole \
		$(OBJ)/tools/bpf/resolve_btfids/resolve_btfids $B/pahole-oracle $(OBJ)/vmlinux $(ORACLE_MODULE)
