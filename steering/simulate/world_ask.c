/*
 * Resolvers: what they keep, and what they ask the servers.  Called for each
 * event of the world.
 */
#include <string.h>

#include "steering/ladder.h"
#include "steering/simulate/world_private.h"

/* Sticky prefix of what is dealt out by shares. */
#define DEALT_LENGTH 20

/* What a resolver is told. */
struct told {
	uint32_t server;
	unsigned scope;
	uint32_t ttl_s;
};

static uint32_t
network_number(const struct address *address)
{
	return (uint32_t)address->bytes[0] << 16 |
	    (uint32_t)address->bytes[1] << 8 | address->bytes[2];
}

/* One of the endpoints of the answer; clients take any. */
static uint32_t
pick(struct world *w, uint32_t network, const struct decision *d)
{
	uint32_t i = 0;

	if (d->kind != ANSWER_RECORDS || d->n == 0)
		return WORLD_NOWHERE;
	if (d->n > 1)
		i = (uint32_t)(hash_mix(network, w->config->seed) % d->n);
	return w->servers.of_endpoint[d->endpoint[i]];
}

static void
count(struct world *w, uint32_t network, const struct decision *d)
{
	const struct policy_pool *pool =
	    policy_chosen(w->config->service, d->member, d->alternate);
	size_t p = pilot_pool(&w->pilot, pool);
	uint32_t class;

	if (p == w->pilot.n_pools)
		return;
	class = w->classes[network * w->pilot.n_pools + p];
	if (class < DEMAND_CLASSES)
		w->pilot.pools[p].demand.answers[class]++;
}

/* What clients ask for: a form that no choice lacks, if there is one. */
static enum answer_form
form_of(const struct policy_service *service)
{
	enum answer_form form, found = FORM_IPV4;

	for (form = ENDPOINT_FORMS; form-- > 0;)
		if (service->all_have[form] ||
		    (service->has[form] && !service->all_have[found]))
			found = form;
	return found;
}

/* By the ladder, as a server would. */
static struct told
decide(struct world *w, uint32_t network)
{
	const struct population_network *n =
	    &w->config->population->networks[network];
	const struct population_resolver *r =
	    &w->config->population->resolvers[n->resolver];
	struct client client = {r->address, 32};
	struct answer_request request = {.form = form_of(w->config->service),
	    .owner = w->owner,
	    .owner_len = w->owner_len,
	    .client = &client,
	    .sender = &r->address,
	    .turn = hash_mix(network, w->networks[network].asked)};
	struct decision d;

	if (r->forwards)
		client = (struct client){n->address, CACHE_LENGTH};
	ladder_decide(
	    w->config->service, w->config->policy, w->live, &request, NULL, &d);
	if (d.n > 0)
		count(w, network, &d);
	return (struct told){pick(w, network, &d), d.scope, d.ttl_s};
}

/* By shares: the region in whose share it lies, and any endpoint there. */
static struct told
deal(struct world *w, uint32_t network)
{
	const struct address *address =
	    &w->config->population->networks[network].address;
	uint32_t sticky = network_number(address) >> (24 - DEALT_LENGTH);
	struct draw draw = draw_of(w->config->service->salt_spill, sticky);
	double at = draw_unit(&draw), sum = 0;
	const double *shares = w->pilot.pools[0].out;
	struct told told = {
	    WORLD_NOWHERE, DEALT_LENGTH, w->config->service->ttl_max_s};
	size_t r = 0, there = 0;

	while (r + 1 < w->config->zone->config->n_regions &&
	    (sum += shares[r]) <= at)
		r++;
	for (uint32_t i = 0; i < w->servers.n; i++) {
		const struct server *s = &w->servers.all[i];

		if (s->region == r && !s->down && !s->drained &&
		    draw_below(&draw, ++there) == 0)
			told.server = i;
	}
	return told;
}

static struct told
tell(struct world *w, uint32_t network)
{
	w->queries++;
	w->networks[network].asked++;
	return rivals_deals(w->config->rival) ? deal(w, network)
					      : decide(w, network);
}

/* The first request after ${until_ms}: networks ask by chance. */
static void
wait(struct world *w, uint32_t network, int64_t until_ms)
{
	double rate_s = (double)w->networks[network].demand /
	    (double)POPULATION_WHOLE * w->config->requests_s;
	double mean_ms = rate_s > 0 ? 1000 / rate_s : UINT32_MAX;

	wheel_add(
	    &w->wheel, network, until_ms + draw_wait_ms(&w->draw, mean_ms));
}

void
world_add(struct world *w, uint32_t network, int64_t demand)
{
	uint32_t at = w->networks[network].server;
	struct server *server = &w->servers.all[at];

	if (at == WORLD_NOWHERE)
		return;
	server->demand += demand;
	if (server->region == w->config->population->networks[network].near)
		server->home += demand;
}

/* Its clients go to ${server} from now on. */
static void
put(struct world *w, uint32_t network, uint32_t server)
{
	struct world_network *n = &w->networks[network];
	const struct server *all = w->servers.all;
	uint32_t before = n->server;

	if (before == server)
		return;
	world_add(w, network, -n->demand);
	n->server = server;
	world_add(w, network, n->demand);
	if (before == WORLD_NOWHERE || server == WORLD_NOWHERE)
		return;
	w->moved_endpoint += n->demand;
	if (all[before].region != all[server].region)
		w->moved += n->demand;
}

int
world_ask(struct world *w, uint32_t network, int64_t now_ms)
{
	const struct population_network *n =
	    &w->config->population->networks[network];
	const struct population_resolver *r =
	    &w->config->population->resolvers[n->resolver];
	struct cache *cache = &w->caches[n->resolver];
	uint32_t number = network_number(&n->address);
	const struct cache_entry *kept = NULL;
	struct told told;
	int64_t until_ms;

	if (r->forwards)
		kept = cache_find(cache, number, now_ms);
	if (kept != NULL) {
		put(w, network, kept->answer);
		wait(w, network, kept->until_ms);
		return 0;
	}
	told = tell(w, network);
	if (told.ttl_s < r->ttl_least_s)
		told.ttl_s = r->ttl_least_s;
	until_ms = now_ms + (int64_t)told.ttl_s * 1000;
	put(w, network, told.server);
	wait(w, network, until_ms);
	/* A resolver that names no clients has no other network. */
	return r->forwards ? cache_put(cache, number, told.scope, told.server,
				 now_ms, until_ms)
			   : 0;
}
