#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kconfig.sh [-b BASE] SRC OBJ FRAGMENT... -- MAKE...: OBJ/.config is allnoconfig plus the fragments
# With -b, it is the whole configuration BASE, perhaps of another kernel, brought up to date, plus the fragments. Keys and
# certificates that BASE names and nobody has here, as configurations of distributions do, are taken out, with a line each;
# OBJ/.lost names the symbols that BASE has and this kernel has not.
# A later fragment overrides an earlier one. MAKE is the kernel's make command line. Every symbol that a
# fragment sets must come out as asked, otherwise one line a symbol on stderr and exit status 1, and
# OBJ/.config is not replaced. It is not touched either when it would not change.
set -eu
base=
if [ "$1" = -b ]; then
	base=$2
	[ -r "$base" ] || { echo "$base: kconfig: cannot be read" >&2 && exit 1; }
	shift 2
fi
src=$1 obj=$2
shift 2
fragments=
while [ "$1" != -- ]; do
	fragments="$fragments $1"
	shift
done
shift

mkdir -p "$obj"
# shellcheck disable=SC2086
cat ${base:+"$base"} $fragments >"$obj/.fragments.new" || exit 1
# .fragments is written last, so its age is that of the last good run
if [ -e "$obj/.config" ] && cmp -s "$obj/.fragments.new" "$obj/.fragments" &&
	[ -z "$(find "$src" -name 'Kconfig*' -newer "$obj/.fragments" -print -quit)" ]; then
	rm "$obj/.fragments.new"
	exit 0
fi

if [ -n "$base" ]; then
	# what a fragment sets is left out of BASE, for in a choice the first one set would win
	# shellcheck disable=SC2086
	awk -v src="$src" '
		{ sym = "" }
		/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { sym = $2 }
		/^CONFIG_[A-Za-z0-9_]+=/ { sym = $0; sub(/=.*/, "", sym) }
		FILENAME != base { if (sym != "") set[sym]; next }
		sym in set { next }
		sym ~ /^CONFIG_(SYSTEM_(TRUSTED|REVOCATION)_KEYS|MODULE_SIG_KEY)$/ {
			file = substr($0, length(sym) + 2)
			gsub(/"/, "", file)
			if (file != "" && file !~ /^(pkcs11:|certs\/signing_key.pem$)/) {
				path = file ~ /^\// ? file : src "/" file
				if ((getline line < path) < 0) {
					printf "%s: kconfig: %s is not here: left out\n", sym, file > "/dev/stderr"
					next
				}
				close(path)
			}
		}
		{ print }' base="$base" $fragments "$base" >"$obj/.config.new"
	# shellcheck disable=SC2086
	cat $fragments >>"$obj/.config.new"
	"$@" KCONFIG_CONFIG="$obj/.config.new" olddefconfig >"$obj/.kconfig.log" 2>&1 ||
		{ cat "$obj/.kconfig.log" && exit 1; }
else
	"$@" KCONFIG_CONFIG="$obj/.config.new" KCONFIG_ALLCONFIG="$obj/.fragments.new" allnoconfig \
		>"$obj/.kconfig.log" 2>&1 || { cat "$obj/.kconfig.log" && exit 1; }
fi

# dropped symbols: `CONFIG_X=v` must be there as it stands, `CONFIG_X=n` and `# CONFIG_X is not set` must
# not be there with another value
# shellcheck disable=SC2086
awk '
	/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { sym = $2; val = "n" }
	/^CONFIG_[A-Za-z0-9_]+=/ { sym = $0; sub(/=.*/, "", sym); val = substr($0, length(sym) + 2) }
	sym == "" { next }
	FILENAME != config { want[sym] = val; from[sym] = FILENAME }
	FILENAME == config { got[sym] = val }
	{ sym = "" }
	END {
		for (s in want) {
			g = (s in got) ? got[s] : "n"
			if (g == want[s])
				continue
			printf "%s: %s: kconfig made %s of %s: see its dependencies in the Kconfig files\n",
				s, from[s], g, want[s]
			bad = 1
		}
		exit bad
	}' config="$obj/.config.new" $fragments "$obj/.config.new" >"$obj/.dropped" || {
	sort "$obj/.dropped" >&2
	exit 1
}

[ -z "$base" ] || awk -F= '
	!/^CONFIG_[A-Za-z0-9_]+=[ym]$/ { next }
	FILENAME != base { set[$1] }
	FILENAME == base && !($1 in set) { print $1 }' base="$base" "$obj/.config.new" "$base" | sort >"$obj/.lost"
cmp -s "$obj/.config.new" "$obj/.config" || mv "$obj/.config.new" "$obj/.config"
rm -f "$obj/.config.new" "$obj/.config.new.old"
mv "$obj/.fragments.new" "$obj/.fragments"
