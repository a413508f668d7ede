// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the guest. What it does is chosen on the kernel command line:
 *
 *   magic.mode=run|test		run the jobs in /etc/jobs, one at a time
 *   magic.mode=cmd		run the shell commands in /etc/cmd, as a job of that name
 *   magic.mode=shell		a shell on the console; the guest ends with it
 *   magic.slow=N			with N times the time limits; jobs find N in $SLOW
 *
 * /etc/jobs has one job a line, `name<TAB>timeout in seconds<TAB>shell command`:
 *
 *   wq	60	cd /tests && exec ./test_progs -w $((120 * SLOW)) -a wq
 *
 * What the host reads comes out of the virtio port named "results":
 *
 *   @begin wq
 *   #512/1   wq/array:OK		(whatever the job writes; an `@` in column one is indented)
 *   @end wq status=0		(or status=N, status=signal-N, status=timeout)
 *   @error mount /proc: No such device
 *   @leak unreferenced object 0xffff888003d2e400 (size 64):
 *   @taint 12288
 *   @done
 *
 * @done is the last line ever written, after everything that can still find trouble.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"
#define KMEMLEAK "/sys/kernel/debug/kmemleak"
/* kmemleak reports an object only when it is older than five seconds (MSECS_MIN_AGE). */
#define KMEMLEAK_AGE 6

static FILE *results;

/* `init: object: cause` on the console, and as an @error for the host once there is a port. */
static void complain(const char *object, const char *cause)
{
	fprintf(stderr, "init: %s: %s\n", object, cause);
	if (results)
		fprintf(results, "@error init: %s: %s\n", object, cause);
}

static void complain_errno(const char *fmt, ...)
{
	char object[256];
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(object, sizeof(object), fmt, ap);
	va_end(ap);
	complain(object, strerror(err));
}

/* There is no ACPI to power off with: the machine resets and QEMU, run with -no-reboot, exits. */
static void __attribute__((noreturn)) power_off(void)
{
	if (results)
		fflush(results);
	sync();
	reboot(RB_AUTOBOOT);
	complain_errno("reboot");
	for (;;)
		pause();
}

static const struct {
	const char *fs, *dir;
	bool optional;	/* what some configs leave out on purpose */
} mounts[] = {
	{ "proc", "/proc", false },
	{ "sysfs", "/sys", false },
	{ "devtmpfs", "/dev", false },
	{ "devpts", "/dev/pts", true },
	{ "tmpfs", "/dev/shm", false },
	{ "tmpfs", "/tmp", false },
	{ "tmpfs", "/run", false },
	{ "cgroup2", "/sys/fs/cgroup", true },
	{ "bpf", "/sys/fs/bpf", true },
	{ "debugfs", "/sys/kernel/debug", true },
	{ "tracefs", "/sys/kernel/tracing", true },
	{ "securityfs", "/sys/kernel/security", true },
};

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].dir, 0755);
		if (!mount(mounts[i].fs, mounts[i].dir, mounts[i].fs, 0, NULL))
			continue;
		/* initramfs may have devtmpfs already; a config may lack an optional one */
		if (errno == EBUSY || (mounts[i].optional && (errno == ENODEV || errno == ENOENT)))
			continue;
		complain_errno("mount %s", mounts[i].dir);
	}
}

/* The kernel's own /init descriptors precede devtmpfs; give every job a console that works. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static bool read_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = 0;
	return ok;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!ok)
		complain_errno("write %s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The port is found by the name that QEMU gave it; without one nothing that follows can count. */
static void open_results(void)
{
	char path[512], name[64];
	struct dirent *e;
	DIR *dir = opendir(PORTS);

	while (dir && (e = readdir(dir))) {
		snprintf(path, sizeof(path), PORTS "/%s/name", e->d_name);
		if (e->d_name[0] == '.' || !read_line(path, name, sizeof(name)) ||
		    strcmp(name, "results"))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		results = fopen(path, "we");
		if (!results)
			complain_errno("open %s", path);
		break;
	}
	if (dir)
		closedir(dir);
	if (!results)
		complain(PORTS, "no port named results; give QEMU a virtserialport of that name");
	else
		setvbuf(results, NULL, _IOLBF, BUFSIZ);
}

static void raise_limits(void)
{
	const struct rlimit memlock = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit nofile = { 65536, 65536 };

	if (setrlimit(RLIMIT_MEMLOCK, &memlock))
		complain_errno("setrlimit memlock");
	if (setrlimit(RLIMIT_NOFILE, &nofile))
		complain_errno("setrlimit nofile");
}

static void bring_up_lo(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* a config without INET, or without NET */
	if (fd < 0 && (errno == EAFNOSUPPORT || errno == ENOSYS))
		return;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		complain_errno("set lo up");
	if (fd >= 0)
		close(fd);
}

/* Jobs are named in the kernel log, so that a splat there can be laid at a job's door. */
static void log_to_kernel(const char *what, const char *name)
{
	char line[256];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	snprintf(line, sizeof(line), "<5>init: %s %s\n", what, name);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		complain_errno("write /dev/kmsg");
	if (fd >= 0)
		close(fd);
}

static long ms_since_boot(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reap whatever has ended, orphans included; true when pid was among it. */
static bool reap(pid_t pid, int *status)
{
	bool found = false;
	pid_t p;
	int st;

	while ((p = waitpid(-1, &st, WNOHANG)) > 0) {
		if (p == pid) {
			*status = st;
			found = true;
		}
	}
	return found;
}

/* Copy what the job wrote; *bol remembers whether the next character begins a line. */
static bool copy_output(int fd, bool *bol)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++) {
		if (*bol && buf[i] == '@')
			putc(' ', results);
		putc(buf[i], results);
		*bol = buf[i] == '\n';
	}
	return n > 0;
}

static pid_t spawn(const char *command, int out)
{
	const sigset_t none = {};
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out, 1);
	dup2(out, 2);
	execl("/bin/sh", "sh", "-c", command, NULL);
	dprintf(2, "init: exec /bin/sh: %s\n", strerror(errno));
	_exit(127);
}

/*
 * Run one job. Everything that it leaves behind is killed when it ends: no job can hold up or
 * disturb the next one.
 */
static void run_job(const char *name, int timeout, const char *command)
{
	sigset_t unblocked;
	bool bol = true, ended = false, timed_out = false;
	int out[2], status = 0;
	long deadline = ms_since_boot() + timeout * 1000L;
	pid_t pid;

	fprintf(results, "@begin %s\n", name);
	log_to_kernel("begin", name);
	if (pipe2(out, O_CLOEXEC) || fcntl(out[0], F_SETFL, O_NONBLOCK) ||
	    (pid = spawn(command, out[1])) < 0) {
		complain_errno("start %s", name);
		return;		/* no @end: the host counts the job as failed */
	}
	close(out[1]);

	sigprocmask(SIG_SETMASK, NULL, &unblocked);
	sigdelset(&unblocked, SIGCHLD);
	while (!ended && !timed_out) {
		struct pollfd pfd = { .fd = out[0], .events = POLLIN };
		long left = deadline - ms_since_boot();
		struct timespec ts = { left / 1000, left % 1000 * 1000000 };

		/* SIGCHLD is unblocked only inside ppoll(): no exit is missed */
		if (left <= 0)
			timed_out = true;
		else if (ppoll(&pfd, 1, &ts, &unblocked) > 0 && !copy_output(out[0], &bol))
			ppoll(NULL, 0, &ts, &unblocked);	/* closed its output, still runs */
		ended = reap(pid, &status);
	}
	while (copy_output(out[0], &bol))
		;
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(out[0]);

	if (!bol)
		putc('\n', results);
	if (!ended)
		fprintf(results, "@end %s status=timeout\n", name);
	else if (WIFSIGNALED(status))
		fprintf(results, "@end %s status=signal-%d\n", name, WTERMSIG(status));
	else
		fprintf(results, "@end %s status=%d\n", name, WEXITSTATUS(status));
	log_to_kernel("end", name);
}

/* A malformed line is an error, never a job that silently did not run. */
static void run_jobs(const char *path, int slow)
{
	FILE *f = fopen(path, "re");
	char line[1024];

	if (!f) {
		complain_errno("open %s", path);
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		char *name = strtok(line, "\t"), *timeout = strtok(NULL, "\t");
		char *command = strtok(NULL, "\n");

		if (!name || !timeout || atoi(timeout) <= 0 || !command)
			complain(path, "want name<TAB>seconds<TAB>command");
		else
			run_job(name, atoi(timeout) * slow, command);
	}
	fclose(f);
}

/* An interactive shell with job control on the console. */
static void run_shell(const char *tty)
{
	pid_t pid = fork();

	if (pid < 0) {
		complain_errno("start the shell");
		return;
	}
	if (!pid) {
		const sigset_t none = {};
		char path[64];
		int fd;

		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		/* /dev/console cannot become a controlling terminal, the serial port can */
		snprintf(path, sizeof(path), "/dev/%s", tty);
		fd = open(path, O_RDWR);
		for (int i = 0; fd >= 0 && i < 3; i++)
			dup2(fd, i);
		if (fd < 0 || ioctl(0, TIOCSCTTY, 1))
			complain_errno("make %s the controlling terminal", path);
		if (chdir("/root"))
			complain_errno("cd /root");
		execl("/bin/sh", "-sh", NULL);
		complain_errno("exec /bin/sh");
		_exit(127);
	}
	while (waitpid(-1, NULL, 0) != pid)
		;
}

/* Two scans: kmemleak reports an object once its checksum held from one scan to the next. */
static void scan_for_leaks(void)
{
	char line[512];
	FILE *f;

	if (access(KMEMLEAK, F_OK))
		return;
	for (int i = 0; i < 2; i++) {
		sleep(KMEMLEAK_AGE);
		write_file(KMEMLEAK, "scan");
	}
	f = fopen(KMEMLEAK, "re");
	if (!f) {
		complain_errno("open " KMEMLEAK);
		return;
	}
	while (fgets(line, sizeof(line), f))
		fprintf(results, "@leak %s", line);
	fclose(f);
}

/* The verdict's last part: wait for what RCU defers, look for leaks, read the taint, say done. */
static void finish(void)
{
	char taint[64];

	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) && errno != ENOSYS)
		complain_errno("membarrier");
	scan_for_leaks();
	if (read_line("/proc/sys/kernel/tainted", taint, sizeof(taint)))
		fprintf(results, "@taint %s\n", taint);
	else
		complain_errno("read /proc/sys/kernel/tainted");
	fprintf(results, "@done\n");
}

/* The value of key in the kernel's command line: one word. */
static char *option(const char *cmdline, const char *key)
{
	const char *p = strstr(cmdline, key);
	char *copy;

	if (!p || (p != cmdline && p[-1] != ' '))
		return NULL;
	copy = strdup(p + strlen(key));
	if (copy)
		copy[strcspn(copy, " ")] = 0;
	return copy;
}

static void on_child(int sig)
{
	(void)sig;	/* only there to interrupt ppoll() */
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_child };
	char cmdline[4096] = "";
	char *mode, *slow;
	sigset_t child;

	if (getpid() != 1) {
		fprintf(stderr, "init: not started: only PID 1 of the guest may run this\n");
		return 1;
	}
	umask(022);
	mount_all();
	open_console();
	open_results();
	raise_limits();
	bring_up_lo();
	if (sethostname("magic", 5))
		complain_errno("set the host name");
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin:/demo:/tests", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "linux", 1);
	setenv("TMPDIR", "/tmp", 1);

	sigaction(SIGCHLD, &sa, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);

	if (!read_line("/proc/cmdline", cmdline, sizeof(cmdline)))
		complain_errno("read /proc/cmdline");
	mode = option(cmdline, "magic.mode=");
	slow = option(cmdline, "magic.slow=");
	setenv("SLOW", slow ?: "1", 1);
	if (mode && !strcmp(mode, "shell")) {
		run_shell(option(cmdline, "console=") ?: "ttyS0");
		power_off();
	}
	if (!results)
		power_off();
	if (mode && (!strcmp(mode, "run") || !strcmp(mode, "test")))
		run_jobs("/etc/jobs", slow ? atoi(slow) : 1);
	else if (mode && !strcmp(mode, "cmd"))
		run_job("cmd", 24 * 3600, "exec sh /etc/cmd");
	else
		complain("magic.mode", "want run, test, cmd or shell");
	finish();
	power_off();
}
