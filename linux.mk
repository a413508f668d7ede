# SPDX-License-Identifier: GPL-2.0
# The whole pin: version and sha256 of linux_VERSION.orig.tar.xz, in order of preference. The
# scripts read these lines too (scripts/lib.sh:pins); nothing else names a version.
LINUX := 6.18.15 fdf4c4d487c95b17a41cb38003faef86669e532a44fe702eb31a3390b6a60cca \
	6.18.12 cdd35bf421e4c2c480ab333ef82053d3244e913c08ea7c1fe7ee387e10adb395 \
	6.18.9 06e8db6f7b1a66add593fb92b688bcef0419bdfbd30fe26d82b9692d57a74ff2 \
	6.18.5 69ac99a397e2e1d9e97f6ade0c01e4ab704ba999667932b6b35fec032700cb19
# Another release to try the series on (make base VERSION=...); nothing falls back to it.
LINUX_OTHER := 6.19.11 e19d838c34519b050dd48334c673b07f4089d56449b453e6d1d04460e0667fa6
