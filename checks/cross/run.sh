#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh VMLINUX IMAGE VM DIR [stock]: boot IMAGE of the architecture VM_MACHINE, call a kfunc by both names in it, and judge
# VMLINUX is for the ids of the two functions; VM has init, calls and gen_init_cpio; DIR receives what guest/boot.sh
# writes. All of this must hold:
#   - BTF of VMLINUX has both functions, once, each tagged as a kfunc
#   - the guest reaches its end marker, checks/cross/guest/calls.c ends with status 0, and every test in it said `ok`
#   - the console has what the kernel said until the tests' end, and no kfunc was refused
#     (`BTF of ...`)
# With stock, the kernel is an unpatched one, which has the second of the two names alone, and no tags from an old pahole.
# DIR/results has the machine code, too (`jited NAME HEX`), for size.sh.
# Prints the tests' lines and `MACHINE: N tests passed`. Exit status: 0, or 1 with the reason on stderr.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
[ $# -eq 4 ] || [ "$#${5-}" = 5stock ] || die "usage: run.sh VMLINUX IMAGE VM DIR [stock]"
vmlinux=$1 image=$2 vm=$3 dir=$4 stock=${5-}
machine=$VM_MACHINE
kfunc=bpf_stream_vprintk

# id_of FUNCTION: its id in $dir/btf
id_of() {
	id=$(sed -n "s/^\[\([0-9]*\)\] FUNC '$1' .*/\1/p" "$dir/btf")
	case $id in
	'') die "$machine: $vmlinux: BTF has no function $1" ;;
	*[!0-9]*) die "$machine: $vmlinux: BTF has more than one function $1" ;;
	esac
	[ -z "$stock" ] || { echo "$id" && return; }
	tags=$(grep -c "DECL_TAG 'bpf_kfunc' type_id=$id " "$dir/btf") || :
	[ "$tags" -eq 1 ] || die "$machine: $vmlinux: function $1 has $tags tags bpf_kfunc"
	echo "$id"
}

mkdir -p "$dir"
rm -f "$dir/results"
bpftool btf dump file "$vmlinux" >"$dir/btf" || die "$machine: $vmlinux: bpftool cannot read its BTF"
kfunc_id=0
[ -n "$stock" ] || kfunc_id=$(id_of $kfunc)
impl_id=$(id_of ${kfunc}_impl)
printf 'calls\t60\t%d %d\n' "$kfunc_id" "$impl_id" >"$dir/jobs"
for d in bin dev etc proc root run sys tmp; do echo "dir /$d 755 0 0"; done >"$dir/list"
cat >>"$dir/list" <<-END
	nod /dev/console 600 0 0 c 5 1
	nod /dev/null 666 0 0 c 1 3
	file /init $vm/init 755 0 0
	file /bin/sh $vm/calls 755 0 0
	file /etc/jobs $dir/jobs 644 0 0
END
"$vm/gen_init_cpio" -t 0 "$dir/list" >"$dir/cross.cpio"

say "$machine" "boot $(stat -c %s "$image") bytes of kernel, $(stat -c %s "$dir/cross.cpio") of initramfs"
rc=0
guest/boot.sh test "$dir" "$image" "$dir/cross.cpio" || rc=$?
[ -e "$dir/results" ] && [ -e "$dir/console.log" ] || exit 1 # boot.sh has said why
sed '/^@/d; /^jited /d' "$dir/results"
! bad=$(grep -aE -m 1 'BTF of ' "$dir/console.log") || die "$machine: console: $bad: see $dir/console.log"
[ "$rc" -eq 0 ] || die "$machine: guest: failed, see above and $dir/results"
grep -qx '@end calls status=0' "$dir/results" || die "$machine: guest: calls did not run: see $dir/results"
grep -qa 'init: end calls' "$dir/console.log" || die "$machine: console: does not show the end of calls: see $dir/console.log"
want=$(sed -n 's/^\ttest[a-z_]*("\([^"]*\)", .*/ok \1/p' checks/cross/guest/calls.c)
[ -n "$want" ] || die "checks/cross/guest/calls.c: no tests found"
[ -z "$stock" ] || want='ok impl'
[ "$want" = "$(sed '/^@/d; /^jited /d' "$dir/results")" ] || die "$machine: guest: not every test said ok: see $dir/results"
echo "$machine: $(echo "$want" | wc -l) tests passed"
