# SPDX-License-Identifier: GPL-2.0
# Attempts to break it, which are in checks/torture/. Included by the Makefile, after guest/guest.mk.
FIRST := 1
PAIRS := $(if $(filter debug%,$(CONFIG))$(CROSS),2000,20000)
CALLS := 1000000
RUNS := 100000
NODES := 100000
SECONDS := 600

.PHONY: torture torture-fuzz torture-flat torture-chains torture-nth torture-races torture-faults

##   torture    all of these, on the kernels that they are for; about two hours
torture:
	@$(MAKE) --no-print-directory torture-fuzz torture-flat
	@$(MAKE) --no-print-directory CONFIG=debug torture-fuzz torture-chains torture-nth torture-races
	@$(MAKE) --no-print-directory CONFIG=kcsan torture-races
	@$(MAKE) --no-print-directory torture-faults

ARGUMENTS_fuzz = $(FIRST) $(PAIRS)
ARGUMENTS_flat = $(CALLS)
ARGUMENTS_chains = $(RUNS) $(NODES)
ARGUMENTS_races = $(SECONDS)

# run checks/torture/WHAT.c in a guest, and show what it said
torture-fuzz torture-flat torture-chains torture-nth torture-races: torture-%: kernel $(VM)/base.cpio $(VM)/tests.cpio
	@STAGE_SHOW=$B/torture-$(CONFIG)/$*.txt $(RESULT) $(STAGE) "guest: torture: $*, $(TREE) $(CONFIG)" \
		$(LOG)/torture-$*.log env KMAKE='$(KMAKE)' checks/torture/guest.sh $* $(abspath $B)/torture-$(CONFIG) $(VM) \
		$(BZIMAGE) $(SELFTESTS)/files/bpf_testmod.ko $(LIBBPF) $(SRC)/tools/include/uapi $(ARGUMENTS_$*)

torture-faults: kernel base-kernel $(VM)/base.cpio $(VM)/tests.cpio stock-sample
	@$(VM_ENV) $(RESULT) checks/torture/faults.sh $(abspath $B)/faults-$(CONFIG) $(abspath $(VM)) $(abspath $(SELFTESTS))
