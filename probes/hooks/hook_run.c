/*
 * Runs the command of a hook, in its thread: without a shell, in a session of
 * its own, with the message as a file on its standard input.  What it prints is
 * dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/hooks/hook_send.h"

/* Between two looks whether it has ended. */
#define LOOK_NS 10000000

/* Of what it prints, the octets that are kept, and those that are read at each
 * look: what prints without an end must not take a core. */
#define SAID 256
#define READ_MAX 65536

struct said {
	int fd; /* to be read; -1: no more comes */
	size_t n;
	char end[SAID];
};

/* A file in memory with the message, to be read from its start; -1. */
static int
open_message(const struct hook_try *try)
{
	int fd = memfd_create("hook", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < try->len) {
		ssize_t n = write(fd, try->body + done, try->len - done);

		if (n < 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* 0, or an errno. */
static int
start(const struct hook_try *try, int message, int out, pid_t *pid)
{
	char *const *argv = (char *const *)(uintptr_t)try->config->argv;
	char *const *env = (char *const *)(uintptr_t)try->environment;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int status;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes,
	    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawn_file_actions_adddup2(&files, message, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, out, 2);
	status = posix_spawn(
	    pid, try->config->argv[0], &files, &attributes, argv, env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return status;
}

/* It stays to be waited for, so that nobody else gets its number. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) !=
	    0 ||
	    info.si_pid != 0;
}

/* --- what it prints --- */

static void
keep_end(struct said *said, const char *data, size_t n)
{
	size_t stay;

	if (n > SAID) {
		data += n - SAID;
		n = SAID;
	}
	stay = said->n + n > SAID ? SAID - n : said->n;
	memmove(said->end, said->end + said->n - stay, stay);
	memcpy(said->end + stay, data, n);
	said->n = stay + n;
}

/* Take what is there; it never waits. */
static void
listen_to(struct said *said)
{
	char data[4096];
	size_t all = 0;

	while (said->fd >= 0 && all < READ_MAX) {
		ssize_t n = read(said->fd, data, sizeof(data));

		if (n < 0 && errno != EINTR)
			return;
		if (n == 0) {
			close(said->fd);
			said->fd = -1;
		}
		if (n > 0) {
			keep_end(said, data, (size_t)n);
			all += (size_t)n;
		}
	}
}

/* Append it in one line: lines are parted by a bar, and what is no printable
 * ASCII is a question mark, so that it does nothing to a terminal. */
static void
quote(const struct said *said, char why[HOOK_WHY])
{
	size_t n = strlen(why), from = 0, end = said->n;

	while (end > 0 && (unsigned char)said->end[end - 1] <= ' ')
		end--;
	while (from < end && (unsigned char)said->end[from] <= ' ')
		from++;
	if (from == end)
		return;
	n += (size_t)snprintf(why + n, HOOK_WHY - n, ", it said: ");
	for (; from < end && n < HOOK_WHY - 1; from++) {
		char c = said->end[from];

		why[n++] = c == '\n' ? '|' : c < ' ' || c > '~' ? '?' : c;
	}
	why[n] = '\0';
}

/* --- a run --- */

/* Until it has ended; false when its time is over. */
static bool
await(const struct hook_try *try, pid_t pid, struct said *said)
{
	int64_t until = clock_mono_ms() + (int64_t)try->config->timeout_ms;

	for (;;) {
		int64_t now = clock_mono_ms(), ends = atomic_load(try->ends_ms);

		listen_to(said);
		if (has_ended(pid))
			return true;
		if (now >= until || (ends != 0 && now >= ends))
			return false;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
	}
}

/* 0, or an errno. */
static int
begin(const struct hook_try *try, struct said *said, pid_t *pid)
{
	int message = open_message(try), out[2], error;

	if (message < 0 || pipe2(out, O_CLOEXEC) != 0) {
		error = errno != 0 ? errno : EIO;
		if (message >= 0)
			close(message);
		return error;
	}
	/* Ours alone does not wait: the other end is the command's own. */
	(void)fcntl(out[0], F_SETFL, O_NONBLOCK);
	error = start(try, message, out[1], pid);
	close(message);
	close(out[1]);
	if (error == 0)
		said->fd = out[0];
	else
		close(out[0]);
	return error;
}

bool
hook_run(const struct hook_try *try, char why[HOOK_WHY])
{
	struct said said = {.fd = -1};
	int status = 0, error;
	bool in_time;
	pid_t pid = 0;

	error = begin(try, &said, &pid);
	if (pid <= 0) {
		snprintf(why, HOOK_WHY, "%.200s: %s", try->config->argv[0],
		    strerror(error));
		return false;
	}
	in_time = await(try, pid, &said);
	/* With what it began, whether it waited for that or not. */
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	listen_to(&said);
	if (said.fd >= 0)
		close(said.fd);
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (!in_time)
		snprintf(why, HOOK_WHY, "it did not end in time");
	else if (WIFEXITED(status))
		snprintf(why, HOOK_WHY, "exit status %d", WEXITSTATUS(status));
	else
		snprintf(why, HOOK_WHY, "signal %d", WTERMSIG(status));
	quote(&said, why);
	return false;
}
