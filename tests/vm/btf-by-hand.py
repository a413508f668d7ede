#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
btf-by-hand.py order|spoil BTF SOURCE: make a module's raw little-endian BTF say what tests/vm/register.sh wants

What `bpftool btf dump` says about it is on stdin.

order, before the ids are resolved: put the functions in the order of the source, whatever the order of the compiler
and of pahole. A parameter aux__magiX becomes aux__magic, which C does not allow to stand there twice, and a function
foo_impX becomes foo_impl, which may be one that a header declares otherwise. Each function that is __bpf_kfunc in the source is tagged as one, except where a line `// no tag: NAME` says not to.

spoil, after that, as libbpf refuses it: a function that the source names in a line `// no prototype: NAME` gets a
type that is none.
"""
import re
import struct
import sys

# What follows the 12 bytes of a type: bytes, and bytes for each of its members
AFTER = {1: 4, 3: 12, 14: 4, 17: 4}
EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
FUNC, DECL_TAG = 12, 17

what, path, path_source = sys.argv[1:]
with open(path, 'rb') as f:
    btf = bytearray(f.read())
with open(path_source) as f:
    source = f.read()
lines = sys.stdin.readlines()
first = int(re.match(r'\[(\d+)\]', lines[0]).group(1))
names = {int(m.group(1)): m.group(2) for m in (re.match(r"\[(\d+)\] FUNC '(\w+)'", line) for line in lines) if m}

magic, _, _, hdr_len, type_off, type_len, str_off, str_len = struct.unpack_from('<HBBIIIII', btf)
assert magic == 0xeb9f, 'not a little-endian BTF'
assert str_off == type_off + type_len and len(btf) == hdr_len + str_off + str_len, 'types, then strings, then nothing'
off, end, type_id = hdr_len + type_off, hdr_len + type_off + type_len, first
at = {}
while off < end:
    info = struct.unpack_from('<I', btf, off + 4)[0]
    kind, vlen = info >> 24 & 0x1f, info & 0xffff
    assert (kind == FUNC) == (type_id in names), 'type %d is not what bpftool says' % type_id
    if kind == FUNC:
        at[type_id] = off
    off += 12 + AFTER.get(kind, 0) + vlen * EACH.get(kind, 0)
    type_id += 1

if what == 'order':
    ordered = sorted(names, key=lambda i: re.search(r'\b%s\(' % names[i], source).start())
    for slot, func in zip(sorted(names), [btf[at[i]:at[i] + 12] for i in ordered]):
        btf[at[slot]:at[slot] + 12] = func
    names = dict(zip(sorted(names), [names[i] for i in ordered]))
    btf = btf.replace(b'aux__magiX\0', b'aux__magic\0')

    # The new name comes after all strings, whose offsets count from the start of the base's.
    strings = btf[end:]
    name_off, func = max((struct.unpack_from('<I', btf, at[i])[0], names[i]) for i in names)
    new_name = name_off - strings.index(b'\0' + func.encode() + b'\0') - 1 + str_len
    tags = b''.join(struct.pack('<IIIi', new_name, DECL_TAG << 24, i, -1) for i in sorted(names)
                    if re.search(r'^__bpf_kfunc [^(]*\b%s\(' % names[i], source, re.M) and
                    '// no tag: %s\n' % names[i] not in source)
    btf[end:] = tags + strings + b'bpf_kfunc\0'
    btf = btf.replace(b'_impX\0', b'_impl\0')
    struct.pack_into('<III', btf, 12, type_len + len(tags), str_off + len(tags), str_len + len(b'bpf_kfunc\0'))
else:
    for i in names:
        if '// no prototype: %s\n' % names[i] in source:
            struct.pack_into('<I', btf, at[i] + 8, 1)

with open(path, 'wb') as f:
    f.write(btf)
