/*
 * Walks the address space under two policies and counts what moves.  Called by
 * meridianctl diff and by tests; a walk of a service is some 10^4 to 10^6
 * decisions.
 */
#include "steering/diff_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dns/wire/name.h"
#include "steering/ladder.h"

#define IPV4_END (UINT64_C(1) << 32)
/* 2000::/3 and the end of it, as the upper half of addresses. */
#define IPV6_FIRST (UINT64_C(2) << 60)
#define IPV6_END (UINT64_C(4) << 60)
/* What IPv6 is counted in. */
#define IPV6_UNIT 48
/* No outcome. */
#define NO_TWIN UINT16_MAX

enum { OLD, NEW, SIDES };

struct walk {
	const struct diff_pair *pair;
	const struct diff_side *side[SIDES];
	/* The service as it is, and as it is without picks: with a pick that
	 * is the same for all clients; NULL where it is not there. */
	const struct policy_service *given[SIDES];
	struct policy_service fine[SIDES], coarse[SIDES];
	/* A class of clients of whom nothing is known. */
	const struct client_class *unknown[SIDES];
	uint8_t owner[NAME_MAX_WIRE];
	size_t owner_len;
	/* Of each old outcome the new one of the same pool and region; and
	 * whether it keeps the endpoints of all its clients. */
	uint16_t twin[DIFF_OUTCOMES];
	bool keeps[DIFF_OUTCOMES];
	struct diff_tally *tally;
};

/* A stretch of addresses that get the same of both policies. */
struct stretch {
	unsigned from, to; /* outcomes */
	unsigned length;   /* bits of its prefix */
};

/* Tallies. */

void
diff_tally_finish(struct diff_tally *tally)
{
	free(tally->moves);
	u64map_finish(&tally->index);
	*tally = (struct diff_tally){.n = 0};
}

/* The counts of this move; NULL without memory. */
static struct diff_move *
find_move(struct diff_tally *t, unsigned from, unsigned to, uint32_t country)
{
	uint64_t key = (uint64_t)from << 32 | (uint64_t)to << 16 | country;
	uint32_t number = u64map_get(&t->index, key);
	struct diff_move *moves;

	if (number != U64MAP_NONE)
		return &t->moves[number];
	moves =
	    array_grow(t->moves, t->n, &t->size, sizeof(*moves), UINT32_MAX);
	if (moves == NULL)
		return NULL;
	t->moves = moves;
	if (u64map_add(&t->index, key, (uint32_t)t->n) != 0)
		return NULL;
	moves += t->n++;
	*moves = (struct diff_move){.from = (uint16_t)from,
	    .to = (uint16_t)to,
	    .country = (uint16_t)country};
	return moves;
}

/* Decisions. */

static struct address
ipv4(uint64_t n)
{
	struct address a = {.family = 4};

	for (unsigned i = 0; i < 4; i++)
		a.bytes[i] = (uint8_t)(n >> (24 - 8 * i));
	return a;
}

static struct address
ipv6(uint64_t hi)
{
	struct address a = {.family = 6};

	for (unsigned i = 0; i < 8; i++)
		a.bytes[i] = (uint8_t)(hi >> (56 - 8 * i));
	return a;
}

static struct answer_request
request(
    const struct walk *w, const struct client *client, const struct address *by)
{
	return (struct answer_request){.form = FORM_IPV4,
	    .owner = w->owner,
	    .owner_len = (uint8_t)w->owner_len,
	    .client = client,
	    .sender = by};
}

/* What ${service} of ${side} does for ${a}, which asks itself. */
static void
decide(const struct walk *w, int side, const struct policy_service *service,
    const struct address *a, struct decision *out)
{
	struct client client = {*a, (uint8_t)address_bits(a)};
	struct answer_request asked = request(w, &client, a);

	if (w->given[side] == NULL)
		*out = (struct decision){.kind = ANSWER_NODATA};
	else
		ladder_decide(service, &w->side[side]->plain,
		    w->side[side]->live, &asked, NULL, out);
}

static unsigned
outcome(const struct walk *w, int side, const struct decision *d)
{
	if (w->given[side] == NULL)
		return DIFF_ABSENT;
	if (d->kind == ANSWER_RECORDS)
		return diff_choice(d->member, d->region);
	return d->kind == ANSWER_STATIC ? DIFF_RECORDS : DIFF_SERVFAIL;
}

/* Both outcomes at ${a}, and how far they reach; ${least} bits at the widest.
 */
static void
look(struct walk *w, const struct address *a, unsigned least,
    struct stretch *out)
{
	struct decision d[SIDES];

	out->length = least;
	for (int side = OLD; side < SIDES; side++) {
		decide(w, side, &w->coarse[side], a, &d[side]);
		if (d[side].scope > out->length)
			out->length = d[side].scope;
	}
	out->from = outcome(w, OLD, &d[OLD]);
	out->to = outcome(w, NEW, &d[NEW]);
	w->tally->steps++;
}

/* Do both answers name the same endpoints? */
static bool
same_answers(const struct walk *w, const struct decision d[SIDES])
{
	if (d[OLD].n != d[NEW].n)
		return false;
	for (unsigned i = 0; i < d[OLD].n; i++) {
		uint32_t wanted = w->pair->same[d[OLD].endpoint[i]];
		unsigned k = 0;

		while (k < d[NEW].n && d[NEW].endpoint[k] != wanted)
			k++;
		if (k == d[NEW].n)
			return false;
	}
	return true;
}

/* The first address after the prefix of ${length} bits around ${at}. */
static uint64_t
after(uint64_t at, unsigned length)
{
	uint64_t size = UINT64_C(1) << (32 - length);

	return (at & ~(size - 1)) + size;
}

/* Of the addresses ${at} to ${end}, whose pool and region stay: how many get
 * another endpoint. */
static uint64_t
other_endpoints(struct walk *w, uint64_t at, uint64_t end)
{
	uint64_t n = 0;

	/* No client has an endpoint of its own where they take turns. */
	if (w->given[OLD]->affinity == AFFINITY_NONE ||
	    w->given[NEW]->affinity == AFFINITY_NONE)
		return end - at;
	while (at < end) {
		struct address a = ipv4(at);
		struct decision d[SIDES];
		unsigned length = 0;
		uint64_t next;

		for (int side = OLD; side < SIDES; side++) {
			decide(w, side, &w->fine[side], &a, &d[side]);
			if (d[side].scope > length)
				length = d[side].scope;
		}
		w->tally->steps++;
		next = after(at, length);
		if (next > end)
			next = end;
		if (!same_answers(w, d))
			n += next - at;
		at = next;
	}
	return n;
}

/* IPv4. */

/* Count the addresses ${at} to ${end} of ${country}. */
static int
count_ipv4(struct walk *w, uint64_t at, uint64_t end, uint32_t country,
    const struct stretch *found)
{
	struct diff_move *move;
	bool stays = w->twin[found->from] == found->to;

	/* Where clients are that stay is not asked. */
	if (stays)
		country = DIFF_SPACE_UNKNOWN;
	move = find_move(w->tally, found->from, found->to, country);
	if (move == NULL)
		return -1;
	move->ipv4 += end - at;
	if (stays && !w->keeps[found->from])
		move->other += other_endpoints(w, at, end);
	return 0;
}

/* The same of private ones, but for those of whom the sender of the query
 * decides under either policy. */
static int
count_private(
    struct walk *w, uint64_t at, uint64_t end, const struct stretch *found)
{
	while (at < end) {
		struct address a = ipv4(at);
		bool by_sender = false;
		unsigned length = 0;
		uint64_t next;

		for (int side = OLD; side < SIDES; side++) {
			struct map_leaf leaf;

			if (w->given[side] == NULL)
				continue;
			map_lookup(w->given[side]->map, &a, &leaf);
			if (leaf.depth > length)
				length = leaf.depth;
			by_sender = by_sender || leaf.private_length > 0;
		}
		next = after(at, length);
		if (next > end)
			next = end;
		if (!by_sender &&
		    count_ipv4(w, at, next, DIFF_SPACE_UNKNOWN, found) != 0)
			return -1;
		at = next;
	}
	return 0;
}

/* Count the addresses ${at} to ${end}, which get the same, by countries.  The
 * one of ${at} is at ${leaf}, which is moved to that of ${end}. */
static int
count_stretch(struct walk *w, uint64_t at, uint64_t end,
    const struct cover_leaf **leaf, const struct stretch *found)
{
	while (at < end) {
		uint64_t next = after(at, (*leaf)->depth);
		bool ends = next <= end;
		int status = 0;

		if (!ends)
			next = end;
		if ((*leaf)->value == DIFF_SPACE_PRIVATE)
			status = count_private(w, at, next, found);
		else if ((*leaf)->value != DIFF_SPACE_OUTSIDE)
			status = count_ipv4(w, at, next, (*leaf)->value, found);
		if (status != 0)
			return -1;
		*leaf += ends;
		at = next;
	}
	return 0;
}

static int
walk_ipv4(struct walk *w, const struct cover *countries)
{
	const struct cover_leaf *leaf = countries->leaves;
	uint64_t at = 0, end;

	while (at < IPV4_END) {
		struct address a = ipv4(at);
		struct stretch found;

		if (leaf->value == DIFF_SPACE_OUTSIDE) {
			at = after(at, leaf->depth);
			leaf++;
			continue;
		}
		look(w, &a, 0, &found);
		end = after(at, found.length);
		if (count_stretch(w, at, end, &leaf, &found) != 0)
			return -1;
		at = end;
	}
	return 0;
}

/* IPv6. */

/* The bits of the leaf of all that is looked up for ${a}: of ${least} at the
 * widest.  Whether the clients in it are known at all to ${known}. */
static unsigned
leaf_length(
    const struct walk *w, const struct address *a, unsigned least, bool *known)
{
	for (int side = OLD; side < SIDES; side++) {
		struct map_leaf leaf;

		if (w->given[side] == NULL)
			continue;
		map_lookup(w->given[side]->map, a, &leaf);
		if (leaf.depth > least)
			least = leaf.depth;
		if (leaf.class != w->unknown[side])
			*known = true;
	}
	return least < IPV6_UNIT ? least : IPV6_UNIT;
}

/* The widest block of positions of ${service} and of those inside it, at most
 * STEERING_MAX_DEPTH deep; of ${length} bits at the widest. */
static unsigned
widest_block(const struct policy_service *service, unsigned length)
{
	if (service->block_ipv6 < length)
		length = service->block_ipv6;
	for (unsigned m = 0; m < service->n_members; m++)
		if (service->members[m].pool.nested != NULL)
			length = widest_block(
			    service->members[m].pool.nested, length);
	return length;
}

/* The widest block of both, of which one has all shares. */
static unsigned
block_length(const struct walk *w)
{
	unsigned length = IPV6_UNIT;

	for (int side = OLD; side < SIDES; side++)
		if (w->given[side] != NULL)
			length = widest_block(w->given[side], length);
	return length;
}

/* The leaf of ${length} bits at ${at}: its first block, as often as it has
 * blocks. */
static int
count_leaf(struct walk *w, uint64_t at, unsigned length, uint32_t country)
{
	unsigned block = block_length(w);
	unsigned least = length < block ? block : length;
	uint64_t times = UINT64_C(1) << (least - length);
	uint64_t end = at + (UINT64_C(1) << (64 - least));

	while (at < end) {
		struct address a = ipv6(at);
		struct stretch found;
		struct diff_move *move;

		look(w, &a, least, &found);
		if (found.length > IPV6_UNIT)
			found.length = IPV6_UNIT;
		move = find_move(w->tally, found.from, found.to, country);
		if (move == NULL)
			return -1;
		move->ipv6 += times << (IPV6_UNIT - found.length);
		at += UINT64_C(1) << (64 - found.length);
	}
	return 0;
}

static int
walk_ipv6(struct walk *w, const struct cover *countries)
{
	const struct cover_leaf *leaf = countries->leaves;
	uint64_t at = IPV6_FIRST;

	while (at < IPV6_END) {
		struct address a = ipv6(at);
		bool known;
		unsigned length;

		while (leaf + 1 < countries->leaves + countries->n &&
		    leaf[1].hi <= at)
			leaf++;
		known = leaf->value != DIFF_SPACE_UNKNOWN;
		length = leaf->depth;
		if (leaf->value != DIFF_SPACE_OUTSIDE) {
			length = leaf_length(w, &a, length, &known);
			if (known &&
			    count_leaf(w, at, length, leaf->value) != 0)
				return -1;
		}
		if (length == 0)
			return 0;
		at += UINT64_C(1) << (64 - length);
	}
	return 0;
}

/* The whole. */

/* The class of clients of whom nothing is known: that of a private block which
 * no network holds. */
static const struct client_class *
unknown_class(const struct map *map)
{
	static const struct address tried[] = {
	    {6, {0xfe, 0x80, [15] = 1}}, {6, {[15] = 1}}, {4, {127, 0, 0, 1}}};
	struct map_leaf leaf;

	for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
		map_lookup(map, &tried[i], &leaf);
		if (leaf.private_length > 0)
			return leaf.class;
	}
	return NULL;
}

static void
take_service(struct walk *w, int side, const struct policy_service *service)
{
	w->given[side] = service;
	if (service == NULL)
		return;
	w->fine[side] = *service;
	w->fine[side].has[FORM_IPV4] = true;
	/* Who is not heard is told scope 0, whatever was looked at. */
	w->fine[side].senders = NULL;
	w->coarse[side] = w->fine[side];
	w->coarse[side].affinity = AFFINITY_NAME;
	w->coarse[side].spread = false;
	w->unknown[side] = unknown_class(service->map);
	w->owner_len = 0;
	if (name_parse(service->name, NULL, w->owner) > 0)
		w->owner_len = name_length(w->owner);
}

/* Whether all clients of a pool and region keep their endpoints, where its
 * regions are number ${i} and ${j} of both zones. */
static bool
keeps_all(const struct walk *w, unsigned a, unsigned i, unsigned b, unsigned j)
{
	const struct policy_service *old = w->given[OLD], *new = w->given[NEW];

	/* Of several regions, or of another pool of the member. */
	if (old->regions > 1 || new->regions > 1 ||
	    old->members[a].pool.nested != NULL ||
	    new->members[b].pool.nested != NULL ||
	    old->members[a].n_alternates > 0 ||
	    new->members[b].n_alternates > 0)
		return false;
	return diff_pair_same_picks(w->pair, old, old->members[a].pool.group[i],
	    new, new->members[b].pool.group[j]);
}

/* The new outcome of each old one whose pool and region are still there. */
static void
find_twins(struct walk *w, unsigned a, unsigned b)
{
	const struct policy_service *old = w->given[OLD], *new = w->given[NEW];
	uint64_t from = policy_member_regions(&old->members[a]);
	uint64_t to = policy_member_regions(&new->members[b]);

	for (unsigned i = 0; i < old->config->n_regions; i++)
		for (unsigned j = 0; j < new->config->n_regions; j++) {
			unsigned choice = diff_choice(a, i);

			if (!(from >> i & 1) || !(to >> j & 1) ||
			    !diff_pair_same_choice(old, a, i, new, b, j))
				continue;
			w->twin[choice] = (uint16_t)diff_choice(b, j);
			w->keeps[choice] = keeps_all(w, a, i, b, j);
		}
}

int
diff_walk(const struct diff_pair *pair, const struct diff_space *space,
    const struct policy_service *old, const struct policy_service *new,
    struct diff_tally *tally)
{
	struct walk w = {
	    .pair = pair, .side = {&pair->old, &pair->new}, .tally = tally};

	*tally = (struct diff_tally){.n = 0};
	u64map_init(&tally->index);
	take_service(&w, OLD, old);
	take_service(&w, NEW, new);
	for (size_t i = 0; i < DIFF_OUTCOMES; i++)
		w.twin[i] = NO_TWIN;
	for (unsigned a = 0; old != NULL && a < old->n_members; a++)
		for (unsigned b = 0; new != NULL &&b < new->n_members; b++)
			find_twins(&w, a, b);
	if (walk_ipv4(&w, &space->ipv4) != 0)
		return -1;
	return walk_ipv6(&w, &space->ipv6);
}
