# SPDX-License-Identifier: GPL-2.0
# Tests of checks/torture/verdict.sh, and that each deliberate fault says who has to find it.

verdict() {
	"$ROOT/checks/torture/verdict.sh" "$@"
}

# guest RESULTS SPLATS LOG
guest() {
	mkdir -p d/vm
	printf '%b' "$1" > d/vm/results
	printf '%b' "$2" > d/vm/splats
	printf '%b\n' "$3" > d/boot.log
}

t_faults_found() {
	guest '@end one status=1\r\n@end two status=0\r\n@end three status=signal-11\r\n' 'scanned 3 lines\n' 'vm: test: guest: x'
	same "$(verdict found d)" "one
three"
	guest '' 'one\tWARNING: x\none\tBUG: y\nscanned 1 lines\n' ''
	same "$(verdict found d)" console
	guest '@begin one\n' 'scanned 3 lines\n' 'vm: test: guest: Kernel panic - not syncing: x'
	same "$(verdict found d)" panic
}

t_faults_time_finds_nothing() {
	guest '@end one status=timeout\n@end two status=0\n' 'scanned 3 lines\n' 'vm: test: guest: x'
	verdict found d > out
	same "$(cat out)" ""
	guest '@end one status=1\n@begin two\n' '' 'vm: test: guest: hung: no end within 900 s (VM_TIMEOUT), in job two; see x'
	refuses 'guest: hung' verdict found d
}

t_faults_missing() {
	printf 'A fault.\nFound by: one fuzzer\n\n--- a/x\nFound by: three\n' > p
	verdict missing p one two fuzzer
	fails verdict missing p one
	same "$(cat out)" fuzzer
	fails verdict missing p
	printf 'A fault.\n\n--- a/x\n' > p
	refuses "no line 'Found by:'" verdict missing p one
}

t_faults_declared() {
	{
		cut -f1 "$ROOT/tests/plan"
		printf '%s\n' panic console register.sh fuzzer judge
	} > finders
	for patch in "$ROOT"/checks/torture/faults/*.patch; do
		# shellcheck disable=SC2046
		verdict missing "$patch" $(cat finders)
	done
}
