/*
 * The ladder: fence, usable, split, rank, pick, last resort, each a function.
 * Called by workers for every steered query and by explain; whole numbers only,
 * no allocation, lock or system call.
 */
#include "steering/ladder.h"

#include <string.h>

#include "base/hash.h"
#include "steering/fixlog.h"
#include "steering/walk.h"

__extension__ typedef unsigned __int128 uint128;

/* 6to4 (RFC 3056) and v4-mapped addresses (RFC 4291, 2.5.5.2): the bits before
 * the IPv4 address inside. */
#define OFFSET_6TO4 16
#define OFFSET_MAPPED 96

/* TTLs are spread over the last fifth (DESIGN: TTL). */
#define TTL_SPREAD 5

/* One endpoint in the rendezvous.  The least log / weight is first. */
struct candidate {
	uint32_t endpoint;
	uint32_t weight;
	uint64_t log; /* 0 where all weights are the same: the hash decides */
	uint64_t hash;
};

/* floor(h * n / 2^64): the hash ${h} as a number below ${n}. */
static uint64_t
hash_below(uint64_t h, uint64_t n)
{
	return (uint64_t)((uint128)h * n >> 64);
}

/* Hash the first ${length} bits of an address, its family and the length. */
static uint64_t
hash_prefix(struct address a, unsigned length, uint64_t salt)
{
	uint8_t key[2 + sizeof(a.bytes)] = {0};

	address_mask(&a, length);
	key[0] = a.family;
	key[1] = (uint8_t)length;
	memcpy(key + 2, a.bytes, address_bits(&a) / 8);
	return hash_bytes(key, sizeof(key), salt);
}

static unsigned
sticky_length(const struct walk *w)
{
	return w->client.family == 4 ? w->service->sticky_ipv4
				     : w->service->sticky_ipv6;
}

/* The hash of the client's network for one step; the scope must show it. */
static uint64_t
sticky_hash(struct walk *w, uint64_t salt)
{
	w->out->hashed = true;
	return hash_prefix(w->client, sticky_length(w), salt);
}

unsigned
ladder_client(const struct address *given, struct address *inside)
{
	static const uint8_t mapped[] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	unsigned offset = 0;

	*inside = *given;
	if (given->family != 6)
		return 0;
	if (given->bytes[0] == 0x20 && given->bytes[1] == 0x02)
		offset = OFFSET_6TO4;
	else if (memcmp(given->bytes, mapped, sizeof(mapped)) == 0)
		offset = OFFSET_MAPPED;
	if (offset == 0)
		return 0;
	*inside = (struct address){.family = 4};
	memcpy(inside->bytes, given->bytes + offset / 8, 4);
	return offset;
}

/* A change is pending in the regions of ${member} down to ${last}, the best
 * that is usable (or all of them): any of them can move this client. */
static void
note_pending(struct walk *w, const struct policy_member *member, uint8_t last)
{
	const struct client_class *class = w->class;
	unsigned i;

	for (i = 0; i < class->n; i++) {
		uint32_t g = walk_group(w, member, class->order[i]);

		if (g != STEERING_NONE &&
		    w->live->group[g].pending_s < w->pending_s)
			w->pending_s = w->live->group[g].pending_s;
		if (class->order[i] == last)
			return;
	}
}

/* The same for each member that is not in the set ${usable}. */
static void
note_unusable(struct walk *w, uint32_t usable)
{
	unsigned m;

	for (m = 0; m < w->service->n_members; m++)
		if (!(usable >> m & 1) &&
		    (w->service->members[m].weight > 0) == w->weighted)
			note_pending(
			    w, &w->service->members[m], WALK_NO_REGION);
}

/* May this endpoint be in an answer? */
static bool
endpoint_usable(const struct walk *w, uint32_t e)
{
	const struct policy_endpoint *endpoint = &w->policy->endpoints[e];

	return w->live->endpoint[e] >= w->tier &&
	    endpoint->sets[w->form].count > 0;
}

static bool
group_usable(const struct walk *w, uint32_t number)
{
	const struct policy_group *g = &w->policy->groups[number];
	uint8_t presence = g->presence[w->form];
	uint32_t e;

	if (w->live->group[number].usable < w->tier ||
	    presence == PRESENCE_NONE)
		return false;
	if (presence == PRESENCE_ALL)
		return true;
	for (e = g->first; e < g->first + g->n; e++)
		if (endpoint_usable(w, e))
			return true;
	return false;
}

/* Step 4: the best region of the class where ${member} is usable. */
static uint8_t
rank(const struct walk *w, const struct policy_member *member)
{
	const struct client_class *class = w->class;
	unsigned i;

	for (i = 0; i < class->n; i++) {
		uint32_t g = walk_group(w, member, class->order[i]);

		if (g != STEERING_NONE && group_usable(w, g))
			return class->order[i];
	}
	return WALK_NO_REGION;
}

/*
 * Step 3: the member whose share of all weights the client's bucket falls in.
 * A member that is not ${usable} for this client is taken out and its clients
 * alone are dealt again, so that nobody else moves.
 */
static unsigned
split(struct walk *w, uint32_t usable)
{
	const struct policy_member *members = w->service->members;
	unsigned n = w->service->n_members, m, round;
	uint32_t left = UINT32_MAX;
	uint64_t h = sticky_hash(w, w->service->salt_split);

	for (round = 1;; round++) {
		uint64_t weights = 0, bucket = h;

		for (m = 0; m < n; m++)
			weights += left >> m & 1 ? members[m].weight : 0;
		h = hash_below(h, weights);
		for (m = 0; m < n; m++) {
			uint64_t mine = left >> m & 1 ? members[m].weight : 0;

			if (h < mine)
				break;
			h -= mine;
		}
		if (w->trace != NULL)
			trace_split(w, m, bucket, weights, usable >> m & 1);
		if (usable >> m & 1)
			return m;
		note_pending(w, &members[m], WALK_NO_REGION);
		left &= ~(UINT32_C(1) << m);
		h = hash_mix(bucket, round);
	}
}

/* a goes before b.  The products fit: see FIXLOG_BITS. */
static bool
candidate_before(const struct candidate *a, const struct candidate *b)
{
	uint64_t left = a->log * b->weight, right = b->log * a->weight;

	return left < right || (left == right && a->hash > b->hash);
}

/* Keep the ${max} best of all that come. */
static unsigned
candidate_insert(
    struct candidate *best, unsigned n, unsigned max, const struct candidate *c)
{
	unsigned i;

	if (n < max)
		n++;
	else if (n == 0 || !candidate_before(c, &best[n - 1]))
		return n;
	for (i = n - 1; i > 0 && candidate_before(c, &best[i - 1]); i--)
		best[i] = best[i - 1];
	best[i] = *c;
	return n;
}

/* What the rendezvous hashes besides the endpoints (DESIGN 5.6). */
static uint64_t
pick_seed(struct walk *w)
{
	const struct policy_service *service = w->service;

	if (service->affinity == AFFINITY_NAME)
		return hash_bytes(w->request->owner, w->request->owner_len,
		    service->salt_pick);
	if (service->affinity == AFFINITY_NONE)
		return hash_mix(w->request->turn, service->salt_pick);
	return sticky_hash(w, service->salt_pick);
}

/* Weighted rendezvous (Thaler and Ravishankar; weights by -log(u) / w). */
static void
pick_best(struct walk *w, const struct policy_group *g, unsigned max)
{
	struct candidate best[ANSWER_MAX_SETS], c;
	uint64_t seed = pick_seed(w);
	unsigned n = 0, i;

	for (c.endpoint = g->first; c.endpoint < g->first + g->n;
	     c.endpoint++) {
		const struct policy_endpoint *e =
		    &w->policy->endpoints[c.endpoint];

		if (!endpoint_usable(w, c.endpoint))
			continue;
		c.hash = hash_mix(seed, e->hash);
		c.log = g->even ? 0 : fixlog_neg(c.hash);
		c.weight = e->weight;
		n = candidate_insert(best, n, max, &c);
	}
	for (i = 0; i < n; i++)
		w->out->endpoint[i] = best[i].endpoint;
	w->out->n = (uint8_t)n;
}

/* Step 6: at most `answers` endpoints of one region. */
static void
pick(struct walk *w, unsigned member, uint8_t region)
{
	struct decision *out = w->out;
	const struct policy_group *g =
	    &w->policy->groups[w->service->members[member].group[region]];
	unsigned max = w->service->answers;
	uint32_t usable = 0, e;

	for (e = g->first; e < g->first + g->n; e++) {
		if (!endpoint_usable(w, e))
			continue;
		if (usable < max)
			out->endpoint[usable] = e;
		usable++;
	}
	out->kind = ANSWER_RECORDS;
	out->member = member;
	out->region = region;
	out->n = (uint8_t)usable;
	/* With no more than fit the choice is none, and nothing is hashed. */
	if (usable > max)
		pick_best(w, g, max);
	if (w->trace != NULL)
		trace_pick(w, usable);
}

/* Steps 3 to 6 with the members of one kind and what is usable at one tier;
 * false when none of them has anything. */
static bool
choose(struct walk *w)
{
	const struct policy_service *service = w->service;
	uint8_t region[STEERING_MAX_SPLIT];
	uint32_t usable = 0;
	unsigned m;

	for (m = 0; m < service->n_members; m++) {
		if ((service->members[m].weight > 0) != w->weighted)
			continue;
		region[m] = rank(w, &service->members[m]);
		if (region[m] != WALK_NO_REGION)
			usable |= UINT32_C(1) << m;
	}
	if (usable == 0)
		return false;
	if (w->weighted && (usable & (usable - 1)) != 0) {
		m = split(w, usable);
	} else {
		m = (unsigned)__builtin_ctz(usable);
		note_unusable(w, usable);
		if (w->trace != NULL)
			trace_only(w, m);
	}
	note_pending(w, &service->members[m], region[m]);
	if (w->trace != NULL)
		trace_rank(w, m, region[m]);
	pick(w, m, region[m]);
	return true;
}

/* Step 2: what is checked and up, else what nobody has checked. */
static bool
choose_usable(struct walk *w, bool weighted)
{
	w->weighted = weighted;
	if (w->trace != NULL)
		trace_usable(w);
	w->tier = USABLE_YES;
	if (choose(w))
		return true;
	note_unusable(w, 0);
	w->tier = USABLE_UNCHECKED;
	if (w->trace != NULL)
		trace_tier(w);
	return choose(w);
}

/* All members that are conceded by now, those of the split first. */
static bool
choose_member(struct walk *w)
{
	return choose_usable(w, true) || (w->others && choose_usable(w, false));
}

/* All as if up: inside the fence if there is anything, else without a soft
 * one; a hard one leaves nothing to lift. */
static bool
choose_all(struct walk *w)
{
	w->tier = USABLE_NO;
	w->inside = w->class->inside;
	for (;;) {
		w->weighted = true;
		if (choose(w))
			return true;
		w->weighted = false;
		if (choose(w))
			return true;
		if (w->inside == w->class->lifted)
			return false;
		w->inside = w->class->lifted;
	}
}

/* One concession; false when it changed nothing and the next one is due. */
static bool
resort(struct walk *w, enum last_resort what)
{
	if (w->trace != NULL)
		trace_resort(w, what);
	switch (what) {
	case RESORT_POOLS:
		w->others = true;
		return choose_usable(w, false);
	case RESORT_UNFENCED:
		if (w->inside == w->class->lifted)
			return false;
		w->inside = w->class->lifted;
		return choose_member(w);
	case RESORT_RECORDS:
		w->out->kind = ANSWER_STATIC;
		return true;
	case RESORT_ALL:
		if (choose_all(w))
			return true;
		break;
	case RESORT_SERVFAIL:
		break;
	}
	w->out->kind = ANSWER_SERVFAIL;
	return true;
}

/* Step 7. */
static void
last_resort(struct walk *w)
{
	const struct policy_service *service = w->service;
	unsigned i;

	w->out->resort = true;
	for (i = 0; i < service->n_resorts; i++)
		if (resort(w, (enum last_resort)service->resorts[i]))
			return;
	resort(w, RESORT_ALL);
}

/* The widest prefix of the client whose answer is this one (RFC 7871, 7.2.1),
 * counted in the family it was given in. */
static uint8_t
scope(const struct walk *w)
{
	unsigned bits = w->depth;

	if (!w->out->hashed)
		return w->service->one_class ? 0 : (uint8_t)(w->offset + bits);
	if (bits < sticky_length(w))
		bits = sticky_length(w);
	if (bits > address_bits(&w->client))
		bits = address_bits(&w->client);
	return (uint8_t)(w->offset + bits);
}

/* The greatest TTL, or the time to a change at hand, spread by the client as
 * far as the scope shows it: all who share the answer share its TTL. */
static uint32_t
ttl(const struct walk *w)
{
	const struct policy_service *service = w->service;
	uint32_t seconds = w->pending_s;
	uint64_t h;

	if (seconds >= service->ttl_max_s)
		seconds = service->ttl_max_s;
	if (seconds < service->ttl_min_s)
		seconds = service->ttl_min_s;
	if (w->pending_s == LIVE_NOT_PENDING)
		return service->ttl_max_s;
	h = hash_prefix(
	    w->request->client->address, w->out->scope, ~service->salt_pick);
	seconds -= (uint32_t)hash_below(h, seconds / TTL_SPREAD + 1);
	return seconds < service->ttl_min_s ? service->ttl_min_s : seconds;
}

void
ladder_decide(const struct policy_service *service, const struct policy *policy,
    const struct live *live, const struct answer_request *request,
    const struct ladder_trace *trace, struct decision *out)
{
	struct walk w = {.service = service,
	    .policy = policy,
	    .live = live,
	    .request = request,
	    .trace = trace,
	    .out = out,
	    .pending_s = LIVE_NOT_PENDING,
	    .form = (uint8_t)request->form};
	const struct client_class *class;

	*out = (struct decision){.kind = ANSWER_NODATA};
	out->ttl_s = service->ttl_max_s;
	if (!service->has[request->form]) {
		if (trace != NULL)
			trace_form(&w);
		return;
	}
	w.offset = ladder_client(&request->client->address, &w.client);
	w.depth = map_lookup(service->map, &w.client, &class);
	w.class = class;
	w.inside = class->inside;
	if (trace != NULL)
		trace_fence(&w);
	out->stale = live->stale && service->checked;
	if (!choose_member(&w))
		last_resort(&w);
	out->scope = scope(&w);
	out->ttl_s = ttl(&w);
	if (trace != NULL)
		trace_ttl(&w);
}
