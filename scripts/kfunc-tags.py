#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
kfunc-tags.py OBJECT DUMP: each kfunc of OBJECT has one tag bpf_kfunc in its BTF, and nothing else has one

OBJECT is a vmlinux or a module, whose .BTF_ids has the sets of kfuncs; DUMP is what `bpftool btf dump` says of its BTF,
by whichever pahole that was made. A kfunc is what a set with the flag BTF_SET8_KFUNCS has, or the foo_impl of such
a foo.

Prints `N kfuncs, N with an impl`. Exit status: 1 with a line on stderr for each that is not as said.
"""
import collections
import re
import struct
import subprocess
import sys

BTF_SET8_KFUNCS = 1
path, dump = sys.argv[1:]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


section = re.search(r'\.BTF_ids +PROGBITS +(\w+) (\w+) (\w+)', output('readelf', '-SW', path))
if not section:
    sys.exit('%s: has no .BTF_ids' % path)
addr, off, size = (int(x, 16) for x in section.groups())
with open(path, 'rb') as f:
    f.seek(off)
    data = f.read(size)

# by address, in the section: what stands where
sets, members = [], {}
for value, name in re.findall(r'^(\w+) \w (?:__BTF_ID__)(\w+)$', output('nm', path), re.M):
    at = int(value, 16) - addr
    if name.startswith('set8__'):
        sets.append((at, name[6:]))
    elif name.startswith('func__'):
        members[at] = re.sub(r'__\d+$', '', name[6:])

kfuncs = set()
for at, name in sets:
    count, flags = struct.unpack_from('<II', data, at)
    if flags & BTF_SET8_KFUNCS:
        kfuncs |= {members[at + 8 + 8 * i] for i in range(count)}

names, tags = {}, collections.Counter()
for line in open(dump):
    m = re.match(r"\[(\d+)\] (FUNC|DECL_TAG) '(\w+)' type_id=(\d+)", line)
    if m and m.group(2) == 'FUNC':
        names[m.group(1)] = m.group(3)
    elif m and m.group(3) == 'bpf_kfunc':
        tags[m.group(4)] += 1
tagged = collections.defaultdict(list)
for func, count in tags.items():
    tagged[names[func]].append(count)

bad = ['%s: in a set, but not tagged' % name for name in kfuncs - set(tagged)]
impls = {name for name in tagged if name.endswith('_impl') and name[:-5] in kfuncs}
bad += ['%s: tagged, but in no set' % name for name in set(tagged) - kfuncs - impls]
bad += ['%s: tagged %s times' % (name, counts) for name, counts in tagged.items() if counts != [1]]
if not kfuncs:
    bad.append('no set of kfuncs')
print('%d kfuncs, %d with an impl' % (len(kfuncs), len(impls)))
for line in sorted(bad):
    print('%s: %s' % (path, line), file=sys.stderr)
sys.exit(bool(bad))
