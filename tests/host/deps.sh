# SPDX-License-Identifier: GPL-2.0
# Tests of scripts/deps.sh

t_deps_without_root() {
	shim id 'echo 1000'
	printf 'make\nno-such-package # not there\n' >list
	refuses 'run as root: apt-get install -y --no-install-recommends no-such-package$' "$ROOT/scripts/deps.sh" list
}

t_deps_nothing_missing() {
	shim apt-get 'echo must not run >&2; exit 1'
	echo make >list
	"$ROOT/scripts/deps.sh" list make
}

t_deps_package_unknown() {
	shim id 'echo 0'
	shim apt-get '[ "$3" = update ] || { echo "E: Unable to locate package $5"; exit 100; }'
	echo no-such-package >list
	refuses 'Unable to locate package' "$ROOT/scripts/deps.sh" list
}

t_missing_tool() {
	echo make >list
	refuses '^no-such-tool: deps: not found' "$ROOT/scripts/deps.sh" list make no-such-tool
}
