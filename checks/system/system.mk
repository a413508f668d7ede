# SPDX-License-Identifier: GPL-2.0
# `make system`: the packages of `make deb`, installed in a Debian 12 system that boots from a disk; `make system-cloud`: the
# series' package is that of `make deb-cloud`. Included by the Makefile, before deb/deb.mk.
SYS_NAME ?= system
SYS := $O/$(SYS_NAME)
SYS_BASE := $O/deb/base-system
SYS_SERIES := $O/deb/series-$(SYS_NAME:system-cloud=cloud.config)
SYS_ROOT := $O/system/root.tar
SYS_BTF := $(SYS_SERIES)/obj/vmlinux
# The objects are built on the host as their users build them, with Debian's headers and bpftool. stock.bpf.o calls all
# twelve as programs for 6.18 do, by their impls and with dummies; all.bpf.o by the names of the series, where they are.
SYS_CC := clang-19 -target bpf -mcpu=v3 -O2 -g -Wall -Werror -D__TARGET_ARCH_x86 -I$(SYS) -Iinclude

.PHONY: system system-cloud system-deps system-deb system-files system-image system-run

system-deps: deb-deps
	@scripts/deps.sh packages-system.txt mmdebstrap mke2fs debugfs

system-deb: system-deps
	@$(MAKE) --no-print-directory TREE=base CONFIG=system deb
	@$(MAKE) --no-print-directory TREE=series $(if $(filter system,$(SYS_NAME)),CONFIG=system deb,deb-cloud)

$(SYS_ROOT): checks/system/packages checks/system/root.sh
	@mkdir -p $(@D)
	@$(STAGE) "system: Debian 12 (2 minutes, 500 MB)" $(LOG)/system-root.log checks/system/root.sh $< $@

# opt/bpf/modules: those that have sets of kfuncs
system-files: system-deb
	@rm -rf $(SYS)/files
	@mkdir -p $(SYS)/files/opt/bpf $(SYS)/files/opt/bpf-example $(SYS)/files/usr/local/bin $(SYS)/files/root/debs \
		$(SYS)/files/etc/systemd/system
	@/usr/sbin/bpftool btf dump file $(SYS_BTF) format c > $(SYS)/vmlinux.h
	@$(SYS_CC) -include vmlinux.h -include bpf/bpf_helpers.h -include magic_kfuncs.bpf.h -c checks/header/all.bpf.c \
		-o $(SYS)/files/opt/bpf/all.bpf.o
	@$(SYS_CC) -include vmlinux.h -include bpf/bpf_helpers.h -include checks/system/impls.h -DBY_HAND '-DASK(name)=1' -c checks/header/all.bpf.c \
		-o $(SYS)/files/opt/bpf/stock.bpf.o
	@$(SYS_CC) -c checks/system/trace.bpf.c -o $(SYS)/files/opt/bpf/trace.bpf.o
	@$(SYS_CC) -c checks/system/example.bpf.c -o $(SYS)/files/opt/bpf/example.bpf.o
	@gcc -static -O2 -Wall -Wextra -Werror -o $(SYS)/files/usr/local/bin/pin checks/system/pin.c -l:libbpf.a -lelf -lz
	@gcc -static -O2 -Wall -Wextra -Werror -Ilib -isystem $(SRC)/tools/include/uapi -o $(SYS)/files/usr/local/bin/kfuncs \
		checks/system/kfuncs.c -l:libbpf.a -lelf -lz
	@checks/system/module.sh $(SRC)/Documentation/bpf/kfuncs.rst $(SYS)/files/opt/bpf-example
	@cp checks/system/dkms.conf $(SYS)/files/opt/bpf-example/
	@cp checks/system/bpf-pin.service $(SYS)/files/etc/systemd/system/
	@cp checks/system/guest.sh $(SYS)/files/usr/local/bin/check
	@cp deb/magic-kfuncs $(SYS)/files/usr/local/bin/
	@cd $(SYS_SERIES)/obj && sed 's/o$$/ko/' modules.order | xargs -r grep -l __BTF_ID__set8__ | sed 's|.*/||; s/\.ko$$//; s/-/_/g' \
		> $(SYS)/files/opt/bpf/modules
	@cp $(SYS_SERIES)/*.deb $(SYS)/files/root/debs/

system-image: system-files $(SYS_ROOT)
	@gcc -O2 -Wall -Werror -o $(SYS)/measure guest/measure.c
	@stock=$$(cat $(SYS_BASE)/obj/include/config/kernel.release) && \
		ours=$$(cat $(SYS_SERIES)/obj/include/config/kernel.release) && \
		sed "s/STOCK/$$stock/; s/OURS/$$ours/" checks/system/$(SYS_NAME:system%=plan%) > $(SYS)/plan
	@$(STAGE) "$(SYS_NAME): install the stock kernel, make the disk" $(LOG)/$(SYS_NAME)-image.log checks/system/image.sh \
		$(SYS_ROOT) $(SYS)/files $(SYS)/image $(SYS_BASE)/*.deb

system system-cloud: system-deps
	@$(MAKE) --no-print-directory SYS_NAME=$@ system-image
	@RESULT_SINCE=$(START) $(RESULT) $(MAKE) --no-print-directory SYS_NAME=$@ system-run

# what the result is: the packages, the system that they are installed in, and what was checked there
system-run:
	@cat $(SYS_BASE)/packages $(SYS_SERIES)/packages
	@echo "Debian 12: $$(wc -l < $(SYS_ROOT).versions) packages, $$(($$(stat -c %s $(SYS_ROOT)) / 1000000)) MB as tar;" \
		"$$(grep -E '^(systemd|bpftool|libbpf1:amd64|dkms|pahole)[[:space:]]' $(SYS_ROOT).versions | tr '\t\n' ' ,')"
	@checks/system/run.py $(SYS) $(SYS)/image $(SYS)/plan guest
