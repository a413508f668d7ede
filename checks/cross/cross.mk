# SPDX-License-Identifier: GPL-2.0
# `make i386 riscv64 s390x`: the series on other architectures, which cross.mk lists. Included by the Makefile, after
# guest/guest.mk, whose PID 1 is the guests' too. There is no shell and no bpftool in them, as Debian has none to link: what
# PID 1 runs as the shell is checks/cross/guest/calls.c.
MACHINES := i386 riscv64 s390x

.PHONY: $(MACHINES) cross-guest cross-size cross-size-row cross-btf

$(VM)/calls: checks/cross/guest/calls.c lib/insn.h | tree
	@mkdir -p $(@D)
	@UAPI=$(SRC)/tools/include/uapi scripts/cc.sh guest $@ $<

$(MACHINES):
	@$(RESULT) $(MAKE) --no-print-directory CONFIG=$@ cross-guest

# with one of these as CONFIG, and TREE=base, if it is the unpatched kernel
cross-guest: kernel $(VM)/init $(VM)/calls $(VM)/gen_init_cpio
	@checks/cross/run.sh $(OBJ)/vmlinux $(IMAGE) $(VM) $B/vm/$(TREE)-$(CONFIG) $(if $(filter base,$(TREE)),stock)

# the sizes of both kernels and of what their JITs make of a call
cross-size:
	@$(RESULT) sh -c 'for m in $(MACHINES); do $(MAKE) --no-print-directory CONFIG=$$m cross-size-row || exit; done'

cross-size-row: cross-guest
	@$(MAKE) --no-print-directory TREE=base cross-guest
	@BASE=$O/tree-base/obj-base-$(CONFIG) BASE_IMAGE=$(BASE_BZIMAGE) BASE_GUEST=$B/vm/base-$(CONFIG) \
		SERIES=$(OBJ) SERIES_IMAGE=$(IMAGE) SERIES_GUEST=$B/vm/series-$(CONFIG) \
		checks/cross/size.sh $(CONFIG) $(CROSS_COMPILE)

cross-btf: kernel
	@scripts/deps.sh packages-cross.txt aarch64-linux-gnu-gcc riscv64-linux-gnu-gcc
	@$(RESULT) scripts/cross-btf.sh $(SRC) $(OBJ)/tools/bpf/resolve_btfids/resolve_btfids $O/cross-btf $(ROWS)
