#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# module.sh KFUNCS_RST DIR: the module with a magic kfunc that the documentation has, and a makefile, to DIR
set -eu
mkdir -p "$2"
awk '
	function flush() { if (code ~ /register_btf_kfunc_id_set/) { printf "%s", code; n++ } code = "" }
	/^\.\. code-block:: c$/ { flush(); inside = 1; next }
	inside && /^[^\t]/ { flush(); inside = 0 }
	inside { sub(/^\t/, ""); code = code $0 "\n" }
	END { flush(); exit n != 1 }' "$1" > "$2/bpf_example.c" || {
	echo "module.sh: $1: has not one example with register_btf_kfunc_id_set()" >&2
	exit 1
}
# as in any module's directory: dkms calls it with KERNELRELEASE
cat > "$2/Makefile" <<'END'
obj-m := bpf_example.o
all:
	$(MAKE) -C /lib/modules/$(or $(KERNELRELEASE),$(shell uname -r))/build M=$(CURDIR) modules
END
