#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the BTF stage costs beside pahole, whose output it completes.

stage.py VMLINUX TOOL DIR CSV [PAHOLE-OPTION...]

VMLINUX is .tmp_vmlinux1 of a kernel's build: linked, with DWARF, its ids not resolved. TOOL is resolve_btfids, DIR
for scratch files. First on VMLINUX, then on objects with 10 to 10,000 magic kfuncs, each with a struct of its own:
pahole with the options, the stage, and resolving the ids with what the stage has made. Each step is the best of
several; the steps take turns, so that all meet the same machine. Times are seconds of CPU, memory is the peak in KiB.
Writes CSV and prints a table. Exit status: 0, or 1 when a step fails.
"""
import csv
import os
import shutil
import subprocess
import sys

ROUNDS = 5
SIZES = (10, 100, 1000, 10000)
COLUMNS = ("object", "kfuncs", "pahole_s", "pahole_kib", "stage_s", "stage_kib", "resolve_s", "resolve_kib",
           "btf_pahole", "btf_stage")


def run(*command):
    """Run a command; return seconds of CPU and KiB at the peak."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)}: exit status {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def source(count):
    """A C file with that many magic kfuncs."""
    n = range(count)
    return "\n".join(
        ['#include "ids.h"'] +
        [f"struct s{i} {{ int a; long b; }};\n"
         f"__bpf_kfunc int kfunc_{i}(struct s{i} *p, int b, void *aux__magic) {{ return p->a + b; }}" for i in n] +
        ["BTF_KFUNCS_START(set)"] + [f"BTF_ID_FLAGS(func, kfunc_{i}, KF_MAGIC_ARGS)" for i in n] +
        ["BTF_KFUNCS_END(set)", "BTF_ID_LIST(magic_kfuncs)"] +
        [f"BTF_ID(func, kfunc_{i})\nBTF_ID(func, kfunc_{i}_impl)" for i in n] +
        ["BTF_ID_LIST_END(magic_kfuncs)", ""])


def section_size(path, name):
    out = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        fields = line.replace("[ ", "[").split()
        if len(fields) > 5 and fields[1] == name:
            return int(fields[5], 16)
    sys.exit(f"{path}: no section {name}")


def measure(name, kfuncs, path, tool, scratch, options):
    obj, btf = os.path.join(scratch, "object"), os.path.join(scratch, "btf")
    best = {}
    for _ in range(ROUNDS):
        shutil.copy(path, obj)
        steps = {"pahole": run("pahole", "-J", *options, obj), "stage": run(tool, "--btf_out", btf, obj)}
        before = section_size(obj, ".BTF")
        subprocess.run(["objcopy", "--update-section", ".BTF=" + btf, obj], check=True, stderr=subprocess.DEVNULL)
        steps["resolve"] = run(tool, obj)
        for step, cost in steps.items():
            best[step] = min(best.get(step, cost), cost)
    row = [name, kfuncs]
    for step in ("pahole", "stage", "resolve"):
        row += [f"{best[step][0]:.3f}", best[step][1]]
    return row + [before, os.path.getsize(btf)]


def main(vmlinux, tool, scratch, out, *options):
    here = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(scratch, exist_ok=True)
    pairs = os.path.join(here, "..", "build", "linux", "kernel", "bpf", "btf.c")
    with open(pairs, encoding="utf-8") as f:
        text = f.read().split("BTF_ID_LIST(magic_kfuncs)")[1].split("BTF_ID_LIST_END")[0]
    rows = [measure("vmlinux", text.count("BTF_ID(func") // 2, vmlinux, tool, scratch, options)]
    for size in SIZES:
        src, obj = os.path.join(scratch, "kfuncs.c"), os.path.join(scratch, "kfuncs.o")
        with open(src, "w", encoding="utf-8") as f:
            f.write(source(size))
        subprocess.run(["gcc", "-O1", "-g", "-I", os.path.join(here, "..", "tests", "btf"), "-c", src, "-o", obj],
                       check=True)
        rows.append(measure("generated", size, obj, tool, scratch, options))
    with open(out + ".new", "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    os.replace(out + ".new", out)

    print("object      kfuncs   pahole   stage  ratio  resolve   pahole KiB  stage KiB   .BTF added")
    for r in rows:
        pahole, stage = float(r[2]), float(r[4])
        print(f"{r[0]:10} {r[1]:7} {pahole:7.3f}s {stage:6.3f}s {stage / pahole:6.1%} {float(r[6]):7.3f}s "
              f"{r[3]:11} {r[5]:10} {r[9] - r[8]:10}")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
