/*
 * Files that fail: a layer of SQLite over its own, which counts what touches a
 * file of a database and, at the n-th time, kills the process or says that it
 * failed.  Included by the tests of the state database.
 */
#ifndef TESTS_STATE_FILES_H
#define TESTS_STATE_FILES_H

#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>

enum files_mode {
	FILES_COUNT,   /* nothing else */
	FILES_DIE,     /* SIGKILL before it */
	FILES_TEAR,    /* the same after half of it, where it is a write */
	FILES_FAIL,    /* it fails, once */
	FILES_FAIL_ON, /* it fails, and all that come after */
};

static struct {
	sqlite3_vfs vfs, *real;
	/* SQLite has one set of calls for the database and another for its
	 * logs. */
	const sqlite3_io_methods *real_io[2];
	sqlite3_io_methods io[2];
	enum files_mode mode;
	int touches, at; /* so far, and at which */
} files;

/* Another touch; true when it is to fail. */
static inline bool
files_touch(void)
{
	if (++files.touches < files.at || files.at == 0)
		return false;
	if (files.mode == FILES_DIE || files.mode == FILES_TEAR)
		raise(SIGKILL);
	return files.mode == FILES_FAIL_ON ||
	    (files.mode == FILES_FAIL && files.touches == files.at);
}

static inline const sqlite3_io_methods *
files_of(const sqlite3_file *f)
{
	return files.real_io[f->pMethods - files.io];
}

static inline int
files_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
	if (files.mode == FILES_TEAR && files.touches + 1 == files.at)
		(void)files_of(f)->xWrite(f, data, n / 2, at);
	if (files_touch())
		return files.at % 2 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	return files_of(f)->xWrite(f, data, n, at);
}

static inline int
files_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return files_touch() ? SQLITE_IOERR_TRUNCATE
			     : files_of(f)->xTruncate(f, size);
}

/* What a process wrote before its death is there without it: that of the
 * machine is not tried. */
static inline int
files_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return files_touch() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

/* A lock is taken or given: only a death comes in between. */
static inline int
files_lock(sqlite3_file *f, int offset, int n, int flags)
{
	if (files.mode <= FILES_TEAR)
		(void)files_touch();
	return files_of(f)->xShmLock(f, offset, n, flags);
}

static inline int
files_map(sqlite3_file *f, int page, int size, int grow, void volatile **out)
{
	return files_touch() ? SQLITE_IOERR_SHMMAP
			     : files_of(f)->xShmMap(f, page, size, grow, out);
}

static inline int
files_open(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	bool main_file = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	int code;

	(void)vfs;
	if (files_touch()) {
		f->pMethods = NULL;
		return SQLITE_CANTOPEN;
	}
	code = files.real->xOpen(files.real, name, f, flags, out);
	if (code != SQLITE_OK)
		return code;
	files.real_io[main_file] = f->pMethods;
	files.io[main_file] = *f->pMethods;
	files.io[main_file].xWrite = files_write;
	files.io[main_file].xTruncate = files_truncate;
	files.io[main_file].xSync = files_sync;
	if (main_file) {
		files.io[main_file].xShmLock = files_lock;
		files.io[main_file].xShmMap = files_map;
	}
	f->pMethods = &files.io[main_file];
	return code;
}

static inline int
files_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	return files_touch() ? SQLITE_IOERR_DELETE
			     : files.real->xDelete(files.real, name, sync);
}

/* files_watch(mode, at): from here on, in this process: at the ${at}-th touch,
 * 0: at none. */
static inline void
files_watch(enum files_mode mode, int at)
{
	if (files.real == NULL) {
		files.real = sqlite3_vfs_find(NULL);
		files.vfs = *files.real;
		files.vfs.zName = "failing";
		files.vfs.xOpen = files_open;
		files.vfs.xDelete = files_delete;
		sqlite3_vfs_register(&files.vfs, 1);
	}
	files.mode = mode;
	files.touches = 0;
	files.at = at;
}

#endif
