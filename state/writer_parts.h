/*
 * The writer from inside, for its files: writer.c, which writes under a lease,
 * writer_prune.c, which takes away what is old, and writer_carry.c,
 * writer_carry_override.c and writer_replace.c, which write what other nodes
 * say.  No other file includes it.
 */
#ifndef STATE_WRITER_PARTS_H
#define STATE_WRITER_PARTS_H

#include "base/text.h"
#include "state/lease.h"
#include "state/writer.h"
#include "state/writer_carrier.h"
#include "state/writer_sql.h"

struct state_writer {
	struct database d;
	struct file_identity held; /* the file that was opened last */
	struct writer_sql sql;
	char *path;
	char vantage[STATE_NAME];
	struct lease_owner me;
	uint64_t sequence; /* the last that was given */
	uint64_t begun;    /* the one that the lease was taken with */
	uint64_t removed;  /* of the last removal in this transaction */
	bool warned;       /* of rows with an odd sequence, in this opening */
	bool sweeping;     /* rows of ours from before it may be there */
	/* What is done now and then, by the monotonic clock. */
	int64_t prune_at_ms, leases_at_ms, silent_at_ms, measures_at_ms;
	/* The sequence when it was last looked for vantages that are silent:
	 * a living one has a larger one by now. */
	uint64_t silent;
	int64_t forget_ms;   /* a vantage is silent for so long; 0: for ever */
	int64_t measures_ms; /* the same of a round trip */
	char region[STATE_NAME]; /* of this vantage, or "" */
	struct carrier *carrier; /* NULL: it writes what this node says */
	/* Another's lease as it was seen, and since when it is unchanged. */
	struct lease_owner other;
	int64_t other_heartbeat_ms, other_since_ms;
};

/* writer_fail(w): let go after an error, whose words are there already.
 * writer_failed(w): the same with the words of SQLite.  -1. */
int writer_fail(struct state_writer *w);
int writer_failed(struct state_writer *w);

/* writer_step(w, stmt): step a statement whose rows, if any, nobody wants.  0,
 * or -1 and the file is closed. */
int writer_step(struct state_writer *w, struct sqlite3_stmt *stmt);

/* writer_bind_text(), writer_bind_int(): the parameter ${at} of a statement
 * that is written out.  They fail without memory only, and then the step
 * does.  ${text} has to live until that. */
void writer_bind_text(struct state_writer *w, enum writer_statement which,
    int at, const char *text);
void writer_bind_int(
    struct state_writer *w, enum writer_statement which, int at, int64_t n);

/* writer_drop_lease(w, vantage, id): let readers see that the daemon ${id} does
 * not hold ${vantage} any more.  0, or -1 as writer_step(). */
int writer_drop_lease(
    struct state_writer *w, const char *vantage, const char *id);

/* writer_number(w, stmt, out): the number that ${stmt} gives.  0, or -1. */
int writer_number(
    struct state_writer *w, struct sqlite3_stmt *stmt, int64_t *out);

/* writer_owner(stmt, at, owner): the columns owner_host, owner_boot, owner_pid,
 * owner_id of a row from column ${at} on. */
void writer_owner(struct sqlite3_stmt *stmt, int at, struct lease_owner *owner);

/* writer_prune_begin(w): a file was opened.  writer_prune(w): inside a
 * transaction: take away a step of what is too old or too much.  0, or -1 and
 * the file is closed. */
void writer_prune_begin(struct state_writer *w);
int writer_prune(struct state_writer *w);

/*
 * The carrier: rows that other nodes said, of their vantages, with heartbeats;
 * overrides, by the numbers that all agreed on; nodes, locks, demand.  What a
 * daemon of this node writes it refuses with words, and leaves as it is.
 *
 * carrier_prepare(w): its statements, of the file that was opened; they end
 * with the connection.  0, or -1 with the words. */
int carrier_prepare(struct state_writer *w);

/* carrier_begin(w): a transaction has begun. */
void carrier_begin(struct state_writer *w);

/* carrier_put(w, table, row), carrier_take(w, table, row): as writer.h has
 * them.  0, also where the row is refused, or -1. */
int carrier_put(struct state_writer *w, enum state_table table, void *row);
int carrier_take(struct state_writer *w, enum state_table table, void *row);

/*
 * A full picture writes what differs from what is there, and takes away what it
 * lacks.
 *
 * replace_add_differs(table, sql): to an upsert: write it where a column is
 * another one.  replace_prepare(w, table): as carrier_prepare().
 * replace_begin(w): from here on it is full.
 * replace_note(w, table, row, written): ${row} was put, and differed or not.
 * replace_finish(w): take away what was not put.  0, or -1.
 */
void replace_add_differs(const struct table *table, struct text *sql);
int replace_prepare(struct state_writer *w, enum state_table which);
void replace_begin(struct state_writer *w);
void replace_note(struct state_writer *w, enum state_table which,
    const void *row, bool written);
int replace_finish(struct state_writer *w);

/* carrier_finish(w): take away what was to be replaced and was not, and let
 * readers see that rows went.  0, or -1. */
int carrier_finish(struct state_writer *w);

/* carrier_forget_nodes(w, before_ms): those that said nothing since.  0, or
 * -1. */
int carrier_forget_nodes(struct state_writer *w, int64_t before_ms);

/* carrier_override(w, row): carrier_put() of an override.
 * carrier_take_override(w, row): carrier_take() of one. */
int carrier_override(struct state_writer *w, struct state_override *row);
int carrier_take_override(
    struct state_writer *w, const struct state_override *row);

/* carrier_refuse(w, fmt, ...): a row is left out.  Returns 0. */
int carrier_refuse(struct state_writer *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
