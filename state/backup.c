/*
 * Copies a database that is in use.  Called by meridianctl backup; changes
 * nothing but the new file.
 */
#include "state/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/migrate.h"
#include "state/opening.h"
#include "state/schema.h"

/* Pages that are copied at a time: a megabyte. */
#define STEP_PAGES 256

/* A writer's transaction takes milliseconds. */
#define BUSY_MS 10000

static int
fail(sqlite3 *db, char why[STATE_BACKUP_WHY], const char *path)
{
	(void)snprintf(why, STATE_BACKUP_WHY, "%s: %s", path,
	    db != NULL ? sqlite3_errmsg(db) : "no memory");
	return -1;
}

/* A file for the copy, with the mode of what it is of. */
static int
make_file(const char *from, const char *to, char why[STATE_BACKUP_WHY])
{
	struct stat st;
	int fd, status = -1;

	if (stat(from, &st) != 0) {
		(void)snprintf(
		    why, STATE_BACKUP_WHY, "%s: %s", from, strerror(errno));
		return -1;
	}
	fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		status = fchmod(fd, st.st_mode & 0777);
		close(fd);
	}
	if (status != 0)
		(void)snprintf(
		    why, STATE_BACKUP_WHY, "%s: %s", to, strerror(errno));
	return status;
}

static int
run_backup(sqlite3 *from, sqlite3 *to, const struct state_backup_watch *watch)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int code;

	if (backup == NULL)
		return -1;
	do {
		int pages;

		code = sqlite3_backup_step(backup, STEP_PAGES);
		pages = sqlite3_backup_pagecount(backup);
		if (watch != NULL && pages > 0)
			watch->copied(watch->context,
			    1 -
				(double)sqlite3_backup_remaining(backup) /
				    pages);
	} while (code == SQLITE_OK);
	return sqlite3_backup_finish(backup) == SQLITE_OK && code == SQLITE_DONE
	    ? 0
	    : -1;
}

/* Whether ${db} says that it is whole. */
static int
check_whole(sqlite3 *db, char why[STATE_BACKUP_WHY], const char *path)
{
	sqlite3_stmt *stmt = NULL;
	const char *found = NULL;
	int status = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		found = (const char *)sqlite3_column_text(stmt, 0);
	if (found == NULL)
		(void)fail(db, why, path);
	else if (strcmp(found, "ok") != 0)
		(void)snprintf(
		    why, STATE_BACKUP_WHY, "%s: damaged: %s", path, found);
	else
		status = 0;
	sqlite3_finalize(stmt);
	return status;
}

/* A transaction of the source holds one moment of it while pages are copied,
 * and nobody up: it has a log (WAL). */
static int
copy(sqlite3 *from, sqlite3 *to, const struct state_backup_watch *watch,
    const char *path, const char *new, char why[STATE_BACKUP_WHY])
{
	(void)sqlite3_busy_timeout(from, BUSY_MS);
	if (sqlite3_exec(from,
		"PRAGMA mmap_size = 0; BEGIN;"
		"SELECT count(*) FROM sqlite_schema",
		NULL, NULL, NULL) != SQLITE_OK)
		return fail(from, why, path);
	if (run_backup(from, to, watch) != 0)
		return fail(to, why, new);
	/* One file, and none beside it. */
	if (sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL,
		NULL) != SQLITE_OK)
		return fail(to, why, new);
	return check_whole(to, why, new);
}

int
state_backup(const char *path, const char *new,
    const struct state_backup_watch *watch, char why[STATE_BACKUP_WHY])
{
	sqlite3 *from = NULL, *to = NULL;
	int status = -1;

	if (make_file(path, new, why) != 0)
		return -1;
	if (sqlite3_open_v2(path, &from, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		(void)fail(from, why, path);
	else if (sqlite3_open_v2(new, &to, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		(void)fail(to, why, new);
	else
		status = copy(from, to, watch, path, new, why);
	/* The log is the writers' to empty. */
	if (from != NULL)
		(void)sqlite3_db_config(
		    from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(from);
	sqlite3_close(to);
	if (status != 0)
		(void)unlink(new);
	return status;
}

int
state_backup_check(
    const char *copied, unsigned *schema, char why[STATE_BACKUP_WHY])
{
	struct database d;
	int status = -1;

	database_init(&d, copied, &schema_current);
	if (opening_read(&d) != 0) {
		(void)snprintf(why, STATE_BACKUP_WHY, "%s: %s", copied, d.why);
		return -1;
	}
	*schema = d.version;
	if (d.version > SCHEMA_VERSION)
		(void)snprintf(why, STATE_BACKUP_WHY,
		    "%s: is of a newer release: its schema is %u, this one "
		    "knows %u: restore it with that release",
		    copied, d.version, (unsigned)SCHEMA_VERSION);
	else
		status = check_whole(d.db, why, copied);
	database_abandon(&d);
	return status;
}
