#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kconfig.sh SRC OBJ FRAGMENT... -- MAKE...: OBJ/.config is allnoconfig plus the fragments
# A later fragment overrides an earlier one. MAKE is the kernel's make command line. Every symbol that a
# fragment sets must come out as asked, otherwise one line a symbol on stderr and exit status 1, and
# OBJ/.config is not replaced. It is not touched either when it would not change.
set -eu
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
cat $fragments >"$obj/.fragments.new" || exit 1
# .fragments is written last, so its age is that of the last good run
if [ -e "$obj/.config" ] && cmp -s "$obj/.fragments.new" "$obj/.fragments" &&
	[ -z "$(find "$src" -name 'Kconfig*' -newer "$obj/.fragments" -print -quit)" ]; then
	rm "$obj/.fragments.new"
	exit 0
fi

"$@" KCONFIG_CONFIG="$obj/.config.new" KCONFIG_ALLCONFIG="$obj/.fragments.new" allnoconfig \
	>"$obj/.kconfig.log" 2>&1 || { cat "$obj/.kconfig.log" && exit 1; }

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

cmp -s "$obj/.config.new" "$obj/.config" || mv "$obj/.config.new" "$obj/.config"
rm -f "$obj/.config.new" "$obj/.config.new.old"
mv "$obj/.fragments.new" "$obj/.fragments"
