/*
 * A folder with a history of traffic, for unit tests of those who write and
 * read it.
 */
#ifndef TESTS_UNIT_HISTORY_FIXTURE_H
#define TESTS_UNIT_HISTORY_FIXTURE_H

#include <check.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* 2026-03-28T00:00Z: a change of summer time lies in what follows. */
#define BEGIN_MS INT64_C(1774656000000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

#define HISTORY_FOLDER "/tmp/meridian-history-XXXXXX"

static char history_folder[] = HISTORY_FOLDER;
static char history_file[sizeof(history_folder) + 16];

static inline void
history_set_up(void)
{
	snprintf(history_folder, sizeof(history_folder), "%s", HISTORY_FOLDER);
	ck_assert_ptr_nonnull(mkdtemp(history_folder));
	snprintf(history_file, sizeof(history_file), "%s/history.db",
	    history_folder);
}

static inline void
history_tear_down(void)
{
	static const char *const ends[] = {
	    "", "-wal", "-shm", "-lock", ".corrupt", ".corrupt-wal"};
	char path[sizeof(history_file) + 16];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", history_file, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(history_folder);
}

/* The number that ${sql} gives. */
static inline long long
history_ask(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	long long n;

	ck_assert_int_eq(sqlite3_open(history_file, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

#endif
