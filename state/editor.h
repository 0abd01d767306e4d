/*
 * Writes what an operator says to the state database: tables that no vantage
 * owns, without a lease, beside the daemons that write at the same time.  Each
 * transaction is short, and leaves them room before the next.  In the process
 * of meridianctl; never in a daemon.
 */
#ifndef STATE_EDITOR_H
#define STATE_EDITOR_H

#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* A transaction ends after so long, and then as long is left to others: a
 * daemon waits for a second, and looks ten times or so in that. */
#define EDITOR_TURN_MS 40

struct state_editor;

/* editor = state_editor_create(path): nothing is opened yet.  NULL without
 * memory. */
struct state_editor *state_editor_create(const char *path);

/* state_editor_destroy(editor): close, free.  NULL is fine. */
void state_editor_destroy(struct state_editor *editor);

/* state_editor_open(editor): open or create the database, and carry one of an
 * older schema over to ours.  0, or -1. */
int state_editor_open(struct state_editor *editor);

/* state_editor_share(editor, node): what is said from now on is offered to
 * other nodes, as said at ${node}; at first it is this node's alone. */
void state_editor_share(struct state_editor *editor, const char *node);

/* What an import came to. */
struct state_import {
	size_t created;
	size_t moved; /* their round trip that counts */
	size_t same;  /* measured again, and no reason to move */
	size_t aged;  /* that count no more, as they are old */
};

/*
 * state_editor_measure(editor, n, measure, context, out): put ${n} measures
 * into table latency; ${measure} fills in number ${i}: its smoothed_us is what
 * was measured.  In the order of their keys they are written fastest.  0, or -1
 * and ${out} says how far it came: readers go on with what they know until an
 * import is finished (latency_import.h), so give all of it again.
 */
int state_editor_measure(struct state_editor *editor, size_t n,
    void (*measure)(void *context, size_t i, struct state_latency *out),
    void *context, struct state_import *out);

/* state_editor_replace(editor): what is measured from now on counts as it is:
 * what was known before takes no part. */
void state_editor_replace(struct state_editor *editor);

/* state_editor_age(editor, before_ms, out): let what was measured last before
 * ${before_ms}, on the wall clock, count no more, as meridian-probe does.  0,
 * or -1. */
int state_editor_age(
    struct state_editor *editor, int64_t before_ms, struct state_import *out);

/*
 * state_editor_say(editor, row): add ${row} to the trail of what operators said
 * (meridian-state(5), table override), and take away what is older than 90 days
 * and not in force.  Fills in its number, which is above those of the mirror
 * (mirror.h), its id, what is to become of sharing it, its sequence and, where
 * that is 0, at_ms.  When it returns 0, it
 * is on the disk; or -1, and nothing was said.
 */
int state_editor_say(struct state_editor *editor, struct state_override *row);

/* status = state_editor_say_after(editor, row, last): the same, if the number
 * that was given last is ${last}, 0 for none: what was decided by all that was
 * said up to then is said before anything else is.  1, and nothing was said,
 * when somebody was faster. */
int state_editor_say_after(
    struct state_editor *editor, struct state_override *row, uint64_t last);

/*
 * state_editor_forget(editor, row): ask meridian-share of this node to have the
 * node forgotten that ${row} names, as its author wants for its reason.  Fills
 * in its id, where it is said, that it is offered, its sequence and, where that
 * is 0, at_ms.  0 when it is on the disk, or -1.
 */
int state_editor_forget(
    struct state_editor *editor, struct state_forgotten *row);

/* state_editor_forget_here(editor, row): the same where nothing is shared, so
 * that it is done at once, in this database, and nobody else is asked. */
int state_editor_forget_here(
    struct state_editor *editor, struct state_forgotten *row);

/* why = state_editor_why(editor): the last error in words, without the path. */
const char *state_editor_why(const struct state_editor *editor);

#endif
