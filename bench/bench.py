#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What loading a program and finding a magic kfunc cost: tables, CSV files and plots.

bench.py RESULTS DIR

RESULTS is what bench.c printed in the guests, one after the other. Writes load.csv (kernel,function,calls,instructions)
and lookup.csv (what,pairs,instructions) into DIR, with a plot of each as .svg and .png. Prints a table in which each
load stands beside that of bpf_stream_vprintk_impl() on the unpatched kernel, "base", and one of the look-ups on the
series. The goals are checked, and the exit status is 1 if one is missed or something is not there:
bpf_stream_vprintk() takes at most 1.002 of base without a call, 1.005 with up to 100, 0.15 with 1,000, and from there
to 10,000 calls it is linear: ten times the calls take at most eleven times the instructions. A look-up takes at most
20 instructions more each time the table is twice as long.
"""
import csv
import os
import subprocess
import sys

GOALS = {0: 1.002, 1: 1.005, 10: 1.005, 100: 1.005, 1000: 0.15}
FOO, IMPL = "bpf_stream_vprintk", "bpf_stream_vprintk_impl"
LINES = (("base", IMPL), ("series", IMPL), ("series", FOO))


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


def plot(found, name, keys, axes):
    """Write name.svg and name.png; keys maps those of the lines to their titles, axes are the titles of x and y."""
    data, lines = "", []
    for key, title in keys.items():
        rows = "\n".join(f"{x} {y}" for x, y in sorted(found[key].items()) if x)
        data += f"${'_'.join(key)} << E\n{rows}\nE\n"
        lines.append(f'${"_".join(key)} with linespoints title "{title}"')
    for terminal, suffix in (("svg size 720,480", "svg"), ("pngcairo size 720,480", "png")):
        script = data + (f'set terminal {terminal} noenhanced\nset output "{name}.{suffix}.tmp"\nset logscale xy\n'
                         f'set key left top\nset grid\nset xlabel "{axes[0]}"\nset ylabel "{axes[1]}"\n'
                         f'plot {", ".join(lines)}\n')
        subprocess.run(["gnuplot"], input=script, text=True, check=True)
        os.rename(f"{name}.{suffix}.tmp", f"{name}.{suffix}")


def write(path, *rows):
    """Write a CSV file."""
    with open(path + ".tmp", "w", encoding="ascii", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    os.rename(path + ".tmp", path)


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


def main():
    """Read, write, print, judge."""
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n")[1])
    found, where = read(sys.argv[1]), sys.argv[2]
    write(f"{where}/load.csv", ("kernel", "function", "calls", "instructions"),
          *((*key, calls, n) for key in LINES for calls, n in sorted(found[key].items())))
    plot(found, f"{where}/load", {key: f"{key[0]}: {key[1]}()" for key in LINES},
         ("calls in the program", "instructions of BPF_PROG_LOAD"))

    base, missed = found["base", IMPL], []
    print(f"{'calls':>7} {'base: _impl':>14} {'series: _impl':>21} {'series: foo':>21}")
    for calls in sorted(found["series", FOO]):
        row = f"{calls:7,} {base.get(calls, 0) or '-':>14,}" if calls in base else f"{calls:7,} {'-':>14}"
        for key in LINES[1:]:
            n = found[key][calls]
            ratio = f" ({n / base[calls]:.3f})" if calls in base else " " * 8
            row += f" {n:>13,}{ratio}"
        print(row)
        if calls in GOALS and (calls not in base or found["series", FOO][calls] > GOALS[calls] * base[calls]):
            missed.append(f"{calls} calls: more than {GOALS[calls]} of base")
    if found["series", FOO].get(10000, 1 << 62) > 11 * found["series", FOO].get(1000, 0):
        missed.append("not linear from 1,000 to 10,000 calls")
    missed += lookups(found, where)
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
