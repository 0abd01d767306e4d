/*
 * Runs the programs of checks.  Called by attempts; judges nothing but how a
 * program ended.
 */
#include "probes/ask/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit statuses: those of monitoring plug-ins, and of what runs programs. */
#define EXIT_DEGRADED 1
#define EXIT_UNKNOWN 3
#define EXIT_NOT_RUN 126
#define EXIT_NOT_FOUND 127

struct program {
	struct program_host *host;
	struct program *next;
	char **argv, **env; /* in one piece of memory each */
	program_done done;  /* NULL: nobody waits for it any more */
	void *context;
	pid_t pid; /* 0: it does not run */
	int fd;    /* the end of its output that we read; -1 */
	uv_poll_t *poll;
	uv_timer_t *timer;
	uint64_t began_ns;
	size_t read; /* octets of its output */
	size_t kept;
	char output[PROGRAM_KEPT];
};

struct program_host {
	uv_loop_t *loop;
	uv_signal_t child; /* SIGCHLD */
	unsigned at_once, running;
	/* All that run or wait, in the order in which they began. */
	struct program *first;
	bool refused; /* nothing is run */
	bool closing;
};

static void run_next(struct program_host *host);

/* --- memory --- */

/* The texts of ${from} with their list, in one piece.  NULL without memory. */
static char **
copy_list(const char *const *from)
{
	size_t n = 0, size = 0;
	char **copy;
	char *at;

	for (; from[n] != NULL; n++)
		size += strlen(from[n]) + 1;
	copy = malloc((n + 1) * sizeof(*copy) + size);
	if (copy == NULL)
		return NULL;
	at = (char *)(copy + n + 1);
	for (size_t i = 0; i < n; i++) {
		copy[i] = at;
		at = memccpy(at, from[i], '\0', size);
	}
	copy[n] = NULL;
	return copy;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void
stop_reading(struct program *p)
{
	if (p->poll != NULL)
		uv_close((uv_handle_t *)p->poll, on_closed);
	if (p->fd >= 0)
		close(p->fd);
	p->poll = NULL;
	p->fd = -1;
}

static void
stop_timer(struct program *p)
{
	if (p->timer != NULL)
		uv_close((uv_handle_t *)p->timer, on_closed);
	p->timer = NULL;
}

static void
release(struct program *p)
{
	stop_reading(p);
	stop_timer(p);
	free(p->argv);
	free(p->env);
	free(p);
}

/* Nothing of it is left but memory. */
static void
drop(struct program *p)
{
	struct program **at = &p->host->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	release(p);
}

/* --- how it ended --- */

/* The first line of what it said, in printable ASCII. */
static void
first_line(const struct program *p, char out[STATE_REASON])
{
	size_t n = 0;

	for (size_t i = 0; i < p->kept && n + 1 < STATE_REASON; i++) {
		char c = p->output[i];

		if (c == '\n')
			break;
		out[n++] = c < 0x20 || c > 0x7e ? '?' : c;
	}
	while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '?'))
		n--;
	out[n] = '\0';
}

static enum program_outcome
outcome_of(int status)
{
	switch (status) {
	case 0:
		return PROGRAM_PASSED;
	case EXIT_DEGRADED:
		return PROGRAM_DEGRADED;
	case EXIT_UNKNOWN:
	case EXIT_NOT_RUN:
	case EXIT_NOT_FOUND:
	case -1:
		return PROGRAM_UNMADE;
	default:
		return PROGRAM_FAILED;
	}
}

/* What waitpid() says as an answer. */
static void
judge(const struct program *p, int ended, struct program_answer *answer)
{
	char line[STATE_REASON], how[32];
	bool exited = WIFEXITED(ended);

	answer->status = exited ? WEXITSTATUS(ended) : -1;
	answer->outcome = outcome_of(answer->status);
	first_line(p, line);
	if (exited)
		snprintf(how, sizeof(how), "exit status %d", answer->status);
	else
		snprintf(
		    how, sizeof(how), "ended by signal %d", WTERMSIG(ended));
	if (answer->outcome == PROGRAM_PASSED)
		answer->reason[0] = '\0';
	else if (answer->outcome == PROGRAM_UNMADE)
		snprintf(answer->reason, sizeof(answer->reason),
		    "probe: exec: %s%s%.40s", how, line[0] != '\0' ? ": " : "",
		    line);
	else
		snprintf(answer->reason, sizeof(answer->reason), "exec: %.80s",
		    line[0] != '\0' ? line : how);
}

/* Say to whoever waits how it ended; it may be gone afterwards. */
static void
tell(struct program *p, struct program_answer *answer)
{
	program_done done = p->done;

	p->done = NULL;
	answer->total_us = p->began_ns != 0
	    ? (int64_t)((uv_hrtime() - p->began_ns) / 1000)
	    : -1;
	stop_timer(p);
	if (done != NULL)
		done(p->context, answer);
}

/* --- its output --- */

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct program *p = poll->data;
	char dropped[16384];
	size_t room = sizeof(p->output) - p->kept;
	ssize_t n = room > 0 ? read(p->fd, p->output + p->kept, room)
			     : read(p->fd, dropped, sizeof(dropped));

	(void)status;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		p->kept += room > 0 ? (size_t)n : 0;
		p->read += (size_t)n;
	}
	/* Its end, or more than anybody wants: it waits when its pipe is full.
	 */
	if (n <= 0 || p->read > PROGRAM_DRAINED)
		uv_poll_stop(poll);
}

/* What is still in the pipe of a program that has ended. */
static void
read_rest(struct program *p)
{
	ssize_t n = 1;

	while (p->fd >= 0 && n > 0 && p->kept < sizeof(p->output)) {
		n = read(
		    p->fd, p->output + p->kept, sizeof(p->output) - p->kept);
		p->kept += n > 0 ? (size_t)n : 0;
	}
}

/* --- the end --- */

/* Has it ended?  While it is not yet waited for, its number is that of its
 * group: what it began and left is ended with it. */
static bool
reap(struct program *p, int *ended)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) !=
		0 ||
	    info.si_pid == 0)
		return false;
	read_rest(p);
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, ended, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
	p->host->running--;
	return true;
}

static struct program *
find_ended(struct program_host *host, int *ended)
{
	for (struct program *p = host->first; p != NULL; p = p->next)
		if (p->pid != 0 && reap(p, ended))
			return p;
	return NULL;
}

static void
on_child(uv_signal_t *signal, int number)
{
	struct program_host *host = signal->data;
	struct program_answer answer;
	struct program *p;
	int ended = 0;

	(void)number;
	while ((p = find_ended(host, &ended)) != NULL) {
		judge(p, ended, &answer);
		tell(p, &answer);
		drop(p);
	}
	run_next(host);
}

static void
end(struct program *p)
{
	p->done = NULL;
	stop_timer(p);
	if (p->pid == 0) {
		drop(p);
		return;
	}
	/* It is waited for when it has ended. */
	stop_reading(p);
	kill(-p->pid, SIGKILL);
}

void
program_cancel(struct program *p)
{
	end(p);
}

void
program_expire(struct program *p)
{
	struct program_answer answer = {
	    .outcome = PROGRAM_FAILED, .status = -1, .reason = "timeout"};

	if (p->pid == 0) {
		answer.outcome = PROGRAM_UNMADE;
		snprintf(answer.reason, sizeof(answer.reason),
		    "probe: exec: its turn did not come: too many programs");
	}
	tell(p, &answer);
	end(p);
}

static void
on_time(uv_timer_t *timer)
{
	program_expire(timer->data);
}

/* --- the beginning --- */

/* Its input is empty, its output and its errors are ours to read, and nothing
 * else is open. */
static int
set_files(posix_spawn_file_actions_t *files, int out)
{
	int error = posix_spawn_file_actions_addopen(
	    files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (error == 0)
		error =
		    posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
	if (error == 0)
		error =
		    posix_spawn_file_actions_adddup2(files, out, STDERR_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(files, 3);
	return error;
}

/* A session of its own, with signals as they are at first. */
static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	error = posix_spawnattr_setsigmask(attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(attributes, &all);
	if (error == 0)
		error = posix_spawnattr_setflags(attributes,
		    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
			POSIX_SPAWN_SETSIGDEF);
	return error;
}

/* 0, or an error number. */
static int
spawn(struct program *p, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&files);

	if (error != 0)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error != 0)
		goto free_files;
	error = set_files(&files, out);
	if (error == 0)
		error = set_attributes(&attributes);
	if (error == 0)
		error = posix_spawn(
		    &p->pid, p->argv[0], &files, &attributes, p->argv, p->env);
	if (error != 0)
		p->pid = 0;
	posix_spawnattr_destroy(&attributes);
free_files:
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* Read what it says from now on.  0, or an error number. */
static int
begin_reading(struct program *p)
{
	int error;

	p->poll = malloc(sizeof(*p->poll));
	if (p->poll == NULL)
		return ENOMEM;
	error = uv_poll_init(p->host->loop, p->poll, p->fd);
	if (error != 0) {
		free(p->poll);
		p->poll = NULL;
		return -error;
	}
	p->poll->data = p;
	return -uv_poll_start(p->poll, UV_READABLE, on_readable);
}

/* 0, or an error number. */
static int
run(struct program *p)
{
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return errno;
	/* The program's end waits as programs expect it to. */
	if (fcntl(ends[1], F_SETFL, 0) != 0)
		error = errno;
	else
		error = spawn(p, ends[1]);
	close(ends[1]);
	p->fd = ends[0];
	if (error != 0)
		return error;
	p->began_ns = uv_hrtime();
	p->host->running++;
	return begin_reading(p);
}

static void
fail_to_run(struct program *p, int error)
{
	struct program_answer answer = {
	    .outcome = PROGRAM_UNMADE, .status = -1};

	snprintf(answer.reason, sizeof(answer.reason),
	    "probe: exec: cannot run %.36s: %.28s", p->argv[0],
	    strerror(error));
	tell(p, &answer);
	end(p);
}

static void
refuse(struct program *p)
{
	struct program_answer answer = {.outcome = PROGRAM_UNMADE,
	    .status = -1,
	    .reason = "probe: exec: root runs no programs: name another "
		      "\"user\" in the node file"};

	tell(p, &answer);
	end(p);
}

/* Run those whose turn it is. */
static void
run_next(struct program_host *host)
{
	struct program *p = host->first;
	int error;

	while (p != NULL && host->running < host->at_once && !host->closing) {
		/* It has ended, or it waits for its beginning. */
		if (p->pid != 0 || p->done == NULL) {
			p = p->next;
			continue;
		}
		host = p->host;
		error = run(p);
		if (error != 0) {
			fail_to_run(p, error);
			p = host->first;
		}
	}
}

static void
on_turn(uv_timer_t *timer)
{
	struct program *p = timer->data;

	uv_timer_start(timer, on_time, uv_timer_get_repeat(timer), 0);
	if (p->host->refused)
		refuse(p);
	else
		run_next(p->host);
}

struct program *
program_start(struct program_host *host, const char *const *argv,
    const char *const *env, uint64_t timeout_ms, program_done done,
    void *context)
{
	struct program *p = calloc(1, sizeof(*p));
	struct program **at = &host->first;

	if (p == NULL)
		return NULL;
	p->host = host;
	p->argv = copy_list(argv);
	p->env = copy_list(env);
	p->timer = malloc(sizeof(*p->timer));
	p->done = done;
	p->context = context;
	p->fd = -1;
	if (p->argv == NULL || p->env == NULL || p->timer == NULL) {
		free(p->argv);
		free(p->env);
		free(p->timer);
		free(p);
		return NULL;
	}
	uv_timer_init(host->loop, p->timer);
	p->timer->data = p;
	/* It begins at the next turn of the loop, for its caller has to know
	 * it before done() is called; then the timer is that of its end. */
	uv_timer_start(p->timer, on_turn, 0, timeout_ms);
	while (*at != NULL)
		at = &(*at)->next;
	*at = p;
	return p;
}

/* --- the host --- */

struct program_host *
program_host_create(uv_loop_t *loop, unsigned at_once, bool as_root)
{
	struct program_host *host = calloc(1, sizeof(*host));

	if (host == NULL)
		return NULL;
	host->loop = loop;
	host->at_once = at_once;
	host->refused = !as_root && geteuid() == 0;
	uv_signal_init(loop, &host->child);
	host->child.data = host;
	if (uv_signal_start(&host->child, on_child, SIGCHLD) != 0) {
		uv_close((uv_handle_t *)&host->child, on_closed);
		return NULL;
	}
	uv_unref((uv_handle_t *)&host->child);
	return host;
}

static void
on_host_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
program_host_close(struct program_host *host)
{
	struct program *next;

	if (host == NULL)
		return;
	host->closing = true;
	/* Those that were killed are reaped by whoever adopts them. */
	for (struct program *p = host->first; p != NULL; p = next) {
		next = p->next;
		if (p->pid != 0)
			kill(-p->pid, SIGKILL);
		release(p);
	}
	host->first = NULL;
	uv_close((uv_handle_t *)&host->child, on_host_closed);
}

unsigned
program_host_running(const struct program_host *host)
{
	return host->running;
}
