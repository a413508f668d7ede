# SPDX-License-Identifier: GPL-2.0
# Attempts to break it, which are in checks/torture/. Included by the Makefile, after guest/guest.mk.
FIRST := 1
PAIRS := $(if $(filter debug%,$(CONFIG)),2000,20000)
CALLS := 1000000
RUNS := 100000
NODES := 100000
SECONDS := 600

# TORTURE WHAT ARGUMENTS: run checks/torture/WHAT.c in a guest, and show what it said
TORTURE = STAGE_SHOW=$B/torture-$(CONFIG)/$1.txt $(RESULT) $(STAGE) "guest: torture: $1, $(TREE) $(CONFIG)" \
	$(LOG)/torture-$1.log env KMAKE='$(KMAKE)' checks/torture/guest.sh $1 $(abspath $B)/torture-$(CONFIG) $(VM) $(BZIMAGE) \
	$(SELFTESTS)/files/bpf_testmod.ko $(LIBBPF) $(SRC)/tools/include/uapi $2

.PHONY: torture torture-fuzz torture-flat torture-chains torture-nth torture-races torture-faults

##   torture    all of these, on the kernels that they are for; about two hours
torture:
	@$(MAKE) --no-print-directory torture-fuzz torture-flat
	@$(MAKE) --no-print-directory CONFIG=debug torture-fuzz torture-chains torture-nth torture-races
	@$(MAKE) --no-print-directory CONFIG=kcsan torture-races
	@$(MAKE) --no-print-directory torture-faults

torture-fuzz: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(call TORTURE,fuzz,$(FIRST) $(PAIRS))

torture-flat: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(call TORTURE,flat,$(CALLS))

torture-chains: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(call TORTURE,chains,$(RUNS) $(NODES))

torture-nth: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(call TORTURE,nth,)

torture-races: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(call TORTURE,races,$(SECONDS))

torture-faults: kernel base-kernel $(VM)/base.cpio $(VM)/tests.cpio stock-sample
	@$(VM_ENV) $(RESULT) checks/torture/faults.sh $(abspath $B)/faults-$(CONFIG) $(abspath $(VM)) $(abspath $(SELFTESTS))
