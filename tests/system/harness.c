/*
 * The part of the harness that has to do with processes and files; see
 * harness.h.  Called by system tests.
 */
#include "tests/system/harness.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "tests/system/harness_keep.h"

#define MAX_ARGUMENTS 32
/* Logs of a test that runs for minutes stay below. */
#define MAX_FILE ((size_t)64 << 20)
#define STOP_MS 10000
#define RUN_MS 30000
/* Under what the kernel gives to clients by itself (32768 and up), in blocks
 * of which each belongs to one test at a time. */
#define FIRST_PORT 20000
#define BLOCK_PORTS 32
#define BLOCKS 375
#define MAX_BLOCKS 8 /* of one test, where other programs have the ports */

struct child {
	pid_t pid;
	bool ended;
	int status;
};

struct harness {
	char folder[PATH_MAX];
	char build[PATH_MAX];
	struct child *children;
	size_t n_children;
	char **kept;
	size_t n_kept;
	int blocks[MAX_BLOCKS]; /* sockets whose names say whose a block is */
	size_t n_blocks;
	unsigned next_port, end_port;
	unsigned runs;
};

int64_t
harness_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int64_t
harness_within(int64_t *ms, size_t n, unsigned percent)
{
	ck_assert_uint_gt(n, 0);
	qsort(ms, n, sizeof(*ms), by_size);
	return ms[percent < 100 ? n * percent / 100 : n - 1];
}

void
harness_pause(void)
{
	struct timespec t = {.tv_nsec = 5000000};

	nanosleep(&t, NULL);
}

char *
harness_keep(struct harness *h, char *text)
{
	char **grown = h->kept;

	/* Twice the room at each power of two. */
	if ((h->n_kept & (h->n_kept - 1)) == 0)
		grown = realloc(grown,
		    (h->n_kept > 0 ? 2 * h->n_kept : 1) * sizeof(*grown));
	if (text == NULL || grown == NULL)
		ck_abort_msg("the harness has no memory left");
	h->kept = grown;
	h->kept[h->n_kept++] = text;
	return text;
}

static const char *
join(struct harness *h, const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		path = NULL;
	return harness_keep(h, path);
}

const char *
harness_path(struct harness *h, const char *name)
{
	return join(h, h->folder, name);
}

const char *
harness_built(struct harness *h, const char *name)
{
	return join(h, h->build, name);
}

/* The test is BUILD/tests/system/what_test. */
static void
find_build(struct harness *h)
{
	ssize_t n = readlink("/proc/self/exe", h->build, sizeof(h->build) - 1);

	ck_assert_msg(n > 0, "readlink: %s", strerror(errno));
	h->build[n] = '\0';
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(h->build, '/');

		ck_assert_ptr_nonnull(slash);
		*slash = '\0';
	}
}

struct harness *
harness_create(void)
{
	struct harness *h = calloc(1, sizeof(*h));
	const char *tmp = getenv("TMPDIR");

	ck_assert_ptr_nonnull(h);
	snprintf(h->folder, sizeof(h->folder), "%s/meridian-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_msg(
	    mkdtemp(h->folder) != NULL, "%s: %s", h->folder, strerror(errno));
	find_build(h);
	return h;
}

static void
remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char inner[PATH_MAX];
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    snprintf(inner, sizeof(inner), "%s/%s", path,
			entry->d_name) >= (int)sizeof(inner))
			continue;
		if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
			remove_tree(inner);
		else
			(void)unlink(inner);
	}
	if (dir != NULL)
		closedir(dir);
	(void)rmdir(path);
}

void
harness_destroy(struct harness *h)
{
	for (size_t i = h->n_children; i-- > 0;)
		if (harness_running(h, h->children[i].pid))
			harness_stop(h, h->children[i].pid);
	remove_tree(h->folder);
	for (size_t i = 0; i < h->n_blocks; i++)
		close(h->blocks[i]);
	for (size_t i = 0; i < h->n_kept; i++)
		free(h->kept[i]);
	free(h->kept);
	free(h->children);
	free(h);
}

void
harness_write(struct harness *h, const char *name, const char *fmt, ...)
{
	const char *path = harness_path(h, name), *aside;
	char *text = NULL;
	va_list args;
	FILE *f;
	int n;

	aside = harness_path(h, "harness.new");
	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	ck_assert_int_ge(n, 0);
	f = fopen(aside, "w");
	ck_assert_msg(f != NULL, "%s: %s", aside, strerror(errno));
	ck_assert_uint_eq(fwrite(text, 1, (size_t)n, f), (size_t)n);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(rename(aside, path), 0);
	free(text);
}

const char *
harness_read(struct harness *h, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, n;

	do {
		text = realloc(text, len + 4096 + 1);
		ck_assert_ptr_nonnull(text);
		n = f != NULL ? fread(text + len, 1, 4096, f) : 0;
		len += n;
	} while (n > 0 && len < MAX_FILE);
	text[len] = '\0';
	if (f != NULL)
		fclose(f);
	return harness_keep(h, text);
}

/* Whether ${port} can be bound on the loopback address ${text}. */
static bool
can_bind(const char *text, uint16_t port, int type)
{
	struct address address;
	struct sockaddr_storage sa;
	socklen_t len;
	bool good;
	int fd;

	ck_assert_int_eq(address_parse(text, &address), 0);
	len = address_to_sockaddr(&address, port, &sa);
	fd = socket(sa.ss_family, type | SOCK_CLOEXEC, 0);
	/* Without IPv6 there is nothing to be in the way. */
	if (fd < 0)
		return errno == EAFNOSUPPORT;
	good = bind(fd, (struct sockaddr *)&sa, len) == 0 ||
	    errno == EADDRNOTAVAIL;
	close(fd);
	return good;
}

/* Make block number ${block} this test's, for as long as its socket is open;
 * false when another test has it. */
static bool
take_block(struct harness *h, unsigned block)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len;

	ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
	/* A name that begins with NUL is not one of a file. */
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1);
	len += (socklen_t)snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1,
	    "meridian-ports-%u", block);
	if (bind(fd, (struct sockaddr *)&name, len) != 0) {
		close(fd);
		return false;
	}
	h->blocks[h->n_blocks++] = fd;
	h->next_port = FIRST_PORT + block * BLOCK_PORTS;
	h->end_port = h->next_port + BLOCK_PORTS;
	return true;
}

static void
find_block(struct harness *h)
{
	/* Tests that run side by side do not look in the same place first. */
	unsigned first = (unsigned)getpid() * 97;

	ck_assert_msg(h->n_blocks < MAX_BLOCKS, "too few ports are free");
	for (unsigned i = 0; i < BLOCKS; i++)
		if (take_block(h, (first + i) % BLOCKS))
			return;
	ck_abort_msg("all ports are other tests'");
}

uint16_t
harness_port(struct harness *h)
{
	for (;;) {
		uint16_t port;

		if (h->next_port == h->end_port)
			find_block(h);
		port = (uint16_t)h->next_port++;
		if (can_bind("127.0.0.1", port, SOCK_DGRAM) &&
		    can_bind("127.0.0.1", port, SOCK_STREAM) &&
		    can_bind("::1", port, SOCK_DGRAM) &&
		    can_bind("::1", port, SOCK_STREAM))
			return port;
	}
}

/* In the child: become ${program}; never returns. */
static void
become(const char *log, const char *program, char **argv, pid_t parent)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	int null = open("/dev/null", O_RDONLY);

	/* However the test ends, this ends with it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || fd < 0 || null < 0)
		_exit(126);
	dup2(null, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execv(program, argv);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

/* Twice the room at each power of two: a test restarts what it likes. */
static void
add_child(struct harness *h, pid_t pid)
{
	struct child *grown = h->children;

	if ((h->n_children & (h->n_children - 1)) == 0)
		grown = realloc(grown,
		    (h->n_children > 0 ? 2 * h->n_children : 1) *
			sizeof(*grown));
	if (grown == NULL)
		ck_abort_msg("the harness has no memory left");
	h->children = grown;
	h->children[h->n_children++] = (struct child){.pid = pid};
}

static pid_t
start(struct harness *h, const char *log, const char *program, va_list args)
{
	char *argv[MAX_ARGUMENTS];
	char name[PATH_MAX];
	pid_t parent = getpid(), pid;
	size_t n = 0;

	if (strchr(program, '/') == NULL)
		program = harness_built(h, program);
	log = harness_path(h, log);
	snprintf(name, sizeof(name), "%s", program);
	argv[n++] = name;
	while ((argv[n] = va_arg(args, char *)) != NULL)
		ck_assert_uint_lt(++n, MAX_ARGUMENTS);
	pid = fork();
	ck_assert_msg(pid >= 0, "fork: %s", strerror(errno));
	if (pid == 0)
		become(log, program, argv, parent);
	add_child(h, pid);
	return pid;
}

pid_t
harness_start(struct harness *h, const char *log, const char *program, ...)
{
	va_list args;
	pid_t pid;

	va_start(args, program);
	pid = start(h, log, program, args);
	va_end(args);
	return pid;
}

static struct child *
find_child(struct harness *h, pid_t pid)
{
	/* The newest first: an old one may have had the same number. */
	for (size_t i = h->n_children; i-- > 0;)
		if (h->children[i].pid == pid)
			return &h->children[i];
	ck_abort_msg("process %d is not of this test", (int)pid);
	return NULL;
}

bool
harness_running(struct harness *h, pid_t pid)
{
	struct child *child = find_child(h, pid);

	if (!child->ended && waitpid(pid, &child->status, WNOHANG) == pid)
		child->ended = true;
	return !child->ended;
}

void
harness_signal(struct harness *h, pid_t pid, int number)
{
	/* Not yet waited for: the number cannot be another's by now. */
	ck_assert_msg(
	    harness_running(h, pid), "process %d has ended", (int)pid);
	ck_assert_int_eq(kill(pid, number), 0);
}

int
harness_wait(struct harness *h, pid_t pid, int ms)
{
	const struct child *child = find_child(h, pid);

	HARNESS_WAIT(ms, !harness_running(h, pid));
	return WIFSIGNALED(child->status) ? 128 + WTERMSIG(child->status)
					  : WEXITSTATUS(child->status);
}

void
harness_stop(struct harness *h, pid_t pid)
{
	int status;

	harness_signal(h, pid, SIGTERM);
	status = harness_wait(h, pid, STOP_MS);
	ck_assert_msg(status == 0, "process %d: status %d after SIGTERM",
	    (int)pid, status);
}

void
harness_kill(struct harness *h, pid_t pid)
{
	harness_signal(h, pid, SIGKILL);
	(void)harness_wait(h, pid, STOP_MS);
}

int
harness_run(struct harness *h, const char **out, const char *program, ...)
{
	char log[32];
	va_list args;
	pid_t pid;
	int status;

	snprintf(log, sizeof(log), "run-%u.out", h->runs++);
	va_start(args, program);
	pid = start(h, log, program, args);
	va_end(args);
	status = harness_wait(h, pid, RUN_MS);
	/* It was the last to come; its place is for the next one. */
	h->n_children--;
	if (out != NULL)
		*out = harness_read(h, harness_path(h, log));
	(void)unlink(harness_path(h, log));
	return status;
}

/* What tests left behind comes to us, as the nearest subreaper. */
static int
reap_orphans(void)
{
	int64_t end = harness_ms() + STOP_MS;
	int left = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 && harness_ms() < end)
		if (pid == 0)
			harness_pause();
	if (pid == 0) {
		fprintf(
		    stderr, "a process outlived the test that started it\n");
		left = 1;
	}
	return left;
}

int
harness_main(const char *name, const struct harness_case *cases, size_t n)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < n; i++) {
		TCase *tcase = tcase_create(cases[i].name);

		tcase_set_timeout(tcase,
		    cases[i].timeout_s > 0 ? cases[i].timeout_s
					   : HARNESS_TIMEOUT_S);
		tcase_add_test(tcase, cases[i].test);
		suite_add_tcase(suite, tcase);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner) + reap_orphans();
	srunner_free(runner);
	return failed > 0;
}
