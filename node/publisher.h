/*
 * The publisher: gives workers what they read.  It makes a snapshot of what is
 * served, publishes it as one pointer, waits until no worker sees the one
 * before, and frees that.  The rate limit, whose counts outlive snapshots, and
 * the node's own cookie secrets, which grow old, are its own.
 *
 * Threads: belongs to the control thread; workers follow publisher_slot().
 */
#ifndef NODE_PUBLISHER_H
#define NODE_PUBLISHER_H

#include <stdint.h>

#include "base/publish.h"
#include "node/served.h"

struct publisher;

/* publisher = publisher_create(connection_room): nothing is published yet.
 * Whatever a file says, no more than ${connection_room} TCP connections are
 * taken.  NULL without memory. */
struct publisher *publisher_create(uint32_t connection_room);

/* publisher_destroy(publisher): free it and its share of what is served.  No
 * worker may run any more.  NULL is fine. */
void publisher_destroy(struct publisher *publisher);

/* slot = publisher_slot(publisher): where workers find their snapshot. */
const struct published *publisher_slot(const struct publisher *publisher);

/*
 * status = publisher_publish(publisher, generation, live): serve ${generation},
 * which is shared, with ${live}, which is taken over.  0, or -1 without memory:
 * then ${live} is freed and all is as it was.
 */
int publisher_publish(struct publisher *publisher,
    struct generation *generation, struct live *live);

/* served = publisher_served(publisher): what is served now, for the caller to
 * share if it is to be kept.  NULL before the first. */
struct served *publisher_served(const struct publisher *publisher);

/*
 * publisher_tick(publisher, mono_ms): make a new cookie secret when the one of
 * our own is old (RFC 7873, 7.1), and publish it.  Without memory the old one
 * goes on, and a later tick tries again.
 */
void publisher_tick(struct publisher *publisher, int64_t mono_ms);

#endif
