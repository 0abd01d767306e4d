/*
 * The mark that an import of round trips leaves in the state database while it
 * is under way: table meta, 'latency_import', when it wrote last.  It commits
 * in pieces, so that probes are not locked out, and readers that know a table
 * wait for its end, so that clients are not moved by half of one.  For the
 * files of state/.
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
/*
 * The last one that was finished has ?1, a sequence of its own: readers read
 * the table again and know how old it is, though nothing that counts moved.
 * And an expression, that sequence if it is no larger than ?1, or 0.
 */
#define LATENCY_IMPORTED_SET \
	"INSERT OR REPLACE INTO meta VALUES ('latency_imported', ?1)"
#define LATENCY_IMPORTED_TOP                                             \
	"ifnull((SELECT value FROM meta WHERE name = 'latency_imported'" \
	" AND value <= ?1), 0)"
#define LATENCY_IMPORT_END "DELETE FROM meta WHERE name = 'latency_import'"

#endif
