/*
 * Runs a world second by second.  Called by meridianctl simulate and by tests;
 * starts no thread and reads nothing but what it is given.
 */
#include "steering/simulate/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/check_defaults.h"
#include "dns/wire/name.h"
#include "state/endpoint_key.h"
#include "steering/simulate/world_private.h"

/* Of the seed. */
#define DRAW_WORLD 33
#define DRAW_FIRST 34

void
world_config_init(struct world_config *config)
{
	*config = (struct world_config){
	    .seed = 1,
	    .length_s = 2700,
	    .settle_s = 900,
	    .level = 0.85,
	    .requests_s = 10000,
	    .held_s = 20,
	    .noise = 0.2,
	    .metrics_every_s = 5,
	    .metrics_late_s = 5,
	    .smooth_s = LOAD_SMOOTH_MS / 1000,
	    .sample_s = 10,
	};
}

/* --- a world is made --- */

static int
make_name(struct world *w)
{
	static const uint8_t root[1] = {0};
	uint8_t name[NAME_MAX_WIRE];
	int len = name_parse(w->config->service->name, root, name);

	if (len <= 0)
		return -1;
	w->owner = malloc((size_t)len);
	if (w->owner == NULL)
		return -1;
	memcpy(w->owner, name, (size_t)len);
	w->owner_len = (uint8_t)len;
	return 0;
}

/* Of which class each network is, for each pool. */
static void
classify(struct world *w)
{
	const struct population *p = w->config->population;

	for (size_t i = 0; i < p->n_networks; i++) {
		const struct population_network *n = &p->networks[i];
		const struct population_resolver *r =
		    &p->resolvers[n->resolver];
		struct map_leaf leaf;

		map_lookup(w->config->service->map,
		    r->forwards ? &n->address : &r->address, &leaf);
		for (size_t k = 0; k < w->pilot.n_pools; k++)
			w->classes[i * w->pilot.n_pools + k] =
			    (uint16_t)pilot_class(&w->pilot, k, &leaf);
	}
}

/* Everyone asks for the first time within a TTL. */
static void
begin_asking(struct world *w)
{
	struct draw draw = draw_of(w->config->seed, DRAW_FIRST);
	uint32_t ttl_ms = w->config->service->ttl_max_s * 1000;

	for (uint32_t i = 0; i < w->config->population->n_networks; i++) {
		w->networks[i].server = WORLD_NOWHERE;
		wheel_add(&w->wheel, i,
		    ttl_ms > 0 ? (int64_t)draw_below(&draw, ttl_ms) : 0);
	}
}

static int
make_room(struct world *w, struct errbuf *eb)
{
	const struct population *p = w->config->population;

	w->networks = calloc(p->n_networks + 1, sizeof(*w->networks));
	w->overlay = overlay_create();
	w->caches = calloc(p->n_resolvers + 1, sizeof(*w->caches));
	w->classes =
	    calloc(p->n_networks * w->pilot.n_pools + 1, sizeof(*w->classes));
	if (w->overlay == NULL || w->networks == NULL || w->caches == NULL ||
	    w->classes == NULL || wheel_init(&w->wheel, p->n_networks) != 0 ||
	    make_name(w) != 0)
		return errbuf_error(eb, NULL, "no memory for a world");
	return 0;
}

static int
make(struct world *w, struct errbuf *eb)
{
	const struct world_config *c = w->config;

	w->draw = draw_of(c->seed, DRAW_WORLD);
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		w->factor[r] = 1;
	for (size_t m = 0; m < STEERING_MAX_SPLIT; m++)
		w->share[m] = NAN;
	snprintf(w->zone, sizeof(w->zone), "%s", c->zone->name);
	endpoint_key_fold(w->zone);
	if (servers_init(&w->servers, c, eb) != 0 ||
	    pilot_init(&w->pilot, c, &w->servers, eb) != 0 ||
	    make_room(w, eb) != 0)
		return -1;
	w->servers.unit =
	    c->level * w->servers.capacity / (double)POPULATION_WHOLE;
	classify(w);
	begin_asking(w);
	return 0;
}

static void
finish(struct world *w)
{
	for (size_t i = 0;
	     w->caches != NULL && i < w->config->population->n_resolvers; i++)
		cache_finish(&w->caches[i]);
	free(w->caches);
	free(w->networks);
	free(w->classes);
	free(w->owner);
	wheel_finish(&w->wheel);
	pilot_finish(&w->pilot);
	servers_finish(&w->servers);
	live_destroy(w->live);
	overlay_destroy(w->overlay);
}

/* --- what it looks like --- */

static double
share(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

/* The busiest endpoint of each region by its capacity, over that of the region;
 * the worst. */
static double
unevenness(const struct world *w, const struct tally_sample *s)
{
	double worst = 0;

	for (size_t i = 0; i < w->servers.n; i++) {
		const struct server *server = &w->servers.all[i];
		double full =
		    s->load[server->region] / s->capacity[server->region];

		if (!server->down && full > 0)
			worst =
			    fmax(worst, server->load / server->capacity / full);
	}
	return worst;
}

static void
look_at_regions(const struct world *w, struct tally_sample *s)
{
	int64_t lost = 0, home = 0;

	s->n_regions = w->config->zone->config->n_regions;
	for (size_t r = 0; r < s->n_regions; r++)
		s->keep[r] =
		    w->pilot.n_pools > 0 ? w->pilot.pools[0].out[r] : 1;
	for (size_t i = 0; i < w->servers.n; i++) {
		const struct server *server = &w->servers.all[i];

		home += server->home;
		if (server->down) {
			lost += server->demand;
			continue;
		}
		s->load[server->region] += server->load;
		s->capacity[server->region] += server->capacity;
	}
	s->lost = share(lost, w->demand);
	s->away = w->demand > 0 ? 1 - share(home, w->demand) : 0;
}

static void
look(struct world *w, struct tally_sample *s)
{
	double requests =
	    share(w->demand, POPULATION_WHOLE) * w->config->requests_s;

	*s = (struct tally_sample){.at_s = w->now_s};
	look_at_regions(w, s);
	s->demand = (double)w->demand * w->servers.unit;
	s->moved = share(w->moved, w->demand) * 60;
	s->moved_endpoint = share(w->moved_endpoint, w->demand) * 60;
	s->queries_s = (double)w->queries;
	s->hits = requests > 0 ? fmax(0, 1 - s->queries_s / requests) : 0;
	s->unevenness = unevenness(w, s);
	w->moved = w->moved_endpoint = 0;
	w->queries = 0;
}

/* --- a second --- */

static int
ask_all(struct world *w)
{
	int64_t end_ms = ((int64_t)w->now_s + 1) * 1000, due_ms;
	uint32_t network;

	while ((network = wheel_next(&w->wheel, end_ms, &due_ms)) != WHEEL_NONE)
		if (world_ask(w, network, due_ms) != 0)
			return -1;
	return 0;
}

/* ${mean} of what a sample is of. */
static void
add_to_sample(struct tally_sample *sum, const struct tally_sample *s, double n)
{
	struct tally_sample before = *sum;

	*sum = *s;
	sum->moved = before.moved + s->moved / n;
	sum->moved_endpoint = before.moved_endpoint + s->moved_endpoint / n;
	sum->queries_s = before.queries_s + s->queries_s / n;
	sum->hits = before.hits + s->hits / n;
	sum->lost = before.lost + s->lost / n;
	sum->away = before.away + s->away / n;
}

/* False: the caller has seen enough. */
static bool
show(struct world *w, struct tally_sample *sum, const struct tally_sample *s)
{
	uint32_t every_s = w->config->sample_s > 0 ? w->config->sample_s : 1;

	if (w->config->sample == NULL)
		return true;
	add_to_sample(sum, s, every_s);
	if ((w->now_s + 1) % every_s != 0)
		return true;
	if (!w->config->sample(w->config->context, sum))
		return false;
	*sum = (struct tally_sample){0};
	return true;
}

int
world_run(
    const struct world_config *config, struct tally *out, struct errbuf *eb)
{
	struct world w = {.config = config};
	struct tally_sample s, sum = {0};
	struct tally tally = {0};
	int status = make(&w, eb);

	for (; status == 0 && w.now_s < config->length_s; w.now_s++) {
		if (world_change(&w) != 0 || ask_all(&w) != 0) {
			status =
			    errbuf_error(eb, NULL, "no memory for a world");
			break;
		}
		servers_second(&w.servers);
		look(&w, &s);
		if (w.now_s >= config->settle_s)
			tally_add(&tally, &s, 1);
		if (!show(&w, &sum, &s))
			break;
	}
	finish(&w);
	if (status == 0)
		*out = tally;
	return status;
}
