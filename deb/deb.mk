# SPDX-License-Identifier: GPL-2.0
# `make deb`: packages of the kernel, by its own bindeb-pkg. Included by the Makefile.
#
# KCONFIG=FILE, say /boot/config-$(uname -r), is brought up to date and gets what config/feature.config asks for; or
# CONFIG is one of config/. TREE=base packages the kernel without the series. DEBUG_PACKAGE=1 makes linux-image-...-dbg, too.
#
# The release and the version are the kernel's version and this. It stands behind Debian's own revisions of the same
# version, for letters sort behind the end, and before the next version (tests/host/deb.sh). A package that differs gets
# another number.
DEB_REVISION := $(if $(filter series,$(TREE)),magic,$(TREE))1
DEB_NAME := $(TREE)-$(if $(KCONFIG),$(notdir $(KCONFIG)),$(CONFIG))
DEB := $O/deb/$(DEB_NAME)
DEB_OBJ := $(DEB)/obj
DEB_LOG := $(LOG)/deb-$(DEB_NAME).log
comma := ,
DEB_TARGETS := binary-image,binary-headers$(if $(DEBUG_PACKAGE),$(comma)binary-image-dbg)
# debian/rules takes the revision for the number of the build: with another one here, vmlinux would be linked twice
DEB_KMAKE = $(subst KBUILD_BUILD_VERSION=1,KBUILD_BUILD_VERSION=$(DEB_REVISION),$(subst $(OBJ),$(DEB_OBJ),$(KMAKE)))
DEB_FRAGMENTS = $(if $(KCONFIG),,config/small.config $(if $(filter-out small,$(CONFIG)),config/$(CONFIG).config)) \
	config/feature.config $(DEB)/release.config

.PHONY: deb deb-which deb-config deb-deps

deb-deps: deps
	@scripts/deps.sh packages-deb.txt dh dpkg-buildpackage

# that a configuration was asked for: small.config starts no machine
deb-which:
	@[ -n "$(KCONFIG)" ] || [ "$(CONFIG)" != small ] || { echo 'deb: no configuration: give' \
		'KCONFIG=/boot/config-$$(uname -r), or that of another machine, or CONFIG=system for QEMU' >&2; exit 1; }

deb-config: deb-which deb-deps tree pahole
	@mkdir -p $(DEB)
	@echo 'CONFIG_LOCALVERSION="-$(DEB_REVISION)"' > $(DEB)/release.config
	@$(STAGE) "config: $(DEB_NAME)" $(LOG)/deb-config-$(DEB_NAME).log scripts/kconfig.sh \
		$(if $(KCONFIG),-b $(KCONFIG)) $(SRC) $(DEB_OBJ) $(DEB_FRAGMENTS) -- $(DEB_KMAKE)

##   deb        packages of the kernel: KCONFIG=/boot/config-$(uname -r), or CONFIG=system; docs/install.md
deb: deb-config
	@deb/estimate.sh $(DEB_OBJ)
	@$(STAGE) "kernel: $(DEB_NAME)" $(DEB_LOG) $(DEB_KMAKE) all
	@rm -f $(DEB)/*.deb
	@$(STAGE) "packages: $(DEB_NAME)" $(DEB_LOG:.log=-packages.log) deb/package.sh $(DEB_REVISION) $(DEB_TARGETS) \
		-- $(DEB_KMAKE)
	@release=$$(cat $(DEB_OBJ)/include/config/kernel.release) && deb/check.sh $(if $(filter base,$(TREE)),-s) $$release \
		$(DEB)/linux-image-$${release}_$${release}_amd64.deb $(DEB)/linux-headers-$${release}_$${release}_amd64.deb \
		> $(DEB)/packages
	@cat $(DEB)/packages
	@echo "         install them with: apt-get install $(DEB)/*.deb"

$O/deb/cloud.config: deb/cloud.sh
	@mkdir -p $(@D)
	@$(STAGE) "config: Debian's cloud kernel" $(LOG)/deb-cloud.log deb/cloud.sh $@

##   deb-cloud  the same with the configuration of Debian's cloud kernel: about 90 minutes on two cores, 12 GB
.PHONY: deb-cloud
deb-cloud: $O/deb/cloud.config
	@$(MAKE) --no-print-directory deb KCONFIG=$<
