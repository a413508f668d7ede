# SPDX-License-Identifier: GPL-2.0
# The entry point. Bare `make` prints the targets; the `##` lines, then
# the `#=` lines (variables), are that help; included makefiles add theirs.
include linux.mk cross.mk

TREE ?= series
# TREE=6.19.11, say, is the series on another base
KIND := $(if $(filter $(LINUX_OTHER),$(TREE)),series,$(TREE))
CONFIG ?= small
# PAHOLE is a release to build, or the path of one that is there
PAHOLE_NAME := $(subst /,_,$(PAHOLE))
# the name without what PAHOLE adds below, which an exported CONFIG brings along
override CONFIG := $(patsubst %-pahole$(PAHOLE_NAME),%,$(CONFIG))
B := build
O := $(abspath $B)
# base and naive have their source in ../linux of their objects, as series has: so ccache finds what they have in common
IN := $O$(if $(filter base naive,$(TREE)),/tree-$(TREE))
SRC := $(IN)/linux$(if $(filter series base naive,$(TREE)),,-$(TREE))
LOG := $B/log
# the row of cross.mk, if it is a CONFIG of another architecture
CROSS := $(CROSS_$(CONFIG))
MACHINE := $(if $(CROSS),$(CONFIG),x86_64)
CROSS_COMPILE := $(word 2,$(CROSS))
# user space of another architecture: Debian's libraries for it, if cross.mk wants them
SYSROOT := $(if $(word 5,$(CROSS)),$O/sysroot-$(CONFIG))
FRAGMENTS := config/$(or $(word 4,$(CROSS)),small).config $(if $(filter-out small,$(CONFIG)),config/$(CONFIG).config)
COMPILER := $(if $(filter clang cfi,$(CONFIG)),LLVM=-19 CC="ccache clang-19",CC="ccache $(CROSS_COMPILE)gcc")
COMPILER += $(if $(CROSS),ARCH=$(firstword $(CROSS)) CROSS_COMPILE=$(CROSS_COMPILE))
# Another pahole than Debian's has object directories of its own.
PAHOLE_FILE := $(if $(findstring /,$(PAHOLE)),$(abspath $(PAHOLE)),$(PAHOLE:%=$O/pahole-%/pahole))
PAHOLE_DIR := $(patsubst %/,%,$(dir $(PAHOLE_FILE)))
override CONFIG := $(CONFIG)$(PAHOLE_NAME:%=-pahole%)
OBJ := $(IN)/obj-$(TREE)-$(CONFIG)
IMAGE := $(OBJ)/arch/$(or $(word 3,$(CROSS)),x86/boot/bzImage)
NPROC := $(shell nproc)
TOOLS := bc bison ccache cpio flex gcc pahole perl python3 rsync xz \
	clang-14 clang-19 llvm-strip-19 ld.lld-19 qemu-system-x86_64 busybox

# the time that stage lines count from; a make inside a make keeps it
START ?= $(shell date +%s)
export START := $(START)
export LINUX_TREE LINUX_TARBALL FORCE
# no writes outside build/; set CCACHE_DIR to share a cache
export CCACHE_DIR ?= $O/ccache
export CCACHE_BASEDIR := $O
unexport ARCH CROSS_COMPILE KBUILD_OUTPUT KCFLAGS KAFLAGS LLVM

STAGE := scripts/stage.sh
# how many objects a build from the beginning makes, for the progress that a terminal shows
OBJECTS_small := 1217
# RESULT before the command of a check keeps what it says in results/, if results/checks has it and the amount is that of
# the makefiles.
AMOUNTS := $(strip $(foreach v,FIRST PAIRS CALLS SECONDS ROWS PAHOLE RUNS NODES STOCK_FILES STOCK_SEED STOCK_VARIANTS STOCK_WITHOUT \
	STOCK_SAMPLE MODES MACHINES,$(if $(filter command environment,$(firstword $(origin $v))),$v)))
CHECKS := $(if $(AMOUNTS),,$(shell cut -f1 results/checks))
RESULT = $(if $(filter series$@$(CONFIG:%=-%).txt,$(CHECKS:%=$(TREE)%) $(CHECKS:%.txt=$(TREE)%-small.txt)),scripts/results.sh \
	run $@$(patsubst %,-%,$(filter-out small,$(CONFIG))).txt)
# One name for all object directories lets the configurations share what the cache has; the last map wins.
PREFIX_MAP := -fdebug-prefix-map=$O=. -fdebug-prefix-map=$(OBJ)=./obj
# The kernel's make, without our MAKEFLAGS (TREE= and CONFIG= would reach its makefiles). The stamps,
# JOBS=1 (pahole with one thread) and the prefix map make a build reproducible, in any directory.
KMAKE = env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES make -j$(NPROC) -C $(SRC) O=$(OBJ) \
	$(COMPILER) $(PAHOLE_FILE:%=PAHOLE=%) LOCALVERSION= JOBS=1 KBUILD_BUILD_TIMESTAMP=@0 \
	KBUILD_BUILD_USER=magic KBUILD_BUILD_HOST=kfuncs KBUILD_BUILD_VERSION=1 \
	KCFLAGS="$(PREFIX_MAP)" KAFLAGS="$(PREFIX_MAP)"

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: release stale help deps fetch pahole apply export mbox base status check tree config kernel host-test test clean distclean

## usage: make TARGET [VARIABLE=value]; begin with `make run`, then `make test`
##
help:
	@sed -n 's/^## \{0,1\}//p' $(MAKEFILE_LIST)
	@echo '  checks, how long each took last, and what they do:'
	@scripts/results.sh list
	@sed -n 's/^#= \{0,1\}//p' $(MAKEFILE_LIST)

##   deps       install the Debian packages of packages.txt that are missing (root)
deps:
	@scripts/deps.sh packages.txt $(TOOLS)
	@$(if $(CROSS),scripts/deps.sh packages-cross.txt $(CROSS_COMPILE)gcc)

##   fetch      download the pinned kernel tarball
fetch: deps
	@scripts/fetch.sh

# the pahole that PAHOLE names, from its source
pahole: deps
	@$(if $(findstring /,$(PAHOLE)),$(PAHOLE_FILE) --version >/dev/null,$(if $(PAHOLE),scripts/pahole.sh $(PAHOLE) $(PAHOLE_DIR)))

##   apply      make build/linux: tag base, branch series, one commit a patch
apply: deps
	@scripts/series.sh apply

##   export     write branch series back to patches/ (FORCE=1: over patches that were not applied; VERSION: what make base left)
export:
	@scripts/series.sh export $(VERSION)

##   mbox       SOB='Name <mail>': build/mbox/N-name.mbox, ready to be sent (SERIES=N-name: only that; V=2: the second version)
mbox: tree
	@scripts/mbox.sh

##   base       on which release does which patch apply: VERSION=6.18.N of linux.mk, or LINUX_TREE=DIR; leaves the rest to mend
base: deps
	@$(if $(or $(VERSION),$(LINUX_TREE)),,$(RESULT)) scripts/base.sh $(or $(VERSION),$(if $(LINUX_TREE),,$(firstword $(LINUX_OTHER))))

##   status     which base, how many patches, what is not exported
status:
	@scripts/series.sh status

##   check      the series and the scripts: round trip, checkpatch, shellcheck, other releases;
##              with LINUX_TREE, that tree as well
check: deps
	@scripts/check.sh

# the source tree that TREE names; work in build/linux that was not exported is built as it stands
tree: deps
	@scripts/series.sh $(if $(filter series,$(KIND)),ensure,$(TREE))
	@$(if $(filter $(KIND),$(TREE)),,scripts/base.sh --tree $(TREE))

config: tree pahole
	@$(STAGE) "config: $(TREE) $(CONFIG)" $(LOG)/config-$(TREE)-$(CONFIG).log \
		scripts/kconfig.sh $(SRC) $(OBJ) $(FRAGMENTS) -- $(KMAKE)

##   kernel     build the image, vmlinux and the modules in build/obj-TREE-CONFIG (build/tree-TREE/ for base and naive)
kernel: config
	@STAGE_OBJECTS=$(if $(wildcard $(OBJ)/vmlinux),,$(OBJECTS_$(CONFIG))) $(STAGE) "kernel: $(TREE) $(CONFIG)" $(LOG)/kernel-$(TREE)-$(CONFIG).log $(KMAKE) $(notdir $(IMAGE)) modules

include $(wildcard guest/guest.mk demo/demo.mk bench/bench.mk deb/*.mk checks/*/*.mk examples/examples.mk)

##   host-test  the tests that need no guest
host-test: tree pahole
	@$(PAHOLE_DIR:%=PATH=%:$$PATH) tests/host/run.sh $B/results/host.txt

# test: host tests and guest tests
# the tally gives the verdict, so it must run whatever the tests did
test: kernel
	@$(PAHOLE_DIR:%=PATH=%:$$PATH) tests/host/run.sh $B/results/host.txt || :
	@$(MAKE) --no-print-directory guest-test || :
	@RESULT_SINCE=$(START) $(RESULT) $(MAKE) --no-print-directory tally

##   release    run every check whose result is not of this tree: hours; interrupted, it goes on where it was
release:
	@scripts/results.sh release

##   stale      list the results that are not of this tree
stale:
	@scripts/results.sh stale

##   clean      remove what was built; the kernel trees, the downloads and the ccache stay
clean:
	rm -rf $(filter-out $B/linux $B/linux-% $B/tree-% $B/dl $B/ccache,$(wildcard $B/*)) $(wildcard $B/tree-*/obj-*)

##   distclean  remove build/, commits in build/linux that were not exported included
distclean:
	rm -rf $B

#=
#= variables:
#=   TREE=series|base      the patched kernel, or the kernel as it was; naive: the one that `make bench` compares with;
#=                         6.19.11: the series on that release
#=   CONFIG=small          config/small.config, and config/CONFIG.config over it; arm64: that architecture
#=   PAHOLE=1.31           that release, built from source (dwarves.mk), instead of Debian's; or the path of your pahole
#=   LINUX_TARBALL=FILE    your copy of a pinned tarball
#=   LINUX_TREE=DIR        your git tree of linux instead (its HEAD); give it each time
#=   CCACHE_DIR=DIR        a compiler cache to share; build/ccache otherwise
