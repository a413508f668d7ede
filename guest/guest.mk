# SPDX-License-Identifier: GPL-2.0
# The guest: what goes into its initramfs, booting it, and the tests that run in it.
#
# Included by the Makefile, which has B, O, SRC, OBJ, LOG, STAGE, KMAKE, TREE, CONFIG and NPROC.
# demo/demo.mk has DEMO, the program that `make run` starts. TREE-CONFIG is in the names of what depends
# on the kernel.
VM := $B/vm-$(TREE)-$(CONFIG)
export VM_MACHINE := $(MACHINE)
# what scripts/cc.sh and the selftests compile for
export GUEST_PREFIX := $(CROSS_COMPILE)
export GUEST_SYSROOT := $(SYSROOT)
export GUEST_ARCH := $(or $(firstword $(CROSS)),x86)
export VM_SLOW := $(if $(filter debug% kcsan%,$(CONFIG)),5,1)
BZIMAGE := $(IMAGE)
BPFTOOL := $B/bpftool-$(TREE)-$(CONFIG)/bpftool
LIBBPF := $(dir $(BPFTOOL))libbpf
# before scripts/cc.sh: a program with this libbpf
WITH_LIBBPF := LIBBPF=$(LIBBPF) UAPI=$(SRC)/tools/include/uapi
SELFTESTS := $B/selftests-$(TREE)-$(CONFIG)
BUSYBOX := $(SYSROOT)/bin/busybox
# on the host, for skeletons and vmlinux.h
HOST_BPFTOOL := $(dir $(BPFTOOL))bootstrap/bpftool
# the demo needs the kfuncs of the series: a shell on the base goes without
WITH_DEMO := $(if $(filter base,$(TREE)),,$(VM)/demo.cpio)
GEN_CPIO = VM=$(VM) BUSYBOX=$(BUSYBOX) BPFTOOL=$(BPFTOOL) $(VM)/gen_init_cpio -t 0

# What the tools and the selftests are rebuilt for, apart from a new vmlinux.
TOOL_SRC := $(shell find $(wildcard $(SRC)/tools/lib/bpf $(SRC)/tools/bpf/bpftool) -name '*.[ch]')
SELFTEST_SRC := $(shell find $(wildcard $(SRC)/tools/testing/selftests/bpf) -name '*.[ch]')

# The unpatched kernel, for what is compared with it.
BASE_BZIMAGE := $(patsubst $(OBJ)/%,$O/tree-base/obj-base-$(CONFIG)/%,$(IMAGE))

.PHONY: run shell cmd forget vm-tests guest-test tally base-kernel

# The kernel's own make decides what is up to date; these only hand its times on.
$(OBJ)/vmlinux $(BZIMAGE): kernel ;

base-kernel:
	@$(MAKE) --no-print-directory TREE=base kernel

# Made again when cross.mk names other packages; remove it for newer ones.
$(if $(SYSROOT),$(SYSROOT)/bin/busybox): cross.mk | deps
	@$(STAGE) "sysroot: Debian 12 for $(CONFIG)" $(LOG)/sysroot-$(CONFIG).log scripts/sysroot.sh $(word 5,$(CROSS)) $(SYSROOT) \
		$(SYSROOT_PACKAGES)
	@touch $@

$(VM)/init: guest/init.c | $(BUSYBOX)
	@mkdir -p $(VM)
	@scripts/cc.sh guest $@ $<

$(VM)/gen_init_cpio: $(OBJ)/vmlinux
	@mkdir -p $(VM)
	@gcc -O2 -o $@ $(SRC)/usr/gen_init_cpio.c

# Static, so that the guest needs no libraries; without LLVM's and binutils' disassemblers.
$(BPFTOOL): $(OBJ)/vmlinux $(TOOL_SRC) | $(BUSYBOX)
	@mkdir -p $(@D)
	@$(STAGE) bpftool $(LOG)/bpftool.log env -u MAKEFLAGS -u MAKELEVEL make -C $(SRC)/tools/bpf/bpftool \
		-j$(NPROC) OUTPUT=$(abspath $(@D))/ CC="ccache $(GUEST_PREFIX)gcc $(SYSROOT:%=--sysroot=%)" HOSTCC="ccache gcc" CLANG=clang-19 \
		ARCH=$(GUEST_ARCH) CROSS_COMPILE=$(GUEST_PREFIX) \
		LLVM_STRIP=llvm-strip-19 feature-llvm=0 feature-libbfd=0 EXTRA_LDFLAGS=-static \
		VMLINUX_BTF=$(abspath $(OBJ))/vmlinux
	@touch $@

# The initramfs is a row of archives: this one for every guest, then one for what it is to do.
$(VM)/base.cpio: guest/initramfs.list $(VM)/init $(VM)/gen_init_cpio $(BPFTOOL)
	@busybox --list | sed '/^busybox$$/d; s|.*|slink /bin/& busybox 777 0 0|' | \
		cat guest/initramfs.list - > $(VM)/base.list
	@$(GEN_CPIO) $(VM)/base.list > $@

$(SELFTESTS)/jobs: $(OBJ)/vmlinux $(TOOL_SRC) $(SELFTEST_SRC) tests/plan tests/skips guest/selftests.sh guest/prune.mk
	@KMAKE='$(KMAKE)' JOBS=$(NPROC) $(STAGE) "selftests: $(TREE) $(CONFIG)" \
		$(LOG)/selftests-$(TREE)-$(CONFIG).log \
		guest/selftests.sh $(SRC) $(OBJ) $(SELFTESTS) tests/plan tests/skips $(KIND)-$(CONFIG)

$(VM)/tests.cpio: $(SELFTESTS)/jobs $(VM)/gen_init_cpio
	@(echo "file /etc/jobs $< 644 0 0"; cd $(SELFTESTS)/files && for f in *; do \
		echo "file /tests/$$f $(SELFTESTS)/files/$$f 755 0 0"; done) > $(VM)/tests.list
	@$(GEN_CPIO) $(VM)/tests.list > $@

# demo.mk, which is read later and knows $(DEMO), makes this depend on it.
$(VM)/demo.cpio: $(VM)/gen_init_cpio
	@printf 'demo\t120\texec /demo/demo\n' > $(VM)/demo.jobs
	@printf 'file %s %s %s 0 0\n' /etc/jobs $(VM)/demo.jobs 644 /demo/demo $(DEMO) 755 > $(VM)/demo.list
	@$(GEN_CPIO) $(VM)/demo.list > $@

run: kernel $(VM)/base.cpio $(VM)/demo.cpio
	@$(RESULT) guest/boot.sh run $B/vm/run $(BZIMAGE) $(VM)/base.cpio $(VM)/demo.cpio

##   shell      boot the kernel and give a shell in it; exit, or ctrl-a x, ends the guest
shell: kernel $(VM)/base.cpio $(WITH_DEMO)
	@guest/boot.sh shell $B/vm/shell $(BZIMAGE) $(VM)/base.cpio $(WITH_DEMO)

##   cmd        boot the kernel and run CMD='a shell command' in it
cmd: export VM_CMD = $(value CMD)
cmd: kernel $(VM)/base.cpio $(WITH_DEMO)
	@$(if $(value CMD),,echo "cmd: CMD: which command is to run?" >&2; exit 1;) guest/boot.sh cmd $B/vm/cmd $(BZIMAGE) $(VM)/base.cpio $(WITH_DEMO)

# What an earlier run left must not be taken for this one's: guest-test begins with forgetting it.
forget:
	@rm -rf $B/results/vm.txt $B/vm/test

# what tests/vm/ wants to be told
VM_ENV = VM_KERNEL=$(abspath $(BZIMAGE)) VM_BASE=$(abspath $(VM)/base.cpio) VM_STOCK=$(BASE_BZIMAGE) \
	VM_DEMO=$(abspath $(VM)/demo.cpio) VM_SRC=$(SRC) VM_OBJ=$(OBJ) VM_VMLINUX=$(OBJ)/vmlinux VM_KMAKE='$(KMAKE)' \
	VM_TESTMOD=$(abspath $(SELFTESTS)/files/bpf_testmod.ko) VM_LIBBPF=$(abspath $(LIBBPF)) \
	VM_BPFTOOL=$(abspath $(HOST_BPFTOOL)) VM_ORACLE=$(abspath $B/stock-$(CONFIG)) VM_JUDGE=$(abspath $B/judge-$(CONFIG)/sample) VM_HEADERS='$(abspath $(DEMO_DIR) $(LIBBPF)/include)'

# Other architectures go without those that are about programs on the host.
VM_TESTS := boot $(if $(filter series,$(TREE)),planted portable docs modules kbuild register trace bpftool headers torture stock)
VM_TESTS := $(if $(CROSS),$(filter-out planted kbuild headers,$(VM_TESTS)),$(VM_TESTS))

# `make test` runs these two, whatever the first does: what it could not do, the tally finds missing.
# demo.mk adds what the tests need that are for the series only.
guest-test: forget kernel $(VM)/base.cpio $(VM)/tests.cpio
	@$(VM_ENV) \
		tests/host/run.sh $B/results/vm.txt $(VM_TESTS:%=tests/vm/%.sh) || :
	@$(STAGE) "guest: test $(TREE) $(CONFIG)" $(LOG)/guest-test.log \
		env VM_TIMEOUT=2400 guest/boot.sh test $B/vm/test $(BZIMAGE) $(VM)/base.cpio $(VM)/tests.cpio

tally:
	@awk -f tests/test_progs.awk -f tests/tally.awk $B/vm/test/results $B/vm/test/splats $(SELFTESTS)/not-built tests/plan \
		tests/skips $(KIND)-$(CONFIG) $B/results/host.txt $B/results/vm.txt

# a part of tests/vm/, FILES='tests/vm/trace.sh ...', on what is built
vm-tests: kernel $(VM)/base.cpio $(VM)/tests.cpio $(WITH_DEMO)
	@$(VM_ENV) tests/host/run.sh $B/results/some-vm.txt $(FILES)
