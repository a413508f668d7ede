# SPDX-License-Identifier: GPL-2.0
# fetch.sh: host tests of scripts/fetch.sh, with apt's own downloader and a mirror in a directory

# mirrored VERSION...: toy, with a mirror of these
mirrored() {
	toy
	mirror "$@"
}

# fetches_nothing PATTERN: that is why, and no tarball is left, whole or in part
fetches_nothing() {
	refuses "$1" scripts/fetch.sh
	same "$(find build/dl -name 'linux*' -o -name current)" ""
}

t_fetch() {
	mirrored 6.18.3 6.18.2
	scripts/fetch.sh
	same "$(cat build/dl/current)" "$(head -n 1 "$T/pins") build/dl/linux_6.18.3.orig.tar.xz"
	cmp "$pool/linux_6.18.3.orig.tar.xz" build/dl/linux_6.18.3.orig.tar.xz
	rm -r "$T/mirror" # there is no need for it any more
	scripts/fetch.sh
}

t_fetch_wrong_hash() {
	mirrored 6.18.3 6.18.2
	cp "$pool/linux_6.18.2.orig.tar.xz" "$pool/linux_6.18.3.orig.tar.xz"
	fetches_nothing '^linux_6.18.3.orig.tar.xz: fetch: not the pinned sha256'
}

t_fetch_truncated() {
	mirrored 6.18.3 6.18.2
	truncate -s -100 "$pool/linux_6.18.3.orig.tar.xz"
	fetches_nothing '^linux_6.18.3.orig.tar.xz: fetch: not the pinned sha256'
}

t_fetch_falls_back() {
	mirrored 6.18.3 6.18.2
	rm "$pool/linux_6.18.3.orig.tar.xz"
	scripts/fetch.sh >"$T/out"
	grep -q 'the mirror lacks linux 6.18.3, falling back' "$T/out"
	same "$(cut -d' ' -f1 build/dl/current)" 6.18.2
}

t_fetch_none_there() {
	mirrored 6.18.3
	rm "$pool/linux_6.18.3.orig.tar.xz"
	fetches_nothing 'has none of the versions'
}

t_fetch_unreachable() {
	mirrored 6.18.3 6.18.2
	# port 9 of this machine: nobody listens there
	shim apt-get "echo http://127.0.0.1:9/"
	fetches_nothing '^linux_6.18.3.orig.tar.xz: fetch: E: Failed to fetch'
}

t_fetch_damaged_later() {
	mirrored 6.18.3
	scripts/fetch.sh
	truncate -s -1 build/dl/linux_6.18.3.orig.tar.xz
	refuses 'sha256 is not the one pinned' scripts/fetch.sh
	same "$(find build/dl -name 'linux*')" ""
	scripts/fetch.sh
}

t_tarball_not_pinned() {
	toy
	echo not linux >"$T/mine.tar.xz"
	unset LINUX_TREE
	export LINUX_TARBALL="$T/mine.tar.xz"
	refuses 'mine.tar.xz: fetch: its sha256 .* is none of those pinned' scripts/series.sh apply
	same "$(find build -maxdepth 1 -name 'linux*')" ""
}

t_tarball_own_copy() {
	mirrored 6.18.3 6.18.2
	export LINUX_TARBALL="$pool/linux_6.18.2.orig.tar.xz"
	scripts/series.sh apply
	same "$(cat build/linux/.git/magic/source)" "tarball $(sed -n 2p "$T/pins")"
	grep -q 'SUBLEVEL = 2' build/linux/Makefile
}
