/*
 * The mark that an import of round trips leaves in the state database while it
 * is under way: table meta, 'latency_import', when it wrote last.  It commits
 * in pieces, so that probes are not locked out, and readers that know a table
 * wait for its end, so that clients are not moved by half of one.  For the files of state/.
 */
#ifndef STATE_LATENCY_IMPORT_H
#define STATE_LATENCY_IMPORT_H

/* One that did not write for so long is dead. */
#define LATENCY_IMPORT_MS 30000

/* The time of the mark, ms since 1970; no row where there is none. */
#define LATENCY_IMPORT_SELECT \
	"SELECT value FROM meta WHERE name = 'latency_import'"
/* Set it to ?1; and take it away. */
#define LATENCY_IMPORT_MARK \
	"INSERT OR REPLACE INTO meta VALUES ('latency_import', ?1)"
#define LATENCY_IMPORT_END "DELETE FROM meta WHERE name = 'latency_import'"

#endif
