// SPDX-License-Identifier: GPL-2.0
/*
 * Differential fuzzing of magic kfuncs, in the guest: random programs around calls of all of them, each loaded twice,
 * with the same instructions but for the ids that are called, once the kfuncs' and once the impls'. For the magic
 * arguments both pass the same junk. Verdicts agree; logs agree but for the called names and ids; where both load, the
 * translated programs are equal, and so is what runs of them return.
 *
 *   fuzz FIRST COUNT		the programs with the seeds FIRST to FIRST + COUNT - 1
 *   fuzz -v SEED		one of them, with both logs
 *
 * The programs are in programs.h. The last lines are counts: of pairs, of those that load, of program types, calls of
 * each kfunc in programs that load, and the messages of those that are refused. A disagreement is printed with its
 * seed, and with the snippets that are left when each that can go has gone.
 *
 * The process is named after the seed, fuzz-SEED, so that a splat tells which program it is of. bpf_testmod has to be
 * loaded. Exit status: 0, or 1 after a disagreement or when something is not there.
 */
#include <ctype.h>
#include <sys/prctl.h>

#include "programs.h"

#define LOG_SIZE (1 << 20)

struct outcome {
	int err, retval;
	unsigned int cnt;
	struct bpf_insn insns[1 << 14];
	char log[LOG_SIZE];
};

static struct outcome outcomes[2];

/* Load the program with calls of kfuncs (0) or of impls (1), and run it. */
static void load(int name, struct outcome *out)
{
	struct bpf_prog_info info = {
		.xlated_prog_insns = (__u64)(unsigned long)out->insns, .xlated_prog_len = sizeof(out->insns),
	};
	unsigned int len = sizeof(info);
	int fd;

	out->retval = out->cnt = 0;
	out->log[0] = '\0';
	fd = load_program(name, out->log, sizeof(out->log));
	out->err = fd < 0 ? fd : 0;
	if (fd < 0)
		return;
	if (bpf_prog_get_info_by_fd(fd, &info, &len) || info.xlated_prog_len > sizeof(out->insns))
		die("translated program");
	out->cnt = info.xlated_prog_len / sizeof(*out->insns);
	out->retval = run_program(fd);
	close(fd);
}

static bool is_name(int c)
{
	return isalnum(c) || c == '_';
}

/* Skip the name of a kfunc or an impl at *p, with what follows it of "#id". Returns which it is, -1 if neither. */
static int skip_kfunc(const char **p, int name)
{
	const char *s = *p;
	size_t len;
	int k, n;

	for (k = 0; k < NR_KFUNCS; k++) {
		len = strlen(kfuncs[k].name);
		if (strncmp(s, kfuncs[k].name, len))
			continue;
		if (name == 1) {
			if (strncmp(s + len, "_impl", 5))
				continue;
			len += 5;
		}
		if (is_name(s[len]))
			continue;
		if (s[len] == '#') {
			n = strtol(s + len + 1, (char **)&s, 10);
			if (n != kfuncs[k].id[name])
				return -1;
			*p = s;
		} else {
			*p = s + len;
		}
		return k;
	}
	return -1;
}

/* Messages that name kfuncs and mean no call. */
static bool is_fixed(const char *s)
{
	return !strncmp(s, "bpf_obj_new/", 12) || !strncmp(s, "bpf_percpu_obj_new t", 20) ||
	       !strncmp(s, "bpf_percpu_obj_new r", 20);
}

/* Are the logs the same but for the names of what is called, and the spaces that align what follows? */
static bool same_logs(const char *a, const char *b)
{
	const char *start_a = a;
	int k, l;

	while (*a || *b) {
		if ((a == start_a || !is_name(a[-1])) && !is_fixed(a)) {
			k = skip_kfunc(&a, 0);
			l = skip_kfunc(&b, 1);
			if (k != l)
				return false;
			if (k >= 0)
				continue;
		}
		if (*a == ' ' && *b == ' ') {
			a += strspn(a, " ");
			b += strspn(b, " ");
			continue;
		}
		if (*a++ != *b++)
			return false;
	}
	return true;
}

/* Set what is the address of the program's own aux to zero: the only thing that differs between two loads. */
static void clear_aux(struct outcome *out)
{
	unsigned int i, k;

	for (i = 0; i + 2 < out->cnt; i++) {
		if (out->insns[i].code != (BPF_LD | BPF_IMM | BPF_DW) || out->insns[i].src_reg)
			continue;
		/* among what is loaded before a call */
		for (k = i + 2; k < out->cnt && k < i + 6; k++) {
			if (out->insns[k].code != (BPF_JMP | BPF_CALL))
				continue;
			if (out->insns[k].src_reg == BPF_PSEUDO_KFUNC_CALL && (__u32)out->insns[i + 1].imm >= 0xff000000)
				out->insns[i].imm = out->insns[i + 1].imm = 0;
			break;
		}
	}
}

/* Load both. Returns what they disagree in, NULL if in nothing. */
static const char *compare(void)
{
	struct outcome *kfunc = &outcomes[0], *impl = &outcomes[1];

	load(0, kfunc);
	load(1, impl);
	if (kfunc->err != impl->err)
		return "verdict";
	if (!same_logs(kfunc->log, impl->log))
		return "log";
	if (kfunc->err)
		return NULL;
	if (kfunc->cnt != impl->cnt)
		return "length of the translated program";
	clear_aux(kfunc);
	clear_aux(impl);
	if (memcmp(kfunc->insns, impl->insns, kfunc->cnt * sizeof(*kfunc->insns)))
		return "translated program";
	return kfunc->retval != impl->retval ? "what a run returns" : NULL;
}

/* Leave out each snippet that is not needed for the disagreement, then print it. */
static void shrink(unsigned int nr, const char *what)
{
	int i, k;

	for (i = 0; i < MAX_SNIPPETS; i++) {
		prog.skip[i] = true;
		add_program(nr);
		if (!compare())
			prog.skip[i] = false;
	}
	add_program(nr);
	compare();
	printf("DISAGREE seed %u: %s; %d and %d; %d instructions without the snippets", nr, what, outcomes[0].err,
	       outcomes[1].err, cnt);
	for (i = 0; i < MAX_SNIPPETS; i++)
		if (prog.skip[i])
			printf(" %d", i);
	printf("\n");
	for (k = 0; k < cnt; k++)
		printf("  %d: %016llx\n", k, *(unsigned long long *)&code[k]);
	printf("--- kfuncs:\n%s--- impls:\n%s---\n", outcomes[0].log, outcomes[1].log);
	memset(prog.skip, 0, sizeof(prog.skip));
}

static struct {
	char text[96];
	unsigned long n;
} messages[64];

/* Count the message of a refusal, which is the line before "processed", without numbers. */
static void count_message(const char *log)
{
	const char *end = strstr(log, "\nprocessed "), *line;
	char text[sizeof(messages[0].text)];
	size_t i, n = 0;

	if (!end)
		return;
	for (line = end; line > log && line[-1] != '\n'; line--)
		;
	for (; line < end && n < sizeof(text) - 1; line++)
		if (!isdigit(*line) || n == 0 || text[n - 1] != 'N')
			text[n++] = isdigit(*line) ? 'N' : *line;
	text[n] = '\0';
	for (i = 0; i < sizeof(messages) / sizeof(messages[0]) - 1; i++)
		if (!messages[i].n || !strcmp(messages[i].text, text))
			break;
	if (!messages[i].n)
		strcpy(messages[i].text, text);
	messages[i].n++;
}

int main(int argc, char **argv)
{
	unsigned long pairs = 0, loading = 0, disagree = 0, by_type[2][64] = {};
	unsigned int nr, first, count;
	const char *what;
	char name[16];
	size_t i;
	int k;

	if (argc != 3) {
		fprintf(stderr, "usage: fuzz FIRST COUNT | -v SEED\n");
		return 2;
	}
	set_up(true);
	if (!strcmp(argv[1], "-v")) {
		add_program(atoi(argv[2]));
		what = compare();
		printf("%s\n--- kfuncs: %d, returns %d\n%s--- impls: %d, returns %d\n%s", what ?: "agree", outcomes[0].err,
		       outcomes[0].retval, outcomes[0].log, outcomes[1].err, outcomes[1].retval, outcomes[1].log);
		return !!what;
	}
	first = atoi(argv[1]);
	count = atoi(argv[2]);
	for (nr = first; nr < first + count; nr++) {
		snprintf(name, sizeof(name), "fuzz-%u", nr);
		prctl(PR_SET_NAME, name);
		add_program(nr);
		what = compare();
		pairs++;
		if (what) {
			if (disagree++ < 5)
				shrink(nr, what);
			continue;
		}
		by_type[!outcomes[0].err][prog.type]++;
		if (strstr(outcomes[0].log, "verifier bug"))
			printf("verifier bug: seed %u\n", nr);
		if (outcomes[0].err) {
			count_message(outcomes[0].log);
			continue;
		}
		loading++;
		for (k = 0; k < NR_KFUNCS; k++)
			kfuncs[k].loaded += prog.calls[k];
	}
	for (i = 0; i < sizeof(messages) / sizeof(messages[0]) && messages[i].n; i++)
		printf("refused %lu: %s\n", messages[i].n, messages[i].text);
	for (i = 0; i < 64; i++)
		if (by_type[0][i] || by_type[1][i])
			printf("type %s: %lu load, %lu do not\n", libbpf_bpf_prog_type_str(i), by_type[1][i], by_type[0][i]);
	for (k = 0; k < NR_KFUNCS; k++)
		printf("calls in programs that load: %lu %s\n", kfuncs[k].loaded, kfuncs[k].name);
	printf("fuzz: seeds %u to %u: %lu pairs, %lu load, %lu disagree\n", first, first + count - 1, pairs, loading, disagree);
	return !!disagree;
}
