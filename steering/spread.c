/*
 * Picks among the endpoints that a name lives on.  Called by pick.c in workers,
 * for edge pools whose names live on several; no allocation, lock or system
 * call.
 */
#include "steering/spread.h"

#include "steering/position.h"
#include "steering/rendezvous.h"
#include "steering/trace.h"

/* The endpoints that a name lives on: the first of its rendezvous among all of
 * a region, whatever is usable, in the order of the file. */
struct homes {
	uint32_t endpoint[STEERING_MAX_SPREAD];
	unsigned n;
	uint64_t seed; /* of the name */
};

static void
find_homes(const struct walk *w, const struct policy_pool *pool,
    const struct policy_group *g, struct homes *out)
{
	/* By the weights of the file: a factor that comes and goes empties no
	 * cache. */
	const struct rendezvous_group whole = {.of = g, .even = g->even};
	struct rendezvous best[STEERING_MAX_SPREAD], c;
	unsigned n = 0;

	out->seed = walk_name(w, w->service->salt_pick);
	for (c.endpoint = g->first; c.endpoint < g->first + g->n;
	     c.endpoint++) {
		rendezvous_enter(w, &whole, out->seed, &c);
		n = rendezvous_insert(best, n, pool->spread, &c);
	}
	out->n = n;
	for (unsigned i = 0; i < n; i++) {
		unsigned k = i;

		for (; k > 0 && out->endpoint[k - 1] > best[i].endpoint; k--)
			out->endpoint[k] = out->endpoint[k - 1];
		out->endpoint[k] = best[i].endpoint;
	}
}

static bool
is_home(const struct homes *homes, uint32_t e)
{
	for (unsigned i = 0; i < homes->n; i++)
		if (homes->endpoint[i] == e)
			return true;
	return false;
}

/*
 * The endpoint in place of ${home}, for all of its clients or those that it
 * does not keep, who then move once while it is taken out little by little: the
 * first in a rendezvous of its own among those where the name does not live,
 * so that the other homes get no more than they have and several that fail are
 * replaced by several; if none of these is usable, among the other homes; and
 * ${home} itself where there is no other.
 */
static uint32_t
successor(const struct walk *w, const struct rendezvous_group *g,
    const struct homes *homes, uint32_t home)
{
	uint64_t seed = hash_mix(homes->seed, w->policy->endpoints[home].hash);
	/* Outside, and at home. */
	struct rendezvous best[2] = {{.endpoint = home}, {.endpoint = home}};
	struct rendezvous c;
	unsigned n[2] = {0, 0};

	for (c.endpoint = g->of->first; c.endpoint < g->of->first + g->of->n;
	     c.endpoint++) {
		bool at_home = is_home(homes, c.endpoint);

		if (c.endpoint == home || !rendezvous_usable(w, g, c.endpoint))
			continue;
		rendezvous_enter(w, g, seed, &c);
		n[at_home] =
		    rendezvous_insert(&best[at_home], n[at_home], 1, &c);
	}
	return best[n[false] == 0].endpoint;
}

/* The home of the client: the one in whose share of their weights its position
 * lies. */
static unsigned
find_own(struct walk *w, const struct homes *homes)
{
	const struct policy_endpoint *e = w->policy->endpoints;
	uint64_t before = 0, whole = 0, first = 0, last = 0;
	struct position p;
	unsigned i;

	for (i = 0; i < homes->n; i++)
		whole += e[homes->endpoint[i]].weight;
	position_find(&w->client, walk_block_length(w),
	    walk_name(w, w->service->salt_spread), &p);
	for (i = 0; i < homes->n; i++) {
		first = i == 0 ? 0 : last + 1;
		before += e[homes->endpoint[i]].weight;
		last = position_threshold(before, whole) - 1;
		if (p.value <= last)
			break;
	}
	w->out->hashed = true;
	walk_look(w, FACT_SHARE, position_length(&p, first, last));
	if (w->trace != NULL)
		trace_spread(w, homes->endpoint, homes->n, p.value);
	return i;
}

/*
 * Whether the home ${e} keeps a client of its own: as many as its factor
 * says.  Not by shares, for one that shrinks would move all borders between the
 * others.
 */
static bool
keeps(struct walk *w, const struct homes *homes, uint32_t e)
{
	uint32_t factor = w->live->factor[e];
	struct position p;
	uint64_t keep;

	/* One that has nothing left is not usable. */
	if (factor == 0 || factor >> LIVE_FACTOR_BITS != 0)
		return true;
	keep = (uint64_t)factor << (64 - LIVE_FACTOR_BITS);
	position_find(&w->client, walk_block_length(w),
	    hash_mix(~homes->seed, w->policy->endpoints[e].hash), &p);
	walk_look(w, FACT_SHARE,
	    p.value < keep ? position_length(&p, 0, keep - 1)
			   : position_length(&p, keep, UINT64_MAX));
	return p.value < keep;
}

static bool
is_in(const uint32_t *list, unsigned n, uint32_t e)
{
	while (n > 0 && list[n - 1] != e)
		n--;
	return n > 0;
}

void
spread_pick(struct walk *w, const struct policy_pool *pool,
    const struct rendezvous_group *g, unsigned max, uint32_t *out)
{
	struct homes homes;
	unsigned own, n = 0;

	find_homes(w, pool, g->of, &homes);
	own = find_own(w, &homes);
	for (unsigned i = 0; i < homes.n && n < max; i++) {
		uint32_t e = homes.endpoint[(own + i) % homes.n];

		if (!rendezvous_usable(w, g, e) ||
		    (i == 0 && g->weighed && !keeps(w, &homes, e)))
			e = successor(w, g, &homes, e);
		if (!is_in(out, n, e))
			out[n++] = e;
	}
	for (uint32_t e = g->of->first; e < g->of->first + g->of->n && n < max;
	     e++)
		if (rendezvous_usable(w, g, e) && !is_in(out, n, e))
			out[n++] = e;
}
