/*
 * What is said by hand in a simulated world, and what its controllers come to:
 * rows as the state database has them, laid over health as in the server.
 * Called by the scenario and after the controllers' steps.
 */
#include <stdio.h>
#include <string.h>

#include "steering/simulate/world_private.h"

/* The clock on the wall where a world begins, some day. */
#define WALL_MS INT64_C(1800000000000)

int64_t
world_mono_ms(const struct world *w)
{
	return (int64_t)w->now_s * 1000;
}

static void
say(struct world *w, struct state_override *row)
{
	row->number = row->sequence = ++w->said;
	row->at_ms = WALL_MS + world_mono_ms(w);
	row->length_ms = -1;
	snprintf(row->author, sizeof(row->author), "scenario");
	overlay_begin(w->overlay, false);
	overlay_override(
	    w->overlay, row, world_mono_ms(w), WALL_MS + world_mono_ms(w));
	overlay_commit(w->overlay);
	w->stale = true;
}

void
world_say_drain(struct world *w, uint32_t region, bool drained, uint32_t over_s)
{
	struct state_override row = {.ramp_ms = (int64_t)over_s * 1000};

	snprintf(row.action, sizeof(row.action), "%s",
	    drained ? "drain" : "undrain");
	snprintf(row.kind, sizeof(row.kind), "region");
	snprintf(row.target, sizeof(row.target), "%s",
	    w->config->zone->config->regions[region].name);
	say(w, &row);
}

void
world_say_canary(struct world *w, unsigned member, double share)
{
	const struct policy_service *service = w->config->service;
	struct state_override row = {.ramp_ms = 0};

	snprintf(row.action, sizeof(row.action), "canary");
	snprintf(row.kind, sizeof(row.kind), "service");
	snprintf(row.target, sizeof(row.target), "%.*s",
	    (int)strlen(service->name) - 1, service->name);
	snprintf(row.value, sizeof(row.value), "%s %.4f%%",
	    service->members[member].pool.name, share * 100);
	say(w, &row);
}

static void
tell_keeps(struct world *w, const struct pilot_pool *p)
{
	const struct steering_config *file = w->config->zone->config;

	for (size_t r = 0; r < file->n_regions; r++) {
		struct state_keep row = {.keep = p->out[r]};

		snprintf(row.zone, sizeof(row.zone), "%s", w->zone);
		snprintf(row.pool, sizeof(row.pool), "%s", p->pool->name);
		snprintf(row.region, sizeof(row.region), "%s",
		    file->regions[r].name);
		overlay_keep(w->overlay, &row);
	}
}

static void
tell_factors(struct world *w)
{
	for (size_t i = 0; i < w->servers.n; i++) {
		const struct policy_endpoint *e =
		    &w->config->policy->endpoints[w->servers.all[i].endpoint];
		struct state_factor row = {
		    .sixteenths = w->pilot.even[i].sixteenths};

		snprintf(row.zone, sizeof(row.zone), "%s", w->zone);
		snprintf(row.pool, sizeof(row.pool), "%s", e->key.pool);
		snprintf(
		    row.endpoint, sizeof(row.endpoint), "%s", e->key.endpoint);
		overlay_factor(w->overlay, &row);
	}
}

void
world_tell(struct world *w)
{
	overlay_begin(w->overlay, false);
	for (size_t i = 0; i < w->pilot.n_pools; i++)
		if (w->pilot.pools[i].controller != NULL)
			tell_keeps(w, &w->pilot.pools[i]);
	if (w->config->rival == RIVAL_NONE)
		tell_factors(w);
	overlay_commit(w->overlay);
	w->stale = true;
}
