# SPDX-License-Identifier: GPL-2.0
# `make i386 s390x`: the series on other architectures, which cross.mk lists. Included by the Makefile, after
# guest/guest.mk, whose PID 1 is the guests' too. There is no shell and no bpftool in them, as Debian has none to link: what
# PID 1 runs as the shell is checks/cross/guest/calls.c.
MACHINES := i386 s390x

.PHONY: $(MACHINES) cross-guest cross-btf

$(VM)/calls: checks/cross/guest/calls.c lib/insn.h | tree
	@mkdir -p $(@D)
	@UAPI=$(SRC)/tools/include/uapi scripts/cc.sh guest $@ $<

$(MACHINES):
	@$(RESULT) $(MAKE) --no-print-directory CONFIG=$@ cross-guest

# with one of these as CONFIG
cross-guest: kernel $(VM)/init $(VM)/calls $(VM)/gen_init_cpio
	@checks/cross/run.sh $(OBJ)/vmlinux $(IMAGE) $(VM) $B/vm/$(CONFIG)

cross-btf: kernel
	@scripts/deps.sh packages-cross.txt aarch64-linux-gnu-gcc riscv64-linux-gnu-gcc
	@$(RESULT) scripts/cross-btf.sh $(SRC) $(OBJ)/tools/bpf/resolve_btfids/resolve_btfids $O/cross-btf $(ROWS)
