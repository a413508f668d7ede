#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mbox.sh: build/mbox/N-name.mbox for each series, ready to be sent: `git am --empty=drop` and b4 take it
#
#   SOB='Name <mail>'	who sends: author and Signed-off-by of each patch, and whom the mails are from
#   SERIES=N-name	this one only
#   V=2			the second version: [PATCH 6.18.y v2 N/M], and what has changed since the first in the cover letter
#   DATE=SECONDS	of the cover letters, since 1970, each patch a second after the one before; up to now, if it is not given
#
# A mailbox begins with the cover letter, with diffstat and shortlog, which the patches reply to; git am calls it empty. Cc: is
# what the kernel's own get_maintainer.pl says of each patch (kept in build/mbox/cc), for the cover letter what it says of any. A
# patch that mends something has `Fixes:` if patches/fixes has the hash for it; if not, what is known stands below the `---`,
# where it is no part of the commit. What was written is remembered as tags mbox/vN/N-name of build/linux.
# Exit status: 0, or 1 with a line on stderr.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

linux=build/linux
out=build/mbox
tmp=$out/tmp
tab=$(printf '\t')
V=${V:-1}

wrong() {
	die "SOB: mbox: ${SOB:+$(printf '%s\n' "$SOB" | head -n 1): }$1: give the name and the address of who sends, as in make mbox SOB='Jane Doe <jane@doe.example>'"
}
[ -n "${SOB-}" ] || wrong "not given"
[ "$(printf '%s\n' "$SOB" | wc -l)" -eq 1 ] || wrong "more than one line"
printf '%s\n' "$SOB" | grep -qE '^[^][:space:]<>@"][^<>@"]* <[^][:space:]<>@()]+@[^][:space:]<>@()]+\.[^][:space:]<>@().]+>$' ||
	wrong "not of the form Name <mail>"
case $V in *[!0-9]* | 0*) die "V: mbox: $V: not the number of a version" ;; esac
[ -z "${SERIES-}" ] || [ -d "patches/$SERIES" ] ||
	die "SERIES: mbox: $SERIES: not in patches/, which has: $(find patches -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tr '\n' ' ')"
{ read -r hash series <$linux/.git/magic/applied; } 2>/dev/null || die "$linux: mbox: not there: make apply first"
[ "$(git -C $linux rev-parse series)" = "$series" ] || die "$linux: mbox: branch series has commits that were not exported: make export first"
[ "$hash" = "$(patches_hash)" ] || die "$linux: mbox: not what patches/ has: make apply or make export first"

name=${SOB% <*} mail=${SOB##*<}
export GIT_AUTHOR_NAME="$name" GIT_AUTHOR_EMAIL="${mail%>}" GIT_COMMITTER_NAME="$name" GIT_COMMITTER_EMAIL="${mail%>}"
# git drops some characters at the ends of a name
sender=$(git var GIT_COMMITTER_IDENT | sed 's/ [0-9]* [-+0-9]*$//')
now=${DATE:-$(($(date +%s) - $(patch_files | wc -l)))}
release=$(git -C $linux show base:Makefile | version_of)
prefix="PATCH ${release%.*}.y"

trap 'rm -rf $tmp' EXIT
trap 'exit 1' HUP INT TERM
rm -rf $tmp
mkdir -p $tmp $out/cc

# known FIELD SUBJECT: what patches/fixes says
known() {
	[ ! -e patches/fixes ] || s=$2 awk -F'\t' -v n="$1" '$1 == ENVIRON["s"] { print $n; exit }' patches/fixes
}

# maintainers FILE: addresses, one a line
maintainers() {
	kept=$out/cc/$({ cat "$1" && echo "$tools"; } | sha256sum | cut -d' ' -f1)
	if [ ! -e "$kept" ]; then
		patch=$PWD/$1
		# what it says of the history of build/linux is of no use; of names that are not ASCII, the address will do
		(cd $linux && perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats "$patch") >$tmp/cc 2>$tmp/err ||
			die "$1: mbox: get_maintainer.pl: $(head -n 1 $tmp/err)"
		[ -s $tmp/cc ] || die "$1: mbox: get_maintainer.pl: names nobody"
		sed '/[^ -~]/s/.*<\(.*\)>/\1/' $tmp/cc >$tmp/ascii
		mv $tmp/ascii "$kept"
	fi
	cat "$kept"
}

# the commits of `series` again, with sender and trailers; $tmp/tips has `series parent tip`
tools=$(git -C $linux rev-parse series:MAINTAINERS series:scripts/get_maintainer.pl)
git -C $linux rev-list --reverse base.."$series" >$tmp/commits
patch_files >$tmp/files
prev=$(git -C $linux rev-parse base)
dir='' n=0 begin=$now
[ "$(wc -l <$tmp/commits)" -eq "$(wc -l <$tmp/files)" ] || die "$linux: mbox: has not one commit a patch: make apply first"
paste $tmp/commits $tmp/files >$tmp/both
while IFS=$tab read -r c f; do
	d=${f#patches/}
	d=${d%/*}
	[ "$d" = "$dir" ] || first=$prev n=0
	dir=$d n=$((n + 1)) now=$((now + 1))
	export GIT_AUTHOR_DATE="$now +0000" GIT_COMMITTER_DATE="$now +0000"
	subject=$(subject_of "$f")
	{
		# the commits of build/linux may say `Series:`
		git mailinfo $tmp/body /dev/null <"$f" >/dev/null
		printf '%s\n\n' "$subject"
		git stripspace <$tmp/body
		tail -n 1 $tmp/body | grep -qE '^[A-Z][a-z]+(-[a-z]+)*-by: ' || echo
		fixes=$(known 4 "$subject")
		[ -z "$fixes" ] || echo "Fixes: $fixes"
		echo "Signed-off-by: $sender"
	} >$tmp/message
	what=$(known 2 "$subject")
	mkdir -p "$tmp/$d"
	[ -z "$what" ] || [ -n "$fixes" ] || printf 'A Fixes: line belongs here; its hash is not known.\nWrong: %s\nFirst release: %s\n' \
		"$what" "$(known 3 "$subject")" >"$tmp/$d/note.$n"
	if [ -z "${SERIES-}" ] || [ "$d" = "$SERIES" ]; then
		maintainers "$f" >"$tmp/$d/cc.$n"
		cat "$tmp/$d/cc.$n" >>"$tmp/$d/cc.all"
	fi
	prev=$(git -C $linux commit-tree -p "$prev" -F "$PWD/$tmp/message" "$c^{tree}")
	printf '%s %s %s %s\n' "$d" "$first" "$prev" "$n" >"$tmp/$d/tip"
done <$tmp/both

# tag VERSION SERIES: the commit that was written for it, or the base if SERIES is empty
tag() {
	git -C $linux rev-parse -q --verify "refs/tags/${2:+mbox/v$1/}${2:-base}^{commit}"
}

# mails FILE: what git format-patch says, with unfolded subjects, Cc:, the cover letter's text and the notes
mails() {
	# the first time for the name as git encodes it, which it does not in the cover letter
	awk -v dir="$tmp/$d" -v cover="patches/$d/cover-letter.txt" '
		function put(file, head, sep,   line, n) {
			while ((getline line <file) > 0) {
				# where a mailbox has its next mail
				sub(/^From /, " From ", line)
				printf "%s%s", n++ ? sep : head, line
			}
			close(file)
			return n
		}
		/^From [0-9a-f]+ Mon Sep 17 00:00:00 2001$/ {
			header = 1
			noted = 0
			if (NR > FNR && mail && last != "")
				print ""
			mail = FNR == 1 ? 1 : mail + 1
		}
		NR == FNR && mail == 2 && header {
			if (/^(From: |[ \t])/ && !/^From [0-9a-f]/)
				from = from (from ? "\n" : "") $0
			else if (from)
				header = 0
		}
		NR == FNR { next }
		header && mail == 1 && /^From: / { $0 = from }
		{ last = $0 }
		header && subject && /^[ \t]/ { subject = subject $0; next }
		header && subject {
			if (mail == 1) {
				getline title <cover
				sub(/^Subject: \[[^]]*\] /, "", title)
				sub(/\*\*\* SUBJECT HERE \*\*\*/, title, subject)
			}
			print subject
			subject = ""
		}
		header && /^Subject: / { subject = $0; next }
		header && /^$/ {
			header = 0
			if (put(dir "/cc." mail - 1, "Cc: ", ",\n\t"))
				print ""
		}
		mail == 1 && /^\*\*\* BLURB HERE \*\*\*$/ {
			getline <cover
			put(cover, "", "\n")
			print ""
			next
		}
		{ print }
		mail > 1 && !header && !noted && /^---$/ {
			noted = 1
			if (put(dir "/note." mail - 1, "", "\n"))
				print "\n"
		}' "$1" "$1"
}

before=
export GIT_COMMITTER_DATE="$begin +0000"
for d in $(cut -d/ -f2 $tmp/files | uniq); do
	read -r _ first tip n <"$tmp/$d/tip"
	git -C $linux tag -f "mbox/v$V/$d" "$tip" >/dev/null
	if [ -n "${SERIES-}" ] && [ "$d" != "$SERIES" ]; then
		before=$d
		continue
	fi
	[ -s "patches/$d/cover-letter.txt" ] || die "patches/$d: mbox: cover-letter.txt is missing"
	sort -u "$tmp/$d/cc.all" >"$tmp/$d/cc.0"
	since='' reroll=''
	if [ "$V" -gt 1 ]; then
		reroll=--reroll-count=$V
		old=$((V - 1))
		if a=$(tag $old "$before") && b=$(tag $old "$d"); then
			since="--range-diff=$a..$b"
		else
			say mbox "$d: v$old was not made from this build/linux: nothing to compare with"
		fi
	fi
	# shellcheck disable=SC2086
	git -C $linux format-patch --stdout --cover-letter --thread=shallow --numbered --subject-prefix="$prefix" \
		$reroll --no-signature --abbrev=12 -M --diff-algorithm=myers --src-prefix=a/ --dst-prefix=b/ \
		--no-color $since "$first..$tip" >"$tmp/$d/raw"
	mails "$tmp/$d/raw" >"$tmp/$d/mbox"
	[ "$(grep -c '^From ' "$tmp/$d/mbox")" -eq $((n + 1)) ] ||
		die "patches/$d: mbox: a line of a text begins with 'From ', where a mailbox has its next mail: $(grep '^From ' "$tmp/$d/mbox" | grep -v 'Mon Sep 17 00:00:00 2001$' | head -n 1)"
	mv "$tmp/$d/mbox" "$out/$d.mbox"
	say mbox "$out/$d.mbox: $n patches, $(find "$tmp/$d" -name 'note.*' | wc -l) without the hash of what they mend"
	before=$d
done
