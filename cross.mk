# SPDX-License-Identifier: GPL-2.0
# The architectures other than x86_64, each a CONFIG: the kernel's ARCH, the compiler's prefix, the kernel's image.
CROSS_i386 := i386 i686-linux-gnu- x86/boot/bzImage
CROSS_s390x := s390 s390x-linux-gnu- s390/boot/bzImage
