// SPDX-License-Identifier: GPL-2.0
/*
 * kfuncs BTF [FUNCTION...]: which types of programs may call the kfuncs of BTF, which is vmlinux or a module
 * Without FUNCTION, all that have the tag bpf_kfunc. For each, programs that only call it are loaded. Most are refused for
 * the arguments that are not there, which the verifier looks at once it has found the kfunc among those registered for the type.
 *
 *	bpf_ct_release xdp sched_cls
 *
 * A kfunc that no type may call is named on stderr. Exit status: 0; 1 if there is one, or no kfunc at all; 2 for wrong usage.
 * Linked with Debian's libbpf 1.1.
 */
#include "types.h"

static const struct kind {
	const char *name;
	enum bpf_prog_type type;
	int attach_type;
	const char *to; /* of vmlinux */
	int to_kind;
} kinds[] = {
	{ "xdp", BPF_PROG_TYPE_XDP, BPF_XDP, NULL, 0 },
	{ "sched_cls", BPF_PROG_TYPE_SCHED_CLS, 0, NULL, 0 },
	{ "sched_act", BPF_PROG_TYPE_SCHED_ACT, 0, NULL, 0 },
	{ "syscall", BPF_PROG_TYPE_SYSCALL, 0, NULL, 0 },
	{ "kprobe", BPF_PROG_TYPE_KPROBE, 0, NULL, 0 },
	{ "sk_skb", BPF_PROG_TYPE_SK_SKB, 0, NULL, 0 },
	{ "socket_filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, NULL, 0 },
	{ "cgroup_skb", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, NULL, 0 },
	{ "lwt_in", BPF_PROG_TYPE_LWT_IN, 0, NULL, 0 },
	{ "netfilter", BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER, NULL, 0 },
	{ "raw_tp", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "btf_trace_sched_switch", BTF_KIND_TYPEDEF },
	{ "iter", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_task", BTF_KIND_FUNC },
	{ "lsm", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open", BTF_KIND_FUNC },
	/* the first member: ssthresh() */
	{ "struct_ops", BPF_PROG_TYPE_STRUCT_OPS, 0, "tcp_congestion_ops", BTF_KIND_STRUCT },
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static char log_buf[65536];
static bool usable[NR_KINDS];

/* Load code[], which may call kfuncs of the BTF that is open as btf_fd. */
static bool loads(const struct kind *kind, int btf_fd)
{
	int fd, to = kind->to ? btf__find_by_name_kind(vmlinux, kind->to, kind->to_kind) : 0, fds[] = { -1, btf_fd };
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = kind->attach_type, .attach_btf_id = to, .fd_array = fds,
		    .log_buf = log_buf, .log_size = sizeof(log_buf), .log_level = 1);

	fd = to < 0 ? to : load_code(kind->type, "probe", 0, &opts);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What fails before the verifier comes to the call says nothing of it. */
static bool may_call(const struct kind *kind, int btf_fd, int id)
{
	begin_program(0);
	add(KFUNC(id));
	code[0].off = btf_fd ? 1 : 0;
	add(EXIT);
	return loads(kind, btf_fd) || (strstr(log_buf, "(85) call ") && !strstr(log_buf, "calling kernel function"));
}

static bool check(int btf_fd, int id, const char *name)
{
	int i, nr = 0;

	for (i = 0; i < (int)NR_KINDS; i++) {
		if (usable[i] && may_call(&kinds[i], btf_fd, id))
			printf("%s %s", nr++ ? "" : name, kinds[i].name);
	}
	if (nr)
		printf("\n");
	else
		fprintf(stderr, "%s: no program may call it\n", name);
	return nr;
}

static int open_module(const char *name)
{
	struct bpf_btf_info info;
	char is[64];
	__u32 id = 0, len;
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		memset(&info, 0, sizeof(info));
		info.name = (unsigned long)is;
		info.name_len = len = sizeof(is);
		len = sizeof(info);
		fd = bpf_btf_get_fd_by_id(id);
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.kernel_btf && !strcmp(is, name))
			return fd;
		close(fd);
	}
	die(name);
}

int main(int argc, char **argv)
{
	int i, fd = 0, first = 1, found = 0, bad = 0;
	struct btf *btf;

	if (argc < 2) {
		fprintf(stderr, "usage: kfuncs BTF [FUNCTION...]\n");
		return 2;
	}
	load_vmlinux_btf();
	btf = vmlinux;
	if (strcmp(argv[1], "vmlinux")) {
		btf = btf__load_module_btf(argv[1], vmlinux);
		if (!btf)
			die(argv[1]);
		fd = open_module(argv[1]);
		first = btf__type_cnt(vmlinux);
	}
	/* types of programs that this kernel has not, or that do not load like this, are left out */
	begin_program(0);
	end(0);
	for (i = 0; i < (int)NR_KINDS; i++)
		usable[i] = loads(&kinds[i], fd);
	for (i = 2; i < argc; i++, found++)
		bad += !check(fd, find_in(btf, argv[i]) ?: (errno = ENOENT, die(argv[i]), 0), argv[i]);
	for (i = first; argc == 2 && i < (int)btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (!btf_is_decl_tag(t) || strcmp(btf__name_by_offset(btf, t->name_off), "bpf_kfunc"))
			continue;
		found++;
		bad += !check(fd, t->type, btf__name_by_offset(btf, btf__type_by_id(btf, t->type)->name_off));
	}
	if (!found)
		fprintf(stderr, "%s: has no kfuncs\n", argv[1]);
	return !found || bad;
}
