/* Reads and writes of which site a database is.  Called by restore.c; begins
 * and commits nothing. */
#include "state/site_held.h"

#include <sqlite3.h>
#include <string.h>

#include "state/schema.h"

/* The version of the schema that has the column. */
#define SINCE 10

static int
take(void *context, sqlite3_stmt *stmt)
{
	struct site_held *out = context;
	const char *node = (const char *)sqlite3_column_text(stmt, 0);
	const char *site = (const char *)sqlite3_column_text(stmt, 1);
	size_t len = node != NULL ? strlen(node) : 0;

	if (len == 0 || len >= sizeof(out->node) || site == NULL ||
	    strlen(site) != sizeof(out->site) - 1)
		return 0;
	memcpy(out->node, node, len + 1);
	memcpy(out->site, site, sizeof(out->site));
	return 0;
}

int
site_held_read(struct database *d, struct site_held *out)
{
	*out = (struct site_held){.site = ""};
	if (d->version < SINCE)
		return 0;
	return database_rows(d,
	    "SELECT name, site FROM node WHERE origin = '' AND site <> ''",
	    take, out);
}

int
site_held_write(
    struct database *d, const struct site_held *held, uint64_t sequence)
{
	sqlite3_stmt *stmt;
	int status;

	if (database_prepare(d,
		"INSERT INTO node (name, seen_ms, sequence, site)"
		" VALUES (?1, 0, ?3, ?2) ON CONFLICT (name) DO UPDATE SET"
		" site = excluded.site, sequence = excluded.sequence"
		" WHERE origin = ''",
		&stmt) != 0)
		return -1;
	(void)sqlite3_bind_text(stmt, 1, held->node, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 2, held->site, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)sequence);
	status = database_run(d, stmt);
	sqlite3_finalize(stmt);
	return status;
}
