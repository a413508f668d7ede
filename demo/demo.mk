# SPDX-License-Identifier: GPL-2.0
# Included by the Makefile, after guest/guest.mk. `make demo` builds $(DEMO), the static program that the
# guest of `make run` starts.
#
# guest/guest.mk has BPFTOOL, the bpftool that it builds from SRC, HOST_BPFTOOL, the part of it that runs here, and LIBBPF, the directory with the
# libbpf.a and the include/ that this bpftool was built with. demo/Makefile does the rest, in a make
# of its own: there the kernel and bpftool are plain files, so that only what is older is remade.
DEMO_DIR := $B/demo-$(TREE)-$(CONFIG)
DEMO := $(DEMO_DIR)/demo

.PHONY: demo
demo: kernel $(BPFTOOL)
	@$(STAGE) "demo: $(TREE) $(CONFIG)" $(LOG)/demo-$(TREE)-$(CONFIG).log \
		$(MAKE) -f demo/Makefile -j$(NPROC) D=$(DEMO_DIR) SRC=$(SRC) OBJ=$(OBJ) \
		BPFTOOL=$(BPFTOOL) HOST_BPFTOOL=$(HOST_BPFTOOL) LIBBPF=$(LIBBPF)

# That make decides whether the file is up to date; this hands its time on, to the archive as well.
$(DEMO): demo ;
$(VM)/demo.cpio: $(DEMO)

# ---- one object on two kernels

.PHONY: portable
ifneq ($(filter portable,$(VM_TESTS)),)
guest-test: base-kernel $(VM)/demo.cpio
endif

portable: kernel base-kernel $(VM)/base.cpio $(VM)/demo.cpio
	@$(RESULT) sh -ec 'echo "=== 6.18"; VM_CMD="demo portable" guest/boot.sh cmd $B/portable $(BASE_BZIMAGE) $(VM)/base.cpio \
		$(VM)/demo.cpio; echo "=== the series"; VM_CMD="demo portable no-impl" guest/boot.sh cmd $B/portable $(BZIMAGE) \
		$(VM)/base.cpio $(VM)/demo.cpio'
