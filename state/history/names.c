/*
 * Names and paths and their numbers.  Called by the writer, inside its
 * transaction: when that fails all is read anew.
 */
#include "state/history/names.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/history/batch.h"

struct name {
	char *text; /* ours */
	int64_t number;
};

struct path {
	struct names_path of;
	int64_t number;
};

static uint64_t
hash_name(const void *member)
{
	const struct name *name = member;

	return hash_bytes(name->text, strlen(name->text), 0);
}

static bool
equal_names(const void *a, const void *b)
{
	const struct name *one = a, *other = b;

	return strcmp(one->text, other->text) == 0;
}

static uint64_t
hash_path(const void *member)
{
	const struct path *path = member;

	return hash_bytes(&path->of, sizeof(path->of), 0);
}

static bool
equal_paths(const void *a, const void *b)
{
	const struct path *one = a, *other = b;

	return memcmp(&one->of, &other->of, sizeof(one->of)) == 0;
}

static const struct intern_kind name_kind = {
    sizeof(struct name), NAMES_MAX, hash_name, equal_names};
static const struct intern_kind path_kind = {
    sizeof(struct path), NAMES_MAX, hash_path, equal_paths};

static struct name *
name_at(const struct intern *table, uint32_t at)
{
	return (struct name *)table->members + at;
}

static struct path *
path_at(const struct intern *table, uint32_t at)
{
	return (struct path *)table->members + at;
}

void
names_finish(struct names *n)
{
	for (uint32_t i = 0; i < n->name.n; i++)
		free(name_at(&n->name, i)->text);
	intern_finish(&n->name);
	intern_finish(&n->path);
}

static int
too_many(struct names *n)
{
	return database_say(n->d, "no memory for its names");
}

static int
keep_name(struct names *n, const char *text, int64_t number)
{
	struct name name = {.text = strdup(text), .number = number};

	if (name.text == NULL || intern_find(&n->name, &name) != INTERN_NONE ||
	    intern_number(&n->name, &name) == INTERN_NONE) {
		free(name.text);
		return too_many(n);
	}
	return 0;
}

static int
keep_path(struct names *n, const struct path *path)
{
	return intern_number(&n->path, path) != INTERN_NONE ? 0 : too_many(n);
}

static int
load_name(void *context, sqlite3_stmt *stmt)
{
	struct names *n = context;
	const char *text = (const char *)sqlite3_column_text(stmt, 1);

	return text != NULL ? keep_name(n, text, sqlite3_column_int64(stmt, 0))
			    : too_many(n);
}

static int
load_path(void *context, sqlite3_stmt *stmt)
{
	struct path path = {
	    .of = {sqlite3_column_int64(stmt, 1), sqlite3_column_int64(stmt, 2),
		sqlite3_column_int64(stmt, 3), sqlite3_column_int64(stmt, 4)},
	    .number = sqlite3_column_int64(stmt, 0)};

	return keep_path(context, &path);
}

int
names_load(struct names *n, struct database *d)
{
	n->d = d;
	intern_init(&n->name, &name_kind);
	intern_init(&n->path, &path_kind);
	if (database_prepare(
		d, "INSERT INTO name (text) VALUES (?1)", &n->add_name) != 0 ||
	    database_prepare(d,
		"INSERT INTO path (service, pool, region, reason)"
		" VALUES (?1, ?2, ?3, ?4)",
		&n->add_path) != 0)
		return -1;
	return database_rows(d, "SELECT id, text FROM name", load_name, n) ==
		    0 &&
		database_rows(d,
		    "SELECT id, service, pool, region, reason FROM path",
		    load_path, n) == 0
	    ? 0
	    : -1;
}

/* Run an INSERT; the number it gave, or -1. */
static int64_t
insert(struct names *n, sqlite3_stmt *stmt)
{
	if (database_run(n->d, stmt) != 0)
		return -1;
	return sqlite3_last_insert_rowid(n->d->db);
}

static void
clean(const char *text, char out[HISTORY_TEXT])
{
	(void)snprintf(out, HISTORY_TEXT, "%s", text);
	for (char *at = out; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

int64_t
names_number(struct names *n, const char *text)
{
	char cleaned[HISTORY_TEXT];
	struct name wanted = {.text = cleaned};
	uint32_t at;
	int64_t number;

	clean(text, cleaned);
	at = intern_find(&n->name, &wanted);
	if (at != INTERN_NONE)
		return name_at(&n->name, at)->number;
	(void)sqlite3_bind_text(n->add_name, 1, cleaned, -1, SQLITE_STATIC);
	number = insert(n, n->add_name);
	return number < 0 || keep_name(n, cleaned, number) != 0 ? -1 : number;
}

int64_t
names_path(struct names *n, const struct names_path *of)
{
	struct path path = {.of = *of};
	uint32_t at = intern_find(&n->path, &path);

	if (at != INTERN_NONE)
		return path_at(&n->path, at)->number;
	(void)sqlite3_bind_int64(n->add_path, 1, of->service);
	(void)sqlite3_bind_int64(n->add_path, 2, of->pool);
	(void)sqlite3_bind_int64(n->add_path, 3, of->region);
	(void)sqlite3_bind_int64(n->add_path, 4, of->reason);
	path.number = insert(n, n->add_path);
	return path.number < 0 || keep_path(n, &path) != 0 ? -1 : path.number;
}
