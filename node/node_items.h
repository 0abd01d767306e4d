/*
 * Nodes that share with this one, as JSON: each of them, and the link of this
 * one in short.  For pages and for meridianctl.
 */
#ifndef NODE_NODE_ITEMS_H
#define NODE_NODE_ITEMS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/*
 * object = node_items_object(nodes, n, i, wall_ms): number ${i} of the ${n}
 * ${nodes} at ${wall_ms}, the wall clock of the machine that their rows are of.
 * "differs" names the parts in which it is another than most.  NULL without
 * memory.
 */
json_t *node_items_object(
    const struct state_node *nodes, size_t n, size_t i, int64_t wall_ms);

/*
 * object = node_items_share(name, nodes, n, wall_ms): how this node, ${name},
 * shares with the ${nodes}, itself among them: its link, and who of them is
 * silent or would answer differently.  NULL without memory.
 */
json_t *node_items_share(const char *name, const struct state_node *nodes,
    size_t n, int64_t wall_ms);

#endif
