# SPDX-License-Identifier: GPL-2.0
# `make clients`: programs that others wrote, which use these kfuncs, on the unpatched kernel and on the series. Included
# by the Makefile, after guest/guest.mk. The clients are those of the unpatched tree and of Debian.
CLIENTS := $O/clients

.PHONY: clients clients-run clients-deps

clients-deps: deps
	@scripts/deps.sh packages-clients.txt bpftrace

clients: clients-deps
	@$(RESULT) $(MAKE) --no-print-directory TREE=base CONFIG=clients clients-run

# with TREE=base
clients-run: kernel $(BPFTOOL) $(VM)/base.cpio
	@$(MAKE) --no-print-directory TREE=series kernel
	@$(WITH_LIBBPF) JOBS=$(NPROC) $(STAGE) "clients: build" $(LOG)/clients-build.log checks/clients/build.sh $(SRC) $(OBJ) \
		$(abspath $(BPFTOOL)) $(CLIENTS)
	@checks/clients/run.sh $(CLIENTS) $(VM) $(BZIMAGE) $O/obj-series-$(CONFIG)/arch/x86/boot/bzImage
