#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What magic kfuncs cost: tables, CSV files and plots.

bench.py BENCH DIR BPFTOOL base=OBJ series=OBJ

BENCH has results, what bench.c and run.c printed in the guests, one after the other; the OBJs are where those kernels
were built; BPFTOOL dumps BTF. Written into DIR, with a plot as .svg of the first two:

load.csv	kernel,function,calls,instructions: of BPF_PROG_LOAD, see bench.c; function may be another thing that is rewritten;
		kinds.svg plots these
lookup.csv	what,pairs,instructions: of one look-up, see bench.c
run.csv		kernel,function,xlated,jited,instructions: of a program with one call, see run.c
image.csv	kernel,what,value: bytes of sections of vmlinux, of what kallsyms has in .rodata, and of the bzImage;
		pairs: those bytes of .BTF that are there because kfuncs are magic (the impl, its name and tag, and
		the kfunc's own prototype); boot: instructions that the CPU has executed when PID 1 starts, from its
		reset on

Prints them as tables, beside the impl on the unpatched kernel, "base". The goals are checked, and the exit status is 1
if one is missed or something is not there: bpf_stream_vprintk() takes at most 1.002 of base to load without a call,
1.005 with up to 100, 0.15 with 1,000, and from there to 10,000 calls it is linear: ten times the calls take at most
eleven times the instructions. Whatever is rewritten, a program with none or one of it takes at most 1.005 of base to load,
and is linear as well. SIGKILL ends the load of the longest one within a second, 1,000,000,000 instructions, and when 10 to
40 % of it are done, within a fifth of what a whole load takes (the rest is the JIT, which looks at no signals). A look-up
takes at most 20 instructions more each time the table is twice as long. A program with one call is translated and JITed to
no more than on base, and to less when it calls the kfunc. When it runs, it executes at most 4 instructions more, in the
kernel's functions: bpf_refcount_acquire() compares with NULL, and gcc compiles others in another way, although their source
is the same. A magic kfunc takes less than 160 bytes of BTF. That .text, .rodata and .data together grow by less than 4 KiB
was the goal for four magic kfuncs, without what other fixes add: it is said when it is missed, and no more. kallsyms does
not count there: a fix of the series takes the symbols of BTF ids out of it, which is more than all else together.

Where run.c or bench.c did not measure a known number of instructions as such, the rest is not believed.
"""
import csv
import json
import os
import subprocess
import sys

GOALS = {0: 1.002, 1: 1.005, 10: 1.005, 100: 1.005, 1000: 0.15}
FOO, IMPL = "bpf_stream_vprintk", "bpf_stream_vprintk_impl"
LINES = (("base", IMPL), ("series", IMPL), ("series", FOO), ("naive", IMPL), ("naive", FOO))
TITLES = ("base: _impl", "series: _impl", "series: foo", "naive: _impl", "naive: foo")
SECTIONS = (".text", ".rodata", ".data", ".BTF", ".BTF_ids")
EXTRA = 100  # of run.c
FUNCTIONS = 4  # instructions more that the kernel's functions may execute
KFUNCS = 12  # of vmlinux that are magic
SECOND = 1_000_000_000  # of a guest's clock
KINDS = 9  # of what is rewritten: calls of the impl, and kinds[] of bench.c
LOOKUPS = ("kfunc", "impl", "absent", "naive")


def read(path):
    """Return {(kernel, what): {number: instructions}} of loads and of look-ups, of kernels whose measure is right."""
    found, right = {}, set()
    for line in open(path, encoding="ascii"):
        fields = line.strip().split(",")
        if fields[0] == "self":
            if fields[2] != fields[3]:
                sys.exit(f"bench: {fields[1]}: {fields[2]} instructions were measured as {fields[3]}")
            right.add(fields[1])
        elif fields[0] in ("load", "lookup"):
            found.setdefault((fields[1], fields[2]), {})[int(fields[3])] = int(fields[4])
    for key in LINES:
        if key not in found or key[0] not in right:
            sys.exit(f"bench: {path}: nothing of {key[1]} on {key[0]}")
    return found


def plot(found, name, keys, axes, size="720,480", legend="left top"):
    """Write name.svg; keys maps those of the lines to their titles, axes are the titles of x and y."""
    data, lines = "", []
    for i, (key, title) in enumerate(keys.items()):
        rows = "\n".join(f"{x} {y}" for x, y in sorted(found[key].items()) if x)
        data += f"$line{i} << E\n{rows}\nE\n"
        lines.append(f'$line{i} with linespoints title "{title}"')
    script = data + (f'set terminal svg size {size} noenhanced\nset output "{name}.svg.tmp"\nset logscale xy\n'
                     f'set key {legend}\nset grid\nset xlabel "{axes[0]}"\nset ylabel "{axes[1]}"\n'
                     f'plot {", ".join(lines)}\n')
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    os.rename(f"{name}.svg.tmp", f"{name}.svg")


def write(path, *rows):
    """Write a CSV file."""
    with open(path + ".tmp", "w", encoding="ascii", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    os.rename(path + ".tmp", path)


def kinds(found):
    """Print what it takes to load each kind of what is rewritten. Return what is wrong with that."""
    names = sorted(what for kernel, what in found if kernel == "base" and what not in LOOKUPS)
    missed = [] if len(names) == KINDS else [f"load: {len(names)} kinds on base, not {KINDS}"]
    print(f"\n{'':26} {'number':>7} {'base':>14} {'series':>14}")
    for name in names:
        base, series = found["base", name], found.get(("series", name), {})
        for number in sorted(base.keys() | series.keys()):
            cells = [f"{table[number]:14,}" if number in table else f"{'-':>14}" for table in (base, series)]
            ratio = f" ({series[number] / base[number]:.3f})" if number in base.keys() & series.keys() else ""
            print(f"{name:26} {number:7,} {cells[0]} {cells[1]}{ratio}")
        if 1 not in base or not base.keys() <= series.keys():
            missed.append(f"load: {name}: not all there")
            continue
        missed += [f"load: {number} {name}: more than 1.005 of base" for number in (0, 1)
                   if number in base and series[number] > 1.005 * base[number]]
        missed += [f"load: {name}: not linear from {number:,} on" for number in (1000, 10000)
                   if series.get(10 * number, 0) > 11 * series.get(number, 0)]
    return missed


def kills(path):
    """Print how long SIGKILL takes to end a load. Return what is wrong with that."""
    found = {}
    for line in open(path, encoding="ascii"):
        fields = line.strip().split(",")
        if fields[0] == "kill":
            found.setdefault((fields[1], int(fields[2])), {})[int(fields[3])] = (fields[4], int(fields[5]))
    missed = []
    for (kernel, number), times in found.items():
        print(f"\n{kernel}: {number:,} divisions: SIGKILL after % of the load: instructions until the process is gone")
        print(", ".join(f"{percent} %: {what} {n:,}" for percent, (what, n) in sorted(times.items())))
        if kernel != "series":
            continue
        whole = times.get(100, ("", 0))[1]
        missed += [f"kill: not killed at {percent} %" for percent in (10, 20, 30, 40)
                   if times.get(percent, ("",))[0] != "killed"]
        missed += [f"kill: at {percent} %: more than a fifth of the load" for percent, (_, n) in times.items()
                   if percent <= 40 and n > whole / 5]
        missed += [f"kill: at {percent} %: more than a second" for percent, (_, n) in times.items()
                   if percent < 100 and n > SECOND]
    return missed if "series" in {kernel for kernel, _ in found} else ["kill: nothing on series"]


def lookups(found, where):
    """Write and print what look-ups take. Return what is wrong with that."""
    whats = {("series", what): title for what, title in (
        ("kfunc", "a kfunc"), ("impl", "an impl"), ("absent", "neither"), ("naive", "the impl of a kfunc, by name"))}
    if not whats.keys() <= found.keys():
        return ["no look-ups"]
    write(f"{where}/lookup.csv", ("what", "pairs", "instructions"),
          *((what, pairs, n) for _, what in whats for pairs, n in sorted(found["series", what].items())))
    plot(found, f"{where}/lookup", whats, ("pairs in the table; by name: types in BTF", "instructions of one look-up"))
    print(f"\n{'pairs':>7} {'kfunc':>10} {'impl':>10} {'neither':>10}")
    tables = [found["series", what] for what in ("kfunc", "impl", "absent")]
    for pairs in sorted(tables[0]):
        print(f"{pairs:7,}" + "".join(f" {table[pairs]:10,}" for table in tables))
    (types, n), = found["series", "naive"].items()
    print(f"by name among {types:,} types: {n:,}")
    return [f"look-up among {pairs} pairs: more than 20 for each doubling" for table in tables for pairs in table
            if pairs > 4 and table[pairs] - table[4] > 20 * (pairs.bit_length() - 3)]


def runs(path, where):
    """Write and print what programs with one call are and execute. Return what is wrong with that, and the impls."""
    found = {}
    for line in open(path, encoding="ascii"):
        fields = line.strip().split(",")
        if fields[0] == "run" and fields[1] != "naive":
            found[fields[1], fields[2]] = tuple(map(int, fields[3:]))
    missed = [f"run: {kernel}: {EXTRA} instructions were not measured as such" for kernel in ("base", "series")
              if found.pop((kernel, "self"), None) != (0, 0, EXTRA)]
    impls = sorted(name for kernel, name in found if kernel == "base")
    if missed:
        return missed, impls
    write(f"{where}/run.csv", ("kernel", "function", "xlated", "jited", "instructions"),
          *((*key, *value) for key, value in sorted(found.items())))
    print("\nA program with one call: instructions translated, bytes JITed, instructions executed; series less base\n"
          f"{'':30} {'base: _impl':>15} {'series: _impl':>30} {'series: foo':>30}")
    if len(impls) != KFUNCS:
        missed.append(f"run: {len(impls)} kfuncs on base, not {KFUNCS}")
    for impl in impls:
        name = impl.removesuffix("_impl")
        if not {("series", impl), ("series", name)} <= found.keys():
            missed.append(f"run: {name}: not on the series")
            continue
        base = found["base", impl]
        row = f"{name:30}" + "".join(f" {n:4}" for n in base)
        for key, most in ((impl, 0), (name, -1)):  # of what it is translated to
            more = [n - b for n, b in zip(found["series", key], base)]
            row += "".join(f" {b + n:4} ({n:+3})" for b, n in zip(base, more))
            if max(more[:2]) > most:
                missed.append(f"run: {key}: {'more' if most == 0 else 'not less'} than {impl} on base")
            if more[2] > FUNCTIONS:
                missed.append(f"run: {key}: executes {more[2]} more than {impl} on base")
        print(row)
    return missed, impls


def pair_bytes(bpftool, vmlinux, impls):
    """Return how many bytes of that file's BTF exist because of these impls."""
    dump = subprocess.run([bpftool, "-j", "btf", "dump", "file", vmlinux], capture_output=True, text=True, check=True)
    types = {t["id"]: t for t in json.loads(dump.stdout)["types"]}
    functions = {t["name"]: t for t in types.values() if t["kind"] == "FUNC"}
    ids = {functions[impl]["id"] for impl in impls}
    tagged = sum(t["kind"] == "DECL_TAG" and t["type_id"] in ids for t in types.values())
    # two kfuncs may share theirs
    prototypes = {functions[impl.removesuffix("_impl")]["type_id"] for impl in impls}
    return (16 * tagged + sum(12 + len(impl) + 1 for impl in impls) +
            sum(12 + 8 * len(types[i]["params"]) for i in prototypes))


def kallsyms_bytes(vmlinux):
    """Return how many bytes of .rodata are the table of symbols."""
    symbols = subprocess.run(["nm", "-n", vmlinux], capture_output=True, text=True, check=True).stdout.splitlines()
    names = [line.split()[-1] for line in symbols]
    start, last = names.index("kallsyms_num_syms"), names.index("kallsyms_seqs_of_names")
    return int(symbols[last + 1].split()[0], 16) - int(symbols[start].split()[0], 16)


def image(results, where, bpftool, objs, impls):
    """Write and print the size of the kernels, and what it takes to boot them. Return what is wrong with that."""
    found = {}
    for kernel, obj in objs.items():
        size = subprocess.run(["size", "-A", "-d", f"{obj}/vmlinux"], capture_output=True, text=True, check=True)
        rows = map(str.split, size.stdout.splitlines())
        found[kernel] = {row[0]: int(row[1]) for row in rows if row and row[0] in SECTIONS}
        found[kernel]["kallsyms"] = kallsyms_bytes(f"{obj}/vmlinux")
        found[kernel]["bzImage"] = os.path.getsize(f"{obj}/arch/x86/boot/bzImage")
        found[kernel]["pairs"] = pair_bytes(bpftool, f"{obj}/vmlinux", impls) if kernel == "series" else 0
        for line in open(results, encoding="ascii"):
            if line.startswith(f"boot,{kernel},"):
                found[kernel]["boot"] = int(line.split(",")[2])
        if "boot" not in found[kernel]:
            return [f"image: {kernel}: PID 1 does not say when it was started"]
    write(f"{where}/image.csv", ("kernel", "what", "value"),
          *((kernel, what, n) for kernel, sizes in found.items() for what, n in sizes.items()))
    print(f"\n{'':8} {'base':>12} {'series':>12}")
    for what, base in found["base"].items():
        print(f"{what:8} {base:12,} {found['series'][what]:12,} {found['series'][what] - base:+,}")
    more = [sum(sizes[name] for name in SECTIONS[:3]) - sizes["kallsyms"] for sizes in found.values()]
    more = more[1] - more[0]
    print(f"{more:,} bytes more of code and data, without kallsyms" +
          (": missed, the goal is less than 4,096" if more >= 4096 else ""))
    pairs = found["series"]["pairs"] / KFUNCS
    print(f"{pairs:.1f} bytes of BTF for each magic kfunc")
    return [] if 0 < pairs < 160 else [f"image: {pairs:.1f} bytes of BTF for each magic kfunc"]


def main():
    """Read, write, print, judge."""
    objs = dict(arg.split("=", 1) for arg in sys.argv[4:] if "=" in arg)
    if objs.keys() != {"base", "series"}:
        sys.exit(__doc__.split("\n\n")[1])
    bench, where, bpftool = sys.argv[1:4]
    found = read(f"{bench}/results")
    write(f"{where}/load.csv", ("kernel", "function", "calls", "instructions"),
          *((*key, calls, n) for key in found if key[1] not in LOOKUPS for calls, n in sorted(found[key].items())))
    plot(found, f"{where}/load", {key: f"{key[0]}: {key[1]}()" for key in LINES},
         ("calls in the program", "instructions of BPF_PROG_LOAD"))

    base, missed = found["base", IMPL], []
    print(f"{'calls':>7} {TITLES[0]:>14}" + "".join(f" {title:>22}" for title in TITLES[1:]))
    for calls in sorted(found["series", FOO]):
        row = f"{calls:7,} {base.get(calls, 0) or '-':>14,}" if calls in base else f"{calls:7,} {'-':>14}"
        for key in LINES[1:]:
            n = found[key].get(calls)
            if n is None:
                continue
            ratio = f"({n / base[calls]:.3f})" if calls in base else ""
            row += f" {n:>13,} {ratio:8}"
        print(row.rstrip())
        if calls in GOALS and (calls not in base or found["series", FOO][calls] > GOALS[calls] * base[calls]):
            missed.append(f"{calls} calls: more than {GOALS[calls]} of base")
    if found["series", FOO].get(10000, 1 << 62) > 11 * found["series", FOO].get(1000, 0):
        missed.append("not linear from 1,000 to 10,000 calls")
    missed += kinds(found) + kills(f"{bench}/results") + lookups(found, where)
    plot(found, f"{where}/kinds", {(kernel, what): f"{kernel}: {what}" for what in sorted({what for _, what in found})
                                   if what not in LOOKUPS and what != FOO for kernel in ("base", "series")
                                   if (kernel, what) in found},
         ("number of it in the program", "instructions of BPF_PROG_LOAD"), "960,720", "outside center bottom maxcols 3")
    wrong, impls = runs(f"{bench}/results", where)
    missed += wrong + image(f"{bench}/results", where, bpftool, objs, impls)
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
