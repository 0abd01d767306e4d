/*
 * Nodes that share with this one, as JSON: each of them, and the link of this
 * one in short.  For pages and for meridianctl.
 */
#ifndef NODE_NODE_ITEMS_H
#define NODE_NODE_ITEMS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "state/node_parts.h"

/*
 * object = node_items_object(node, most, wall_ms): ${node} at ${wall_ms}, the
 * wall clock of the machine that its row is of.  "differs" names the parts in
 * which it is another than ${most} of them.  NULL without memory.
 */
json_t *node_items_object(const struct state_node *node,
    const struct node_most *most, int64_t wall_ms);

/*
 * object = node_items_share(name, nodes, n, wall_ms): how this node, ${name},
 * shares with the ${nodes}, itself among them: its link, and who of them is
 * silent or would answer differently.  NULL without memory.
 */
json_t *node_items_share(const char *name, const struct state_node *nodes,
    size_t n, int64_t wall_ms);

#endif
