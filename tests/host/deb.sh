# SPDX-License-Identifier: GPL-2.0
# deb.sh: host tests of `make deb`: the version, the configuration, what is in the packages, and the command that looks
# for the feature

TWELVE="bpf_wq_set_callback bpf_task_work_schedule_signal bpf_task_work_schedule_resume bpf_stream_vprintk bpf_obj_new
	bpf_obj_drop bpf_percpu_obj_new bpf_percpu_obj_drop bpf_refcount_acquire bpf_list_push_front bpf_list_push_back
	bpf_rbtree_add"

# revision TREE
revision() {
	make -s --no-print-directory -C "$ROOT" TREE="$1" --eval='revision: ; @echo $(DEB_REVISION)' revision
}

# version TREE: what package.sh gives to bindeb-pkg
version() {
	shim kmake 'case " $* " in
		*" kernelversion "*) echo 6.18.15 ;;
		*" bindeb-pkg "*) echo "$KDEB_PKGVERSION $DPKG_FLAGS" ;;
		esac'
	"$ROOT/deb/package.sh" "$(revision "$1")" binary-image -- kmake
}

# between Debian's revisions and the next version, and the one that a boot loader takes is that of the series
t_deb_version() {
	same "$(version series)" "6.18.15-magic1 --target=binary-image"
	same "$(version base)" "6.18.15-base1 --target=binary-image"
	v=6.18.15-magic1
	for older in 6.18.15-base1 6.18.15-1 6.18.15-1~bpo12+1 6.18.15-2+b1 6.18.14-magic9 6.1.147-1 6.12.57-1~deb12u1; do
		dpkg --compare-versions "$older" lt "$v" || { echo "$older is not older than $v" && return 1; }
	done
	for newer in 6.18.15-magic2 6.18.15-magic10 6.18.16-1 6.18.100-1 6.19-1~exp1 7.0-1; do
		dpkg --compare-versions "$newer" gt "$v" || { echo "$newer is not newer than $v" && return 1; }
	done
	for release in 6.1.0-37-amd64 6.12.57+deb12-amd64 6.18.14-magic1 6.18.15+deb14-amd64 6.18.15-base1; do
		same "$(printf '%s\n' "$v" "$release" | sort -V | tail -n 1)" "$v"
	done
}

# configured DROPPED: a configuration, by a kmake whose olddefconfig gives up the symbol DROPPED
configured() {
	mkdir -p src/certs
	: >src/Kconfig
	shim kmake 'for a; do case $a in KCONFIG_*) export "$a" ;; esac; done
		case " $* " in *" olddefconfig "*) ;; *) echo "not olddefconfig: $*" && exit 1 ;; esac
		cp "$KCONFIG_CONFIG" given
		sed "/^'"$1"'=/d; /^CONFIG_GONE=/d; /=n\$/d" given >"$KCONFIG_CONFIG"'
	echo 'CONFIG_LOCALVERSION="-magic1"' >release.config
	"$ROOT/scripts/kconfig.sh" -b theirs src obj "$ROOT/config/feature.config" release.config -- kmake
}

theirs() {
	cat >theirs <<-'EOF'
		CONFIG_LOCALVERSION="-amd64"
		CONFIG_BPF_SYSCALL=y
		CONFIG_DEBUG_INFO_NONE=y
		CONFIG_E1000=m
		CONFIG_GONE=m
		CONFIG_SYSTEM_TRUSTED_KEYS="debian/certs/debian-uefi-certs.pem"
		CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"
	EOF
}

t_deb_config() {
	theirs
	configured none 2>err
	grep -qx 'CONFIG_LOCALVERSION="-magic1"' obj/.config
	grep -qx CONFIG_E1000=m obj/.config
	grep -qx CONFIG_DEBUG_INFO_BTF=y obj/.config
	same "$(grep -c '^CONFIG_LOCALVERSION=' given)" 1
	not grep -q CONFIG_DEBUG_INFO_NONE=y given # in a choice, it would win
	same "$(cat obj/.lost)" "$(printf 'CONFIG_DEBUG_INFO_NONE\nCONFIG_GONE')"
	# a certificate that only its distribution has would stop the build, at its end
	not grep -q debian-uefi obj/.config
	grep -q 'CONFIG_SYSTEM_TRUSTED_KEYS: kconfig: debian/certs/debian-uefi-certs.pem is not here' err
	grep -q 'CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"' obj/.config
}

t_deb_config_lost_symbol() {
	theirs
	sed -i '/TRUSTED/d' theirs
	for symbol in $(sed -n 's/^\(CONFIG_.*\)=y$/\1/p' "$ROOT/config/feature.config"); do
		rm -rf obj
		refuses "^$symbol: .*feature.config: kconfig made n of y" configured "$symbol"
		[ ! -e obj/.config ]
	done
}

t_deb_config_of_nobody() {
	refuses '^theirs: kconfig: cannot be read' configured none
}

# without a word about the configuration, nobody gets a kernel that starts no machine
t_deb_which_config() {
	which() { make -C "$ROOT" --no-print-directory deb-which "$1"; }
	fails_with '^deb: no configuration: give KCONFIG=/boot/config-\$\(uname -r\), or that of another machine, or CONFIG=system' \
		which KCONFIG=
	which KCONFIG=/boot/config
	which CONFIG=system
}

pairs() {
	for f in $TWELVE; do printf '%s\n' "$f" "${f}_impl"; done
}

# btf FILE [TAG]: an object with the BTF of the kfuncs on stdin; those whose name ends in _impl have a magic argument
btf() {
	{
		echo "#define KFUNC __attribute__((noinline, btf_decl_tag(\"${2-bpf_kfunc}\"))) int"
		sed 's/_impl$/&(int a, void *aux__magic)/; t tail; s/$/(int a)/; :tail s/.*/KFUNC & { return a; }/'
	} >kfuncs.c
	clang-19 -target bpf -g -O2 -c kfuncs.c -o "$1"
}

# tells FILE TEXT STATUS: what magic-kfuncs closes with
tells() {
	rc=0
	"$ROOT/deb/magic-kfuncs" "$1" >out || rc=$?
	cat out
	same "$(tail -n 1 out) $rc" "$1: $2 $3"
}

t_magic_kfuncs() {
	pairs | btf ours.o
	tells ours.o "magic kfuncs: all 12 of the series, by both names" 0
	same "$(grep -c '_impl *aux__magic$' out)" 12
	{ pairs && printf '%s\n' bpf_new bpf_new_impl; } | btf more.o
	tells more.o "magic kfuncs: all 12 of the series, by both names, and 1 more" 0
}

# a stock kernel has the impls only; and two functions are no pair that programs cannot call, or of which one has no
# magic argument
t_magic_kfuncs_stock() {
	pairs | grep _impl | btf stock.o
	tells stock.o "no magic kfuncs" 1
	same "$(grep -c 'only as bpf_.*_impl$' out)" 12
	pairs | btf untagged.o other
	tells untagged.o "no magic kfuncs" 1
	pairs | grep -v stream | btf most.o
	tells most.o "magic kfuncs: only 11 of the 12 of the series" 1
	same "$(grep -v _impl out | head -n 1 | tr -s ' ')" "bpf_stream_vprintk not there"
}

t_magic_kfuncs_cannot_tell() {
	rc=0
	"$ROOT/deb/magic-kfuncs" nowhere 2>err || rc=$?
	same "$rc" 2
	grep -q '^magic-kfuncs: nowhere: bpftool cannot read it' err
}

R=6.18.15-magic1

# package NAME DEPENDS: NAME_R_amd64.deb with the files on stdin, which are made where they are not there
package() {
	mkdir -p "$1/DEBIAN"
	printf '%s\n' "Package: $1" "Version: $R" 'Architecture: amd64' 'Maintainer: t <t@t>' 'Description: test' \
		'Installed-Size: 1' ${2:+"Depends: $2"} >"$1/DEBIAN/control"
	while read -r f; do
		mkdir -p "$1/${f%/*}"
		[ -e "$1/$f" ] || echo "$f" >"$1/$f"
	done
	dpkg-deb -b "$1" "$1_${R}_amd64.deb" >/dev/null
}

# packages WITHOUT [DEPENDS]: both, without this file
packages() {
	rm -rf "linux-image-$R" "linux-headers-$R"
	printf '%s\n' "boot/vmlinuz-$R" "boot/config-$R" "boot/System.map-$R" "lib/modules/$R/modules.builtin" \
		"lib/modules/$R/modules.order" | grep -vxF "$1" | package "linux-image-$R" ''
	h=usr/src/linux-headers-$R
	mkdir -p "linux-headers-$R/$h"
	[ "$1" = "$h/vmlinux.btf" ] || cp ours.o "linux-headers-$R/$h/vmlinux.btf"
	printf '%s\n' "lib/modules/$R/build" "$h/Makefile" "$h/Module.symvers" "$h/include/generated/autoconf.h" \
		"$h/scripts/mod/modpost" "$h/tools/bpf/resolve_btfids/resolve_btfids" "$h/scripts/module-btf.sh" |
		grep -vxF "$1" | package "linux-headers-$R" "${2-libc6, libelf1 (>= 0.1), pahole (>= 1.22)}"
}

contents() {
	"$ROOT/deb/check.sh" "$R" "linux-image-${R}_${R}_amd64.deb" "linux-headers-${R}_${R}_amd64.deb"
}

t_deb_contents() {
	pairs | btf ours.o
	packages none
	contents
	h=usr/src/linux-headers-$R
	for gone in "boot/vmlinuz-$R" "lib/modules/$R/modules.order" "lib/modules/$R/build" "$h/scripts/module-btf.sh" \
		"$h/tools/bpf/resolve_btfids/resolve_btfids"; do
		packages "$gone"
		refuses "^linux-.*_amd64.deb: check: has no $gone\$" contents
	done
	packages "$h/vmlinux.btf"
	fails_with "check: has no $h/vmlinux.btf" contents
	packages none 'libc6, pahole (>= 1.22)'
	refuses 'does not depend on libelf1' contents
	packages none 'libc6, libelf1 (>= 0.1)'
	refuses 'does not depend on pahole' contents
	pairs | grep _impl | btf ours.o
	packages none
	refuses 'check: vmlinux.btf: no magic kfuncs' contents
	R=6.18.15-magic2
	fails_with 'its Version is 6.18.15-magic1, not 6.18.15-magic2' \
		"$ROOT/deb/check.sh" "$R" linux-image-6.18.15-magic1*.deb linux-headers-6.18.15-magic1*.deb
}
