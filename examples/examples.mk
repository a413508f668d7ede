# SPDX-License-Identifier: GPL-2.0
# `make examples`: the programs of this directory, built as Debian 12 builds them and with the tree's tools, on three
# kernels. Included by the Makefile, after checks/header/header.mk, which has Debian's kernel and guest.sh.
EX := $B/examples
EX_SRC := $(wildcard examples/*.[ch]) examples/Makefile include/magic_kfuncs.bpf.h
# the environment must not reach examples/Makefile, which is for users
EX_MAKE = env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES $(MAKE) -C examples LDFLAGS=-static

.PHONY: examples

# clang 16 is the oldest here that writes type tags, which index.bpf.c needs
$(EX)/debian/done: $(EX_SRC) $(HDR)/headers/done
	@rm -rf $(@D)
	@$(STAGE) "examples: Debian's tools, types of 6.18" $(LOG)/examples-debian.log $(EX_MAKE) OUT=$O/examples/debian \
		CLANG=clang-16 VMLINUX=$(STOCK_VMLINUX) LIBBPF_LIBS="-l:libbpf.a -lelf -lz"
	@touch $@

$(EX)/tree/done: $(EX_SRC) $(OBJ)/vmlinux $(BPFTOOL)
	@rm -rf $(@D)
	@$(STAGE) "examples: the tree's tools, types of $(TREE)" $(LOG)/examples-tree.log $(EX_MAKE) OUT=$O/examples/tree \
		CLANG=clang-19 BPFTOOL=$(abspath $(BPFTOOL)) VMLINUX=$(OBJ)/vmlinux \
		LIBBPF_CFLAGS="-isystem $(abspath $(LIBBPF))/include -isystem $(SRC)/tools/include/uapi" \
		LIBBPF_LIBS="$(abspath $(LIBBPF))/libbpf.a -lelf -lz"
	@touch $@

examples: header-deps kernel base-kernel $(VM)/base.cpio $(EX)/debian/done $(EX)/tree/done
	@VM=$(VM) $(RESULT) examples/run.sh $(EX) $(BASE_BZIMAGE) $(BZIMAGE) $(HDR)/cloud/image
