/*
 * Draws resolvers and their clients.  Called before worlds are run; reads only
 * what the geography and the policy have.
 */
#include "steering/simulate/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "steering/simulate/candidates.h"
#include "steering/simulate/draw.h"

/* Uses of the seed. */
#define DRAW_CANDIDATES 1
#define DRAW_RESOLVERS 2
#define DRAW_SIGMA_16 3
#define DRAW_SIGMA_24 4

/* A resolver goes where most is missing yet, give or take so many times its
 * own size: with none, each population would be the same. */
#define SPREAD 6

struct builder {
	const struct population_config *config;
	struct population *population;
	struct candidates candidates;
	struct draw draw;
	double *got; /* demand, by group */
};

/* Of which group the next resolver is, that has ${demand} of 1. */
static size_t
choose_group(struct builder *b, double demand)
{
	double best = -INFINITY;
	size_t at = 0;

	for (size_t g = 0; g < b->candidates.n_groups; g++) {
		double spread = SPREAD * demand * (draw_unit(&b->draw) - 0.5);
		double missing =
		    b->candidates.groups[g].share - b->got[g] + spread;

		if (missing > best) {
			best = missing;
			at = g;
		}
	}
	b->got[at] += demand;
	return at;
}

/* How many clients a network has beside others; the same whoever has it. */
static double
busyness(const struct population_config *config, uint32_t network)
{
	struct draw wide =
	    draw_of(hash_mix(config->seed, DRAW_SIGMA_16), network >> 8);
	struct draw fine =
	    draw_of(hash_mix(config->seed, DRAW_SIGMA_24), network);

	return exp(config->sigma_16 * draw_gauss(&wide) +
	    config->sigma_24 * draw_gauss(&fine));
}

static int
compare_networks(const void *a, const void *b)
{
	const struct population_network *x = a, *y = b;

	return memcmp(x->address.bytes, y->address.bytes, 4);
}

static bool
is_taken(const struct population_network *networks, size_t n,
    const struct address *address)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(networks[i].address.bytes, address->bytes, 4) == 0)
			return true;
	return false;
}

/* The networks of a resolver at ${home}: they are of its country. */
static void
add_networks(struct builder *b, struct population_resolver *r, uint32_t n,
    const struct candidate *home)
{
	struct population *p = b->population;
	struct population_network *networks = &p->networks[p->n_networks];
	size_t first, there;

	there = candidates_of_country(&b->candidates, home, &first);
	r->first = (uint32_t)p->n_networks;
	/* Where there are not as many, some are drawn again and again. */
	for (size_t tries = 0; r->n < n && tries < 4 * (size_t)n; tries++) {
		const struct candidate *c = tries == 0
		    ? home
		    : &b->candidates.all[first + draw_below(&b->draw, there)];
		struct address address = candidate_address(c);

		if (is_taken(networks, r->n, &address))
			continue;
		networks[r->n++] = (struct population_network){
		    .address = address,
		    .resolver = (uint32_t)p->n_resolvers,
		    .longitude = c->longitude,
		    .near = c->near,
		};
	}
	qsort(networks, r->n, sizeof(*networks), compare_networks);
	p->n_networks += r->n;
}

static uint32_t
network_number(const struct address *address)
{
	return (uint32_t)address->bytes[0] << 16 |
	    (uint32_t)address->bytes[1] << 8 | address->bytes[2];
}

/* Divide the demand of a resolver. */
static void
share_out(const struct population_config *config,
    struct population_network *networks, size_t n, double demand)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += busyness(config, network_number(&networks[i].address));
	for (size_t i = 0; i < n; i++) {
		double part =
		    busyness(config, network_number(&networks[i].address)) /
		    sum;

		networks[i].demand =
		    llround(part * demand * (double)POPULATION_WHOLE);
	}
}

static void
add_resolver(struct builder *b, uint32_t rank, double demand)
{
	const struct population_config *config = b->config;
	struct population *p = b->population;
	struct population_resolver *r = &p->resolvers[p->n_resolvers];
	size_t g = choose_group(b, demand);
	const struct candidate_group *group = &b->candidates.groups[g];
	const struct candidate *home =
	    &b->candidates.all[group->first + draw_below(&b->draw, group->n)];

	r->address = candidate_address(home);
	r->address.bytes[3] = 53;
	r->forwards = rank <= config->forwarding;
	if (draw_unit(&b->draw) < config->stretched)
		r->ttl_least_s = config->stretched_s;
	add_networks(b, r, r->forwards ? config->networks : 1, home);
	share_out(config, &p->networks[r->first], r->n, demand);
	p->n_resolvers++;
}

static int
make_room(struct builder *b)
{
	const struct population_config *c = b->config;
	size_t forwarding =
	    c->forwarding < c->resolvers ? c->forwarding : c->resolvers;
	size_t networks = forwarding * c->networks + c->resolvers;

	b->population = calloc(1, sizeof(*b->population));
	b->got = calloc(b->candidates.n_groups, sizeof(*b->got));
	if (b->population == NULL || b->got == NULL)
		return -1;
	b->population->resolvers =
	    calloc(c->resolvers + 1, sizeof(*b->population->resolvers));
	b->population->networks =
	    calloc(networks + 1, sizeof(*b->population->networks));
	return b->population->resolvers != NULL &&
		b->population->networks != NULL
	    ? 0
	    : -1;
}

static void
add_resolvers(struct builder *b)
{
	double sum = 0;

	for (uint32_t k = 1; k <= b->config->resolvers; k++)
		sum += pow(k, -b->config->zipf);
	for (uint32_t k = 1; k <= b->config->resolvers; k++)
		add_resolver(b, k, pow(k, -b->config->zipf) / sum);
}

struct population *
population_create(const struct population_config *config,
    const struct geography *geo, const struct policy_service *service,
    struct errbuf *eb)
{
	struct builder b = {
	    .config = config, .draw = draw_of(config->seed, DRAW_RESOLVERS)};
	struct draw draw = draw_of(config->seed, DRAW_CANDIDATES);

	if (candidates_create(&b.candidates, config, geo, service, &draw, eb) !=
	    0)
		goto done;
	if (make_room(&b) != 0) {
		errbuf_error(eb, NULL, "no memory for resolvers");
		population_destroy(b.population);
		b.population = NULL;
		goto done;
	}
	add_resolvers(&b);
done:
	candidates_finish(&b.candidates);
	free(b.got);
	return b.population;
}

void
population_destroy(struct population *population)
{
	if (population == NULL)
		return;
	free(population->resolvers);
	free(population->networks);
	free(population);
}
