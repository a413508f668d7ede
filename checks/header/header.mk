# SPDX-License-Identifier: GPL-2.0
# `make header`: what include/magic_kfuncs.bpf.h compiles with, and where it runs. Included by the Makefile.
#
# compile.sh and headers.sh compile, also in `make test` (tests/host/header.sh); run.sh starts the guests.
HDR := $B/header
HDR_CLANGS := clang-14 clang-16 clang-19
HDR_H := $(abspath include/magic_kfuncs.bpf.h)
HDR_SRC := $(wildcard checks/header/*.[ch])
HDR_GUEST := $(HDR)/guest
STOCK_VMLINUX := $O/tree-base/obj-base-$(CONFIG)/vmlinux
# each compiler with other headers: vmlinux.h, bpf_helpers.h
HDR_WITH_clang-14 := 6.18 1.1
HDR_WITH_clang-16 := none base
HDR_WITH_clang-19 := series series
# and other levels and instruction sets
HDR_VARIANTS := clang-14-O1-v1 clang-14-Os-v2 clang-16-O1-v3 clang-16-Os-v1 clang-19-O1-v1 clang-19-Os-v4
HDR_OBJECTS := $(HDR_VARIANTS:%=$(HDR_GUEST)/all-%.bpf.o) $(HDR_CLANGS:%=$(HDR_GUEST)/all-%.bpf.o) $(HDR_CLANGS:%=$(HDR_GUEST)/plain-%.bpf.o) \
	$(HDR_CLANGS:%=$(HDR_GUEST)/hand-%.bpf.o)
HDR_PROGRAMS := $(HDR_GUEST)/run-1.1 $(HDR_GUEST)/run-tree $(HDR_GUEST)/lrun-1.1 $(HDR_GUEST)/lrun-tree
# Statically linked with Debian's libbpf, or with the tree's
LOADER := gcc -static -g -O2 -Wall -Wextra -Werror -Ichecks/header
WITH_1.1 := -l:libbpf.a -lelf -lz
WITH_tree = -isystem $(LIBBPF)/include -isystem $(SRC)/tools/include/uapi $(LIBBPF)/libbpf.a -lelf -lz
# What 6.12 has, unasked
NINE := $(foreach f,wq_set_callback obj_new obj_drop percpu_obj_new percpu_obj_drop refcount_acquire list_push_front \
	list_push_back rbtree_add,-DASK_bpf_$f=1) $(foreach f,task_work_schedule_signal task_work_schedule_resume \
	stream_vprintk,-DASK_bpf_$f=0) '-DASK(name)=ASK_\#\#name'

.PHONY: header header-deps

header-deps: deps
	@scripts/deps.sh packages-header.txt $(HDR_CLANGS) zstd

$(HDR)/cloud/vmlinux: checks/header/debian-kernel.sh | header-deps
	@$(STAGE) "Debian's cloud kernel" $(LOG)/debian-kernel.log checks/header/debian-kernel.sh $(abspath $(@D)) $(SRC)

# types and prototypes of the series, types of the two others
$(HDR)/headers/done: $(OBJ)/vmlinux $(BPFTOOL) $(HDR)/cloud/vmlinux checks/header/headers.sh | base-kernel
	@$(BPFTOOL) btf dump file $(OBJ)/vmlinux format c > $(HDR)/series.h
	@$(BPFTOOL) btf dump file $(HDR)/cloud/vmlinux format c > $(HDR)/6.12.h
	@$(BPFTOOL) btf dump file $(STOCK_VMLINUX) format c > $(HDR)/6.18.h
	@checks/header/headers.sh $(abspath $(@D)) $(SRC) $(abspath $(HDR)/series.h $(HDR)/6.12.h $(HDR)/6.18.h)
	@touch $@

HDR_CC = $* -target bpf -mcpu=v3 -O2 -g -Wall -Werror -I$(HDR)/headers/vmlinux/$(word 1,$(HDR_WITH_$*)) \
	-isystem $(HDR)/headers/bpf/$(word 2,$(HDR_WITH_$*)) -Iinclude -isystem /usr/include/x86_64-linux-gnu \
	-include vmlinux.h -include bpf/bpf_helpers.h
$(HDR_CLANGS:%=$(HDR_GUEST)/all-%.bpf.o): $(HDR_GUEST)/all-%.bpf.o: $(HDR)/headers/done $(HDR_SRC) $(HDR_H)
	@mkdir -p $(@D)
	@$(HDR_CC) -include magic_kfuncs.bpf.h -c checks/header/all.bpf.c -o $@
$(HDR_CLANGS:%=$(HDR_GUEST)/plain-%.bpf.o): $(HDR_GUEST)/plain-%.bpf.o: $(HDR)/headers/done $(HDR_SRC) $(HDR_H)
	@mkdir -p $(@D)
	@$(HDR_CC) -include magic_kfuncs.bpf.h '-DASK(name)=1' -c checks/header/all.bpf.c -o $@
$(HDR_CLANGS:%=$(HDR_GUEST)/hand-%.bpf.o): $(HDR_GUEST)/hand-%.bpf.o: $(HDR)/headers/done $(HDR_SRC)
	@mkdir -p $(@D)
	@$(subst vmlinux/$(word 1,$(HDR_WITH_$*)),vmlinux/series,$(HDR_CC)) -DBY_HAND '-DASK(name)=1' \
		-c checks/header/all.bpf.c -o $@
HDR_WORD = $(word $1,$(subst -, ,$*))
$(HDR_VARIANTS:%=$(HDR_GUEST)/all-%.bpf.o): $(HDR_GUEST)/all-%.bpf.o: $(HDR)/headers/done $(HDR_SRC) $(HDR_H)
	@mkdir -p $(@D)
	@clang-$(call HDR_WORD,2) -target bpf -$(call HDR_WORD,3) -mcpu=$(call HDR_WORD,4) -g -Wall -Werror \
		-I$(HDR)/headers/vmlinux/series -isystem $(HDR)/headers/bpf/series -Iinclude \
		-isystem /usr/include/x86_64-linux-gnu -include vmlinux.h -include magic_kfuncs.bpf.h \
		-c checks/header/all.bpf.c -o $@
$(HDR)/nine-%.bpf.o: $(HDR)/headers/done $(HDR_SRC) $(HDR_H)
	@$(HDR_CC) -include magic_kfuncs.bpf.h $(NINE) -c checks/header/all.bpf.c -o $@

# bpftool 7.1 does not find functions by address for a light skeleton, so magic_kfunc_exists() is false there
$(HDR)/1.1/all.lskel.h: $(HDR)/nine-clang-14.bpf.o
	@mkdir -p $(@D)
	@bpftool gen skeleton -L $< name all > $@
$(HDR)/tree/all.lskel.h: $(HDR_GUEST)/all-clang-19.bpf.o $(BPFTOOL)
	@mkdir -p $(@D)
	@$(BPFTOOL) gen skeleton -L $< name all > $@
$(HDR_GUEST)/run-%: checks/header/run.c checks/header/kfuncs.h $(HDR)/headers/done $(BPFTOOL)
	@mkdir -p $(@D)
	@$(LOADER) $< -o $@ $(WITH_$*)
$(HDR_GUEST)/lrun-%: checks/header/lrun.c checks/header/kfuncs.h $(HDR)/%/all.lskel.h
	@$(LOADER) -I$(HDR)/$* $< -o $@ $(WITH_$*)

header: header-deps kernel base-kernel $(VM)/base.cpio $(HDR)/headers/done $(HDR_OBJECTS) $(HDR_PROGRAMS)
	@$(STAGE) "header: compile" $(LOG)/header-compile.log sh -c \
		'checks/header/compile.sh $(HDR)/headers $(HDR_H) $(HDR_CLANGS) > $(HDR)/compiled'
	@VM=$(VM) $(RESULT) checks/header/run.sh $(HDR) $(BASE_BZIMAGE) $(BZIMAGE)
