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
#include "probes/hook_send.h"

/* Between two looks whether it has ended. */
#define LOOK_NS 10000000

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
start(const struct hook_try *try, int message, pid_t *pid)
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
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
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

bool
hook_run(const struct hook_try *try, char why[HOOK_WHY])
{
	int64_t until = clock_mono_ms() + (int64_t)try->config->timeout_ms;
	int message = open_message(try), status = 0, error;
	bool late = false;
	pid_t pid;

	if (message < 0) {
		snprintf(why, HOOK_WHY, "%s", strerror(errno));
		return false;
	}
	error = start(try, message, &pid);
	close(message);
	if (error != 0) {
		snprintf(why, HOOK_WHY, "%s: %s", try->config->argv[0],
		    strerror(error));
		return false;
	}
	while (!late && !has_ended(pid)) {
		int64_t now = clock_mono_ms(), ends = atomic_load(try->ends_ms);

		late = now >= until || (ends != 0 && now >= ends);
		nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
	}
	/* With what it began, whether it waited for that or not. */
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	if (late) {
		snprintf(why, HOOK_WHY, "it did not end in time");
		return false;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status))
		snprintf(why, HOOK_WHY, "exit status %d", WEXITSTATUS(status));
	else
		snprintf(why, HOOK_WHY, "signal %d", WTERMSIG(status));
	return false;
}
