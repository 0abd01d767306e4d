/* Copies of pools with `spill` or `even`.  Called when the files are read. */
#include "probes/control/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "state/endpoint_key.h"
#include "state/rows.h"
#include "steering/vantage.h"

/* A request is worked on so long, about, where the file does not say: as it is
 * with `spill`. */
#define HELD_S 20

static int
compare_names(const void *a, const void *b)
{
	const struct control_endpoint *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* How the load of ${e} is read; NULL: it is not. */
static const struct load_config *
load_of(const struct steering_config *config, const struct pool_config *pool,
    const struct endpoint_config *e)
{
	const struct check_set *set = steering_checks_of(pool, e);

	for (size_t i = 0; i < set->n; i++) {
		const struct load_config *load =
		    &config->checks[set->checks[i]].load;

		if (load->wanted)
			return load;
	}
	return NULL;
}

static int
copy_endpoints(struct arena *arena, const struct steering_config *config,
    const struct pool_config *from, struct control_pool *out)
{
	struct control_endpoint *list =
	    arena_array(arena, from->n_endpoints, sizeof(*list));

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < from->n_endpoints; i++) {
		const struct endpoint_config *e = &from->endpoints[i];
		struct control_endpoint *copy = &list[out->n];
		const struct load_config *load;

		if (e->weight == 0 || steering_is_standby(config, e))
			continue;
		copy->name = arena_strdup(arena, e->name);
		if (copy->name == NULL)
			return -1;
		copy->region = (uint8_t)e->region;
		copy->weight = e->weight;
		copy->capacity = e->capacity;
		copy->drained = e->drained || from->drained ||
		    config->regions[e->region].drained;
		copy->place = vantage_place(config->regions[e->region].name);
		load = load_of(config, from, e);
		copy->stale_ms = load != NULL ? (int64_t)load->stale_ms : 0;
		out->regions |= UINT64_C(1) << e->region;
		out->n++;
	}
	if (out->n > 1)
		qsort(list, out->n, sizeof(*list), compare_names);
	out->endpoints = list;
	return 0;
}

static int
copy_regions(struct arena *arena, const struct steering_config *config,
    struct steering_config *out)
{
	struct region_config *regions =
	    arena_array(arena, config->n_regions, sizeof(*regions));

	if (regions == NULL)
		return -1;
	for (size_t i = 0; i < config->n_regions; i++) {
		regions[i].name = arena_strdup(arena, config->regions[i].name);
		if (regions[i].name == NULL)
			return -1;
	}
	out->regions = regions;
	out->n_regions = config->n_regions;
	return 0;
}

static const char *
copy_zone(struct arena *arena, const char *zone)
{
	char text[STATE_ZONE];

	snprintf(text, sizeof(text), "%s", zone);
	endpoint_key_fold(text);
	return arena_strdup(arena, text);
}

static bool
has_pool(const struct service_config *service, uint32_t pool)
{
	for (size_t i = 0; i < service->n_split; i++)
		if (service->split[i].pool == pool)
			return true;
	return false;
}

/* The name of ${service} of ${zone} as overrides have it. */
static const char *
full_name(
    struct arena *arena, const struct service_config *service, const char *zone)
{
	size_t len = strlen(service->name);
	char text[2 * STATE_ZONE];

	if (len > 0 && service->name[len - 1] == '.')
		snprintf(text, sizeof(text), "%s", service->name);
	else if (strcmp(service->name, "@") == 0)
		snprintf(text, sizeof(text), "%s", zone);
	else
		snprintf(text, sizeof(text), "%s.%s", service->name, zone);
	if (strlen(text) >= STATE_ZONE)
		text[STATE_ZONE - 1] = '\0';
	endpoint_key_fold(text);
	return arena_strdup(arena, text);
}

static int
copy_services(struct arena *arena, const struct steering_config *config,
    uint32_t pool, struct control_pool *out)
{
	const char **names =
	    arena_array(arena, config->n_services, sizeof(*names));

	if (names == NULL)
		return -1;
	for (size_t i = 0; i < config->n_services; i++) {
		if (!has_pool(&config->services[i], pool))
			continue;
		names[out->n_services] =
		    full_name(arena, &config->services[i], out->zone);
		if (names[out->n_services++] == NULL)
			return -1;
	}
	out->services = names;
	return 0;
}

static bool
is_controlled(const struct pool_config *pool)
{
	return pool->spill.wanted || pool->even;
}

/* How soon a change of factors shows in the load of ${pool}. */
static void
find_lags(const struct steering_config *config, const struct pool_config *pool,
    struct control_pool *out)
{
	out->even = (struct even_settings){.ttl_s = out->settings.ttl_s,
	    .held_s = pool->spill.wanted ? out->settings.held_s : HELD_S};
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct load_config *load =
		    load_of(config, pool, &pool->endpoints[i]);

		if (load != NULL && load->smooth_ms / 1000 > out->even.smooth_s)
			out->even.smooth_s = (uint32_t)(load->smooth_ms / 1000);
	}
}

static int
copy_pool(struct arena *arena, const struct steering_config *config,
    uint32_t pool, const char *zone, struct control_pool *out)
{
	const struct pool_config *from = &config->pools[pool];

	out->zone = copy_zone(arena, zone);
	out->name = arena_strdup(arena, from->name);
	out->min_up_ppm = from->min_up_ppm;
	out->spills = from->spill.wanted;
	out->evens = from->even;
	controller_settings_of(config, pool, &out->settings);
	out->slow_start_s = from->slow_start_s;
	find_lags(config, from, out);
	if (out->zone == NULL || out->name == NULL ||
	    copy_regions(arena, config, &out->file) != 0 ||
	    copy_endpoints(arena, config, from, out) != 0)
		return -1;
	return copy_services(arena, config, pool, out);
}

int
control_plan_build(struct arena *arena, const struct server_config *server,
    struct steering_config *const *steering, struct control_plan *out)
{
	struct control_pool *pools;
	size_t most = 0, n = 0;

	for (size_t z = 0; z < server->n_zones; z++)
		for (size_t i = 0;
		     steering[z] != NULL && i < steering[z]->n_pools; i++)
			most += is_controlled(&steering[z]->pools[i]);
	pools = arena_array(arena, most, sizeof(*pools));
	if (pools == NULL)
		return -1;
	for (size_t z = 0; z < server->n_zones; z++)
		for (uint32_t i = 0;
		     steering[z] != NULL && i < steering[z]->n_pools; i++)
			if (is_controlled(&steering[z]->pools[i]) &&
			    copy_pool(arena, steering[z], i,
				server->zones[z].name, &pools[n++]) != 0)
				return -1;
	*out = (struct control_plan){pools, n};
	return 0;
}

size_t
control_plan_endpoint(const struct control_pool *pool, const char *name)
{
	struct control_endpoint sought = {.name = name};
	const struct control_endpoint *found = NULL;

	if (pool->n > 0)
		found = bsearch(&sought, pool->endpoints, pool->n,
		    sizeof(sought), compare_names);
	return found != NULL ? (size_t)(found - pool->endpoints) : pool->n;
}

size_t
control_plan_pool(
    const struct control_plan *plan, const char *zone, const char *name)
{
	size_t p = 0;

	while (p < plan->n &&
	    (strcmp(plan->pools[p].zone, zone) != 0 ||
		strcmp(plan->pools[p].name, name) != 0))
		p++;
	return p;
}
