/*
 * The SQLite file itself: opening it for reading or writing, its settings,
 * words for what is wrong with it, and whether somebody replaced or truncated
 * it, or changed its schema, while it was open.  For the files of state/.
 */
#ifndef STATE_DATABASE_H
#define STATE_DATABASE_H

#include <stdbool.h>

#include "base/file_identity.h"

struct schema;
struct sqlite3;
struct sqlite3_stmt;
struct text;

/* Room for what is wrong, in words, without the path. */
#define DATABASE_WHY 400

/* The file, its -wal and its -shm. */
#define DATABASE_FILES 3

struct database {
	const char *path;            /* the caller's */
	const struct schema *schema; /* what this program knows */
	unsigned version;            /* of the schema that the file has */
	long long cookie;            /* changes when its schema does */
	struct sqlite3 *db;
	struct file_identity files[DATABASE_FILES]; /* as they were last */
	/* The file, when the last error says that no program can use it any
	 * more: database_spoiled(). */
	struct file_identity spoiled;
	char why[DATABASE_WHY];
};

/* database_init(d, path, schema): nothing is open; ${path} and ${schema}
 * outlive ${d}. */
void database_init(
    struct database *d, const char *path, const struct schema *schema);

/* database_connect(d): open the file, which has to be there, whatever it holds.
 * 0, or -1 with d->why.  Waits for locks at most a second. */
int database_connect(struct database *d);

/* database_note(d): remember which -wal and -shm belong to it: after something
 * was read, which opens them. */
void database_note(struct database *d);

/* database_close(d): close it as one should.  database_abandon(d): let go of it
 * without touching a file that may not be what it was. */
void database_close(struct database *d);
void database_abandon(struct database *d);

/*
 * same = database_same(d): whether the files are still the ones that are open,
 * and none is shorter than it was: SQLite has no way to notice, and would write
 * to what is no file any more, or past a hole.  With d->why when not.
 */
bool database_same(struct database *d);

/* changed = database_schema_changed(d): 1 when another program changed the
 * schema since the file was opened, 0, or -1 with d->why. */
int database_schema_changed(struct database *d);

/* database_exec(d, sql): run it.  0, or -1 with d->why. */
int database_exec(struct database *d, const char *sql);

/* database_prepare(d, sql, stmt): 0, or -1 with d->why. */
int database_prepare(
    struct database *d, const char *sql, struct sqlite3_stmt **stmt);

/* database_prepare_text(d, sql, stmt): the same of a text, which is empty
 * afterwards. */
int database_prepare_text(
    struct database *d, struct text *sql, struct sqlite3_stmt **stmt);

/*
 * database_number(d, sql, out): the first column of the first row, which is a
 * number (0 when it is NULL).  0, or -1 with d->why.
 */
int database_number(struct database *d, const char *sql, long long *out);

/* database_run(d, stmt): run it to its end, which gives no rows, and reset it.
 * 0, or -1 with d->why. */
int database_run(struct database *d, struct sqlite3_stmt *stmt);

/* database_rows(d, sql, row, context): give the rows of ${sql} to ${row}(),
 * until that returns -1.  0, or -1 with d->why. */
int database_rows(struct database *d, const char *sql,
    int (*row)(void *context, struct sqlite3_stmt *stmt), void *context);

/* database_failed(d): put what SQLite says went wrong into d->why.  Returns -1.
 */
int database_failed(struct database *d);

/* database_say(d, fmt, ...): the same in words of the caller's.
 * database_spoiled(d, fmt, ...): the same of a file that no program can use any
 * more: with what to do about it. */
int database_say(struct database *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int database_spoiled(struct database *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
