# SPDX-License-Identifier: GPL-2.0
# The fuzzer of the BTF stage, which is in checks/fuzz/.
#
# Included by the Makefile, which has B, O, LOG and STAGE.
SECONDS := 600

.PHONY: fuzz fuzz-update fuzz-build

# the tool's own make decides what of it is up to date
fuzz-build: tree
	@$(STAGE) "fuzz: build" $(LOG)/fuzz-build.log checks/fuzz/build.sh clang-19 $O/fuzz
	@rm -rf $B/fuzz/seeds $B/fuzz/scratch && mkdir -p $B/fuzz/scratch
	@$(STAGE) "fuzz: seeds" $(LOG)/fuzz-seeds.log env -C $B/fuzz/scratch \
		$(abspath checks/fuzz/seeds.sh) $O/fuzz/run $O/fuzz/resolve_btfids $O/fuzz/seeds

fuzz: fuzz-build
	@$(RESULT) checks/fuzz/fuzz.sh $(SECONDS)

# minimise the committed corpus, after a longer run
fuzz-update: fuzz-build
	@checks/fuzz/fuzz.sh update
