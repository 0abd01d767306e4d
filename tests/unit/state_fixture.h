/*
 * What the tests of the state database share: a scratch folder, a connection
 * of the test's own to the file, rows, waiting on a loop, other processes.
 */
#ifndef TESTS_STATE_FIXTURE_H
#define TESTS_STATE_FIXTURE_H

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "state/rows.h"

/* "nobody" where the test runs as root: rights mean nothing to that one. */
#define OTHER_USER 65534

/* Longest wait for what has to come; it ends when it came. */
#define WAIT_MS 20000

/* What a turn of the loop may take on a busy machine, and still waited for no
 * lock: that would be a second. */
#define TURN_MS 800

/* The columns of an endpoint that the first release has, in its order. */
#define ENDPOINT_COLUMNS                                           \
	"vantage, zone, pool, endpoint, health, reason, since_ms," \
	" checked_ms, passes, fails, connect_us, first_byte_us, sequence"

/* SQL of a file of schema 11, which lets releases from these on read and write.
 */
#define NEWER_FILE(read, write)                                              \
	"CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value INTEGER"   \
	" NOT NULL) STRICT, WITHOUT ROWID;"                                  \
	"INSERT INTO meta VALUES ('schema', 11), ('least_read', " #read ");" \
	"PRAGMA application_id = 0x4d657269; PRAGMA user_version = " #write

static char folder[64], file[128];

static inline void
make_folder(void)
{
	snprintf(folder, sizeof(folder), "%s", "/tmp/meridian-state-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/state.db", folder);
}

static inline const char *
beside(const char *suffix)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s%s", file, suffix);
	return path;
}

static inline void
remove_files(void)
{
	(void)unlink(beside("-wal"));
	(void)unlink(beside("-shm"));
	(void)unlink(file);
}

static inline void
remove_folder(void)
{
	char path[400];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		(void)unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
	(void)rmdir(folder);
}

/* A connection of our own, as the sqlite3 shell has one. */
static inline sqlite3 *
open_shell(void)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 2000);
	return db;
}

static inline void
shell_run(sqlite3 *db, const char *sql)
{
	char *error = NULL;

	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK,
	    "%s: %s", sql, error != NULL ? error : "?");
}

static inline void
run_sql(const char *sql)
{
	sqlite3 *db = open_shell();

	shell_run(db, sql);
	sqlite3_close(db);
}

/* The first value that ${sql} gives, as text; "" when there is none. */
static inline const char *
ask_sql(const char *sql)
{
	static char answer[2048];
	sqlite3 *db = open_shell();
	sqlite3_stmt *stmt;

	answer[0] = '\0';
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		snprintf(answer, sizeof(answer), "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

static inline long long
ask_number(const char *sql)
{
	return strtoll(ask_sql(sql), NULL, 10);
}

static inline void
write_file(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, len, f), len);
	fclose(f);
}

/* A sum of all bytes of the file: whether it was changed. */
static inline unsigned long
file_sum(void)
{
	unsigned long sum = 0;
	FILE *f = fopen(file, "re");
	int c;

	ck_assert_ptr_nonnull(f);
	while ((c = fgetc(f)) != EOF)
		sum = sum * 31 + (unsigned)c;
	fclose(f);
	return sum;
}

static inline struct state_endpoint
a_row(const char *endpoint, enum state_health health)
{
	struct state_endpoint row = {
	    .health = health,
	    .since_ms = 1700000000000,
	    .checked_ms = 1700000001000,
	    .passes = health == HEALTH_UP ? 3 : 0,
	    .fails = health == HEALTH_DOWN ? 3 : 0,
	    .connect_us = 1200,
	    .first_byte_us = -1,
	};

	snprintf(row.zone, sizeof(row.zone), "%s", "inference.example");
	snprintf(row.pool, sizeof(row.pool), "%s", "chat-v1");
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	if (health == HEALTH_DOWN)
		snprintf(row.reason, sizeof(row.reason), "%s", "refused");
	return row;
}

static inline struct state_event
an_event(const char *endpoint, int64_t at_ms)
{
	struct state_event event = {
	    .at_ms = at_ms,
	    .before = HEALTH_UP,
	    .after = HEALTH_DOWN,
	};

	snprintf(event.zone, sizeof(event.zone), "%s", "inference.example");
	snprintf(event.pool, sizeof(event.pool), "%s", "chat-v1");
	snprintf(event.endpoint, sizeof(event.endpoint), "%s", endpoint);
	snprintf(event.reason, sizeof(event.reason), "%s", "refused");
	return event;
}

/* Run the loop until ${*done} or for ${ms}; whether it was done. */
static inline void
wake(uv_timer_t *timer)
{
	(void)timer;
}

static inline bool
run_until(uv_loop_t *loop, const bool *done, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;
	uv_timer_t timer;

	uv_timer_init(loop, &timer);
	uv_timer_start(&timer, wake, 10, 10);
	while ((done == NULL || !*done) && clock_mono_ms() < end)
		uv_run(loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
	return done != NULL && *done;
}

/* The process numbers of our children, of the name given; -1 for none. */
static inline pid_t
find_child(pid_t parent, const char *name)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	pid_t found = -1;

	ck_assert_ptr_nonnull(dir);
	while (found < 0 && (entry = readdir(dir)) != NULL) {
		char path[300], comm[64], state;
		int pid = (int)strtol(entry->d_name, NULL, 10), owner;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		f = pid > 0 ? fopen(path, "re") : NULL;
		if (f == NULL)
			continue;
		if (fscanf(f, "%*d (%63[^)]) %c %d", comm, &state, &owner) ==
			3 &&
		    owner == parent && state != 'Z' && strcmp(comm, name) == 0)
			found = pid;
		fclose(f);
	}
	closedir(dir);
	return found;
}

/* Send a signal to a process that find_child() found, and to nothing else: to
 * -1 would be to all there are. */
static inline void
signal_child(pid_t pid, int number)
{
	ck_assert_int_gt(pid, 1);
	ck_assert_int_eq(kill(pid, number), 0);
}

/* Make rights count: false when that cannot be (and we are not that user). */
static inline bool
become_other(void)
{
	if (geteuid() != 0)
		return true;
	return setgid(OTHER_USER) == 0 && setuid(OTHER_USER) == 0;
}

/* fork(), for a process that does not outlive a test that failed. */
static inline pid_t
fork_tied(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return pid;
}

/* What is logged from here on, until read_log(). */
static int log_before;

static inline void
catch_log(void)
{
	char path[200];
	int to;

	snprintf(path, sizeof(path), "%s/log", folder);
	to = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(to, 0);
	log_before = dup(STDERR_FILENO);
	ck_assert_int_eq(dup2(to, STDERR_FILENO), STDERR_FILENO);
	close(to);
}

static inline const char *
read_log(void)
{
	static char text[4096];
	ssize_t n = pread(STDERR_FILENO, text, sizeof(text) - 1, 0);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	dup2(log_before, STDERR_FILENO);
	close(log_before);
	return text;
}

/* Run ${body} in a process of its own; its exit status, 0 when all was well. */
static inline int
in_process(int (*body)(void))
{
	pid_t pid = fork_tied();
	int status;

	if (pid == 0)
		_exit(body());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static inline int
run_suite(Suite *suite)
{
	/* One process: the helper processes are our own children. */
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
