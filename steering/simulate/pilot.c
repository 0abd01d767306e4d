/* Steers by load.  Called by the simulated world each few seconds. */
#include "steering/simulate/pilot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of rivals, and of pools whose file does not say what they are steered by. */
#define STEP_S 5
#define TARGET 0.85

/* Of the seed. */
#define DRAW_NOISE 32

/* What is kept is told in whole parts of this, so that the last bits of a
 * machine's arithmetic decide nothing. */
#define PARTS 0x1p24

/* Its number in the file. */
static uint32_t
find_config(const struct steering_config *config, const char *name)
{
	uint32_t i = 0;

	while (strcmp(config->pools[i].name, name) != 0)
		i++;
	return i;
}

static int
add_pool(struct pilot *pilot, const struct policy_pool *pool)
{
	const struct world_config *config = pilot->config;
	const struct steering_config *file = config->zone->config;
	uint32_t number = find_config(file, pool->name);
	struct controller_settings settings;
	struct pilot_pool *p = &pilot->pools[pilot->n_pools];
	const struct client_class *classes;
	size_t n_classes;

	if (pool->is_standby || pilot_pool(pilot, pool) < pilot->n_pools ||
	    pilot->n_pools == PILOT_POOLS)
		return 0;
	pilot->n_pools++;
	*p = (struct pilot_pool){
	    .pool = pool, .step_s = STEP_S, .target = TARGET};
	demand_init(&p->demand);
	classes = map_classes(config->service->map, &n_classes);
	demand_pool_init(&p->counted, file, pool->regions, classes, n_classes);
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		p->out[r] = 1;
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		even_init(&p->even[r]);
	p->evens = file->pools[number].even && config->rival == RIVAL_NONE;
	p->felt = (struct even_settings){.ttl_s = config->service->ttl_max_s,
	    .held_s = config->held_s,
	    .smooth_s = config->smooth_s};
	if (!file->pools[number].spill.wanted)
		return 0;
	controller_settings_of(file, number, &settings);
	if (settings.smooth_s == 0)
		settings.smooth_s = config->smooth_s;
	p->step_s = settings.step_s;
	p->target = settings.target;
	if (config->rival != RIVAL_NONE)
		return 0;
	p->controller = controller_create(&settings, 0);
	return p->controller != NULL ? 0 : -1;
}

static int
add_pools(struct pilot *pilot, const struct policy_service *service)
{
	for (size_t m = 0; m < service->n_members; m++) {
		const struct policy_pool *pool = &service->members[m].pool;

		if (pool->nested != NULL ? add_pools(pilot, pool->nested) != 0
					 : add_pool(pilot, pool) != 0)
			return -1;
	}
	return 0;
}

int
pilot_init(struct pilot *pilot, const struct world_config *config,
    const struct servers *servers, struct errbuf *eb)
{
	memset(pilot, 0, sizeof(*pilot));
	pilot->config = config;
	pilot->late_s = config->metrics_late_s;
	pilot->noise = draw_of(config->seed, DRAW_NOISE);
	pilot->seen = calloc(servers->n + 1, sizeof(*pilot->seen));
	pilot->rows = calloc(DEMAND_CLASSES, sizeof(*pilot->rows));
	pilot->even = calloc(servers->n + 1, sizeof(*pilot->even));
	for (size_t i = 0; pilot->even != NULL && i < servers->n; i++)
		even_endpoint_init(&pilot->even[i], EVEN_FULL);
	if (pilot->seen == NULL || pilot->rows == NULL || pilot->even == NULL ||
	    add_pools(pilot, config->service) != 0)
		return errbuf_error(eb, NULL, "no memory for a controller");
	return 0;
}

void
pilot_finish(struct pilot *pilot)
{
	for (size_t i = 0; i < pilot->n_pools; i++) {
		controller_destroy(pilot->pools[i].controller);
		demand_finish(&pilot->pools[i].demand);
	}
	free(pilot->seen);
	free(pilot->rows);
	free(pilot->even);
}

size_t
pilot_pool(const struct pilot *pilot, const struct policy_pool *pool)
{
	size_t i = 0;

	while (
	    i < pilot->n_pools && pilot->pools[i].pool->number != pool->number)
		i++;
	return i;
}

uint32_t
pilot_class(struct pilot *pilot, size_t p, const struct map_leaf *leaf)
{
	struct pilot_pool *pool = &pilot->pools[p];
	struct demand_class class;
	uint32_t number;

	demand_class_of(leaf->class, &pool->counted, &class);
	demand_add(&pool->demand, &class, 0);
	number = intern_find(&pool->demand.classes, &class);
	pool->uncounted = pool->uncounted || number == INTERN_NONE;
	return number != INTERN_NONE ? number : DEMAND_CLASSES;
}

/* Metrics are read every so often, and what was read then is so late. */
static uint32_t
age_s(const struct pilot *pilot, uint32_t now_s)
{
	uint32_t every_s = pilot->config->metrics_every_s;

	return pilot->late_s + (every_s > 0 ? now_s % every_s : 0);
}

/* What is seen of the endpoints of ${pool} that are up. */
static size_t
look(struct pilot *pilot, const struct policy_pool *pool,
    const struct servers *servers, uint32_t now_s)
{
	uint32_t late_s = age_s(pilot, now_s);
	size_t n = 0;

	for (size_t i = 0; i < servers->n; i++) {
		const struct server *s = &servers->all[i];

		if (s->down || s->drained || pool->group[s->region] != s->group)
			continue;
		pilot->seen[n++] = (struct controller_endpoint){
		    .region = s->region,
		    .capacity = s->capacity,
		    .saturation =
			servers_seen(servers, i, late_s) / s->capacity,
		    .age_ms = (int64_t)late_s * 1000,
		};
	}
	return n;
}

static uint64_t
regions_of(const struct controller_endpoint *seen, size_t n)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++)
		set |= UINT64_C(1) << seen[i].region;
	return set;
}

/* What was counted, with noise; false: it is not known. */
static bool
count(struct pilot *pilot, struct pilot_pool *p, size_t *n)
{
	if (p->uncounted || !demand_take(&p->demand, pilot->rows, n))
		return false;
	for (size_t i = 0; i < *n; i++) {
		double more = pilot->config->noise * draw_gauss(&pilot->noise);

		pilot->rows[i].answers *= fmax(0, 1 + more);
	}
	return true;
}

static void
step_controller(
    struct pilot *pilot, struct pilot_pool *p, size_t n_seen, uint32_t now_s)
{
	struct controller_input in = {.endpoints = pilot->seen,
	    .n_endpoints = n_seen,
	    .usable = regions_of(pilot->seen, n_seen)};

	if (count(pilot, p, &in.n_demand))
		in.demand = pilot->rows;
	controller_step(p->controller, (int64_t)now_s * 1000, &in);
	for (uint8_t r = 0; r < STEERING_MAX_REGIONS; r++) {
		struct controller_region region;

		controller_region(p->controller, r, &region);
		p->out[r] = nearbyint(region.keep * PARTS) / PARTS;
	}
}

static void
step_rival(struct pilot *pilot, struct pilot_pool *p, size_t n_seen)
{
	struct rival_region regions[STEERING_MAX_REGIONS] = {0};
	size_t n = pilot->config->zone->config->n_regions;

	for (size_t i = 0; i < n_seen; i++) {
		const struct controller_endpoint *e = &pilot->seen[i];
		struct rival_region *r = &regions[e->region];

		r->usable = true;
		r->capacity += e->capacity;
		r->load += e->saturation * e->capacity;
	}
	rivals_step(
	    pilot->config->rival, regions, n, p->step_s, p->target, p->out);
}

/* The endpoints of one group, which follow each other.  True when one has
 * another weight. */
static bool
even_group(struct pilot *pilot, struct pilot_pool *p,
    const struct servers *servers, size_t first, uint32_t now_s)
{
	const struct server *all = servers->all;
	size_t n = 0;

	for (size_t i = first;
	     i < servers->n && all[i].group == all[first].group; i++, n++) {
		struct even_endpoint *e = &pilot->even[i];

		e->usable = !all[i].down && !all[i].drained;
		e->weight =
		    pilot->config->policy->endpoints[all[i].endpoint].weight;
		e->saturation = servers_seen(servers, i, age_s(pilot, now_s)) /
		    all[i].capacity;
	}
	return even_step(&p->even[all[first].region], &p->felt,
		   &pilot->even[first], n, p->step_s, false) > 0;
}

static bool
even_out(struct pilot *pilot, struct pilot_pool *p,
    const struct servers *servers, uint32_t now_s)
{
	bool moved = false;

	for (size_t i = 0; i < servers->n; i++) {
		const struct server *s = &servers->all[i];

		if (p->pool->group[s->region] == s->group &&
		    (i == 0 || s[-1].group != s->group))
			moved |= even_group(pilot, p, servers, i, now_s);
	}
	return moved;
}

/* True when endpoints have other weights. */
static bool
step_pool(struct pilot *pilot, struct pilot_pool *p,
    const struct servers *servers, uint32_t now_s)
{
	size_t n = look(pilot, p->pool, servers, now_s);

	if (p->controller != NULL)
		step_controller(pilot, p, n, now_s);
	else if (pilot->config->rival != RIVAL_NONE)
		step_rival(pilot, p, n);
	return p->evens && even_out(pilot, p, servers, now_s);
}

bool
pilot_step(struct pilot *pilot, const struct servers *servers, uint32_t now_s)
{
	bool moved = false;

	for (size_t i = 0; i < pilot->n_pools; i++) {
		struct pilot_pool *p = &pilot->pools[i];
		double before[STEERING_MAX_REGIONS];

		if (now_s % p->step_s != 0)
			continue;
		memcpy(before, p->out, sizeof(before));
		moved |= step_pool(pilot, p, servers, now_s);
		for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
			moved = moved || before[r] < p->out[r] ||
			    before[r] > p->out[r];
	}
	return moved;
}
