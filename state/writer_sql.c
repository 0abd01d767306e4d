/*
 * The SQL of the writer: some written out, that of the tables from their
 * descriptors.  Called by the writer when it has opened a file.
 */
#include "state/writer_sql.h"

#include <sqlite3.h>

#include "state/sequence.h"
#include "state/table_sql.h"

/* A text that comes to a buffer of so many bytes, and back, as it is. */
#define FITS(text, size)                                            \
	"length(CAST(" text " AS BLOB)) < " size " AND instr(" text \
	", char(0)) = 0"

/* A vantage whose last heartbeat is long ago. */
#define SILENT                                          \
	"SELECT name FROM vantage WHERE name <> ?1"     \
	" AND (heartbeat_ms < ?2 OR heartbeat_ms > ?3)" \
	" AND (sequence <= ?4 OR sequence > ?5)"

static const char *const fixed[WRITER_STATEMENTS] = {
    [WRITER_BEGIN] = "BEGIN IMMEDIATE",
    [WRITER_HOLDER] =
	"SELECT owner_host, owner_boot, owner_pid, owner_id,"
	" lease_until_ms, heartbeat_ms FROM vantage WHERE name = ?1",
    [WRITER_TAKE_LEASE] =
	"INSERT INTO vantage (name, version, heartbeat_ms, sequence,"
	" owner_host, owner_boot, owner_pid, owner_id, lease_until_ms)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	" ON CONFLICT (name) DO UPDATE SET version = ?2, heartbeat_ms = ?3,"
	" sequence = ?4, owner_host = ?5, owner_boot = ?6, owner_pid = ?7,"
	" owner_id = ?8, lease_until_ms = ?9, node = NULL",
    [WRITER_CARRIED] = "SELECT node FROM vantage WHERE name = ?1 AND"
		       " node IS NOT NULL AND lease_until_ms > ?2 AND"
		       " lease_until_ms <= ?3",
    [WRITER_DROP_LEASE] =
	"UPDATE vantage SET owner_host = NULL, owner_boot = NULL,"
	" owner_pid = NULL, owner_id = NULL, lease_until_ms = 0,"
	" sequence = ?3 WHERE name = ?1 AND owner_id = ?2",
    [WRITER_HEARTBEAT] = "UPDATE vantage SET heartbeat_ms = ?2, sequence = ?3,"
			 " removed = max(removed, ?4), lease_until_ms = ?5,"
			 " region = nullif(?6, '') WHERE name = ?1",
    [WRITER_LEASES] =
	"SELECT name, owner_host, owner_boot, owner_pid, owner_id FROM vantage"
	" WHERE name <> ?1 AND owner_host = ?2 AND owner_boot = ?3"
	" AND (lease_until_ms <= ?4 OR lease_until_ms > ?5)"
	" AND " FITS("name", "64") " AND " FITS("owner_id", "40"),
    [WRITER_SILENT] = SILENT " AND " FITS("name", "64") " LIMIT 1",
    [WRITER_SILENT_CARRIED] =
	SILENT " AND node IS NOT NULL AND " FITS("name", "64") " LIMIT 1",
    /* From one vantage to the next by the index, not row by row. */
    [WRITER_ORPHAN] =
	"WITH RECURSIVE v(name) AS (SELECT min(vantage) FROM endpoint UNION ALL"
	" SELECT (SELECT min(vantage) FROM endpoint WHERE vantage > v.name)"
	" FROM v WHERE v.name IS NOT NULL)"
	" SELECT name, (SELECT max(checked_ms, since_ms) FROM endpoint"
	" WHERE vantage = v.name LIMIT 1) AS last FROM v WHERE name <> ?1"
	" AND (last < ?2 OR last > ?3)"
	" AND name NOT IN (SELECT name FROM vantage)"
	" AND " FITS("name", "64") " LIMIT 1",
    [WRITER_STRIKE] = "DELETE FROM vantage WHERE name = ?1",
    [WRITER_COMMIT] = "COMMIT",
};

static int
prepare_table(struct database *d, struct writer_sql *s, enum state_table which)
{
	static void (*const make[WRITER_OF_TABLE])(
	    const struct table *table, struct text *out) = {
	    [WRITER_PUT] = table_sql_upsert,
	    [WRITER_ADD] = table_sql_insert,
	    [WRITER_FORGET] = table_sql_delete,
	    [WRITER_RESTORE] = table_sql_restore,
	    [WRITER_FORGET_VANTAGE] = table_sql_forget,
	    [WRITER_COUNT] = table_sql_count,
	    [WRITER_PRUNE_AGE] = table_sql_prune_age,
	    [WRITER_PRUNE_ROWS] = table_sql_prune_rows,
	    [WRITER_PRUNE_ODD] = table_sql_prune_odd,
	};
	const struct table *table = schema_table(which);
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	for (size_t i = 0; i < WRITER_OF_TABLE; i++) {
		bool bound = table->bound.time != NULL;

		if ((i == WRITER_FORGET_VANTAGE && (bound || table->common)) ||
		    (i >= WRITER_COUNT && !bound))
			continue;
		make[i](table, &sql);
		if (database_prepare_text(d, &sql, &s->of[which][i]) != 0)
			return -1;
	}
	return 0;
}

int
writer_sql_prepare(struct database *d, struct writer_sql *s)
{
	for (size_t i = 0; i < WRITER_STATEMENTS; i++)
		if (fixed[i] != NULL &&
		    database_prepare(d, fixed[i], &s->stmt[i]) != 0)
			return -1;
	for (size_t i = 0; i < STATE_TABLES; i++)
		if (i != TABLE_VANTAGE && i != TABLE_LATENCY &&
		    prepare_table(d, s, (enum state_table)i) != 0)
			return -1;
	if (sequence_prepare(d, &s->stmt[WRITER_ODD]) != 0 ||
	    measures_prepare(d, &s->measures) != 0)
		return -1;
	return sequence_prepare_top(d, &s->stmt[WRITER_TOP]);
}
