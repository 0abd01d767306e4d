/*
 * Fuzz target: any text as a steering file.  What is accepted must keep every
 * promise of config/steering.h; what is not must say why.
 */
#include <stdlib.h>
#include <string.h>

#include "config/steering.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/*
 * libfyaml 0.7 loses half a kilobyte on a quoted text with a row of quotes in
 * it (its issue 233), and the fuzzer finds one within minutes.  That we give
 * back what we took from it is seen by the unit tests under ASan.
 */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_networks(const struct steering_config *config)
{
	for (size_t i = 0; i < config->n_networks; i++) {
		const struct network_config *network = &config->networks[i];

		require(network->n_prefixes > 0);
		for (size_t k = 0; k < network->n_prefixes; k++) {
			struct address masked = network->prefixes[k].address;

			address_mask(&masked, network->prefixes[k].length);
			require(address_equal(
			    &masked, &network->prefixes[k].address));
		}
	}
}

/* What is sent has no place left that was to be filled. */
static void
check_plan(const struct check_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct check_step *step = &plan->steps[i];

		require(step->name != NULL && step->name[0] != '\0');
		require((step->kind == STEP_EXEC) == (step->argv != NULL));
		if (step->kind != STEP_HTTP)
			continue;
		require(step->path[0] == '/' && step->n_expect > 0);
		require(step->method != NULL);
		for (size_t k = 0; k < step->n_expect; k++)
			require(step->expect[k].first >= 100 &&
			    step->expect[k].first <= step->expect[k].last);
	}
}

static void
check_checks(const struct steering_config *config)
{
	for (size_t i = 0; i < config->n_checks; i++) {
		const struct check_config *check = &config->checks[i];

		require(check->port > 0 && (check->ipv4 || check->ipv6));
		require(check->timeout_ms >= 10 && check->every_ms > 0);
		require(check->timeout_ms / 16 <= check->every_ms);
		require(check->fall >= 1 && check->rise >= 1);
		require((check->quorum == QUORUM_COUNT) ==
		    (check->quorum_count > 0));
		require(check->plan.n_steps > 0);
		check_plan(&check->plan);
		check_plan(&check->deep);
		require(check->deep.n_steps == 0 ||
		    check->deep.timeout_ms <= check->deep.every_ms);
	}
}

static void
check_set(const struct check_set *set, const struct steering_config *config)
{
	require(set->n <= CHECK_SET_MAX && set->need <= set->n);
	require((set->need > 0) == (set->n > 0));
	for (size_t i = 0; i < set->n; i++) {
		require(set->checks[i] < config->n_checks);
		for (size_t k = 0; k < i; k++)
			require(set->checks[k] != set->checks[i]);
	}
}

static void
check_pools(const struct steering_config *config)
{
	for (size_t i = 0; i < config->n_pools; i++) {
		const struct pool_config *pool = &config->pools[i];
		uint64_t regions = 0, weighty = 0;

		require((pool->n_endpoints > 0) != (pool->service != NULL) &&
		    pool->min_up_ppm <= 1000000);
		check_set(&pool->checks, config);
		require(pool->spread >= 1 &&
		    pool->spread <= STEERING_MAX_SPREAD &&
		    pool->trickle_ppm <= STEERING_MAX_TRICKLE);
		/* Of an edge, and the last place to go to. */
		require(pool->origin == STEERING_NONE ||
		    (pool->edge && pool->origin < config->n_pools &&
			config->pools[pool->origin].origin == STEERING_NONE));
		for (size_t k = 0; k < pool->n_endpoints; k++) {
			const struct endpoint_config *e = &pool->endpoints[k];

			check_set(&e->checks, config);
			require(e->name[0] != '\0');
			require(e->region < config->n_regions);
			require((e->n_ipv4 + e->n_ipv6 > 0) +
				(e->cname != NULL) + (e->resolve != NULL) ==
			    1);
			require((e->cname != NULL) ==
			    (pool->endpoints[0].cname != NULL));
			regions |= UINT64_C(1) << e->region;
			if (e->weight > 0)
				weighty |= UINT64_C(1) << e->region;
		}
		require(regions == weighty);
	}
}

static void
check_clients(const struct clients_config *c)
{
	bool lists = c->n_continents + c->n_countries + c->n_unions +
		c->n_subdivisions + c->n_cities + c->n_near + c->n_networks +
		c->n_asns >
	    0;

	require(c->everyone + c->unknown + lists == 1);
	for (size_t i = 0; i < c->n_subdivisions; i++)
		require(c->subdivisions[i].code != 0 &&
		    strlen(c->subdivisions[i].country) == 2);
	for (size_t i = 0; i < c->n_cities; i++)
		require(
		    (c->cities[i].geoname != 0) == (c->cities[i].name[0] == 0));
	for (size_t i = 0; i < c->n_near; i++)
		require(c->near[i].km > 0 && c->near[i].km <= STEERING_MAX_KM &&
		    c->near[i].latitude >= -90 && c->near[i].latitude <= 90);
}

/* A record that any client can read, and no alias. */
static void
check_binding(const struct binding_config *b)
{
	if (b == NULL)
		return;
	require(b->priority > 0 && b->target[strlen(b->target) - 1] == '.');
	require(b->n_alpn > 0 || !b->no_default_alpn);
	for (size_t i = 0; i < b->n_alpn; i++)
		require(b->alpn[i][0] != '\0' && strlen(b->alpn[i]) <= 255);
	/* Neither itself, nor a hint, nor what is not there. */
	require((b->mandatory & (1 << 0 | 1 << 4 | 1 << 6)) == 0);
	require(!(b->mandatory >> 1 & 1) || b->n_alpn > 0);
	require(!(b->mandatory >> 2 & 1) || b->no_default_alpn);
	require(!(b->mandatory >> 3 & 1) || b->port > 0);
	require(!(b->mandatory >> 5 & 1) || b->n_ech > 0);
	require(!(b->mandatory >> 7 & 1) || b->dohpath != NULL);
	require(!(b->mandatory >> 8 & 1) || b->ohttp);
}

static void
check_services(const struct steering_config *config)
{
	require(config->n_services > 0);
	for (size_t i = 0; i < config->n_services; i++) {
		const struct service_config *service = &config->services[i];
		uint64_t sum = 0;

		for (size_t k = 0; k < service->n_split; k++) {
			uint32_t pool = service->split[k].pool;
			const struct pool_config *p = &config->pools[pool];

			require(pool < config->n_pools);
			require(p->service != NULL
				? p->service->cname == service->cname
				: (p->endpoints[0].cname != NULL) ==
				    service->cname);
			sum += service->split[k].weight;
		}
		require(sum > 0);
		require(!service->cname ||
		    (service->answers == 1 && service->https == NULL &&
			service->svcb == NULL));
		check_binding(service->https);
		check_binding(service->svcb);
		require(service->ttl_min_s <= service->ttl_max_s);
		require(service->n_resorts > 0 &&
		    service->n_resorts <= STEERING_MAX_RESORTS);
		require(service->resorts[service->n_resorts - 1] >= RESORT_ALL);
		require(
		    (service->n_orders > 0) == (service->rank == RANK_RULES));
		for (size_t k = 0; k < service->n_orders; k++) {
			require(service->orders[k].n_regions > 0);
			check_clients(&service->orders[k].clients);
		}
		for (size_t k = 0; k < service->n_fences; k++) {
			const struct fence_config *fence = &service->fences[k];

			require(fence->regions != 0);
			check_clients(&fence->clients);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct errbuf eb;
	struct steering_config *config;

	errbuf_init(&eb);
	config = steering_config_parse(
	    "/nonexistent/fuzz.yaml", (const char *)data, size, &eb);
	require((config == NULL) == (eb.errors > 0));
	require(eb.errors == 0 || eb.len > 0);
	if (config != NULL) {
		check_networks(config);
		check_checks(config);
		check_pools(config);
		check_services(config);
	}
	steering_config_destroy(config);
	return 0;
}
