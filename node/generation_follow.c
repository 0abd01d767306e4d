/*
 * Makes a generation of the one that serves and of what is followed on disk:
 * databases and files of networks.  Called in the background by the reloader;
 * reads no other file of the operator.
 */
#include "node/generation.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "node/geo_age.h"

/* Add the network files of a steering file. */
static int
add_networks(const struct kept *kept, struct inputs *out)
{
	const struct steering_config *steering = kept_part(kept);
	const struct inputs *inputs = kept_inputs(kept);

	for (size_t i = 0; i < steering->n_networks; i++) {
		const char *path = steering->networks[i].file;
		size_t at = path != NULL ? inputs_find(inputs, path) : SIZE_MAX;

		if (at != SIZE_MAX && inputs_repeat(out, inputs, at) != 0)
			return -1;
	}
	return 0;
}

int
generation_followed(const struct generation *g, struct inputs *out)
{
	const struct inputs *databases = kept_inputs(g->kept_geography);

	/* Copies do not change, and what lies at the paths is not what they are
	 * of: one reload that goes well, and all of it is followed again. */
	if (g->last_good_ms != 0)
		return 0;
	for (size_t i = 0; i < databases->n; i++)
		if (inputs_repeat(out, databases, i) != 0)
			return -1;
	for (size_t i = 0; i < g->n_zones; i++)
		if (g->kept_steering[i] != NULL &&
		    add_networks(g->kept_steering[i], out) != 0)
			return -1;
	return 0;
}

/* Is a file of ${was} another in ${now}? */
static bool
has_moved(const struct inputs *was, const struct inputs *now)
{
	for (size_t i = 0; i < was->n; i++) {
		size_t is = inputs_find(now, was->files[i].path);

		if (is != SIZE_MAX &&
		    !file_identity_same(
			&was->files[i].identity, &now->files[is].identity))
			return true;
	}
	return false;
}

/* The steering of ${before} with its networks read again; NULL with errors. */
static struct kept *
read_networks(const struct kept *before, struct errbuf *eb)
{
	struct errbuf_mark since = errbuf_now(eb);
	struct steering_config *steering = NULL;
	struct inputs inputs = {0};

	if (inputs_repeat(&inputs, kept_inputs(before), 0) != 0)
		errbuf_error(eb, NULL, "no memory for networks");
	else
		steering =
		    steering_config_again(kept_part(before), &inputs, eb);
	return generation_keep_steering(steering, &inputs, eb, since);
}

/* Read again what has moved; what cannot be read stays.  How many parts are
 * new. */
static size_t
renew(struct generation *g, const struct generation *before,
    const struct inputs *now, struct errbuf *eb)
{
	struct kept *kept = NULL;
	size_t renewed = 0;

	generation_take_latency(g, kept_share(before->kept_latency));
	if (has_moved(kept_inputs(before->kept_geography), now))
		kept = generation_read_geography(g->config, NULL, eb);
	g->geography_kept = kept == NULL;
	if (kept != NULL)
		geo_age_warn(g->config, kept_part(kept), eb);
	renewed += kept != NULL;
	generation_take_geography(
	    g, kept != NULL ? kept : kept_share(before->kept_geography));
	for (size_t i = 0; i < g->n_zones; i++) {
		struct kept *was = before->kept_steering[i];

		kept = NULL;
		/* Of its files only those of networks are in ${now}. */
		if (was != NULL && has_moved(kept_inputs(was), now))
			kept = read_networks(was, eb);
		renewed += kept != NULL;
		g->kept_steering[i] = kept != NULL ? kept : kept_share(was);
		g->steering[i] = kept_part(g->kept_steering[i]);
	}
	return renewed;
}

struct generation *
generation_follow(const struct generation *before, const struct inputs *now,
    const struct policy_outcomes *outcomes, struct errbuf *eb)
{
	struct generation *g = generation_begin(eb);

	if (g == NULL)
		return NULL;
	if (generation_take_over(g, before, eb) == 0 &&
	    renew(g, before, now, eb) > 0 &&
	    generation_compile(g, NULL, NULL, outcomes, eb) == 0)
		return g;
	generation_release(g);
	return NULL;
}
