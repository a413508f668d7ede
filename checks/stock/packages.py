#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The BPF objects that Debian's packages ship: programs that nobody wrote for this kernel.

packages.py DIR OUT PACKAGE...

Downloads the packages with apt-get, whose signatures are the pin, and unpacks them below DIR; nothing is installed. OUT
receives deb:FILE.N.o, the objects that are files, and those that lie in programs as light or full skeletons: a
relocatable 64-bit ELF object for BPF. The same object twice counts once. Prints how many, from how many files. What
OUT has already is left as it is. Exit status: 0, or 1 if a package cannot be had or has no object.
"""
import os
import struct
import subprocess
import sys

MAGIC = b"\x7fELF\x02\x01\x01"  # 64 bits, little endian
EM_BPF, ET_REL, SHT_NOBITS = 247, 1, 8


def objects(data):
    """Yield each BPF object in data."""
    at = data.find(MAGIC)
    while at >= 0:
        if len(data) >= at + 64 and struct.unpack_from("<HH", data, at + 16) == (ET_REL, EM_BPF):
            shoff, = struct.unpack_from("<Q", data, at + 40)
            entsize, count = struct.unpack_from("<HH", data, at + 58)
            end = shoff + entsize * count
            if at + end <= len(data):
                for i in range(count):
                    kind, = struct.unpack_from("<I", data, at + shoff + i * entsize + 4)
                    offset, size = struct.unpack_from("<QQ", data, at + shoff + i * entsize + 24)
                    if kind != SHT_NOBITS:
                        end = max(end, offset + size)
                yield data[at:at + end]
        at = data.find(MAGIC, at + 4)


def main():
    directory, out, packages = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    os.makedirs(directory, exist_ok=True)
    os.makedirs(out, exist_ok=True)
    if os.listdir(out):
        print(f"corpus: packages: {len(os.listdir(out))} objects are there")
        return
    seen, files = set(), 0
    for package in packages:
        root, count = f"{directory}/{package}", 0
        if not os.path.isdir(root):
            subprocess.run(["apt-get", "download", "-q", package], cwd=directory, check=True, stdout=subprocess.DEVNULL)
            deb, = (f for f in os.listdir(directory) if f.startswith(package + "_") and f.endswith(".deb"))
            subprocess.run(["dpkg-deb", "-x", deb, root], cwd=directory, check=True)
        for path, _, names in sorted(os.walk(root)):
            for name in sorted(names):
                if os.path.islink(f"{path}/{name}"):
                    continue
                with open(f"{path}/{name}", "rb") as file:
                    found = [o for o in objects(file.read()) if o not in seen]
                files += bool(found)
                for i, data in enumerate(found):
                    seen.add(data)
                    count += 1
                    with open(f"{out}/deb:{name.removesuffix('.o')}.{i}.o", "wb") as file:
                        file.write(data)
        if not count:
            sys.exit(f"corpus: {package}: has no BPF object")
    print(f"corpus: packages: {len(seen)} objects of {files} files of {len(packages)} packages")


if __name__ == "__main__":
    main()
