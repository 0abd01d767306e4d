/*
 * Counts the owners of what is served.  Called by the publisher and the board,
 * in the control thread and in that of the pages.
 */
#include "node/served.h"

#include <stdlib.h>

struct served *
served_create(struct generation *generation, struct live *live)
{
	struct served *served = calloc(1, sizeof(*served));

	if (served == NULL) {
		live_destroy(live);
		return NULL;
	}
	atomic_init(&served->owners, 1);
	served->generation = generation_share(generation);
	served->live = live;
	served->outlook = outlook_create(generation->policy, live);
	served->since_ms = calloc(
	    generation_services(generation) + 1, sizeof(*served->since_ms));
	if (served->outlook != NULL && served->since_ms != NULL)
		return served;
	served_release(served);
	return NULL;
}

struct served *
served_share(struct served *served)
{
	if (served != NULL)
		atomic_fetch_add(&served->owners, 1);
	return served;
}

void
served_release(struct served *served)
{
	if (served == NULL || atomic_fetch_sub(&served->owners, 1) > 1)
		return;
	free(served->since_ms);
	outlook_destroy(served->outlook);
	live_destroy(served->live);
	generation_release(served->generation);
	free(served);
}
