#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What loading a program costs on two kernels: a table, a CSV file and a plot.

bench.py RESULTS CSV PLOT

RESULTS is what bench.c printed in the guests, one after the other. Writes CSV (kernel,function,calls,instructions),
PLOT.svg and PLOT.png, and prints a table in which each load stands beside that of bpf_stream_vprintk_impl() on the
unpatched kernel, "base". The goals are checked, and the exit status is 1 if one is missed or something is not there:
bpf_stream_vprintk() takes at most 1.002 of it without a call, 1.005 with up to 100, 0.15 with 1,000, and from there to
10,000 calls it is linear: ten times the calls take at most eleven times the instructions.
"""
import csv
import os
import subprocess
import sys

GOALS = {0: 1.002, 1: 1.005, 10: 1.005, 100: 1.005, 1000: 0.15}
FOO, IMPL = "bpf_stream_vprintk", "bpf_stream_vprintk_impl"
LINES = (("base", IMPL), ("series", IMPL), ("series", FOO))


def read(path):
    """Return {(kernel, function): {calls: instructions}}, of kernels whose measure is right."""
    found, right = {}, set()
    for line in open(path, encoding="ascii"):
        fields = line.strip().split(",")
        if fields[0] == "self":
            if fields[2] != fields[3]:
                sys.exit(f"bench: {fields[1]}: {fields[2]} instructions were measured as {fields[3]}")
            right.add(fields[1])
        elif fields[0] == "load":
            found.setdefault((fields[1], fields[2]), {})[int(fields[3])] = int(fields[4])
    for key in LINES:
        if key not in found or key[0] not in right:
            sys.exit(f"bench: {path}: nothing of {key[1]} on {key[0]}")
    return found


def plot(found, name):
    """Write name.svg and name.png, with the data of each line in a file beside CSV's."""
    data = []
    for key in LINES:
        rows = "\n".join(f"{calls} {n}" for calls, n in sorted(found[key].items()) if calls)
        data.append(f"${'_'.join(key)} << E\n{rows}\nE\n")
    lines = ", ".join(f'${"_".join(key)} with linespoints title "{key[0]}: {key[1].replace("_", chr(92) * 2 + "_")}()"'
                      for key in LINES)
    for terminal, suffix in (("svg size 720,480", "svg"), ("pngcairo size 720,480", "png")):
        script = "".join(data) + (f'set terminal {terminal}\nset output "{name}.{suffix}.tmp"\nset logscale xy\n'
                                  'set key left top\nset grid\nset xlabel "calls in the program"\n'
                                  'set ylabel "instructions of BPF\\\\_PROG\\\\_LOAD"\nset format y "10^{%L}"\n'
                                  f'plot {lines}\n')
        subprocess.run(["gnuplot"], input=script, text=True, check=True)
        os.rename(f"{name}.{suffix}.tmp", f"{name}.{suffix}")


def main():
    """Read, write, print, judge."""
    if len(sys.argv) != 4:
        sys.exit(__doc__.split("\n\n")[1])
    found = read(sys.argv[1])
    with open(sys.argv[2] + ".tmp", "w", encoding="ascii", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("kernel", "function", "calls", "instructions"))
        for key in LINES:
            rows.writerows((*key, calls, n) for calls, n in sorted(found[key].items()))
    os.rename(sys.argv[2] + ".tmp", sys.argv[2])
    plot(found, sys.argv[3])

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
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
