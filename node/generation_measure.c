/*
 * Makes a generation of the one that serves and of other round trips.  Called
 * in the background by the reloader; reads no file.
 */
#include "node/generation.h"

/* Steering and geography are those of ${before}. */
static void
share_parts(struct generation *g, const struct generation *before)
{
	g->geography_kept = true;
	generation_take_geography(g, kept_share(before->kept_geography));
	for (size_t i = 0; i < g->n_zones; i++) {
		g->kept_steering[i] = kept_share(before->kept_steering[i]);
		g->steering[i] = before->steering[i];
	}
}

struct generation *
generation_measure(const struct generation *before, struct kept *latency,
    const struct policy_outcomes *outcomes, struct errbuf *eb)
{
	struct generation *g = generation_begin(eb);

	if (g == NULL)
		return NULL;
	generation_take_latency(g, kept_share(latency));
	if (generation_take_over(g, before, eb) == 0) {
		share_parts(g, before);
		if (generation_compile(g, NULL, before->maps, outcomes, eb) ==
		    0)
			return g;
	}
	generation_release(g);
	return NULL;
}
