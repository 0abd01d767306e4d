/*
 * Rows of packed counts.  Called by the writer inside its transaction.
 */
#include "state/history/series.h"

#include <sqlite3.h>
#include <string.h>

#include "base/text.h"

static const struct series_kind kinds[SERIES_TABLES] = {
    [SERIES_MINUTES] = {"traffic_minutes", {"hour", "path"}, {"answers"}, 2, 1,
	60},
    [SERIES_HOURS] = {"traffic_hours", {"day", "path"}, {"answers"}, 2, 1, 24},
    [SERIES_DAYS] = {"traffic_days", {"month", "path"}, {"answers", "subnets"},
	2, 2, 32},
    [SERIES_SCOPES] = {"scope_days", {"month", "service", "family", "length"},
	{"answers"}, 4, 1, 32},
    [SERIES_COUNTRIES] = {"country_days",
	{"month", "service", "country", "region"}, {"samples"}, 4, 1, 32},
    [SERIES_AS] = {"as_days", {"month", "service", "number"}, {"samples"}, 3, 1,
	32},
};

/* Longest statement. */
#define SQL_MAX 1024

const struct series_kind *
series_kind(enum series_table table)
{
	return &kinds[table];
}

/* " WHERE a = ?1 AND b = ?2" */
static void
add_where(const struct series_kind *kind, struct text *sql)
{
	for (unsigned i = 0; i < kind->n_key; i++)
		text_add(sql, "%s %s = ?%u", i == 0 ? " WHERE" : " AND",
		    kind->key[i], i + 1);
}

static int
prepare_read(struct series *s, enum series_table table, struct text *sql)
{
	const struct series_kind *kind = &kinds[table];

	text_add(sql, "SELECT");
	for (unsigned i = 0; i < kind->n_value; i++)
		text_add(sql, "%s %s", i == 0 ? "" : ",", kind->value[i]);
	text_add(sql, " FROM %s", kind->table);
	add_where(kind, sql);
	return database_prepare_text(s->d, sql, &s->read[table]);
}

static int
prepare_write(struct series *s, enum series_table table, struct text *sql)
{
	unsigned n = kinds[table].n_key + kinds[table].n_value;

	text_add(sql, "INSERT OR REPLACE INTO %s VALUES (", kinds[table].table);
	for (unsigned i = 1; i <= n; i++)
		text_add(sql, "?%u%s", i, i < n ? ", " : ")");
	return database_prepare_text(s->d, sql, &s->write[table]);
}

static int
prepare_erase(struct series *s, enum series_table table, struct text *sql)
{
	text_add(sql, "DELETE FROM %s", kinds[table].table);
	add_where(&kinds[table], sql);
	return database_prepare_text(s->d, sql, &s->erase[table]);
}

int
series_prepare(struct series *s, struct database *d)
{
	struct text sql;

	s->d = d;
	text_init(&sql, SQL_MAX);
	for (int i = 0; i < SERIES_TABLES; i++) {
		enum series_table table = (enum series_table)i;

		if (prepare_read(s, table, &sql) != 0 ||
		    prepare_write(s, table, &sql) != 0 ||
		    prepare_erase(s, table, &sql) != 0)
			return -1;
	}
	return 0;
}

static void
bind_key(sqlite3_stmt *stmt, const struct series_kind *kind, const int64_t *key)
{
	for (unsigned i = 0; i < kind->n_key; i++)
		(void)sqlite3_bind_int64(stmt, (int)i + 1, key[i]);
}

/* A row of counts for each value. */
struct row {
	uint64_t count[SERIES_VALUES][PACKED_COUNTS];
};

static int
read_row(struct series *s, enum series_table table, const int64_t *key,
    struct row *row)
{
	const struct series_kind *kind = &kinds[table];
	sqlite3_stmt *stmt = s->read[table];
	int code, status = 0;

	memset(row, 0, sizeof(*row));
	bind_key(stmt, kind, key);
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		status = database_failed(s->d);
	} else if (code == SQLITE_ROW) {
		for (unsigned i = 0; i < kind->n_value; i++) {
			const void *data = sqlite3_column_blob(stmt, (int)i);
			int bytes = sqlite3_column_bytes(stmt, (int)i);

			if (packed_read(data, (size_t)bytes, kind->n,
				row->count[i]) != 0)
				status = database_spoiled(s->d,
				    "corrupt: a row of table %s makes no sense",
				    kind->table);
		}
	}
	sqlite3_reset(stmt);
	return status;
}

static int
write_row(struct series *s, enum series_table table, const int64_t *key,
    const struct row *row)
{
	const struct series_kind *kind = &kinds[table];
	unsigned char packed[SERIES_VALUES][PACKED_BYTES];
	sqlite3_stmt *stmt = s->write[table];

	for (unsigned i = 0; i < kind->n_value; i++) {
		size_t bytes =
		    packed_write(row->count[i], kind->n, 1, packed[i]);
		int at = (int)(kind->n_key + i) + 1;

		if (bytes > 0)
			(void)sqlite3_bind_blob(
			    stmt, at, packed[i], (int)bytes, SQLITE_STATIC);
		else if (i > 0)
			(void)sqlite3_bind_null(stmt, at);
		else
			stmt = s->erase[table];
	}
	bind_key(stmt, kind, key);
	return database_run(s->d, stmt);
}

int
series_add(struct series *s, enum series_table table, const int64_t *key,
    unsigned at, const uint64_t *more)
{
	struct row row;

	if (read_row(s, table, key, &row) != 0)
		return -1;
	for (unsigned i = 0; i < kinds[table].n_value; i++)
		row.count[i][at] += more[i];
	return write_row(s, table, key, &row);
}

int
series_set(struct series *s, enum series_table table, const int64_t *key,
    unsigned at, uint64_t count)
{
	struct row row;

	if (read_row(s, table, key, &row) != 0)
		return -1;
	row.count[0][at] = count;
	return write_row(s, table, key, &row);
}
