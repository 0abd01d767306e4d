/*
 * Recognising, creating and migrating the state database.  Called by database.c
 * when it opens a file, in processes that a lock may stop and SIGBUS may kill:
 * wherever that happens, the file is the old one or the new one.
 */
#include "state/migrate.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/schema.h"
#include "state/table_sql.h"

/* The first schema had no table meta and no application_id; it is known by its
 * user_version and its tables. */
#define FIRST_VERSION 1
#define FIRST_TABLES 3

/* What the file says of itself. */
struct claim {
	long long user_version;        /* the least version that may write */
	long long application_id;      /* 0 in the first version */
	long long cookie;              /* changes with each CREATE or ALTER */
	long long objects;             /* tables and indexes, of whoever */
	long long first_tables;        /* of those that the first version has */
	long long version, least_read; /* table meta */
};

uint32_t
migrate_application_id(const struct schema *schema)
{
	return schema->application_id != 0 ? schema->application_id
					   : MIGRATE_APPLICATION_ID;
}

static int
read_row(struct database *d, const char *sql, long long *const *out, int n)
{
	sqlite3_stmt *stmt;
	int code, status = 0;

	if (database_prepare(d, sql, &stmt) != 0)
		return -1;
	code = sqlite3_step(stmt);
	for (int i = 0; i < n && code == SQLITE_ROW; i++) {
		if (sqlite3_column_type(stmt, i) != SQLITE_INTEGER)
			status = database_spoiled(
			    d, "corrupt: its table meta makes no sense");
		*out[i] = sqlite3_column_int64(stmt, i);
	}
	if (code != SQLITE_ROW)
		status = database_failed(d);
	sqlite3_finalize(stmt);
	return status;
}

/* One statement, so that all is of one moment. */
static int
read_claim(struct database *d, struct claim *c)
{
	static const char sql[] =
	    "SELECT (SELECT user_version FROM pragma_user_version),"
	    " (SELECT application_id FROM pragma_application_id),"
	    " (SELECT schema_version FROM pragma_schema_version),"
	    " (SELECT count(*) FROM sqlite_schema),"
	    " (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND"
	    " name IN ('vantage', 'endpoint', 'event'))";
	long long *const out[] = {&c->user_version, &c->application_id,
	    &c->cookie, &c->objects, &c->first_tables};

	return read_row(d, sql, out, sizeof(out) / sizeof(out[0]));
}

static int
read_meta(struct database *d, struct claim *c)
{
	static const char sql[] =
	    "SELECT (SELECT value FROM meta WHERE name = 'schema'),"
	    " (SELECT value FROM meta WHERE name = 'least_read')";
	long long *const out[] = {&c->version, &c->least_read};

	if (read_row(d, sql, out, sizeof(out) / sizeof(out[0])) != 0)
		return -1;
	/* least_read <= user_version <= schema, always. */
	if (c->least_read < FIRST_VERSION || c->user_version < c->least_read ||
	    c->version < c->user_version || c->version > UINT32_MAX)
		return database_spoiled(d,
		    "corrupt: its table meta says schema %lld, least_read "
		    "%lld, and user_version is %lld",
		    c->version, c->least_read, c->user_version);
	return 0;
}

static int
refuse(struct database *d, long long least, const char *use)
{
	return database_say(d,
	    "made by a newer release (needs at least version %lld to %s); this "
	    "is %u: upgrade, or move it away",
	    least, use, d->schema->version);
}

/* 1 ours, 0 nothing yet, -1 something else. */
static int
recognise(struct database *d, struct claim *c)
{
	bool first;

	*c = (struct claim){0};
	if (read_claim(d, c) != 0)
		return -1;
	if (c->application_id == migrate_application_id(d->schema))
		return read_meta(d, c) == 0 ? 1 : -1;
	if (c->application_id == 0 && c->user_version == 0 && c->objects == 0)
		return 0;
	first = d->schema->application_id == 0 && c->application_id == 0 &&
	    c->user_version == FIRST_VERSION && c->first_tables == FIRST_TABLES;
	if (!first)
		return database_say(d, "a database of something else");
	c->version = c->least_read = FIRST_VERSION;
	return 1;
}

static int
check(struct database *d, enum migrate_use use, struct claim *c)
{
	int status = recognise(d, c);

	if (status < 0)
		return -1;
	if (c->least_read > d->schema->version)
		return refuse(d, c->least_read, "read");
	if (use == MIGRATE_WRITE && c->user_version > d->schema->version)
		return refuse(d, c->user_version, "write");
	d->version = (unsigned)c->version;
	d->cookie = c->cookie;
	return status;
}

int
migrate_check(struct database *d, enum migrate_use use)
{
	struct claim c;

	return check(d, use, &c);
}

/* Run the statement that ${sql} has collected, and empty it. */
static int
run_text(struct database *d, struct text *sql)
{
	int status = -1;

	if (sql->failed)
		(void)database_say(d, "no memory");
	else
		status = database_exec(d, sql->data);
	text_finish(sql);
	return status;
}

static int
create_table(struct database *d, const struct table *table, struct text *sql)
{
	table_sql_create(table, sql);
	if (run_text(d, sql) != 0)
		return -1;
	if (!table->indexed)
		return 0;
	table_sql_index(table, sql);
	return run_text(d, sql);
}

/* Add to ${table} the columns that came with a version past ${from}. */
static int
add_columns(struct database *d, const struct table *table, unsigned from,
    struct text *sql)
{
	for (size_t i = 0; i < table->n; i++) {
		if (table->column[i].since <= from)
			continue;
		table_sql_add(table, &table->column[i], sql);
		if (run_text(d, sql) != 0)
			return -1;
	}
	return 0;
}

/* The tables and columns that came with a version past ${from}; 0: all. */
static int
add_tables(struct database *d, unsigned from)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	for (size_t i = 0; i < d->schema->n_tables; i++) {
		const struct table *table = &d->schema->table[i];
		int status = table->since > from
		    ? create_table(d, table, &sql)
		    : add_columns(d, table, from, &sql);

		if (status != 0)
			return -1;
	}
	return 0;
}

/* Say in the file what it is now.  Making the table anew changes the schema
 * cookie, by which programs that have the file open notice. */
static int
write_claim(struct database *d, const struct claim *c)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	    "DROP TABLE IF EXISTS meta;"
	    "CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY,"
	    " value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	    "INSERT INTO meta VALUES ('schema', %u),"
	    " ('least_read', %lld);"
	    "PRAGMA application_id = %u;"
	    "PRAGMA user_version = %lld",
	    d->schema->version, c->least_read,
	    migrate_application_id(d->schema), c->user_version);
	return database_exec(d, sql);
}

/* Copy the file, as it is committed, to ${to}, which is made anew. */
static int
copy_to(struct database *d, const char *to)
{
	sqlite3 *from = NULL, *copy = NULL;
	sqlite3_backup *backup = NULL;
	struct stat st;
	int code, error;

	(void)unlink(to);
	/* Another connection: this one is in a transaction that writes. */
	code = sqlite3_open_v2(d->path, &from, SQLITE_OPEN_READWRITE, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_open(to, &copy);
	if (code == SQLITE_OK) {
		backup = sqlite3_backup_init(copy, "main", from, "main");
		code = sqlite3_errcode(copy);
	}
	if (backup != NULL) {
		(void)sqlite3_backup_step(backup, -1);
		code = sqlite3_backup_finish(backup);
	}
	(void)sqlite3_close(from);
	/* What it still had in a log of its own is in the file after this. */
	if (sqlite3_close(copy) != SQLITE_OK && code == SQLITE_OK)
		code = SQLITE_BUSY;
	if (code == SQLITE_OK && stat(d->path, &st) == 0 &&
	    chmod(to, st.st_mode & 0777) == 0)
		return 0;
	error = errno;
	(void)unlink(to);
	return database_say(d, "it cannot be copied to %s: %s", to,
	    code != SQLITE_OK ? sqlite3_errstr(code) : strerror(error));
}

/* The file as it is, beside it: the way back. */
static int
copy_aside(struct database *d)
{
	char to[4096], part[4096];
	int n = snprintf(
	    to, sizeof(to), "%s.before-%u", d->path, d->schema->version);

	if (n < 0 || (size_t)n + sizeof(".part") > sizeof(to))
		return database_say(d, "its name is too long");
	(void)snprintf(part, sizeof(part), "%.*s.part", n, to);
	if (copy_to(d, part) != 0)
		return -1;
	if (rename(part, to) != 0) {
		(void)unlink(part);
		return database_say(d, "it cannot be copied to %s", to);
	}
	return 0;
}

static int
run_new(struct database *d)
{
	const char *const *sql = d->schema->sql;

	for (; sql != NULL && *sql != NULL; sql++)
		if (database_exec(d, *sql) != 0)
			return -1;
	return 0;
}

/* What the steps run, past the version ${from}. */
static int
run_steps(struct database *d, unsigned from)
{
	for (size_t i = 0; i < d->schema->n_steps; i++) {
		const struct schema_step *step = &d->schema->step[i];

		if (step->version > from && step->sql != NULL &&
		    database_exec(d, step->sql) != 0)
			return -1;
	}
	return 0;
}

/* Raise in ${c} what the steps raise.  True when that shuts a release out. */
static bool
raise_least(const struct schema *schema, struct claim *c)
{
	struct claim before = *c;

	for (size_t i = 0; i < schema->n_steps; i++) {
		const struct schema_step *step = &schema->step[i];

		if (c->least_read < step->least_read)
			c->least_read = step->least_read;
		if (c->user_version < step->least_write)
			c->user_version = step->least_write;
	}
	if (c->user_version < c->least_read)
		c->user_version = c->least_read;
	return c->least_read > before.least_read ||
	    c->user_version > before.user_version;
}

/* Inside the transaction. */
static int
carry_over(struct database *d)
{
	struct claim c;
	int status = check(d, MIGRATE_WRITE, &c);

	if (status < 0)
		return -1;
	if (status == 0) {
		c.least_read = c.user_version = FIRST_VERSION;
		(void)raise_least(d->schema, &c);
		if (add_tables(d, 0) != 0 || run_new(d) != 0)
			return -1;
		return write_claim(d, &c);
	}
	if (d->version >= d->schema->version)
		return 0;
	if (raise_least(d->schema, &c) && copy_aside(d) != 0)
		return -1;
	if (add_tables(d, d->version) != 0 || run_steps(d, d->version) != 0)
		return -1;
	return write_claim(d, &c);
}

int
migrate_run(struct database *d)
{
	if (database_exec(d, "BEGIN IMMEDIATE") != 0)
		return -1;
	if (carry_over(d) != 0 || database_exec(d, "COMMIT") != 0) {
		/* Not by database_exec(): d->why says what failed.  SQLite may
		 * have rolled back by itself already. */
		(void)sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return migrate_check(d, MIGRATE_WRITE) == 1 ? 0 : -1;
}
