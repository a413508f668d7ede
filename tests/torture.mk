# SPDX-License-Identifier: GPL-2.0
# Attempts to break it, which are in tests/torture/. Included by the Makefile, after vm/vm.mk.
FIRST := 1
PAIRS := 20000

.PHONY: torture

##   torture    load PAIRS=20000 random programs by either name of the magic kfuncs, from seed FIRST=1 on, and compare
torture: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(STAGE) "guest: torture $(TREE) $(CONFIG)" $(LOG)/torture.log tests/torture/guest.sh $(abspath $B)/torture-$(CONFIG) \
		$(VM) $(BZIMAGE) $(SELFTESTS)/files/bpf_testmod.ko $(LIBBPF) $(SRC)/tools/include/uapi $(FIRST) $(PAIRS)
	@cat $B/torture-$(CONFIG)/fuzz.txt

.PHONY: torture-faults

##   torture-faults  build five deliberate faults, one after the other, and see what finds each
torture-faults: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@MAKE='$(MAKE)' tests/torture/faults.sh $(abspath $B)/faults-$(CONFIG) $(abspath $(SRC)) $(VM) $(BZIMAGE) \
		$(SELFTESTS) $(LIBBPF)
