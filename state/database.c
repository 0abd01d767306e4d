/*
 * Opening, checking and naming the state database.  Called by the reader and
 * the writer, in processes that a lock may stop and SIGBUS may kill; never
 * deletes a file and never opens one by its own means once SQLite has it, which
 * would drop SQLite's locks (POSIX: any close() ends them all).
 */
#include "state/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A transaction of ours takes milliseconds: who waits longer waits for somebody
 * who stopped in one, and should say so. */
#define BUSY_MS 1000

/* The group may write: the daemons run as users of one group. */
#define FILE_MODE 0660

/* Each row of every table carries its sequence: meridian-state(5). */
_Static_assert(DATABASE_VERSION == 1, "the schema ends with its version");
static const char schema[] =
    "CREATE TABLE vantage ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " version TEXT NOT NULL,"
    " heartbeat_ms INTEGER NOT NULL,"
    " sequence INTEGER NOT NULL,"
    " removed INTEGER NOT NULL DEFAULT 0,"
    " owner_host TEXT,"
    " owner_boot TEXT,"
    " owner_pid INTEGER,"
    " owner_id TEXT,"
    " lease_until_ms INTEGER NOT NULL DEFAULT 0"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE endpoint ("
    " vantage TEXT NOT NULL,"
    " zone TEXT NOT NULL,"
    " pool TEXT NOT NULL,"
    " endpoint TEXT NOT NULL,"
    " health TEXT NOT NULL CHECK (health IN ('up', 'down', 'unknown')),"
    " reason TEXT NOT NULL DEFAULT '',"
    " since_ms INTEGER NOT NULL,"
    " checked_ms INTEGER NOT NULL,"
    " passes INTEGER NOT NULL DEFAULT 0,"
    " fails INTEGER NOT NULL DEFAULT 0,"
    " connect_us INTEGER,"
    " first_byte_us INTEGER,"
    " sequence INTEGER NOT NULL,"
    " PRIMARY KEY (vantage, zone, pool, endpoint)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX endpoint_sequence ON endpoint (sequence);"
    "CREATE TABLE event ("
    " sequence INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL,"
    " vantage TEXT NOT NULL,"
    " zone TEXT NOT NULL,"
    " pool TEXT NOT NULL,"
    " endpoint TEXT NOT NULL,"
    " before TEXT NOT NULL,"
    " after TEXT NOT NULL,"
    " reason TEXT NOT NULL"
    ") STRICT;"
    "PRAGMA user_version = 1;";

void
database_init(struct database *d, const char *path)
{
	memset(d, 0, sizeof(*d));
	d->path = path;
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

int
database_failed(struct database *d)
{
	int cause = sqlite3_system_errno(d->db);

	switch (sqlite3_errcode(d->db) & 0xff) {
	case SQLITE_BUSY:
		return database_say(d, "locked by another process");
	case SQLITE_NOTADB:
		return database_say(d, "not a database");
	case SQLITE_CORRUPT:
		return database_say(d, "corrupt: %s", sqlite3_errmsg(d->db));
	case SQLITE_FULL:
		return database_say(d, "the disk is full");
	case SQLITE_READONLY:
		return database_say(d, "it may not be written to");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
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
	static const char *const suffix[DATABASE_FILES] = {"", "-wal", "-shm"};
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s%s", d->path, suffix[which]);

	memset(out, 0, sizeof(*out));
	if (n > 0 && (size_t)n < sizeof(path))
		(void)file_identify(path, out);
}

/* Remember which -wal and -shm belong to it: after a read, which opens them. */
static void
note(struct database *d)
{
	for (int i = 1; i < DATABASE_FILES; i++)
		identify(d, i, &d->files[i]);
}

bool
database_same(struct database *d)
{
	static const char *const name[DATABASE_FILES] = {
	    "the file", "its -wal file", "its -shm file"};

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
			(void)database_say(d, "%s %s", name[i], what);
			return false;
		}
		d->files[i] = is;
	}
	return true;
}

/* That there is a file for SQLite: 1 when it has a size, 0 when it is empty, -1
 * when it is missing or something else. */
static int
look(struct database *d)
{
	struct stat st;

	if (stat(d->path, &st) != 0)
		return database_say(d, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return database_say(d, "not a regular file");
	return st.st_size > 0;
}

/* Create an empty file where there is none. */
static int
create_file(struct database *d)
{
	int file = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	int status;

	if (file < 0) {
		if (errno == EEXIST)
			return 0;
		if (errno == ENOENT)
			return database_say(d, "its folder does not exist");
		return database_say(d, "it cannot be created in its folder: %s",
		    strerror(errno));
	}
	/* Not by open(), which takes the umask off. */
	status = fchmod(file, FILE_MODE);
	close(file);
	if (status != 0)
		return database_say(d, "%s", strerror(errno));
	return 0;
}

static int
open_file(struct database *d)
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

/* What the file holds: 1 our schema, 0 nothing yet, -1 something else. */
static int
check_version(struct database *d)
{
	long long version = 0, tables = 0;

	if (database_number(d, "PRAGMA user_version", &version) != 0 ||
	    database_number(d, "SELECT count(*) FROM sqlite_schema", &tables) !=
		0)
		return -1;
	if (version == DATABASE_VERSION)
		return 1;
	if (version == 0 && tables == 0)
		return 0;
	if (version > DATABASE_VERSION)
		return database_say(d,
		    "schema version %lld, of a newer Meridian: this one "
		    "knows %d",
		    version, DATABASE_VERSION);
	return database_say(d, "a database of something else");
}

int
database_open_read(struct database *d)
{
	int status = look(d);

	if (status < 0)
		return -1;
	if (status > 0) {
		if (open_file(d) != 0)
			goto fail;
		status = check_version(d);
		if (status < 0)
			goto fail;
	}
	if (status == 0) {
		(void)database_say(d, "not written yet");
		goto fail;
	}
	/* The log is the writers' to empty, not ours on the way out. */
	(void)sqlite3_db_config(
	    d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (database_exec(d, "PRAGMA query_only = ON") != 0)
		goto fail;
	note(d);
	return 0;
fail:
	database_abandon(d);
	return -1;
}

/* Two may find it empty at once: who comes second finds it made. */
static int
create_schema(struct database *d)
{
	int status;

	if (database_exec(d, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE") != 0)
		return -1;
	status = check_version(d);
	if (status < 0)
		return -1;
	if (status == 0 && database_exec(d, schema) != 0)
		return -1;
	return database_exec(d, "COMMIT");
}

/* Rows that only readers use could hide that the file is broken for long. */
static int
quick_check(struct database *d)
{
	sqlite3_stmt *stmt;
	const char *found;
	int status = 0;

	if (database_prepare(d, "PRAGMA quick_check(1)", &stmt) != 0)
		return -1;
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		status = database_failed(d);
	} else {
		found = (const char *)sqlite3_column_text(stmt, 0);
		if (found == NULL || strcmp(found, "ok") != 0)
			status = database_say(d, "corrupt: %s",
			    found != NULL ? found : "no memory");
	}
	sqlite3_finalize(stmt);
	return status;
}

int
database_open_write(struct database *d)
{
	int status;

	if (create_file(d) != 0 || look(d) < 0)
		return -1;
	if (open_file(d) != 0)
		goto fail;
	if (sqlite3_db_readonly(d->db, "main") == 1) {
		(void)database_say(d, "it may not be written to");
		goto fail;
	}
	status = check_version(d);
	if (status < 0)
		goto fail;
	if (status == 0 ? create_schema(d) != 0 : quick_check(d) != 0)
		goto fail;
	/* NORMAL: a crash of the machine may lose the last checks, never the
	 * file.  A log of 1000 pages, 4 MB, is emptied into the database. */
	if (database_exec(d,
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = NORMAL;"
		"PRAGMA wal_autocheckpoint = 1000") != 0)
		goto fail;
	note(d);
	return 0;
fail:
	database_abandon(d);
	return -1;
}
