/* SPDX-License-Identifier: GPL-2.0 */
/* The BTF of the kernel and of the programs, and maps: by libbpf. What fails ends the process, as in program.h. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "program.h"

#define INT_TYPE 1	/* of what new_btf() makes */

static struct btf *vmlinux;

static inline void load_vmlinux_btf(void)
{
	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		die("BTF of vmlinux");
}

/* The id of a function; 0 if there is none. */
static inline int find_in(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

	return id > 0 ? id : 0;
}

static inline int find_func(const char *name)
{
	return find_in(vmlinux, name);
}

static inline int need_func(const char *name)
{
	return find_func(name) ?: (errno = ENOENT, die(name), 0);
}

/* The ids of a magic kfunc, [0], which is 0 where it has only its impl, and of that, [1]. */
static inline void find_pair(const struct btf *btf, const char *name, int *ids)
{
	char impl[64];

	snprintf(impl, sizeof(impl), "%s_impl", name);
	ids[0] = find_in(btf, name);
	ids[1] = find_in(btf, impl) ?: (errno = ENOENT, die(impl), 0);
}

static inline struct btf *new_btf(void)
{
	struct btf *btf = btf__new_empty();

	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	return btf;
}

/* A struct of the kernel's name, which tells the verifier what it is. */
static inline int opaque(struct btf *btf, const char *name, int size)
{
	int array = btf__add_array(btf, INT_TYPE, INT_TYPE, size / 4), id = btf__add_struct(btf, name, size);

	btf__add_field(btf, "opaque", array, 0, 0);
	return id;
}

static inline int kptr_to(struct btf *btf, const char *tag, int type)
{
	return btf__add_ptr(btf, btf__add_type_tag(btf, tag, type));
}

static inline int load_btf(struct btf *btf)
{
	if (btf__load_into_kernel(btf))
		die("BTF of the programs");
	return btf__fd(btf);
}

/* An array of nr values, which are of that type of the BTF, if there is one. */
static inline int make_map(const char *name, int size, int nr, int btf_fd, int type, int flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags, .btf_fd = type ? btf_fd : 0,
		    .btf_key_type_id = type ? INT_TYPE : 0, .btf_value_type_id = type);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, size, nr, &opts);

	if (fd < 0)
		die(name);
	return fd;
}

/* A map whose one value is a format, which the verifier has to know. */
static inline int format_map(const char *format)
{
	char value[8] = "";
	int key = 0, fd = make_map("fmt", sizeof(value), 1, 0, 0, BPF_F_RDONLY_PROG);

	strncpy(value, format, sizeof(value) - 1);
	if (bpf_map_update_elem(fd, &key, value, 0) || bpf_map_freeze(fd))
		die("map of the format");
	return fd;
}

/* The functions of the program: those that BTF has to name, as it has a callback or subprogram. */
static struct bpf_func_info funcs[8];
static int nr_funcs;

static inline void begin_func(int type)
{
	funcs[nr_funcs++] = (struct bpf_func_info){ cnt, type };
}

static inline void begin_program(int func_type)
{
	cnt = nr_funcs = 0;
	begin_func(func_type);
}

/* Returns a descriptor, or -errno. Without a BTF, nothing is said of functions. */
static inline int load_code(enum bpf_prog_type type, const char *name, int btf_fd, struct bpf_prog_load_opts *opts)
{
	int fd;

	opts->prog_btf_fd = btf_fd;
	opts->func_info = funcs;
	opts->func_info_cnt = btf_fd ? nr_funcs : 0;
	opts->func_info_rec_size = sizeof(*funcs);
	if (type == BPF_PROG_TYPE_SYSCALL)
		opts->prog_flags |= BPF_F_SLEEPABLE;
	if (opts->log_buf)
		opts->log_buf[0] = '\0';
	fd = bpf_prog_load(type, name, "GPL", code, cnt, opts);
	return fd < 0 ? -errno : fd;
}
