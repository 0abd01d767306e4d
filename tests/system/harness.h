/*
 * What system tests have in common: a folder of their own, files, free ports,
 * the real programs of the build, waiting for events, HTTP.  Included by
 * tests/system/what_test.c only.  Whatever goes wrong in here fails the test
 * that is running; nothing waits without a limit.
 *
 * A test that takes longer than a minute has two sizes: see tests/full.h.
 *
 * A test that fails leaves its folder behind, with the programs' logs, for a
 * look; what it started is killed by the kernel when it is gone.
 */
#ifndef TESTS_SYSTEM_HARNESS_H
#define TESTS_SYSTEM_HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A test's own limit in seconds, for suites that say no other. */
#define HARNESS_TIMEOUT_S 60

struct harness;

/*
 * status = harness_main(name, cases, n): run the ${n} tests of ${cases}, each
 * in a process of its own, and return the status for main(): 1 when a test
 * failed or a process outlived the test that started it.
 */
struct harness_case {
	const char *name;
	const TTest *test;
	int timeout_s; /* 0: HARNESS_TIMEOUT_S */
};
int harness_main(const char *name, const struct harness_case *cases, size_t n);

/* h = harness_create(): an empty folder, nothing started. */
struct harness *harness_create(void);

/* harness_destroy(h): the test passed: stop what still runs, remove all. */
void harness_destroy(struct harness *h);

/* path = harness_path(h, name): ${name} in the test's folder; lives as long as
 * ${h}.  harness_built(h, name) is the same in the build folder. */
const char *harness_path(struct harness *h, const char *name);
const char *harness_built(struct harness *h, const char *name);

/* harness_write(h, name, fmt, ...): make or replace the file ${name}; who reads
 * it meanwhile sees the old or the new one, whole. */
void harness_write(struct harness *h, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* text = harness_read(h, path): all of a file, "" when it is not there; lives
 * as long as ${h}. */
const char *harness_read(struct harness *h, const char *path);

/* port = harness_port(h): free for UDP and TCP on both loopback addresses, and
 * given to nobody else while ${h} lives, in this test or another. */
uint16_t harness_port(struct harness *h);

/*
 * pid = harness_start(h, log, program, ..., NULL): start ${program} (of the
 * build folder when there is no slash in it) with the arguments that follow;
 * stdout and stderr go to the end of the file ${log} in the test's folder.
 */
pid_t harness_start(struct harness *h, const char *log, const char *program,
    ...) __attribute__((sentinel));

/* harness_signal(h, pid, number): send a signal to a program that runs. */
void harness_signal(struct harness *h, pid_t pid, int number);

/* running = harness_running(h, pid): false once it has ended. */
bool harness_running(struct harness *h, pid_t pid);

/* status = harness_wait(h, pid, ms): its exit status, 128 + N after signal N;
 * fails the test when it has not ended in ${ms}. */
int harness_wait(struct harness *h, pid_t pid, int ms);

/* harness_stop(h, pid): SIGTERM; it must end within 10 s and with status 0.
 * harness_kill(h, pid): SIGKILL. */
void harness_stop(struct harness *h, pid_t pid);
void harness_kill(struct harness *h, pid_t pid);

/*
 * status = harness_run(h, out, program, ..., NULL): run it to its end, at most
 * 30 s; what it wrote to stdout and stderr goes to ${out}, which may be NULL
 * and lives as long as ${h}.
 */
int harness_run(struct harness *h, const char **out, const char *program, ...)
    __attribute__((sentinel));

/* code = harness_http(h, method, url, body): an HTTP request, at most 5 s; the
 * code of the answer, or 0 when there is none.  ${body} may be NULL. */
int harness_http(
    struct harness *h, const char *method, const char *url, const char **body);

/* ms = harness_ms(): of a clock that never jumps. */
int64_t harness_ms(void);

/* ms = harness_within(ms, n, percent): within what time so many of ${n} were;
 * sorts them.  A machine that is busy for a moment makes a few late. */
int64_t harness_within(int64_t *ms, size_t n, unsigned percent);

/* harness_pause(): the pause between two looks at a condition, 5 ms. */
void harness_pause(void);

/* HARNESS_WAIT(ms, condition): look until it holds; the test fails when it has
 * not within ${ms}. */
#define HARNESS_WAIT(ms, condition)                                  \
	do {                                                         \
		int64_t end_ = harness_ms() + (ms);                  \
		while (!(condition)) {                               \
			if (harness_ms() > end_)                     \
				ck_abort_msg("not within %d ms: %s", \
				    (int)(ms), #condition);          \
			harness_pause();                             \
		}                                                    \
	} while (0)

#endif
