/*
 * Has the log say which nodes would answer differently than this one, and that
 * they do not any more.  Called by the sharer every few seconds; changes
 * nothing.
 *
 * Of many at once the log has the first few, and how many more there are.
 * Files come to nodes one after the other: what is over within UNLIKE_MS is not
 * worth a word.
 */
#ifndef SHARE_UNLIKE_H
#define SHARE_UNLIKE_H

#include "share/nodes.h"

#define UNLIKE_MS 60000

struct unlike;

/* unlike = unlike_create(): nothing was said yet.  NULL without memory.
 * unlike_destroy(unlike): NULL is fine. */
struct unlike *unlike_create(void);
void unlike_destroy(struct unlike *unlike);

/* n = unlike_look(unlike, self, nodes, wall_ms, mono_ms): compare ${nodes} with
 * ${self}, this node, now.  How many differences the log has by then, and not
 * that they ended. */
size_t unlike_look(struct unlike *unlike, const struct state_node *self,
    const struct nodes *nodes, int64_t wall_ms, int64_t mono_ms);

#endif
