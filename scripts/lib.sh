# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lib.sh: sourced by the scripts beside it, which have changed to the repository's root before.

# A git that answers the same on every machine: nothing of the user's configuration, no repository
# above build/ found by accident, no environment left over from a hook or an alias.
# shellcheck disable=SC2046
unset $(git rev-parse --local-env-vars) GIT_DIFF_OPTS GIT_EXTERNAL_DIFF
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_ATTR_NOSYSTEM=1
export GIT_CEILING_DIRECTORIES="$PWD:$PWD/build"
export GIT_AUTHOR_NAME=magic-kfuncs GIT_AUTHOR_EMAIL=magic-kfuncs@localhost
export GIT_COMMITTER_NAME=magic-kfuncs GIT_COMMITTER_EMAIL=magic-kfuncs@localhost
export GIT_AUTHOR_DATE='2026-01-01T00:00:00 +0000' GIT_COMMITTER_DATE='2026-01-01T00:00:00 +0000'
export LC_ALL=C TZ=UTC

git() {
	command git -c core.autocrlf=false -c core.attributesFile=/dev/null \
		-c core.excludesFile=/dev/null -c core.hooksPath=/dev/null -c commit.gpgsign=false \
		-c gc.auto=0 -c advice.detachedHead=false "$@"
}

# say OBJECT TEXT: a stage line, with the seconds since make started
say() {
	now=$(date +%s)
	printf '[%4d s] %s: %s\n' $((now - ${START:-$now})) "$1" "$2"
}

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# pins_of SOURCE: `version sha256` lines out of SOURCE.mk
pins_of() {
	sed -n 's/^.*[^0-9.]\([0-9][0-9.]*\.[0-9]*\) \([0-9a-f]\{64\}\).*$/\1 \2/p' "$1.mk"
}

# pins: those of the kernel that the series is for
pins() {
	pins_of linux | grep -vxF "$(sed -n 's/^LINUX_OTHER := //p' linux.mk)"
}

# patch_files [DIR]: the patches, or what DIR has instead of some, see base.sh
patch_files() {
	find "${1:-patches}" -mindepth 2 -maxdepth 2 -name '*.patch' 2>/dev/null | sort
}

# patches_hash: one hash over names, order and contents
patches_hash() {
	patch_files | while read -r f; do sha256sum "$f"; done | sha256sum | cut -d' ' -f1
}

# touched DIR...: the paths that the patches there touch
touched() {
	for d in "$@"; do patch_files "$d"; done | while read -r f; do
		sed -n 's|^diff --git a/\(.*\) b/\(.*\)$|\1\n\2|p' "$f"
	done | sort -u
}

# version_of: which release a kernel's Makefile on stdin is
version_of() {
	awk -F' *= *' '
		$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { p = $2 } $1 == "SUBLEVEL" { s = $2 }
		END { if (v != "") print v "." p "." s }'
}

# subject_of FILE: a patch's subject, as git am would take it
subject_of() {
	git mailinfo /dev/null /dev/null <"$1" | sed -n 's/^Subject: //p'
}

# am_all DIR LOG: all patches with git am in the work tree DIR, no fuzz; when one does not apply, false, and
# $bad says which and why
am_all() {
	[ -n "$(patch_files)" ] || return 0
	dir=$1
	(
		IFS='
'
		# shellcheck disable=SC2046
		set -- $(patch_files | sed "s|^|$PWD/|")
		unset IFS
		git -C "$dir" am --quiet --no-3way "$@"
	) >"$2" 2>&1 && return 0
	next=$(cd "$1" && cat "$(git rev-parse --git-path rebase-apply/next)" 2>/dev/null) || next=1
	bad=$(grep -m 1 '^error: ' "$2" | sed 's/^error: //') || bad=$(head -n 1 "$2")
	bad="$(patch_files | sed -n "${next}p"): apply: $bad"
	return 1
}

# debian_sources: sources.list lines of the archives with Debian 12 main that apt is set up with
# shellcheck disable=SC2016
debian_sources() {
	for update in yes ''; do
		archives=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
			awk '$1 == "Debian" && $2 ~ /^bookworm/ && $4 == "main" {
				print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $3, $2, $4 }' | sort -u)
		[ -z "$archives" ] || break
		[ -z "$update" ] || apt-get -o DPkg::Lock::Timeout=300 update >&2
	done
	[ -n "$archives" ] || die "apt has no list of Debian 12 main: see /etc/apt/sources.list"
	echo "$archives"
}

# positions: hide what changes in a hunk when an earlier patch adds or drops lines above it: where it is, and
# the function that git names behind the @@
positions() {
	sed 's/^@@ -[0-9]*\(,[0-9]*\)\{0,1\} +[0-9]*\(,[0-9]*\)\{0,1\} @@.*/@@ -\1 +\2 @@/' "$1"
}

# replaced DIR: what patches/ has in place of each patch of DIR, as a hash of it without positions
replaced() {
	patch_files "$1" | while read -r f; do
		echo "$(positions "patches/${f#*/}" | sha256sum | cut -d' ' -f1) ${f#*/}"
	done
}
