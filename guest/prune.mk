# SPDX-License-Identifier: GPL-2.0
# Included in our copy of selftests/bpf/Makefile, just before its test runners are defined: of the
# skeleton lists that it keeps, only what was copied can be built.
copied := $(notdir $(wildcard progs/*.c))
LSKELS := $(filter $(copied),$(LSKELS))
LSKELS_SIGNED := $(filter $(copied),$(LSKELS_SIGNED))
LSKELS_EXTRA := $(filter $(copied),$(LSKELS_EXTRA))
linkable = $(if $(filter-out $(copied),$(patsubst %.bpf.o,%.c,$($(1)-deps))),,$(1))
LINKED_SKELS := $(foreach skel,$(LINKED_SKELS),$(call linkable,$(skel)))
