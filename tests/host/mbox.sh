# SPDX-License-Identifier: GPL-2.0
# mbox.sh: host tests of scripts/mbox.sh, over a toy kernel

# toy_mbox: toy_series, with what mails can break: a subject that is folded, a text and a change that are not ASCII, a line
# that begins like a mail
toy_mbox() {
	toy_series
	commit "kernel: Change b in a way that takes a line of all the seventy-five columns" kernel/b.c 's/^250$/größer/' "Für
alle.

Reviewed-by: Zoe Ham <zoe@ham.example>
Series: 3-later"
	scripts/series.sh export
	printf 'Subject: [PATCH 6.18 00/01] kernel: later\n\nFrom here on it is the text.\n' >patches/3-later/cover-letter.txt
	sed -i '1s/^/Subject: [PATCH 6.18 00\/02] kernel: a series\n\n/' patches/[12]*/cover-letter.txt
	export SOB='Zoë Doe <zoe@doe.example>' DATE=1800000000
}

# am OPTION... FILE...: on the toy kernel without the series; the result must be the series' tree
am() {
	rm -rf "$T/am"
	git clone -q "$T/tree" "$T/am"
	git -C "$T/am" am -q "$@"
	same "$(git -C "$T/am" rev-parse 'HEAD^{tree}')" "$(git -C build/linux rev-parse 'series^{tree}')"
	same "$(git -C "$T/am" rev-list --count origin/HEAD..)" 5
	same "$(git -C "$T/am" log --format='%an <%ae>' origin/HEAD.. | sort -u)" "$SOB"
	for f in $(find patches -name '*.patch' | sort); do
		sed -n 's/^Subject: \[PATCH\] //p' "$f"
	done | cut -c1-50 >"$T/want"
	git -C "$T/am" log --reverse --format=%s origin/HEAD.. | cut -c1-50 >"$T/have"
	diff "$T/want" "$T/have"
	same "$(git -C "$T/am" log --format='%(trailers:key=Signed-off-by,valueonly,separator=)' origin/HEAD.. | sort -u)" "$SOB"
	same "$(git -C "$T/am" log --grep=Series: --format=%s origin/HEAD..)" ""
}

t_mbox_git_am() {
	toy_mbox
	scripts/mbox.sh
	am --empty=drop "$PWD"/build/mbox/*.mbox
	same "$(git -C "$T/am" log -1 --format=%at)" 1800000005
	same "$(git -C "$T/am" log -1 --format='%(trailers:key=Reviewed-by,valueonly,separator=)')" "Zoe Ham <zoe@ham.example>"
}

t_mbox_b4() {
	toy_mbox
	scripts/mbox.sh
	printf '[user]\nname = Me\nemail = me@me.example\n' >"$T/gitconfig"
	export HOME="$T" GIT_CONFIG_GLOBAL="$T/gitconfig"
	mkdir "$T/b4"
	for s in 1-fixes 2-magic 3-later; do
		mkdir "$T/b4/$s"
		(cd "$T/b4/$s" && b4 -n am -o . -m "$T/repo/build/mbox/$s.mbox") >"$T/b4/log" 2>&1 || { tail "$T/b4/log" && return 1; }
		grep -q '^From: .*Zo' "$T/b4/$s"/*.cover
	done
	am "$T"/b4/*/*.mbx
}

t_mbox_mails() {
	toy_mbox
	printf '#\nkernel: Change a\tadd()\t6.18.1 has it\t0123456789ab ("kernel: Add a")\nkernel: Change b\tsub()\t6.18.2 has it\n' >patches/fixes
	scripts/mbox.sh
	cat build/mbox/1-fixes.mbox
	git mailsplit -o"$T" build/mbox/1-fixes.mbox >"$T/n"
	same "$(cat "$T/n")" 3
	grep '^Subject: ' "$T"/000? | cut -d: -f2- >"$T/subjects"
	printf 'Subject: [PATCH 6.18.y %s\n' '0/2] kernel: a series' '1/2] kernel: Change a' '2/2] kernel: Change b' | diff - "$T/subjects"
	id=$(sed -n 's/^Message-Id: //p' "$T/0001")
	same "$(sed -n 's/^In-Reply-To: //p' "$T/0001" "$T/0002" "$T/0003" | uniq -c | tr -s ' ')" " 2 $id"
	# Cc: of each patch, of the cover letter all; a name that is not ASCII is left out
	same "$(for n in 1 2 3; do sed -n '/^Cc: /,/^$/p' "$T/000$n" | tr -d '\n\t'; done)" "Cc: a@list,b@list,zoe@hamCc: zoe@ham,a@listCc: zoe@ham,b@list"
	grep -q '^What it is for' "$T/0001"
	grep -q '^ 2 files changed, 2 insertions(+), 2 deletions(-)$' "$T/0001"
	grep -q '^  kernel: Change b$' "$T/0001"
	same "$(sed -n '/^Fixes: /,/^---$/p' "$T/0002")" "$(printf 'Fixes: 0123456789ab ("kernel: Add a")\nSigned-off-by: Zoë Doe <zoe@doe.example>\n---')"
	sed '1,/^---$/d; /^$/q' "$T/0003" >"$T/note"
	same "$(cat "$T/note")" "$(printf 'A Fixes: line belongs here; its hash is not known.\nWrong: sub()\nFirst release: 6.18.2 has it')"
	not grep -q '^Fixes' "$T/0003"
	grep -qx 'From: =?UTF-8?q?Zo=C3=AB=20Doe?= <zoe@doe.example>' "$T/0001"
	grep -q '^ From here on it is the text' build/mbox/3-later.mbox
}

# what get_maintainer.pl said is kept, as long as neither the patch nor MAINTAINERS changes
t_mbox_cc_kept() {
	toy_mbox
	SERIES=1-fixes scripts/mbox.sh
	same "$(cd build/mbox && echo *.mbox)" 1-fixes.mbox
	cp build/mbox/1-fixes.mbox "$T/first"
	: >build/linux/scripts/get_maintainer.pl
	SERIES=1-fixes scripts/mbox.sh
	grep -v '^\(Message-Id\|In-Reply-To\|References\): ' "$T/first" >"$T/a"
	grep -v '^\(Message-Id\|In-Reply-To\|References\): ' build/mbox/1-fixes.mbox | diff "$T/a" -
	SERIES=2-magic refuses '2-magic/0001-.*: mbox: get_maintainer.pl: names nobody' scripts/mbox.sh
}

t_mbox_second_version() {
	toy_mbox
	scripts/mbox.sh
	fixup 'kernel: Change a again' kernel/a.c 's/^fifty$/50 it is/'
	squash
	V=2 refuses 'branch series has commits that were not exported' scripts/mbox.sh
	scripts/series.sh export
	V=2 scripts/mbox.sh
	grep -q '^Subject: \[PATCH 6.18.y v2 0/2\] kernel: a series$' build/mbox/2-magic.mbox
	grep -q '^Range-diff against v1:' build/mbox/2-magic.mbox
	grep -q '^    -+fifty$' build/mbox/2-magic.mbox
	grep -q '^    ++50 it is$' build/mbox/2-magic.mbox
	am --empty=drop "$PWD"/build/mbox/*.mbox
	# of a version that was not made here there is nothing to compare with
	V=9 scripts/mbox.sh >"$T/out"
	same "$(grep -c 'v8 was not made' "$T/out")" 3
}

t_mbox_refuses() {
	toy_mbox
	for who in '' Zoe zoe@doe.example '<zoe@doe.example>' 'Zoe <zoe>' 'Zoe <zoe@doe>' 'Zoe <zoe@doe.example> x' 'Zoe zoe@doe.example>' "Zoe
<zoe@doe.example>"; do
		SOB=$who fails scripts/mbox.sh
		grep -q '^SOB: mbox: .*as in make mbox SOB=' "$T/err" || { echo "taken: $who" && return 1; }
	done
	SERIES=4-none refuses 'SERIES: mbox: 4-none: not in patches/, which has: 1-fixes 2-magic 3-later' scripts/mbox.sh
	V=x refuses 'V: mbox: x' scripts/mbox.sh
	sed -i 's/^Why it is so/Why it was so/' patches/1-fixes/0001-*.patch
	refuses 'not what patches/ has' scripts/mbox.sh
	scripts/series.sh apply
	scripts/mbox.sh
	rm -rf build/linux
	refuses 'not there: make apply' scripts/mbox.sh
	not [ -e build/mbox/tmp ]
}

# such a line would begin a mail for b4
t_mbox_refuses_from() {
	toy_series
	commit "kernel: More" kernel/b.c 's/^260$/x/' "From here on."
	scripts/series.sh export
	export SOB='Zoë Doe <zoe@doe.example>'
	refuses "2-magic: mbox: a line of a text begins with 'From '.*: From here on" scripts/mbox.sh
}
