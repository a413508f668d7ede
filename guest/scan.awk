# SPDX-License-Identifier: GPL-2.0
# scan.awk SPLATS EXCUSES CONSOLE RESULTS: what of a guest's console and taint fails it, `JOB<TAB>WHAT`, a line each,
# then `scanned N lines`. `excuse` names rows of EXCUSES. An empty CONSOLE is a finding, as is a guest that got to
# its end without telling the taint, and a kernel that has KCSAN and does not use it.
function found(what) { print job "\t" what }
BEGIN { FS = "\t"; job = "no job" }
{ file = 1; while (FILENAME != ARGV[file]) file++ }
file < 3 && (/^#/ || !NF) { next }
file == 1 { splats[++nsplats] = $0; next }
file == 2 {
	if (NF != 5 || length($4) < 10) { print "guest/excuses: " $0 ": want five columns" > "/dev/stderr"; failed = 1; exit 1 }
	if (index(" " excuse " ", " " $1 " ")) { line[++n] = $2; after[n] = $3 }
	next
}
{ sub(/\r$/, "") }
file == 3 {
	lines++
	if (/\] init: begin /) { job = $0; sub(/.*\] init: begin /, "", job) }
	if (/kcsan: /) kcsan = 1
	if (/kcsan: enabled/) kcsan_runs = 1
	for (i = 1; i <= n; i++)
		if (after[i] != "" && $0 ~ after[i])
			allowed[i]++
	for (k = 1; k <= nsplats; k++) {
		if ($0 !~ splats[k])
			continue
		for (i = 1; i <= n; i++)
			if ($0 ~ line[i] && (after[i] == "" || allowed[i] > 0 && allowed[i]--)) {
				if (/WARNING: /)
					excused_warning = 1
				next
			}
		found($0)
		next
	}
	next
}
# Machine check (4), bad page (5), died (7), warned (9), soft lockup (14). Modules may set the others.
function bit(n, b) { return int(n / 2 ^ b) % 2 }
/^@taint / {
	tainted = 1
	sub(/^@taint /, "")
	bad = bit($0, 4) || bit($0, 5) || bit($0, 7) || bit($0, 9) && !excused_warning || bit($0, 14)
	job = "taint"
	for (i = 1; i <= n; i++)
		if (line[i] == ".")
			next
	if (bad)
		found($0 ": the kernel warned, died or locked up")
}
/^@done$/ { done = 1 }
END {
	if (failed)
		exit 1
	job = "console"
	if (!nsplats)
		found("guest/splats has no pattern: nothing was looked for")
	if (!lines)
		found("is empty")
	if (kcsan && !kcsan_runs)
		found("KCSAN is not enabled")
	if (done && !tainted)
		found("the guest did not report its taint")
	printf "scanned %d lines\n", lines
}
