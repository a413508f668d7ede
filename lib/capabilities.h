/* SPDX-License-Identifier: GPL-2.0 */
/* With which capabilities programs are loaded. */
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_CAPABILITIES (~0ULL)

/* Have these of the capabilities that are permitted, all of which stay so. */
static inline void set_capabilities(unsigned long long effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (!syscall(SYS_capget, &header, data)) {
		data[0].effective = data[0].permitted & effective;
		data[1].effective = data[1].permitted & effective >> 32;
		if (!syscall(SYS_capset, &header, data))
			return;
	}
	perror("capabilities");
	exit(1);
}
