#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does a result have each figure that the texts give, and the patched tree each name?

figures.py figures RESULT... -- TEXT...
figures.py names TREE TEXT...

A figure is a number of three digits or more, or one with a per cent sign, that is no version, date or part of a name; code
is left out. In Markdown, a block (a paragraph, an item of a list, a table with the paragraph before it) that names
results, as `results/NAME`, must find its figures in these, there also those of two digits; all other text must find
them in one of the RESULTs. What is no measurement is listed in results/constants, with the reason.

A name is, in backticks, a function (`name()`), a file (`name.c`, `dir/name`) or a message (three words or more). It must be
in the patched TREE or in this repository; `foo`, `...` and what stands in <> may be anything.

Prints a line for each that is nowhere. Exit status: 1 if there is one.
"""
import os
import re
import subprocess
import sys

NUMBER = re.compile(r"(?<![\w.,/:#'-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w/:'-]|[.,]\d)( ?%| per cent)?")
RESULT = re.compile(r"`?(?:\.\./)?((?:bench/)?results/[\w./-]+)`?")
FOO = r"\.\.\.|\bfoo(?:_impl)?\b|\bNAME\b|<[^>]*>"


def numbers_of(path):
    """The numbers that a result has, without commas, and without those of its stamp."""
    text = re.sub(r"(?m)^# (tree|sources): .*", "", open(path, encoding="utf-8").read())
    if path.endswith(".csv"):
        return set(re.split(r"[,\n]", text))
    return {m.group(1).replace(",", "") + (m.group(2) or "")
            for m in re.finditer(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?", text)}


def blocks(path):
    """Yield (line, text, results that count) of each block, without code."""
    text = open(path, encoding="utf-8").read()
    text = re.sub(r"(?ms)^```.*?^```", lambda m: "\n" * m.group().count("\n"), text)
    before, at = set(), 1
    for part in re.split(r"(\n\n+|\n(?=- |\| ))", text):
        if part.strip():
            named = set(RESULT.findall(part))
            if part.startswith("|"):
                named |= before
            else:
                before = named
            if not part.startswith("    ") or not path.endswith(".md"):
                yield at, part, named
        at += part.count("\n")


def figures(results, texts):
    """Print the figures that are in no result."""
    found = {path: numbers_of(path) for path in results}
    constants = {line.split("\t")[0].replace(",", "") for line in open("results/constants", encoding="utf-8")
                 if line.strip() and line[0] != "#"}
    bad = 0
    for path in texts:
        for at, text, named in blocks(path):
            missing = [n for n in named if n not in found and not os.path.exists(n)]
            for name in missing:
                print(f"{path}:{at}: {name}: is not there")
                bad = 1
            named = {n for n in named if n in found} if path.endswith(".md") else set()
            have = set().union(*(found[n] for n in named or found))
            for m in NUMBER.finditer(re.sub(r"`[^`]*`", lambda m: " " * len(m.group()), text)):
                number = m.group(1).replace(",", "") + (m.group(2) or "")
                digits = len(m.group(1).replace(",", ""))
                if digits < 3 and not m.group(3) and not (named and digits == 2):
                    continue
                if number in have or number in constants:
                    continue
                line = at + text.count("\n", 0, m.start())
                print(f"{path}:{line}: {m.group().strip()}: not in {' '.join(sorted(named)) or 'any result'}")
                bad = 1
    return bad


def git(tree, *args, **kwargs):
    """What git says in that tree."""
    return subprocess.run(("git", "-C", tree) + args, stdout=subprocess.PIPE, text=True, check=False, **kwargs).stdout


def names(tree, texts):
    """Print the functions, files and messages that are nowhere."""
    files = set((git(tree, "ls-files") + git(".", "ls-files", "-co", "--exclude-standard")).split("\n"))
    ends = {f[i:] for f in files for i in [0] + [m.end() for m in re.finditer("/", f)]}
    ends |= {f[:m.end()].rstrip("/") for f in files for m in re.finditer("/", f)}
    ends |= {d.rsplit("/", 1)[-1] for d in list(ends)}
    want = []
    for path in texts:
        text = re.sub(r"(?ms)^```.*?^```", lambda m: "\n" * m.group().count("\n"), open(path, encoding="utf-8").read())
        want += [(f"{path}:{text.count(chr(10), 0, m.start()) + 1}", m.group(1).replace("\n", " "))
                 for m in re.finditer(r"`([^`]+)`", text)]
    functions = {f for _, code in want for f in re.findall(r"^(\w+)\(\)$", code)}
    pieces = {}
    for _, code in want:
        if len(code.split()) > 2 and not re.match(r"(make|git|sudo|extern|struct)\b|[A-Z_]+=|-|\./|(wq|task_work|stream|index) |.*[;=|{(]", code):
            pieces[code] = [p.strip(" :,.") for p in re.split(FOO + "|\\b[0-9]+\\b|: ", code) if len(p.split()) > 1]
    patterns = functions | {p for ps in pieces.values() for p in ps}
    have = ""
    for where in (tree, "."):
        paths = ["kernel", "include", "tools", "scripts", "lib", "mm", "net", "arch/x86", "Documentation/bpf"]
        have += git(where, "grep", "-hFI", "-f", "-", "--", *(paths if where == tree else [".", ":!*.md", ":!patches"]),
                    input="\n".join(sorted(patterns)))
    words = set(re.findall(r"\w+", have))
    bad = 0
    for where, code in want:
        m = re.match(r"^(\w+)\(\)$", code)
        if m and m.group(1) not in words and not re.search(FOO, code):
            print(f"{where}: {code}: no such function")
            bad = 1
        elif code in pieces and not all(p in have for p in pieces[code]):
            print(f"{where}: {code}: no such message")
            bad = 1
        elif re.match(r"^[\w.-]+(/[\w.*-]+)*(\.[chS]|\.py|\.sh|\.rst|\.awk|\.patch|\.mk|\.csv|/)$", code) and \
                not code.startswith("build/") and code.rstrip("/") not in ends and "*" not in code:
            print(f"{where}: {code}: no such file")
            bad = 1
    return bad


def main():
    """See above."""
    if sys.argv[1] == "names":
        return names(sys.argv[2], sys.argv[3:])
    split = sys.argv.index("--")
    return figures(sys.argv[2:split], sys.argv[split + 1:])


if __name__ == "__main__":
    sys.exit(main())
