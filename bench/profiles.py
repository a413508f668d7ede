#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Where two kernels differ in what it takes them to load the programs of an object, function by function.

profiles.py DIR BASE.CPIO VERISTAT OBJECT base=OBJ series=OBJ

Each OBJ is where a kernel was built. veristat loads OBJECT in a guest whose clock counts instructions, and a plugin
of QEMU, profile.c, counts those of the kernel from bpf_check() on to the end of the system call. Prints the sums and the
functions with the greatest differences. A function that one kernel's compiler inlined counts for its caller there. DIR
receives, for each kernel, NAME.profile. Exit status: 0, or 1 with a line on stderr.
"""
import bisect
import os
import subprocess
import sys

SHOWN = 40


def symbols(obj):
    """Return addresses and names of the functions, sorted."""
    with open(f"{obj}/System.map", encoding="ascii") as lines:
        found = sorted((int(addr, 16), name) for addr, kind, name in map(str.split, lines) if kind in "tTwW")
    return [addr for addr, _ in found], [name for _, name in found]


def by_function(profile, obj):
    """Return {function: instructions}; its parts, such as NAME.cold, count for it."""
    addrs, names = symbols(obj)
    found = {}
    with open(profile, encoding="ascii") as lines:
        for addr, count in map(str.split, lines):
            name = names[max(0, bisect.bisect_right(addrs, int(addr, 16)) - 1)].split(".")[0]
            found[name] = found.get(name, 0) + int(count)
    return found


def compare(base, series):
    """Print both, and return 1 if there is nothing to compare."""
    if not base or not series:
        print("profile: nothing was counted: does the object load?", file=sys.stderr)
        return 1
    sums = sum(base.values()), sum(series.values())
    print(f"{sums[0]:,} instructions on base, {sums[1]:,} on the series: {sums[1] / sums[0]:.4f}")
    more = {name: series.get(name, 0) - base.get(name, 0) for name in base.keys() | series.keys()}
    for name in sorted(more, key=lambda name: (-abs(more[name]), name))[:SHOWN]:
        print(f"{name:40} {base.get(name, 0):14,} {series.get(name, 0):14,} {more[name]:+,}")
    return 0


def main():
    """Run both guests, compare."""
    here = os.path.dirname(os.path.abspath(__file__))
    objs = dict(arg.split("=", 1) for arg in sys.argv[5:] if "=" in arg)
    if objs.keys() != {"base", "series"}:
        sys.exit(__doc__.split("\n\n")[1])
    where, cpio, veristat, obj = sys.argv[1:5]
    os.makedirs(where, exist_ok=True)
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", f"{where}/profile.so", f"{here}/profile.c"],
                   check=True)
    with open(f"{where}/jobs", "w", encoding="ascii") as jobs:
        print("load\t3000\tulimit -l unlimited; /veristat -q /object.o", file=jobs)
    found = {}
    for kernel, tree in objs.items():
        for old in (f"{where}/{kernel}.profile", f"{where}/{kernel}/results"):
            if os.path.exists(old):
                os.remove(old)
        start = dict(zip(*reversed(symbols(tree))))["bpf_check"]
        profile = f"{where}/{kernel}.profile"
        plugin = f"-plugin {os.path.abspath(where)}/profile.so,start={start:x},out={os.path.abspath(profile)}"
        subprocess.run(
            [f"{here}/../guest/boot.sh", "test", f"{where}/{kernel}", f"{tree}/arch/x86/boot/bzImage", cpio,
             f"/etc/jobs={where}/jobs", f"/veristat={veristat}", f"/object.o={obj}"], check=True,
            env={**os.environ, "VM_ICOUNT": "1", "VM_TIMEOUT": "3100", "VM_EXCUSE": "objects", "VM_QEMU": plugin})
        with open(f"{where}/{kernel}/results", encoding="ascii") as said:
            if "failure" in said.read():
                sys.exit(f"profile: not every program loads on {kernel}: {where}/{kernel}/results")
        found[kernel] = by_function(profile, tree)
    return compare(found["base"], found["series"])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"profile: {error}")
