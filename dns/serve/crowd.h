/*
 * The connections of one stream worker by client, the client with most of them
 * first, and how many a client has over all workers.  A crowd belongs
 * to its worker's thread; the total is shared by all.
 */
#ifndef DNS_SERVE_CROWD_H
#define DNS_SERVE_CROWD_H

#include <stdint.h>

#include "base/address.h"

struct crowd_total;
struct crowd;
struct crowd_group;

/* What a connection embeds; the crowd's own. */
struct crowd_member {
	struct crowd_group *group;
	struct crowd_member *before, *after;
};

/*
 * total = crowd_total_create(seed): nobody is connected.  ${seed} is random, so
 * that no client can choose with whom it is counted together.  NULL without
 * memory.
 */
struct crowd_total *crowd_total_create(uint64_t seed);

/* crowd_total_destroy(total): when no crowd uses it any more.  NULL is fine. */
void crowd_total_destroy(struct crowd_total *total);

/* crowd = crowd_create(total): an empty crowd; NULL without memory.
 * crowd_destroy(crowd) frees it once all members have left; NULL is fine. */
struct crowd *crowd_create(struct crowd_total *total);
void crowd_destroy(struct crowd *crowd);

/*
 * n = crowd_join(crowd, member, client): add ${member} as a connection of
 * ${client}, an address with the bits after the client's prefix zero.  How
 * many connections the client has now over all workers: never less than it
 * has, and more only if two others share both its slots of the total.  0
 * without memory, and then it did not join.
 */
unsigned crowd_join(struct crowd *crowd, struct crowd_member *member,
    const struct address *client);

/* crowd_touch(crowd, member): something was completed on this connection. */
void crowd_touch(struct crowd *crowd, struct crowd_member *member);

/* crowd_leave(crowd, member): the connection is closed. */
void crowd_leave(struct crowd *crowd, struct crowd_member *member);

/*
 * member = crowd_worst(crowd): the one that goes when there is no room: of the
 * clients with the most connections to this worker the one that was silent for
 * longest, and of its connections the one that was.  NULL when nobody is there.
 */
struct crowd_member *crowd_worst(const struct crowd *crowd);

#endif
