/*
 * Any octets as a file of history, for fuzz targets that read it: a true one
 * with octets changed, or one whose rows somebody else wrote, of any type and
 * size.  Included by fuzz targets only.
 */
#ifndef TESTS_FUZZ_HISTORY_FILE_H
#define TESTS_FUZZ_HISTORY_FILE_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state/history/schema.h"
#include "state/history/writer.h"
#include "tests/fuzz/pieces.h"

/* 2026-03-28T00:00Z */
#define HISTORY_FILE_MS INT64_C(1774656000000)
#define HISTORY_FILE_DAYS 3

/* The first octet of an input: which of the two it is. */
enum { HISTORY_FILE_CHANGED = 'c', HISTORY_FILE_FOREIGN = 'f' };

static struct {
	char folder[40], path[64];
	uint8_t *bytes[2]; /* of a true one, and of one without types */
	size_t size[2];
} history_file;

/* Also by exit(): a fuzzer ends so. */
static inline void
history_file_remove(void)
{
	static const char *const ends[] = {
	    "", "-wal", "-shm", "-journal", "-lock"};
	char path[96];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(
		    path, sizeof(path), "%s%s", history_file.path, ends[i]);
		(void)unlink(path);
	}
}

static inline void
history_file_end(void)
{
	history_file_remove();
	(void)rmdir(history_file.folder);
	free(history_file.bytes[0]);
	free(history_file.bytes[1]);
}

static inline void
history_file_keep(int which)
{
	FILE *f = fopen(history_file.path, "rb");
	long size;

	require(f != NULL && fseek(f, 0, SEEK_END) == 0);
	size = ftell(f);
	require(size > 0 && fseek(f, 0, SEEK_SET) == 0);
	history_file.size[which] = (size_t)size;
	history_file.bytes[which] = malloc((size_t)size);
	require(history_file.bytes[which] != NULL);
	require(fread(history_file.bytes[which], 1, (size_t)size, f) ==
	    (size_t)size);
	(void)fclose(f);
	history_file_remove();
}

/* Some hours of two services, of which the last day is not over. */
static inline void
history_file_make_true(void)
{
	static const struct history_traffic traffic[] = {
	    {"a.example", "v1", "eu-west", "first", true, 1200},
	    {"a.example", "v1", "us-east", "failover", false, 30},
	    {"b.example", "v2", "eu-west", "nodata", false, 7}};
	static const struct history_scope scope[] = {
	    {"a.example", 4, 20, 900}, {"a.example", 6, 48, 300}};
	static const struct history_place place[] = {
	    {"a.example", "eu-west", "DE", 64500, 200},
	    {"a.example", "us-east", "US", 64501, 5},
	    {"b.example", "eu-west", "", 0, 1}};
	const struct history_failover failover[] = {
	    {"a.example", "v1", "e1", false, HISTORY_FILE_MS + 3600000},
	    {"a.example", "v1", "e1", true, HISTORY_FILE_MS + 3660000}};
	struct history_batch batch = {.node = "fuzz",
	    .run = 1,
	    .sample = 64,
	    .traffic = traffic,
	    .n_traffic = 3,
	    .scope = scope,
	    .n_scope = 2,
	    .place = place,
	    .n_place = 3,
	    .failover = failover};
	struct history_writer *w =
	    history_writer_create(history_file.path, UINT64_C(1) << 30);

	require(w != NULL && history_writer_open(w) == 0);
	for (int i = 0; i < HISTORY_FILE_DAYS * 8; i++) {
		batch.number = (uint64_t)i + 1;
		batch.minute_ms = HISTORY_FILE_MS + i * INT64_C(10800000);
		batch.n_failover = i == 0 ? 2 : 0;
		require(history_writer_write(w, &batch) == 0);
	}
	require(history_writer_tidy(w) == 0);
	history_writer_destroy(w);
}

/* ${sql} without " STRICT" and ", WITHOUT ROWID": to be freed. */
static inline char *
history_file_loose(const char *sql)
{
	char *out = strdup(sql), *at;

	require(out != NULL);
	while ((at = strstr(out, " STRICT, WITHOUT ROWID")) != NULL)
		memmove(at, at + strlen(" STRICT, WITHOUT ROWID"),
		    strlen(at + strlen(" STRICT, WITHOUT ROWID")) + 1);
	while ((at = strstr(out, " STRICT")) != NULL)
		memmove(at, at + strlen(" STRICT"),
		    strlen(at + strlen(" STRICT")) + 1);
	while ((at = strstr(out, " NOT NULL")) != NULL)
		memmove(at, at + strlen(" NOT NULL"),
		    strlen(at + strlen(" NOT NULL")) + 1);
	return out;
}

static inline void
history_file_make_foreign(void)
{
	char pragmas[200];
	sqlite3 *db;

	require(sqlite3_open(history_file.path, &db) == SQLITE_OK);
	for (size_t i = 0; history_schema.sql[i] != NULL; i++) {
		char *sql = history_file_loose(history_schema.sql[i]);

		require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
		free(sql);
	}
	snprintf(pragmas, sizeof(pragmas),
	    "PRAGMA application_id = %d; PRAGMA user_version = %u;",
	    HISTORY_APPLICATION_ID, history_schema.version);
	require(sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
}

static inline void
history_file_begin(void)
{
	if (history_file.bytes[0] != NULL)
		return;
	snprintf(history_file.folder, sizeof(history_file.folder),
	    "/tmp/meridian-fuzz-XXXXXX");
	require(mkdtemp(history_file.folder) != NULL);
	snprintf(history_file.path, sizeof(history_file.path), "%s/history.db",
	    history_file.folder);
	history_file_make_true();
	history_file_keep(0);
	history_file_make_foreign();
	history_file_keep(1);
	(void)atexit(history_file_end);
}

/* --- octets --- */

struct history_file_octets {
	const uint8_t *at;
	size_t left;
};

static inline uint64_t
history_file_number(struct history_file_octets *o, size_t octets)
{
	uint64_t n = 0;

	for (; octets > 0 && o->left > 0; octets--, o->left--)
		n = n << 8 | *o->at++;
	return n;
}

/* Changes of one octet: three of where, one of what. */
static inline void
history_file_change(uint8_t *bytes, size_t size, struct history_file_octets o)
{
	while (o.left >= 4) {
		size_t at = (size_t)history_file_number(&o, 3) % size;

		bytes[at] = (uint8_t)history_file_number(&o, 1);
	}
}

static inline void
history_file_bind(sqlite3_stmt *stmt, int column, struct history_file_octets *o)
{
	uint64_t kind = history_file_number(o, 1);
	size_t len;

	switch (kind % 6) {
	case 0:
		sqlite3_bind_null(stmt, column);
		break;
	case 1: /* small numbers name each other */
		sqlite3_bind_int64(
		    stmt, column, (int64_t)history_file_number(o, 1));
		break;
	case 2:
		sqlite3_bind_int64(
		    stmt, column, (int64_t)history_file_number(o, 8));
		break;
	case 3: /* hours, days and months of the period that is asked for */
		sqlite3_bind_int64(stmt, column,
		    HISTORY_FILE_MS / (kind < 128 ? 3600000 : 86400000) +
			(int8_t)history_file_number(o, 1));
		break;
	default:
		len = (size_t)history_file_number(o, 1);
		len = len < o->left ? len : o->left;
		if (kind % 6 == 4)
			sqlite3_bind_blob(
			    stmt, column, o->at, (int)len, SQLITE_TRANSIENT);
		else
			sqlite3_bind_text(stmt, column, (const char *)o->at,
			    (int)len, SQLITE_TRANSIENT);
		o->at += len;
		o->left -= len;
	}
}

/* Rows of any table: one octet of which, then each column. */
static inline void
history_file_add(struct history_file_octets o)
{
	static const struct {
		const char *name;
		int columns;
	} tables[] = {{"name", 2}, {"path", 5}, {"batch", 5}, {"counted", 2},
	    {"sampled", 2}, {"failover", 6}, {"traffic_minutes", 3},
	    {"traffic_hours", 3}, {"traffic_days", 4}, {"scope_days", 5},
	    {"country_days", 5}, {"as_days", 4}, {"country_open", 5},
	    {"as_open", 4}};
	static const char values[] = "?1, ?2, ?3, ?4, ?5, ?6";
	char sql[128];
	sqlite3_stmt *stmt;
	sqlite3 *db;

	require(sqlite3_open(history_file.path, &db) == SQLITE_OK);
	sqlite3_exec(db, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL);
	while (o.left > 1) {
		size_t t = (size_t)history_file_number(&o, 1) %
		    (sizeof(tables) / sizeof(tables[0]));

		snprintf(sql, sizeof(sql),
		    "INSERT OR REPLACE INTO %s VALUES (%.*s)", tables[t].name,
		    4 * tables[t].columns - 2, values);
		require(
		    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
		for (int i = 1; i <= tables[t].columns; i++)
			history_file_bind(stmt, i, &o);
		(void)sqlite3_step(stmt);
		sqlite3_finalize(stmt);
	}
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
}

/* path = history_file_write(data, size): the file that they say. */
static inline const char *
history_file_write(const uint8_t *data, size_t size)
{
	struct history_file_octets o = {data, size};
	int which = history_file_number(&o, 1) == HISTORY_FILE_FOREIGN;
	uint8_t *bytes;
	FILE *f;

	history_file_begin();
	history_file_remove();
	bytes = malloc(history_file.size[which]);
	require(bytes != NULL);
	memcpy(bytes, history_file.bytes[which], history_file.size[which]);
	if (which == 0)
		history_file_change(bytes, history_file.size[which], o);
	f = fopen(history_file.path, "wb");
	require(f != NULL);
	require(fwrite(bytes, 1, history_file.size[which], f) ==
	    history_file.size[which]);
	require(fclose(f) == 0);
	free(bytes);
	if (which != 0)
		history_file_add(o);
	return history_file.path;
}

#endif
