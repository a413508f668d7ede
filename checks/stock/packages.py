#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The BPF objects that Debian's packages ship: programs that nobody wrote for this kernel.

packages.py OUT PACKAGE...

Downloads the packages with apt-get, whose signatures are the pin, and looks into them; nothing is installed or kept. OUT
receives deb:FILE.N.o, the objects that are files, and those that lie in programs as light or full skeletons: a
relocatable 64-bit ELF object for BPF. The same object twice counts once. Prints how many, from how many files. OUT is
made as a whole, or not at all; if it is there, it is left as it is. Exit status: 0, or 1 if a package cannot be had or
has no object.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

MAGIC = b"\x7fELF\x02\x01\x01"  # 64 bits, little endian
EM_BPF, ET_REL, SHT_NOBITS, SHDR = 247, 1, 8, 64


def objects(data):
    """Yield each BPF object in data. A table of sections that does not lie within data is none."""
    at = data.find(MAGIC)
    while at >= 0:
        if len(data) >= at + 64 and struct.unpack_from("<HH", data, at + 16) == (ET_REL, EM_BPF):
            shoff, = struct.unpack_from("<Q", data, at + 40)
            entsize, count = struct.unpack_from("<HH", data, at + 58)
            end = shoff + SHDR * count
            if entsize == SHDR and at + end <= len(data):
                for i in range(count):
                    kind, = struct.unpack_from("<I", data, at + shoff + i * SHDR + 4)
                    offset, size = struct.unpack_from("<QQ", data, at + shoff + i * SHDR + 24)
                    if kind != SHT_NOBITS:
                        end = max(end, offset + size)
                if at + end <= len(data):
                    yield data[at:at + end]
        at = data.find(MAGIC, at + 4)


def files(package, scratch):
    """Download a package and yield the name and the contents of each file of it."""
    subprocess.run(["apt-get", "download", "-q", package], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    for deb in os.listdir(scratch):
        subprocess.run(["dpkg-deb", "-x", deb, "root"], cwd=scratch, check=True)
    for path, _, names in sorted(os.walk(f"{scratch}/root")):
        for name in sorted(names):
            if not os.path.islink(f"{path}/{name}"):
                with open(f"{path}/{name}", "rb") as file:
                    yield name, file.read()


def main():
    out, packages = sys.argv[1], sys.argv[2:]
    if os.path.isdir(out):
        print(f"corpus: packages: {len(os.listdir(out))} objects are there")
        return
    new = f"{out}.new"
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    seen, count = set(), 0
    for package in packages:
        before = len(seen)
        with tempfile.TemporaryDirectory() as scratch:
            for name, data in files(package, scratch):
                found = [o for o in dict.fromkeys(objects(data)) if o not in seen]
                count += bool(found)
                for i, data in enumerate(found):
                    with open(f"{new}/deb:{name.removesuffix('.o')}.{i}.o", "xb") as file:
                        file.write(data)
                seen.update(found)
        if len(seen) == before:
            sys.exit(f"corpus: {package}: has no BPF object that no other package has")
    os.rename(new, out)
    print(f"corpus: packages: {len(seen)} objects of {count} files of {len(packages)} packages")


if __name__ == "__main__":
    main()
