/* Copies of ramps.  Called when the files are read. */
#include "probes/control/ramp_plan.h"

#include <stdio.h>
#include <string.h>

#include "state/endpoint_key.h"
#include "state/rows.h"
#include "steering/vantage.h"

/* How long the load of ${e} counts: that of the check which reads it. */
static int64_t
stale_of(const struct steering_config *config, const struct check_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct load_config *load =
		    &config->checks[set->checks[i]].load;

		if (load->wanted)
			return (int64_t)load->stale_ms;
	}
	return 0;
}

/* Standby endpoints serve when others fail, or a trickle: they are no sign of
 * how a version does.  Where all are standby, none is. */
static bool
counts(const struct steering_config *config, const struct pool_config *pool,
    const struct endpoint_config *e)
{
	bool others = false;

	for (size_t i = 0; i < pool->n_endpoints; i++)
		others |= pool->endpoints[i].weight > 0 &&
		    !steering_is_standby(config, &pool->endpoints[i]);
	return e->weight > 0 && (!others || !steering_is_standby(config, e));
}

static int
copy_side(struct arena *arena, const struct steering_config *config,
    const struct pool_config *pool, struct ramp_side *out)
{
	struct ramp_endpoint *list =
	    arena_array(arena, pool->n_endpoints, sizeof(*list));

	out->pool = arena_strdup(arena, pool->name);
	if (list == NULL || out->pool == NULL)
		return -1;
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];
		const struct check_set *set = steering_checks_of(pool, e);

		if (!counts(config, pool, e))
			continue;
		list[out->n] = (struct ramp_endpoint){
		    .name = arena_strdup(arena, e->name),
		    .weight = e->weight,
		    .checked = set->n > 0,
		    .stale_ms = stale_of(config, set),
		    .place = vantage_place(config->regions[e->region].name)};
		if (list[out->n++].name == NULL)
			return -1;
	}
	out->endpoints = list;
	return 0;
}

/* The name of ${service} of ${zone} as overrides have it. */
static const char *
full_name(struct arena *arena, const char *service, const char *zone)
{
	size_t len = strlen(service);
	char text[2 * STATE_ZONE];

	if (len > 0 && service[len - 1] == '.')
		snprintf(text, sizeof(text), "%.*s", (int)len - 1, service);
	else if (strcmp(service, "@") == 0)
		snprintf(text, sizeof(text), "%s", zone);
	else
		snprintf(text, sizeof(text), "%s.%s", service, zone);
	text[STATE_ZONE - 1] = '\0';
	endpoint_key_fold(text);
	return arena_strdup(arena, text);
}

static int
copy_ramp(struct arena *arena, const struct steering_config *config,
    const struct service_config *service, const char *zone,
    struct ramp_plan *out)
{
	const struct ramp_config *ramp = service->ramp;
	const struct split_config *split = service->split;
	char folded[STATE_ZONE];

	snprintf(folded, sizeof(folded), "%s", zone);
	endpoint_key_fold(folded);
	out->zone = arena_strdup(arena, folded);
	out->service = arena_strdup(arena, service->name);
	if (out->zone == NULL || out->service == NULL)
		return -1;
	out->name = full_name(arena, out->service, out->zone);
	out->config = *ramp;
	if (out->name == NULL ||
	    copy_side(arena, config, &config->pools[split[ramp->member].pool],
		&out->side[RAMP_CANARY]) != 0 ||
	    copy_side(arena, config,
		&config->pools[split[ramp->neighbour].pool],
		&out->side[RAMP_STABLE]) != 0)
		return -1;
	out->config.pool = out->side[RAMP_CANARY].pool;
	out->config.from = out->side[RAMP_STABLE].pool;
	return 0;
}

int
ramp_plans_build(struct arena *arena, const struct server_config *server,
    struct steering_config *const *steering, struct ramp_plans *out)
{
	struct ramp_plan *plans;
	size_t most = 0, n = 0;

	for (size_t z = 0; z < server->n_zones; z++)
		for (size_t i = 0;
		     steering[z] != NULL && i < steering[z]->n_services; i++)
			most += steering[z]->services[i].ramp != NULL;
	plans = arena_array(arena, most, sizeof(*plans));
	if (plans == NULL)
		return -1;
	for (size_t z = 0; z < server->n_zones; z++)
		for (size_t i = 0;
		     steering[z] != NULL && i < steering[z]->n_services; i++)
			if (steering[z]->services[i].ramp != NULL &&
			    copy_ramp(arena, steering[z],
				&steering[z]->services[i],
				server->zones[z].name, &plans[n++]) != 0)
				return -1;
	*out = (struct ramp_plans){plans, n};
	return 0;
}
