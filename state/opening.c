/*
 * Opening the state database.  Called by the reader and the writer; never
 * deletes a file, and changes none that is not ours.
 */
#include "state/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/migrate.h"
#include "state/schema.h"

/* The group may write: the daemons run as users of one group. */
#define FILE_MODE 0660

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

int
opening_read(struct database *d)
{
	int status = look(d);

	if (status < 0)
		return -1;
	if (status > 0) {
		if (database_connect(d) != 0)
			goto fail;
		status = migrate_check(d, MIGRATE_READ);
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
	database_note(d);
	return 0;
fail:
	database_abandon(d);
	return -1;
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
			status = database_spoiled(d, "corrupt: %s",
			    found != NULL ? found : "no memory");
	}
	sqlite3_finalize(stmt);
	return status;
}

int
opening_write(struct database *d)
{
	int status;

	d->spoiled = (struct file_identity){0};
	if (create_file(d) != 0 || look(d) < 0)
		return -1;
	if (database_connect(d) != 0)
		goto fail;
	if (sqlite3_db_readonly(d->db, "main") == 1) {
		(void)database_say(d, "it may not be written to");
		goto fail;
	}
	status = migrate_check(d, MIGRATE_WRITE);
	if (status < 0 || (status == 1 && quick_check(d) != 0))
		goto fail;
	/* NORMAL: a crash of the machine may lose the last checks, never the
	 * file.  A log of 1000 pages, 4 MB, is emptied into the database. */
	if (database_exec(d,
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = NORMAL;"
		"PRAGMA wal_autocheckpoint = 1000") != 0)
		goto fail;
	if ((status == 0 || d->version < d->schema->version) &&
	    migrate_run(d) != 0)
		goto fail;
	database_note(d);
	return 0;
fail:
	database_abandon(d);
	return -1;
}
