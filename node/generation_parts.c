/*
 * Reads geography, and makes maps and policy of it and of steering.  Called by
 * what loads generations; takes over what another generation has, reads
 * nothing else.
 */
#include "node/generation.h"

#include <stdlib.h>

#include "base/clock.h"

struct generation *
generation_begin(struct errbuf *eb)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		errbuf_error(eb, NULL, "no memory");
		return NULL;
	}
	atomic_init(&g->owners, 1);
	g->loaded_ms = clock_wall_ms();
	return g;
}

int
generation_make_room(struct generation *g, struct errbuf *eb)
{
	g->n_zones = g->config->n_zones;
	g->steering =
	    calloc(g->n_zones + 1, sizeof(const struct steering_config *));
	g->zone = calloc(g->n_zones + 1, sizeof(const struct zone *));
	g->kept_steering = calloc(g->n_zones + 1, sizeof(struct kept *));
	g->kept_zone = calloc(g->n_zones + 1, sizeof(struct kept *));
	g->held = calloc(g->n_zones + 1, sizeof(*g->held));
	return g->steering != NULL && g->zone != NULL &&
		g->kept_steering != NULL && g->kept_zone != NULL &&
		g->held != NULL
	    ? 0
	    : errbuf_error(eb, NULL, "no memory for zones");
}

int
generation_take_over(
    struct generation *g, const struct generation *before, struct errbuf *eb)
{
	g->kept_config = kept_share(before->kept_config);
	g->config = before->config;
	g->identity = before->identity;
	g->last_good_ms = before->last_good_ms;
	if (generation_make_room(g, eb) != 0)
		return -1;
	for (size_t i = 0; i < g->n_zones; i++) {
		g->kept_zone[i] = kept_share(before->kept_zone[i]);
		g->zone[i] = before->zone[i];
		g->held[i] = before->held[i];
	}
	g->zones_held = before->zones_held;
	g->zones_kept = g->n_zones;
	return 0;
}

static void
destroy_steering(void *part)
{
	steering_config_destroy(part);
}

struct kept *
generation_keep_steering(struct steering_config *steering,
    struct inputs *inputs, struct errbuf *eb, struct errbuf_mark since)
{
	struct kept *kept = NULL;

	if (steering != NULL) {
		kept =
		    kept_create(steering, destroy_steering, inputs, eb, since);
		if (kept == NULL)
			errbuf_error(eb, NULL, "no memory for steering");
	}
	inputs_finish(inputs);
	return kept;
}

static void
destroy_geography(void *part)
{
	geography_destroy(part);
}

static void
destroy_maps(void *part)
{
	map_set_destroy(part);
}

struct kept *
generation_read_geography(const struct server_config *config,
    const struct last_good *from, struct errbuf *eb)
{
	struct errbuf_mark since = errbuf_now(eb);
	struct inputs inputs = last_good_inputs(from);
	struct geography *geography = geography_load(
	    config->geo, config->geo_at, config->n_geo, &inputs, eb);
	struct kept *kept = NULL;

	if (geography != NULL) {
		kept = kept_create(
		    geography, destroy_geography, &inputs, eb, since);
		if (kept == NULL)
			errbuf_error(eb, NULL, "no memory for geography");
	}
	inputs_finish(&inputs);
	return kept;
}

void
generation_take_geography(struct generation *g, struct kept *kept)
{
	g->kept_geography = kept;
	g->geography = kept_part(kept);
}

void
generation_take_latency(struct generation *g, struct kept *kept)
{
	g->kept_latency = kept;
	g->latency = kept_part(kept);
}

/* Maps to be made, of no file: what they are made of is kept beside them. */
static struct kept *
begin_maps(
    const struct generation *g, struct map_set *similar, struct errbuf *eb)
{
	struct errbuf_mark since = errbuf_now(eb);
	struct map_set *maps = map_set_create(g->geography);
	struct inputs none = {0};
	struct kept *kept = NULL;

	if (maps != NULL) {
		map_set_measure(maps, g->latency);
		map_set_inherit(maps, similar);
		kept = kept_create(maps, destroy_maps, &none, eb, since);
	}
	if (kept == NULL)
		errbuf_error(eb, NULL, "no memory for maps");
	return kept;
}

int
generation_compile(struct generation *g, struct kept *maps,
    struct map_set *similar, const struct policy_outcomes *outcomes,
    struct errbuf *eb)
{
	struct policy_input *input = calloc(g->n_zones + 1, sizeof(*input));

	if (input == NULL)
		return errbuf_error(eb, NULL, "no memory for the policy");
	for (size_t i = 0; i < g->n_zones; i++) {
		input[i].zone = g->config->zones[i].name;
		input[i].config = g->steering[i];
	}
	g->maps_kept = maps != NULL;
	g->kept_maps =
	    maps != NULL ? kept_share(maps) : begin_maps(g, similar, eb);
	g->maps = kept_part(g->kept_maps);
	g->zones = zone_table_create(g->zone, g->n_zones);
	if (g->zones == NULL)
		errbuf_error(eb, NULL, "no memory for zones");
	else if (g->maps != NULL)
		g->policy =
		    policy_build(input, g->n_zones, g->maps, outcomes, eb);
	free(input);
	if (g->policy == NULL)
		return -1;
	map_set_seal(g->maps);
	generation_fingerprint(g);
	return 0;
}
