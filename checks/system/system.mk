# SPDX-License-Identifier: GPL-2.0
# `make system`: the packages of `make deb`, installed in a Debian 12 system that boots from a disk. Included by the
# Makefile, before deb/deb.mk.
SYS := $O/system
SYS_BTF := $O/deb/series-system/obj/vmlinux
# The objects are built on the host as their users build them, with Debian's headers and bpftool. stock.bpf.o calls all
# twelve as programs for 6.18 do, by their impls and with dummies; all.bpf.o by the names of the series, where they are.
SYS_CC := clang-19 -target bpf -mcpu=v3 -O2 -g -Wall -Werror -D__TARGET_ARCH_x86 -I$(SYS) -Iinclude

.PHONY: system system-deps system-deb system-files system-run

system-deps: deb-deps
	@scripts/deps.sh packages-system.txt mmdebstrap mke2fs debugfs

system-deb: system-deps
	@$(MAKE) --no-print-directory TREE=base CONFIG=system deb
	@$(MAKE) --no-print-directory TREE=series CONFIG=system deb

$(SYS)/root.tar: checks/system/packages checks/system/root.sh
	@mkdir -p $(SYS)
	@$(STAGE) "system: Debian 12 (2 minutes, 500 MB)" $(LOG)/system-root.log checks/system/root.sh $< $@

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
	@checks/system/module.sh $(SRC)/Documentation/bpf/kfuncs.rst $(SYS)/files/opt/bpf-example
	@cp checks/system/dkms.conf $(SYS)/files/opt/bpf-example/
	@cp checks/system/bpf-pin.service $(SYS)/files/etc/systemd/system/
	@cp checks/system/guest.sh $(SYS)/files/usr/local/bin/check
	@cp deb/magic-kfuncs $(SYS)/files/usr/local/bin/
	@cp $O/deb/series-system/*.deb $(SYS)/files/root/debs/

system: system-files $(SYS)/root.tar
	@gcc -O2 -Wall -Werror -o $(SYS)/measure guest/measure.c
	@stock=$$(cat $O/deb/base-system/obj/include/config/kernel.release) && \
		ours=$$(cat $O/deb/series-system/obj/include/config/kernel.release) && \
		sed "s/STOCK/$$stock/; s/OURS/$$ours/" checks/system/plan > $(SYS)/plan
	@$(STAGE) "system: install the stock kernel, make the disk" $(LOG)/system-image.log checks/system/image.sh \
		$(SYS)/root.tar $(SYS)/files $(SYS)/image $O/deb/base-system/*.deb
	@RESULT_SINCE=$(START) $(RESULT) $(MAKE) --no-print-directory system-run

# what the result is: the packages, the system that they are installed in, and what was checked there
system-run:
	@cat $O/deb/base-system/packages $O/deb/series-system/packages
	@echo "Debian 12: $$(wc -l < $(SYS)/root.tar.versions) packages, $$(($$(stat -c %s $(SYS)/root.tar) / 1000000)) MB as tar;" \
		"$$(grep -E '^(systemd|bpftool|libbpf1:amd64|dkms|pahole)[[:space:]]' $(SYS)/root.tar.versions | tr '\t\n' ' ,')"
	@checks/system/run.py $(SYS) $(SYS)/image $(SYS)/plan guest
