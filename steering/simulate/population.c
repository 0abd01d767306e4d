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

/* Homes that are tried for a resolver: one network of a hundred is in a country
 * that has enough of them, or hardly any is. */
#define HOMES 64

/* A /16 is of so many /20, and a /20 of so many /24. */
#define PARTS 16
#define PART_NETWORKS 16

struct builder {
	const struct population_config *config;
	const struct geography *geo;
	const struct policy_service *service;
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

/* Its networks are whole /16. */
static bool
has_whole(const struct population_config *config, bool forwards)
{
	return forwards && (config->sigma_16 > 0 || config->sigma_24 > 0);
}

/* How many clients a network has beside others, or the /20 around it; the same
 * whoever has it. */
static double
busyness(const struct population_config *config, uint32_t network, bool whole)
{
	uint32_t first = whole ? network & ~(PART_NETWORKS - 1U) : network;
	uint32_t n = whole ? PART_NETWORKS : 1;
	struct draw wide =
	    draw_of(hash_mix(config->seed, DRAW_SIGMA_16), network >> 8);
	double sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct draw fine =
		    draw_of(hash_mix(config->seed, DRAW_SIGMA_24), first + i);

		sum += exp(config->sigma_24 * draw_gauss(&fine));
	}
	return exp(config->sigma_16 * draw_gauss(&wide)) * sum;
}

static int
compare_networks(const void *a, const void *b)
{
	const struct population_network *x = a, *y = b;

	return memcmp(x->address.bytes, y->address.bytes, 4);
}

/* ${bytes} of ${address} are those of one that is there. */
static bool
is_taken(const struct population_network *networks, size_t n,
    const struct address *address, size_t bytes)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(networks[i].address.bytes, address->bytes, bytes) ==
		    0)
			return true;
	return false;
}

static void
add_network(
    struct builder *b, struct population_resolver *r, const struct candidate *c)
{
	struct population *p = b->population;

	p->networks[p->n_networks++] = (struct population_network){
	    .address = candidate_address(c),
	    .resolver = (uint32_t)p->n_resolvers,
	    .longitude = c->longitude,
	    .near = c->near,
	};
	r->n++;
}

/* The /16 of ${one}: as far into each /20 as that is. */
static void
add_block(struct builder *b, struct population_resolver *r,
    const struct candidate *one)
{
	uint32_t first = one->network & ~((PARTS - 1U) * PART_NETWORKS);
	struct candidate c;

	for (uint32_t i = 0; i < PARTS; i++)
		if (candidate_beside(
			b->geo, b->service, one, first + i * PART_NETWORKS, &c))
			add_network(b, r, &c);
}

/* The networks of a resolver at ${home}: they are of its country. */
static void
add_networks(struct builder *b, struct population_resolver *r, uint32_t n,
    const struct candidate *home)
{
	struct population *p = b->population;
	struct population_network *networks = &p->networks[p->n_networks];
	bool whole = has_whole(b->config, r->forwards);
	size_t first, there;
	uint32_t added = 0;

	there = candidates_of_country(&b->candidates, home, &first);
	r->first = (uint32_t)p->n_networks;
	/* Where there are not as many, some are drawn again and again. */
	for (size_t tries = 0; added < n && tries < 4 * (size_t)n; tries++) {
		const struct candidate *c = tries == 0
		    ? home
		    : &b->candidates.all[first + draw_below(&b->draw, there)];
		struct address address = candidate_address(c);

		if (is_taken(networks, r->n, &address, whole ? 2 : 3))
			continue;
		if (whole)
			add_block(b, r, c);
		else
			add_network(b, r, c);
		added++;
	}
	qsort(networks, r->n, sizeof(*networks), compare_networks);
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
    const struct population_resolver *r, struct population_network *networks,
    double demand)
{
	bool whole = has_whole(config, r->forwards);
	double sum = 0;

	for (size_t i = 0; i < r->n; i++)
		sum += busyness(
		    config, network_number(&networks[i].address), whole);
	for (size_t i = 0; i < r->n; i++) {
		double part = busyness(
		    config, network_number(&networks[i].address), whole);

		networks[i].demand =
		    llround(part / sum * demand * (double)POPULATION_WHOLE);
	}
}

/*
 * Where a resolver is that has ${n} networks: in a country of the group that
 * has as many, if there is one.  Millions of clients are never all in a few
 * networks of a small country.
 */
static const struct candidate *
choose_home(struct builder *b, const struct candidate_group *group, uint32_t n)
{
	const struct candidate *home = NULL;
	size_t first;

	for (int tries = 0; tries < HOMES; tries++) {
		home = &b->candidates
			    .all[group->first + draw_below(&b->draw, group->n)];
		if (candidates_of_country(&b->candidates, home, &first) >= n)
			break;
	}
	return home;
}

static void
add_resolver(struct builder *b, uint32_t rank, double demand)
{
	const struct population_config *config = b->config;
	struct population *p = b->population;
	struct population_resolver *r = &p->resolvers[p->n_resolvers];
	size_t g = choose_group(b, demand);
	const struct candidate_group *group = &b->candidates.groups[g];
	bool forwards = rank <= config->forwarding;
	uint32_t n = forwards ? config->networks : 1;
	const struct candidate *home = choose_home(b, group, n);

	r->address = candidate_address(home);
	r->address.bytes[3] = 53;
	r->forwards = forwards;
	if (draw_unit(&b->draw) < config->stretched)
		r->ttl_least_s = config->stretched_s;
	add_networks(b, r, n, home);
	share_out(config, r, &p->networks[r->first], demand);
	p->n_resolvers++;
}

static int
make_room(struct builder *b)
{
	const struct population_config *c = b->config;
	size_t forwarding =
	    c->forwarding < c->resolvers ? c->forwarding : c->resolvers;
	size_t networks =
	    forwarding * c->networks * (has_whole(c, true) ? PARTS : 1) +
	    c->resolvers;

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
	struct builder b = {.config = config,
	    .geo = geo,
	    .service = service,
	    .draw = draw_of(config->seed, DRAW_RESOLVERS)};
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
