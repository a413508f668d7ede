#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# base.sh [--check|--tree] [VERSION]: does the series apply to another kernel, a release that linux.mk pins, or HEAD of LINUX_TREE?
#
# For each patch: applies, with how many lines off; is there already; or does not apply, with file, hunk and why. It is git am
# that decides, without fuzz. A patch that does not apply is merged by its hunks before the next one is tried, so each is named
# for what it meets itself, not for the one before.
# What has to be mended is left in build/linux-VERSION (build/linux-tree for LINUX_TREE), where `git cherry-pick` stops at the
# first conflict; it has the files that the series touches and no others. `make export VERSION=...` takes the series from there.
# build/linux is only read. Where patches-6.19/ has a file of a patch's name, that one is for 6.19 instead; it may change nothing. The
# file "replaced" there says for which patches they were made: --check fails when one has changed.
#   --check	print only the patches that do not apply, and leave nothing to mend
#   --tree	leave all files of VERSION with the series in build/linux-VERSION, to be built (make TREE=VERSION), or nothing if that is there
# Exit status: 0 when the question was answered, with --check and --tree when all apply; 1 otherwise; 2 when the mirror has not got that release, 3 when the
# mirror cannot be reached.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

linux=build/linux
check='' tree=''
case ${1-} in
--check) check=yes && shift ;;
--tree) tree=yes && shift ;;
esac
version=${1-}
[ -n "$version" ] || [ -n "${LINUX_TREE-}" ] || die "base: which? give VERSION=6.18.N, which linux.mk pins, or LINUX_TREE=DIR"
[ -z "$tree" ] || [ -n "$version" ] || die "base: --tree: which release? give VERSION"
name=${version:-tree}
dir=build/base/linux-$name
mend=build/linux-$name
tmp=build/base/tmp
{ read -r hash series <$linux/.git/magic/applied; } 2>/dev/null || die "$linux: base: not there: make apply first"
if [ "$hash" != "$(patches_hash)" ]; then
	# what cannot be merged is left out; make check has another base in build/linux when it gets here with LINUX_TREE
	[ -n "$check" ] || die "$linux: base: not what patches/ has: make apply or make export first"
	series=
fi
if [ -n "$tree" ] && [ -e "$mend" ]; then
	[ -e "$mend/Makefile" ] || die "$mend: base: not a whole tree: export what is mended there, and remove it"
	[ "$(cut -d' ' -f1 "$mend/.git/magic/applied")" = "$hash" ] || die "$mend: base: was made from other patches: remove it"
	exit 0
fi

mkdir -p build/log build/base
exec 9>build/log/base.lock
flock 9
rm -rf $tmp
mkdir $tmp
trap 'rm -rf $tmp' EXIT
trap 'exit 1' HUP INT TERM

# ---- the other kernel: the files that the series touches, as far as it has them; for git am to judge what it lacks

# unpack: what $tmp/touched names, from the tarball, or from LINUX_TREE, to $dir
unpack() {
	if [ -n "$version" ]; then
		sed "s|^|linux-$version/|" $tmp/touched >$tmp/list
		tar -xmf "build/dl/linux_$version.orig.tar.xz" -C "$dir" --strip-components=1 -T $tmp/list 2>$tmp/tar ||
			! grep -vE 'Not found in archive|Exiting with failure' $tmp/tar || die "linux $version: base: cannot unpack"
	else
		git -c safe.directory='*' -C "$LINUX_TREE" ls-tree -r --name-only HEAD . >$tmp/all
		sort $tmp/all | comm -12 - $tmp/touched | tr '\n' '\0' |
			xargs -0 -r env git -c safe.directory='*' -C "$LINUX_TREE" archive HEAD -- | tar -xmf - -C "$dir"
	fi
}

if [ -n "$version" ]; then
	release=$version
	rc=0
	scripts/fetch.sh "$version" >$tmp/fetch 2>&1 || rc=$?
	[ "$rc" -eq 0 ] || { tail -n 1 $tmp/fetch >&2 && exit "$rc"; }
	what="linux $version"
else
	release=$(git -c safe.directory='*' -C "$LINUX_TREE" show HEAD:./Makefile 2>/dev/null | version_of)
	[ -n "$release" ] || die "$LINUX_TREE: base: HEAD is no kernel: LINUX_TREE wants a clone of linux"
	what="linux $release ($LINUX_TREE)"
	rm -rf "$dir"
fi
instead=patches-${release%.*}
patch_files "$instead" | while read -r f; do
	[ -e "patches/${f#*/}" ] || die "$f: base: there is no patches/${f#*/} for which it could be"
done
if [ -n "$check" ] && [ -d "$instead" ]; then
	[ -e "$instead/replaced" ] || die "$instead/replaced: base: not there: make export VERSION=$release writes it"
	old=$(replaced "$instead" | grep -vxFf "$instead/replaced" | cut -d' ' -f2 | tr '\n' ' ')
	[ -z "$old" ] || die "$instead: base: made for what has changed since in patches/: ${old% }: bring it along, make export VERSION=$release"
fi
touched patches "$instead" >$tmp/touched
[ ! -d "$instead" ] || what="$what with $(patch_files "$instead" | wc -l) patches of $instead"
if ! cmp -s $tmp/touched "$dir/.git/touched"; then
	rm -rf "$dir"
	mkdir "$dir"
	unpack
	git init -q -b series "$dir"
	git -C "$dir" config user.name "$GIT_AUTHOR_NAME"
	git -C "$dir" config user.email "$GIT_AUTHOR_EMAIL"
	git -C "$dir" config core.autocrlf false
	git -C "$dir" add -Af
	git -C "$dir" commit -q --allow-empty -m "$what"
	git -C "$dir" tag base
	# the commits of the series can be merged
	echo "$PWD/$linux/.git/objects" >"$dir/.git/objects/info/alternates"
	cp $tmp/touched "$dir/.git/touched"
fi
clear_dir() {
	rm -rf "$dir/.git/rebase-apply" "$dir/.git/sequencer"
	git -C "$dir" reset -q --hard "$1"
	git -C "$dir" clean -qfdx
}

# ---- the patches

# offsets: the largest in what git apply -v says
offsets() {
	awk '/^Hunk #.* \(offset -?[0-9]+ lines?\)/ {
			sub(/.*\(offset -?/, "")
			if ($1 + 0 > most)
				most = $1 + 0
		}
		END { if (most) print ", " most (most == 1 ? " line" : " lines") " off" }'
}

# why FORTH BACK: by what git apply --reject -v says of a patch and of its reverse, what is in its way, by file and hunk
why() {
	awk '
		{ forth = FILENAME == ARGV[1] }
		/^error: patch failed: / && forth { file = $4; sub(/:[0-9]*$/, "", file); sub(/.*:/, ""); line[file, ++lines[file]] = $0 }
		/^error: / && forth && !/^error: (while searching for:$|patch failed: )/ && !/: patch does not apply$/ { print substr($0, 8) }
		/^Appl(ying|ied) patch / { file = $3; if ($NF == "cleanly." && !forth) there[file, "all"] }
		/^Hunk #[0-9]* applied cleanly/ && !forth { sub(/^Hunk #/, ""); there[file, $1 + 0] }
		/^Rejected hunk #/ && forth { sub(/.*#/, ""); name[++n] = file; hunk[n] = $1 + 0 }
		END {
			for (i = 1; i <= n; i++)
				printf "%s:%d: hunk %d: %s\n", name[i], line[name[i], ++seen[name[i]]], hunk[i],
					(name[i], "all") in there || (name[i], hunk[i]) in there ? "is there already" : "context changed"
		}' "$1" "$2" | tr '\n' ';' | sed 's/;$//; s/;/; /g'
}

# merge COMMIT: by its hunks; where they conflict, as the series has it, or not at all if the file is not there. True if
# nothing conflicted.
merge() {
	[ "$1" != none ] || return 1
	git -C "$dir" cherry-pick --keep-redundant-commits "$1" >$tmp/pick 2>&1 && return 0
	git -C "$dir" cherry-pick --abort
	git -C "$dir" cherry-pick --keep-redundant-commits -X theirs "$1" >$tmp/pick 2>&1 && return 1
	git -C "$dir" diff --name-only --diff-filter=U >$tmp/gone
	tr '\n' '\0' <$tmp/gone | xargs -0 -r env git -C "$dir" rm -q -f --ignore-unmatch -- >/dev/null 2>&1 || :
	git -C "$dir" -c core.editor=: cherry-pick --continue >$tmp/pick 2>&1 || git -C "$dir" commit -q --allow-empty -m none
	rm -rf "$dir/.git/sequencer"
	return 1
}

clear_dir base
patch_files >$tmp/files
if [ -n "$series" ]; then
	git -C $linux rev-list --reverse base.."$series" >$tmp/commits
else
	sed 's/.*/none/' $tmp/files >$tmp/commits
fi
[ "$(wc -l <$tmp/commits)" -eq "$(wc -l <$tmp/files)" ] || die "$linux: base: has not one commit a patch: make apply first"
: >$tmp/pick.list
paste -d' ' $tmp/commits $tmp/files | while read -r c f; do
	rc=0
	[ ! -e "$instead/${f#*/}" ] || f=$instead/${f#*/}
	git -C "$dir" apply --check -v "$PWD/$f" >$tmp/apply 2>&1 || rc=$?
	# its lines can be there, and its context at another place as well
	if git -C "$dir" apply --check -R "$PWD/$f" >/dev/null 2>&1; then
		printf '%s: is there already%s\n' "$f" "$([ $rc -ne 0 ] || echo ', and applies to another place: look at it')"
		continue
	fi
	if git -C "$dir" am --quiet --no-3way --empty=keep "$PWD/$f" >$tmp/am 2>&1 </dev/null; then
		says="applies$(offsets <$tmp/apply)"
		grep -q '^diff --git ' "$f" || says="applies; changes nothing"
		case $f in "$instead"/*) c=$(git -C "$dir" rev-parse HEAD) ;; esac
	else
		clear_dir HEAD
		git -C "$dir" apply --reject -v "$PWD/$f" >$tmp/forth 2>&1 || :
		clear_dir HEAD
		git -C "$dir" apply -R --reject -v "$PWD/$f" >$tmp/back 2>&1 || :
		clear_dir HEAD
		says="does not apply: $(why $tmp/forth $tmp/back)"
		if merge "$c"; then says="$says; git merges it"; fi
		clear_dir HEAD
	fi
	printf '%s: %s\n' "$f" "$says"
	echo "$c" >>$tmp/pick.list
done >$tmp/said
if [ -n "$check" ]; then
	grep -v ': applies' $tmp/said || exit 0
	exit 1
fi
cat $tmp/said

# count PATTERN [SERIES]: of the lines of $tmp/said
count() {
	grep -c "^patches[^/]*/${2-}[^ ]*: $1" $tmp/said || :
}
for d in $(cut -d/ -f2 $tmp/files | uniq); do
	printf '%s: %d of %d patches apply, %d with offsets; %d are there already, %d do not apply\n' "$d" "$(count applies "$d/")" \
		"$(count '' "$d/")" "$(count 'applies, ' "$d/")" "$(count 'is there' "$d/")" "$(count 'does not' "$d/")"
done
echo "$what: $(count applies) of $(wc -l <$tmp/files) patches apply, $(count 'is there') are there already," \
	"$(count 'does not') do not apply, of which git merges $(count 'does not.*; git merges it$') (each tried with those before it mended)"

# leave COMMIT: the files that the series touches, in $mend.tmp
leave() {
	rm -rf "$mend.tmp"
	cp -a "$dir" "$mend.tmp"
	git -C "$mend.tmp" reset -q --hard "$1"
	mkdir "$mend.tmp/.git/magic"
	echo "base $name ${release%.*}" >"$mend.tmp/.git/magic/source"
	echo "$hash $(git -C "$mend.tmp" rev-parse "$1")" >"$mend.tmp/.git/magic/applied"
}

if [ "$(count applies)" -eq "$(wc -l <$tmp/files)" ]; then
	if [ -n "$tree" ]; then
		leave series
		sed "s|^|linux-$version/|" $tmp/touched >$tmp/list
		tar -xmf "build/dl/linux_$version.orig.tar.xz" -C "$mend.tmp" --strip-components=1 --anchored --no-wildcards -X $tmp/list
		mv "$mend.tmp" "$mend"
	fi
	exit 0
fi

# ---- what has to be mended
if [ -e "$mend" ]; then
	echo "$mend: is there, and left as it is; remove it to begin anew" >&2
	exit 0
fi
leave base
mv "$mend.tmp" "$mend"
# shellcheck disable=SC2046
if git -C "$mend" cherry-pick --allow-empty $(cat $tmp/pick.list) >$tmp/pick 2>&1; then
	echo "$mend: git merged all that did not apply: look at it, then make export VERSION=$name"
else
	echo "$mend: stopped at '$(git -C "$mend" log -1 --format=%s CHERRY_PICK_HEAD)': $(git -C "$mend" diff --name-only --diff-filter=U | tr '\n' ' ')"
	echo "mend these there, git add, git cherry-pick --continue, to the end; then make export VERSION=$name"
fi >&2
[ -z "$tree" ]
