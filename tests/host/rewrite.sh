# SPDX-License-Identifier: GPL-2.0
# rewrite.sh: host tests of scripts/rewrite.py, over a toy kernel

edits() {
	cat >"$T/edits"
}

# has N FILE LINE: the commit N before the last one has LINE in FILE
has() {
	git -C build/linux show "rewritten~$1:kernel/$2" | grep -qxF "$3"
}

t_rewrite() {
	toy_series
	was=$(tip)
	edits <<-'END'
		edit("kernel/a.c", "ten\n", "TEN\n")
		if "fifty" in text("kernel/a.c"):
		    edit("kernel/b.c", "two hundred ten\n", "210!\n")
		if subject == "kernel: Change b":
		    message("Change b", "Change b alone")
		edit("kernel/none.c", "x", "y")
		if "fifty" in text("kernel/a.c"):
		    edit("kernel/new.c", "", "new\n")
		    edit("kernel/b.c", "", "not new\n")
	END
	scripts/rewrite.py "$T/edits" >"$T/out"
	# in the first commit and all that follow
	for n in 3 2 1 0; do has $n a.c TEN; done
	has 2 b.c "two hundred ten"
	for n in 1 0; do has $n b.c "210!"; done
	not git -C build/linux cat-file -e rewritten~2:kernel/new.c
	for n in 1 0; do has $n new.c new; done
	not has 0 b.c "not new"
	same "$(git -C build/linux log --format=%s base..rewritten | sed -n 3p)" "kernel: Change b alone"
	same "$(git -C build/linux log --format='%an %ad %cd' -1 rewritten)" "$(git -C build/linux log --format='%an %ad %cd' -1 series)"
	same "$(tip)" "$was"
	# what it leaves can be exported
	git -C build/linux reset -q --hard rewritten
	scripts/series.sh export
	grep -q '^+TEN$' patches/1-fixes/0001-*
}

t_rewrite_nothing() {
	toy_series
	edits </dev/null
	scripts/rewrite.py "$T/edits" >"$T/out"
	same "$(git -C build/linux rev-parse rewritten)" "$(tip)"
}

t_rewrite_refuses() {
	toy_series
	git -C build/linux branch rewritten
	edits <<-'END'
		edit("kernel/a.c", "1", "one")
	END
	refuses "kernel/a.c: rewrite: [0-9]* times in 'kernel: Change a': 1" scripts/rewrite.py "$T/edits"
	edits <<-'END'
		message("no such words", "")
	END
	refuses "rewrite: not in the message of 'kernel: Change a': no such words" scripts/rewrite.py "$T/edits"
	not git -C build/linux rev-parse -q --verify rewritten
}
