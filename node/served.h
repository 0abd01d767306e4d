/*
 * What is served: a generation together with what is usable of it now, and how
 * its services do.  Made by the publisher for each change of either; workers
 * read from it, and pages, which keep it while they are sent.
 */
#ifndef NODE_SERVED_H
#define NODE_SERVED_H

#include <stdatomic.h>

#include "node/generation.h"
#include "steering/live.h"
#include "steering/outlook.h"

struct served {
	atomic_uint owners;
	struct generation *generation;
	struct live *live;
	struct outlook *outlook;
	/* Wall clock, of each service of the policy, zone by zone: since when
	 * it does as the outlook says.  Filled by the chronicle before anybody
	 * else sees it. */
	int64_t *since_ms;
};

/*
 * served = served_create(generation, live): share ${generation} and take over
 * ${live}, which was made for it.  It has one owner.  NULL without memory: then
 * ${live} is freed.
 */
struct served *served_create(struct generation *generation, struct live *live);

/*
 * served_share(served): one owner more; returns ${served}.
 * served_release(served): one owner less; the last one frees it.
 * From any thread; NULL is fine for both.
 */
struct served *served_share(struct served *served);
void served_release(struct served *served);

#endif
