# SPDX-License-Identifier: GPL-2.0
# Tests of scripts/stage.sh: what a terminal sees, and what a file does

stage() {
	"$ROOT/scripts/stage.sh" build "$T/log" "$@"
}

t_stage_file() {
	STAGE_OBJECTS=4 stage sh -c 'echo "  CC  a.o"; sleep 3; echo "  CC  b.o"' > out
	same "$(wc -l < out)" 1
	grep -qx '\[ *[0-9]* s\] build' out
	same "$(wc -l < log)" 2
	echo shown > show
	same "$(STAGE_SHOW=show stage true | tail -n 1)" shown
}

# script(1) gives it a terminal
t_stage_terminal() {
	for n in 4 ''; do
		STAGE_OBJECTS=$n script -qec "'$ROOT/scripts/stage.sh' build ./log sh -c 'echo \"  CC  a.o\"; sleep 5; exit 3'" typescript \
			> /dev/null < /dev/null && rc=0 || rc=$?
		same "$rc" 3
		case $n in
		4) grep -qE 'build: object 1 of 4, 0 min [0-9]+ s left' typescript ;;
		*) grep -qE 'build: object 1.\[K' typescript ;;
		esac
	done
}

t_stage_fails() {
	fails_with '^the reason$' stage sh -c 'echo noise; echo the reason >&2; exit 3'
	grep -qx "build: sh: exit status 3: the whole log is $T/log" err
	grep -qx noise log
	not grep noise out
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
