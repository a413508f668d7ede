# SPDX-License-Identifier: GPL-2.0
# deps.sh: host tests of scripts/deps.sh and scripts/stage.sh

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

t_stage_failure() {
	fails "$ROOT/scripts/stage.sh" "kernel: build" log/kernel.log sh -c 'echo noise; echo the cause >&2; exit 3'
	grep -q '^the cause$' err
	grep -q '^kernel: build: sh: exit status 3: the whole log is log/kernel.log$' err
	grep -q '^noise$' log/kernel.log
	same "$(grep -c noise out)" 0
}

# what an interrupted stage leaves running is waited for
t_stage_interrupted() {
	cat >straggler <<-'EOF'
		trap '' TERM
		touch started
		while [ ! -e go ]; do sleep 0.1; done
		echo old >>order
	EOF
	"$ROOT/scripts/stage.sh" one log/stage.log sh -c 'sh straggler & wait' &
	pid=$!
	while [ ! -e started ]; do sleep 0.1; done
	kill -TERM "$pid"
	wait "$pid" || :
	(until grep -qs waiting out2 || [ -e order ]; do sleep 0.1; done; touch go) &
	"$ROOT/scripts/stage.sh" two log/stage.log sh -c 'echo new >>order' >out2
	grep -q 'two: waiting' out2
	same "$(tr '\n' ' ' <order)" "old new "
}
