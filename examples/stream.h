/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* In vmlinux.h of kernels that have streams this is BPF_STREAM_STDOUT */
#define STREAM_STDOUT 1
