/*
 * What nodes that share are to have in common, so that they give a client the
 * same answer; who says something else than most; and who is silent.  Called by
 * what tells of nodes, and by meridian-share, which logs it; pure.
 */
#ifndef STATE_NODE_PARTS_H
#define STATE_NODE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* Who carries the rows of a state database has the lock of this ending: see
 * base/file_lock.h. */
#define NODE_SHARE_LOCK "-share"

enum node_part {
	NODE_VERSION,
	NODE_ZONES,
	NODE_STEERING,
	NODE_PRESETS,
	NODE_GEOGRAPHY,
	NODE_LATENCY,
	NODE_PARTS
};

/* Its column, what people read of a node that has another one ("serves other
 * zones"), and what they are to do. */
struct node_part_words {
	const char *key, *words, *advice;
};

extern const struct node_part_words node_part_words[NODE_PARTS];

/* value = node_part(node, part): what ${node} says of ${part}; "" where that is
 * not known, as of a node of an older release: it is not different then. */
const char *node_part(const struct state_node *node, enum node_part part);

/* own = node_is_own(node): it is the row of the node that the database is of.
 */
bool node_is_own(const struct state_node *node);

/* silent = node_is_silent(node, wall_ms): it was not heard for so long that it
 * does not live, or its meridian-share does not run; or its lease has ended. */
bool node_is_silent(const struct state_node *node, int64_t wall_ms);

/* twin = node_twin(nodes, n, node, wall_ms): the first other of ${nodes} that
 * says the vantage of ${node} is its own; both are heard.  NULL: there is none.
 */
const struct state_node *node_twin(const struct state_node *nodes, size_t n,
    const struct state_node *node, int64_t wall_ms);

/* stuck = node_link_stuck(link): the words of a link say that etcd is of
 * another site: it answers, and nothing is shared until somebody mends that. */
bool node_link_stuck(const char *link);

/* What most of those that are heard say of each part, NULL where nobody says
 * anything, and how many do.  Where as many say one thing as another, it is the
 * first.  It points into the rows. */
struct node_most {
	const char *value[NODE_PARTS];
	size_t same[NODE_PARTS];
};

/* node_most_find(nodes, n, wall_ms, most): that of ${nodes}. */
void node_most_find(const struct state_node *nodes, size_t n, int64_t wall_ms,
    struct node_most *most);

/* differs = node_differs(node, part, value, wall_ms): it is heard, and says
 * something else of ${part} than ${value}; never where one of the two is not
 * known. */
bool node_differs(const struct state_node *node, enum node_part part,
    const char *value, int64_t wall_ms);

#endif
