/*
 * What the running server serves, compiled once more in this process: from the
 * steering files as the server read them, whatever the files on disk say by
 * now.
 */
#ifndef CTL_DIFF_SERVED_H
#define CTL_DIFF_SERVED_H

#include <jansson.h>

#include "node/generation.h"

struct diff_served {
	struct policy *policy;
	json_t *source; /* pid, version, loaded and path of the server */
	/* What it is made of. */
	json_t *page;
	struct policy_input *zones;
	size_t n_zones;
	struct geography *geography;
	struct kept *latency; /* read for it alone, or NULL */
	struct map_set *maps;
};

/*
 * served = diff_served_load(new, eb): ask the server that has the HTTP address
 * of the config of ${new}, which must live as long.  Its maps are made with
 * the round trips that those of ${new} are made with: what these have changed
 * since is no change of files.  NULL with why not in ${eb}: no server, an
 * older one, a database that was replaced and that the server has not taken
 * up.
 */
struct diff_served *diff_served_load(
    const struct generation *new, struct errbuf *eb);

/* diff_served_destroy(served): free it.  NULL is fine. */
void diff_served_destroy(struct diff_served *served);

#endif
