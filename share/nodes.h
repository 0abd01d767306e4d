/*
 * The nodes that share: what each says of itself, and how its clock goes
 * against ours.  Called by the sharer; pure.
 *
 * A node's key is bound to its lease and written anew every NODES_SAY_MS, so
 * that a clock that was set is noticed.
 */
#ifndef SHARE_NODES_H
#define SHARE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "share/block.h"
#include "state/rows.h"

#define NODES_SAY_MS 10000

/* More than this is some mistake. */
#define NODES_MAX 256

struct nodes;

/* nodes = nodes_create(): none is known.  NULL without memory. */
struct nodes *nodes_create(void);
void nodes_destroy(struct nodes *nodes);

/* nodes_say(row, at_ms, out): append what ${row}, this node, says of itself at
 * ${at_ms} (wall clock), the value of its key; never that it is cut off. */
void nodes_say(const struct state_node *row, int64_t at_ms, struct text *out);

/*
 * row = nodes_take(nodes, name, value, len, wall_ms, fresh): the key of node
 * ${name} holds this; it came at ${wall_ms}, just now by a watch (${fresh}) or
 * with a reading.  NULL when it makes no sense.  The row is good until the next
 * call.
 * nodes_begin(nodes), nodes_end(nodes): keys of a clean reading are taken
 * between the two; the lease of who was not among them ended.
 * row = nodes_lost(nodes, name): its lease ended, as the row says from now on;
 * NULL: there is none.
 * nodes_heard(nodes, name, revision): its key was written at ${revision}.
 * over = nodes_forget(nodes, name, revision): at ${revision} its key was not
 * there, and it was forgotten: nothing is known of it.  False: it has come back
 * since.
 */
const struct state_node *nodes_take(struct nodes *nodes, const char *name,
    const char *value, size_t len, int64_t wall_ms, bool fresh);
void nodes_begin(struct nodes *nodes);
void nodes_end(struct nodes *nodes);
const struct state_node *nodes_lost(struct nodes *nodes, const char *name);
void nodes_heard(struct nodes *nodes, const char *name, int64_t revision);
bool nodes_forget(struct nodes *nodes, const char *name, int64_t revision);

/* row = nodes_row(nodes, name): of that node, a lost one too; NULL: there is
 * none. */
const struct state_node *nodes_row(const struct nodes *nodes, const char *name);

/* row = nodes_next(nodes, i): the row of the next node from number ${i} on,
 * which is moved behind it; NULL: no more.  A lost one is there still. */
const struct state_node *nodes_next(const struct nodes *nodes, size_t *i);

/* clock = nodes_clock(nodes, name): never NULL; of a node that is not known,
 * one that says nothing. */
const struct block_clock *nodes_clock(
    const struct nodes *nodes, const char *name);

#endif
