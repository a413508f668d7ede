# SPDX-License-Identifier: GPL-2.0
# The architectures other than x86_64, each a CONFIG: the kernel's ARCH, the compiler's prefix, the kernel's image, the
# fragment of config/ that config/CONFIG.config is merged over, and Debian's name, where its libraries are for user space.
CROSS_arm64 := arm64 aarch64-linux-gnu- arm64/boot/Image small arm64
CROSS_i386 := i386 i686-linux-gnu- x86/boot/bzImage cross
CROSS_riscv64 := riscv riscv64-linux-gnu- riscv/boot/Image cross
CROSS_s390x := s390 s390x-linux-gnu- s390/boot/bzImage cross
# what is in the directory with these libraries
SYSROOT_PACKAGES := busybox-static libc6-dev libelf-dev libssl-dev zlib1g-dev
