/*
 * Compares what two policies are compiled to.  Called by meridianctl diff and
 * by the walk; decides nothing for a client.
 */
#include "steering/diff_pair.h"

#include <stdlib.h>
#include <string.h>

#include "base/u64map.h"

/* The policy with an address of the form that is asked for everywhere. */
static int
side_init(struct diff_side *side, const struct policy *policy,
    const struct live *live)
{
	side->policy = policy;
	side->live = live;
	side->plain = *policy;
	side->endpoints =
	    calloc(policy->n_endpoints + 1, sizeof(*side->endpoints));
	if (side->endpoints == NULL)
		return -1;
	for (size_t i = 0; i < policy->n_endpoints; i++) {
		side->endpoints[i] = policy->endpoints[i];
		side->endpoints[i].sets[FORM_IPV4].count = 1;
	}
	side->plain.endpoints = side->endpoints;
	return 0;
}

static bool
same_set(const struct answer_set *a, const struct answer_set *b)
{
	return a->count == b->count && a->size == b->size &&
	    (a->size == 0 || memcmp(a->image, b->image, a->size) == 0);
}

/* The name that has the addresses of ${e}; "": none. */
static const char *
name_of(const struct policy *policy, const struct policy_endpoint *e)
{
	return e->resolved != STEERING_NONE ? policy->names[e->resolved] : "";
}

/* An endpoint of the old policy and one of the new one. */
static bool
same_endpoint(const struct diff_pair *pair, const struct policy_endpoint *a,
    const struct policy_endpoint *b)
{
	if (strcmp(a->key.zone, b->key.zone) != 0 ||
	    strcmp(a->key.pool, b->key.pool) != 0 ||
	    strcmp(a->key.endpoint, b->key.endpoint) != 0 ||
	    strcmp(name_of(pair->old.policy, a),
		name_of(pair->new.policy, b)) != 0)
		return false;
	for (unsigned form = 0; form < ENDPOINT_FORMS; form++)
		if (!same_set(&a->sets[form], &b->sets[form]))
			return false;
	return true;
}

/* For each old endpoint the new one. */
static int
match_endpoints(struct diff_pair *pair)
{
	const struct policy *old = pair->old.policy, *new = pair->new.policy;
	struct u64map index;
	int status = 0;

	u64map_init(&index);
	for (size_t i = 0; i < new->n_endpoints &&status == 0; i++)
		status =
		    u64map_add(&index, new->endpoints[i].hash, (uint32_t)i);
	for (size_t i = 0; i < old->n_endpoints && status == 0; i++) {
		const struct policy_endpoint *e = &old->endpoints[i];
		size_t at;
		uint32_t n = u64map_first(&index, e->hash, &at);

		while (n != U64MAP_NONE &&
		    !same_endpoint(pair, e, &new->endpoints[n]))
			n = u64map_next(&index, e->hash, &at);
		pair->same[i] = n == U64MAP_NONE ? STEERING_NONE : n;
	}
	u64map_finish(&index);
	return status;
}

int
diff_pair_init(struct diff_pair *pair, const struct policy *old,
    const struct live *old_live, const struct policy *new,
    const struct live *new_live)
{
	*pair = (struct diff_pair){.same = NULL};
	pair->same = calloc(old->n_endpoints + 1, sizeof(*pair->same));
	if (pair->same == NULL || side_init(&pair->old, old, old_live) != 0 ||
	    side_init(&pair->new, new, new_live) != 0)
		return -1;
	return match_endpoints(pair);
}

void
diff_pair_finish(struct diff_pair *pair)
{
	free(pair->old.endpoints);
	free(pair->new.endpoints);
	free(pair->same);
	*pair = (struct diff_pair){.same = NULL};
}

bool
diff_pair_same_choice(const struct policy_service *old, unsigned a, unsigned i,
    const struct policy_service *new, unsigned b, unsigned j)
{
	return strcmp(old->members[a].pool.name, new->members[b].pool.name) ==
	    0 &&
	    strcmp(old->config->regions[i].name,
		new->config->regions[j].name) == 0;
}

static bool
same_endpoints(const struct diff_pair *pair, uint32_t from, uint32_t to)
{
	const struct policy_group *a = &pair->old.policy->groups[from];
	const struct policy_group *b = &pair->new.policy->groups[to];

	if (a->n != b->n)
		return false;
	for (uint32_t e = a->first; e < a->first + a->n; e++) {
		uint32_t twin = pair->same[e];

		if (twin < b->first || twin >= b->first + b->n ||
		    pair->old.live->endpoint[e] !=
			pair->new.live->endpoint[twin])
			return false;
	}
	return true;
}

static bool
same_weights(const struct diff_pair *pair, uint32_t from)
{
	const struct policy_group *a = &pair->old.policy->groups[from];

	for (uint32_t e = a->first; e < a->first + a->n; e++)
		if (pair->old.policy->endpoints[e].weight !=
		    pair->new.policy->endpoints[pair->same[e]].weight)
			return false;
	return true;
}

bool
diff_pair_same_picks(const struct diff_pair *pair,
    const struct policy_service *old, uint32_t from,
    const struct policy_service *new, uint32_t to)
{
	uint32_t n = pair->old.policy->groups[from].n;

	if (!same_endpoints(pair, from, to))
		return false;
	/* All of them are the answer: none is picked. */
	if (n <= old->answers && n <= new->answers)
		return true;
	if (old->affinity != new->affinity || old->answers != new->answers ||
	    old->affinity == AFFINITY_KIND || old->spread || new->spread)
		return false;
	/* Whoever asks gets any of them. */
	if (old->affinity == AFFINITY_NONE)
		return true;
	return old->salt_pick == new->salt_pick &&
	    old->sticky_ipv4 == new->sticky_ipv4 &&
	    old->sticky_ipv6 == new->sticky_ipv6 &&same_weights(pair, from);
}

/* The first address after the prefix of ${length} bits around ${a}, to ${a}
 * itself; false when there is none. */
static bool
step(struct address *a, unsigned length)
{
	unsigned byte = (length + 7) / 8;

	address_mask(a, length);
	if (length == 0)
		return false;
	/* Add one to its last bit. */
	a->bytes[byte - 1] =
	    (uint8_t)(a->bytes[byte - 1] + (1U << (byte * 8 - length)));
	if (a->bytes[byte - 1] >> (byte * 8 - length) != 0)
		return true;
	while (--byte > 0)
		if (++a->bytes[byte - 1] != 0)
			return true;
	return false;
}

static bool
same_class(const struct client_class *a, const struct client_class *b)
{
	return a->inside == b->inside && a->lifted == b->lifted &&
	    a->n == b->n && memcmp(a->order, b->order, a->n) == 0;
}

bool
diff_pair_same_maps(const struct map *a, const struct map *b)
{
	static const uint8_t families[] = {4, 6};

	if (a == b)
		return true;
	for (size_t i = 0; i < sizeof(families); i++) {
		struct address at = {.family = families[i]};
		struct map_leaf left, right;

		do {
			map_lookup(a, &at, &left);
			map_lookup(b, &at, &right);
			if (left.depth != right.depth ||
			    left.private_length != right.private_length ||
			    !same_class(left.class, right.class))
				return false;
		} while (step(&at, left.depth));
	}
	return true;
}

/* Pool and region are chosen alike, for the same client. */
static bool
same_values(const struct policy_service *a, const struct policy_service *b)
{
	return !a->spread && !b->spread && a->n_members == b->n_members &&
	    a->affinity == b->affinity && a->answers == b->answers &&
	    a->regions == b->regions && a->sticky_ipv4 == b->sticky_ipv4 &&
	    a->sticky_ipv6 == b->sticky_ipv6 && a->n_resorts == b->n_resorts &&
	    memcmp(a->resorts, b->resorts, a->n_resorts) == 0;
}

bool
diff_pair_keeps_endpoints(const struct diff_pair *pair,
    const struct policy_service *old, const struct policy_service *new)
{
	/* The answer may name endpoints of further regions, or of pools that
	 * take the place of these; or a member be several pools. */
	if (old->regions > 1 || new->regions > 1 || old->alternates ||
	    new->alternates || old->nests || new->nests)
		return false;
	for (unsigned a = 0; a < old->n_members; a++) {
		const struct policy_member *from = &old->members[a], *to;
		unsigned b = 0;

		while (b < new->n_members &&
		    strcmp(from->pool.name, new->members[b].pool.name) != 0)
			b++;
		if (b == new->n_members)
			continue;
		to = &new->members[b];
		for (unsigned i = 0; i < old->config->n_regions; i++)
			for (unsigned j = 0; j < new->config->n_regions; j++)
				if (from->pool.group[i] != STEERING_NONE &&
				    to->pool.group[j] != STEERING_NONE &&
				    diff_pair_same_choice(
					old, a, i, new, b, j) &&
				    !diff_pair_same_picks(pair, old,
					from->pool.group[i], new,
					to->pool.group[j]))
					return false;
	}
	return true;
}

/* As usable, and keeps as much. */
static bool
same_group(const struct live_group *a, const struct live_group *b)
{
	return a->usable == b->usable && a->keep == b->keep;
}

bool
diff_pair_same(const struct diff_pair *pair, const struct policy_service *old,
    const struct policy_service *new)
{
	/* Those inside would have to be compared, and their maps. */
	if (old->nests || new->nests)
		return false;
	if (old->alternates || new->alternates || !same_values(old, new) ||
	    old->salt_split != new->salt_split ||
	    old->block_ipv4 != new->block_ipv4 ||
	    old->block_ipv6 != new->block_ipv6)
		return false;
	for (unsigned m = 0; m < old->n_members; m++) {
		const struct policy_member *a = &old->members[m];
		const struct policy_member *b = &new->members[m];

		if (a->weight != b->weight ||
		    a->pool.regions != b->pool.regions ||
		    strcmp(a->pool.name, b->pool.name) != 0)
			return false;
		for (uint64_t left = a->pool.regions; left != 0;
		     left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctzll(left);
			uint32_t from = a->pool.group[i], to = b->pool.group[i];

			if (!diff_pair_same_choice(old, m, i, new, m, i) ||
			    !same_group(&pair->old.live->group[from],
				&pair->new.live->group[to]) ||
			    !diff_pair_same_picks(pair, old, from, new, to))
				return false;
		}
	}
	return true;
}

bool
diff_pair_alike(const struct policy_service *a, const struct policy_service *b)
{
	unsigned weighted = 0;

	if (a->map != b->map || a->config != b->config || a->alternates ||
	    b->alternates || a->nests || b->nests || !same_values(a, b))
		return false;
	for (unsigned m = 0; m < a->n_members; m++) {
		if (a->members[m].pool.number != b->members[m].pool.number ||
		    a->members[m].weight != b->members[m].weight)
			return false;
		weighted += a->members[m].weight > 0;
	}
	return weighted < 2;
}
