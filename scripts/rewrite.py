#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Change commits in the middle of branch `series` of build/linux, and what they leave to all that follow.

rewrite.py EDITS [TREE]

EDITS is a Python file that is run for each commit, from the first on. It has

    subject               of the commit's message
    text(path)            a file as the commit has it, '' if it has none
    edit(path, old, new)  replace old; nothing if the file has no old, an error if it has it more than once; with old '',
                          make the file, unless the commit has it
    message(old, new)     the same in the message of the commit; an error if it is not there

A commit is a whole tree, and not a difference, so an edit applies to the commit that it is meant for and to all later
ones that have the lines: ask for what a file has, as in `if 'delta' in text(path)`, or for the subject.

The result is branch `rewritten`; `series` is left as it is. Compare the two, then, in build/linux, `git reset --hard
rewritten`, and `make export`. Takes seconds where `git filter-branch` takes minutes. TREE is another tree than build/linux.
Exit status: 0, or 1 with the reason on stderr; then there is no `rewritten`, not even one of before.
"""
import subprocess
import sys


def main(edits, tree="build/linux"):
    def git(*args, **more):
        return subprocess.run(["git", "-C", tree, *args], stdout=subprocess.PIPE, check=True, **more).stdout

    def blob(name):
        cat.stdin.write(name.encode() + b"\n")
        cat.stdin.flush()
        head = cat.stdout.readline().split()
        return None if head[-1] == b"missing" else cat.stdout.read(int(head[2]) + 1)[:-1]

    def replace(where, text, old, new):
        if text.count(old) > 1:
            sys.exit(f"{where}: rewrite: {text.count(old)} times in '{subject}': {old.strip()[:70]}")
        return text.replace(old, new)

    def text(path):
        if path not in files:
            files[path] = (blob(f"{commit}:{path}") or b"").decode(errors="surrogateescape")
        return files[path]

    def edit(path, old, new):
        was = text(path)
        files[path] = replace(path, was, old, new) if old else was or new
        changed.update({path} if files[path] != was else ())

    def message(old, new):
        nonlocal body
        if old not in body:
            sys.exit(f"{edits}: rewrite: not in the message of '{subject}': {old.strip()[:70]}")
        body = replace("message", body, old, new)

    git("update-ref", "-d", "refs/heads/rewritten")
    code = compile(open(edits, encoding="utf-8").read(), edits, "exec")
    commits = git("rev-list", "--reverse", "base..series", text=True).split()
    cat = subprocess.Popen(["git", "-C", tree, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stream, parent = [], git("rev-parse", "base^{commit}").strip()
    for mark, commit in enumerate(commits, 1):
        head, body = git("cat-file", "commit", commit).decode(errors="surrogateescape").split("\n\n", 1)
        subject, files, changed = body.split("\n", 1)[0], {}, set()
        exec(code, {"subject": subject, "text": text, "edit": edit, "message": message})  # pylint: disable=exec-used
        who = "\n".join(line for line in head.split("\n") if line.startswith(("author ", "committer ")))
        stream.append(f"commit refs/heads/rewritten\nmark :{mark}\n{who}\n".encode(errors="surrogateescape"))
        for data, before in [(body, b"")] + [(files[path], path) for path in sorted(changed)]:
            if before:
                mode = (git("ls-tree", commit, before).split() or [b"100644"])[0]
                stream.append(b"M %s inline %s\n" % (mode, before.encode()))
            data = data.encode(errors="surrogateescape")
            stream.append(b"data %d\n%s\n" % (len(data), data))
            if not before:
                stream.append(b"from %s\nM 040000 %s \n" % (parent, git("rev-parse", commit + "^{tree}").strip()))
        stream.append(b"\n")
        parent = b":%d" % mark
    git("fast-import", "--quiet", "--force", input=b"".join(stream))
    print(git("diff", "--stat", "series", "rewritten", text=True), end="")


if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
main(*sys.argv[1:])
