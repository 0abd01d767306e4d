/* Deletes the rows of another node.  Called by the editor; begins and commits
 * nothing. */
#include "state/node_rows.h"

#include <sqlite3.h>
#include <stddef.h>

#include "state/sequence.h"

/* What it found goes before what says whose that is. */
static const char *const of_node[] = {
    "DELETE FROM endpoint WHERE vantage IN"
    " (SELECT name FROM vantage WHERE node = ?1)",
    "DELETE FROM address WHERE vantage IN"
    " (SELECT name FROM vantage WHERE node = ?1)",
    "DELETE FROM load WHERE vantage IN"
    " (SELECT name FROM vantage WHERE node = ?1)",
    "DELETE FROM vantage WHERE node = ?1",
    "DELETE FROM demand WHERE node = ?1 AND EXISTS"
    " (SELECT 1 FROM node WHERE name = ?1 AND origin <> '')",
    "DELETE FROM node WHERE name = ?1 AND origin <> ''",
};

int
node_rows_delete(struct database *d, const char *node, uint64_t *sequence)
{
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < sizeof(of_node) / sizeof(of_node[0]); i++) {
		if (database_prepare(d, of_node[i], &stmt) != 0)
			return -1;
		(void)sqlite3_bind_text(stmt, 1, node, -1, SQLITE_TRANSIENT);
		if (database_run(d, stmt) != 0)
			return -1;
	}
	if (database_prepare(d, SEQUENCE_REMOVED_SET, &stmt) != 0)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)++ * sequence);
	return database_run(d, stmt);
}
