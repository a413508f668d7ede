# SPDX-License-Identifier: GPL-2.0
# The pahole that PAHOLE=VERSION takes: version and sha256 of dwarves_VERSION.orig.tar.xz, see linux.mk.
DWARVES := 1.31 0a7f255ccacf8cc7f8cd119099eb327179b4b3c67cb015af646af6d0cb03054d
