/*
 * The connection to the state database.  Called by the files of state/ that
 * open, migrate, read and write it, in processes that a lock may stop and
 * SIGBUS may kill; never deletes a file and never opens one by its own means
 * once SQLite has it, which would drop SQLite's locks (POSIX: any close() ends
 * them all).
 */
#include "state/database.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "state/schema.h"

/* A transaction of ours takes milliseconds: a longer wait is for somebody who
 * stopped in one, and has to be said. */
#define BUSY_MS 1000

void
database_init(struct database *d, const char *path, const struct schema *schema)
{
	memset(d, 0, sizeof(*d));
	d->path = path;
	d->schema = schema;
}

int
database_say(struct database *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(d->why, sizeof(d->why), fmt, args);
	va_end(args);
	return -1;
}

static const char *
maker(const struct database *d)
{
	return d->schema->maker != NULL ? d->schema->maker : "meridian-probe";
}

int
database_spoiled(struct database *d, const char *fmt, ...)
{
	va_list args;
	size_t len;
	int n;

	va_start(args, fmt);
	(void)vsnprintf(d->why, DATABASE_WHY / 2, fmt, args);
	va_end(args);
	d->spoiled = d->files[0];
	len = strlen(d->why);
	n = snprintf(d->why + len, sizeof(d->why) - len,
	    ": mv %s %s-wal %s-shm /var/tmp, and %s makes a new one", d->path,
	    d->path, d->path, maker(d));
	/* A path so long that the command would be cut. */
	if (n < 0 || (size_t)n >= sizeof(d->why) - len)
		(void)snprintf(d->why + len, sizeof(d->why) - len,
		    ": move it away, with its -wal and its -shm, and %s makes "
		    "a new one",
		    maker(d));
	return -1;
}

static const char *const file_suffix[DATABASE_FILES] = {"", "-wal", "-shm"};
static const char *const file_words[DATABASE_FILES] = {
    "the file", "its -wal file", "its -shm file"};

/* The path of one of the files; false when it is too long. */
static bool
path_of(const struct database *d, int which, char path[4096])
{
	int n = snprintf(path, 4096, "%s%s", d->path, file_suffix[which]);

	return n > 0 && n < 4096;
}

/* SQLite does not say which of the files it may not open. */
static int
say_denied(struct database *d)
{
	char path[4096];

	for (int i = 0; i < DATABASE_FILES; i++)
		if (path_of(d, i, path) && access(path, R_OK | W_OK) != 0 &&
		    errno == EACCES)
			return database_say(d,
			    "%s may not be read and written by this user",
			    file_words[i]);
	return database_say(
	    d, "%s: %s", sqlite3_errmsg(d->db), strerror(EACCES));
}

int
database_failed(struct database *d)
{
	int cause = sqlite3_system_errno(d->db);

	switch (sqlite3_errcode(d->db) & 0xff) {
	case SQLITE_BUSY:
		return database_say(d, "locked by another process");
	case SQLITE_NOTADB:
		return database_spoiled(d, "not a database");
	case SQLITE_CORRUPT:
		return database_spoiled(
		    d, "corrupt: %s", sqlite3_errmsg(d->db));
	case SQLITE_FULL:
		return database_say(d, "the disk is full");
	case SQLITE_READONLY:
		return database_say(d, "it may not be written to");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		if (cause == EACCES)
			return say_denied(d);
		if (cause != 0)
			return database_say(d, "%s: %s", sqlite3_errmsg(d->db),
			    strerror(cause));
		break;
	default:
		break;
	}
	return database_say(d, "%s", sqlite3_errmsg(d->db));
}

int
database_exec(struct database *d, const char *sql)
{
	if (sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_failed(d);
	return 0;
}

int
database_prepare(struct database *d, const char *sql, sqlite3_stmt **stmt)
{
	if (sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt,
		NULL) != SQLITE_OK)
		return database_failed(d);
	return 0;
}

int
database_prepare_text(struct database *d, struct text *sql, sqlite3_stmt **stmt)
{
	int status = sql->failed ? database_say(d, "no memory")
				 : database_prepare(d, sql->data, stmt);

	text_finish(sql);
	return status;
}

int
database_number(struct database *d, const char *sql, long long *out)
{
	sqlite3_stmt *stmt;
	int code;

	if (database_prepare(d, sql, &stmt) != 0)
		return -1;
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW ? 0 : database_failed(d);
}

int
database_run(struct database *d, sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);
	int status = code == SQLITE_DONE ? 0 : database_failed(d);

	sqlite3_reset(stmt);
	return status;
}

int
database_rows(struct database *d, const char *sql,
    int (*row)(void *context, sqlite3_stmt *stmt), void *context)
{
	sqlite3_stmt *stmt;
	int code, status = 0;

	if (database_prepare(d, sql, &stmt) != 0)
		return -1;
	while (status == 0 && (code = sqlite3_step(stmt)) != SQLITE_DONE)
		status = code == SQLITE_ROW ? row(context, stmt)
					    : database_failed(d);
	sqlite3_finalize(stmt);
	return status;
}

int
database_schema_changed(struct database *d)
{
	long long cookie = 0;

	if (database_number(d, "PRAGMA schema_version", &cookie) != 0)
		return -1;
	return cookie != d->cookie;
}

static void
close_with(struct database *d, int leave_log)
{
	sqlite3_stmt *stmt;

	if (d->db == NULL)
		return;
	while ((stmt = sqlite3_next_stmt(d->db, NULL)) != NULL)
		sqlite3_finalize(stmt);
	if (leave_log)
		(void)sqlite3_db_config(
		    d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(d->db);
	d->db = NULL;
	memset(d->files, 0, sizeof(d->files));
}

void
database_close(struct database *d)
{
	close_with(d, 0);
}

void
database_abandon(struct database *d)
{
	close_with(d, 1);
}

static void
identify(const struct database *d, int which, struct file_identity *out)
{
	char path[4096];

	memset(out, 0, sizeof(*out));
	if (path_of(d, which, path))
		(void)file_identify(path, out);
}

void
database_note(struct database *d)
{
	for (int i = 1; i < DATABASE_FILES; i++)
		identify(d, i, &d->files[i]);
}

/* Whether the file begins as one of SQLite does: while it is open SQLite goes
 * on with the pages that it has read, whatever became of them on the disk.  By
 * its own descriptor: to close another would end its locks (POSIX). */
static bool
has_head(struct database *d)
{
	static const char head[16] = "SQLite format 3";
	sqlite3_file *file = NULL;
	char is[sizeof(head)];

	if (d->db == NULL ||
	    sqlite3_file_control(
		d->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL ||
	    file->pMethods->xRead(file, is, sizeof(is), 0) != SQLITE_OK)
		return true; /* one that is empty still, or gone: seen else */
	return memcmp(is, head, sizeof(head)) == 0;
}

bool
database_same(struct database *d)
{
	for (int i = 0; i < DATABASE_FILES; i++) {
		const struct file_identity *was = &d->files[i];
		struct file_identity is;
		const char *what = NULL;

		identify(d, i, &is);
		if (is.inode == 0 && was->inode != 0)
			what = "was deleted";
		else if (is.inode != was->inode || is.device != was->device)
			what = "was replaced";
		else if (is.size < was->size)
			what = "was truncated";
		if (what != NULL) {
			(void)database_say(d, "%s %s", file_words[i], what);
			return false;
		}
		d->files[i] = is;
	}
	if (has_head(d))
		return true;
	(void)database_spoiled(d, "corrupt: somebody wrote over it");
	return false;
}

int
database_connect(struct database *d)
{
	int code;

	/* Before it is opened: whatever comes in its place later is another. */
	identify(d, 0, &d->files[0]);
	code = sqlite3_open_v2(d->path, &d->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	    NULL);
	if (d->db == NULL)
		return database_say(d, "no memory");
	if (code != SQLITE_OK)
		return database_failed(d);
	(void)sqlite3_busy_timeout(d->db, BUSY_MS);
	/* A mapping of the database is one more thing to be truncated. */
	return database_exec(d,
	    "PRAGMA mmap_size = 0;"
	    "PRAGMA trusted_schema = OFF;"
	    "PRAGMA cell_size_check = ON;");
}
