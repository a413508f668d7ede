# SPDX-License-Identifier: GPL-2.0
# pahole.sh: host tests of PAHOLE=VERSION, with a toy source of pahole in a mirror that is a directory

# dwarves VERSION: a source whose pahole says that it is VERSION, pinned as 1.2
dwarves() {
	toy
	cp "$ROOT/dwarves.mk" .
	mirror 6.18.3
	pool=$T/mirror/pool/main/d/dwarves
	mkdir -p "$pool" "$T/dwarves-1.2"
	printf '%s\n' 'cmake_minimum_required(VERSION 3.5)' 'project(toy C)' 'add_executable(pahole pahole.c)' \
		>"$T/dwarves-1.2/CMakeLists.txt"
	echo "#include <stdio.h>
	int main(void) { puts(\"v$1\"); return 0; }" >"$T/dwarves-1.2/pahole.c"
	tar -C "$T" -cJf "$pool/dwarves_1.2.orig.tar.xz" dwarves-1.2
	echo "DWARVES := 1.2 $(sha256sum <"$pool/dwarves_1.2.orig.tar.xz" | cut -d' ' -f1)" >dwarves.mk
}

t_pahole() {
	dwarves 1.2
	scripts/pahole.sh 1.2 "$PWD/build/pahole-1.2"
	same "$(build/pahole-1.2/pahole --version)" v1.2
	rm -r "$T/mirror" build/dl # there is no need for them any more
	scripts/pahole.sh 1.2 "$PWD/build/pahole-1.2" >"$T/out"
	same "$(cat "$T/out")" ""
	make -pq help PAHOLE=1.2 CONFIG=nonet >"$T/out" || :
	same "$(sed -n 's/^OBJ := //p' "$T/out")" "$PWD/build/obj-series-nonet-pahole1.2"
	# or one that is there
	make -pq help PAHOLE=build/pahole-1.2/pahole >"$T/out" || :
	same "$(sed -n 's/^PAHOLE_FILE := //p' "$T/out")" "$PWD/build/pahole-1.2/pahole"
	same "$(sed -n 's/^OBJ := //p' "$T/out")" "$PWD/build/obj-series-small-paholebuild_pahole-1.2_pahole"
}

t_pahole_not_pinned() {
	dwarves 1.2
	refuses '^PAHOLE=1.3: pahole: not pinned: dwarves.mk has 1.2' scripts/pahole.sh 1.3 "$PWD/build/pahole-1.3"
}

t_pahole_other_version() {
	dwarves 1.1
	refuses '^pahole 1.2: does not build' scripts/pahole.sh 1.2 "$PWD/build/pahole-1.2"
	same "$(find build -maxdepth 1 -name 'pahole-1.2')" ""
}

t_pahole_patches() {
	dwarves 1.2
	mkdir a b more
	cp "$T/dwarves-1.2/pahole.c" a/
	{ echo 'static int more;' && cat a/pahole.c; } >b/pahole.c
	diff -u a/pahole.c b/pahole.c >more/1.patch || :
	refuses '^pahole 1.2: does not build' scripts/pahole.sh 1.2 "$PWD/build/pahole-1.2-more" more
	grep 'more.*defined but not used' build/log/pahole-1.2.log
	same "$(find build -maxdepth 1 -name 'pahole-1.2-more')" ""
	sed -i 's/static //' more/1.patch
	scripts/pahole.sh 1.2 "$PWD/build/pahole-1.2-more" more
	nm build/pahole-1.2-more/pahole | grep ' more$'
}

t_pahole_wrong_hash() {
	dwarves 1.2
	echo more >>"$pool/dwarves_1.2.orig.tar.xz"
	refuses '^dwarves_1.2.orig.tar.xz: fetch: not the pinned sha256' scripts/pahole.sh 1.2 "$PWD/build/pahole-1.2"
	same "$(find build -name 'dwarves_*')" ""
}
