/*
 * The ladder: fence, usable and split (split.c), rank, pick (pick.c), last
 * resort, family, in that order.  Called by workers for every steered query and
 * by explain; whole numbers only, no allocation, lock or system call.
 */
#include "steering/ladder.h"

#include <string.h>

#include "steering/nest.h"
#include "steering/pick.h"
#include "steering/spill.h"
#include "steering/split.h"
#include "steering/trace.h"
#include "steering/walk.h"

/* 6to4 (RFC 3056) and v4-mapped addresses (RFC 4291, 2.5.5.2): the bits before
 * the IPv4 address inside. */
#define OFFSET_6TO4 16
#define OFFSET_MAPPED 96

/* TTLs before a change are spread over the last fifth of the time to it, so
 * that caches do not expire together. */
#define TTL_SPREAD 5

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

/* Whether client subnets of ${sender} count; as clients are, it is read as the
 * IPv4 address inside. */
static bool
is_heard(const struct policy_service *service, const struct address *sender)
{
	struct address inside;

	if (service->senders == NULL)
		return true;
	ladder_client(sender, &inside);
	return senders_have(service->senders, &inside);
}

/* Whom the query is for: of a sender that is not heard, the sender, as if it
 * had named no client. */
static void
find_given(struct walk *w)
{
	const struct address *sender = w->request->sender;

	w->given = w->request->client;
	w->heard = is_heard(w->service, sender);
	if (w->heard)
		return;
	w->own = (struct client){*sender, (uint8_t)address_bits(sender)};
	w->given = &w->own;
}

/*
 * Whom the steps decide for, and the leaf that the scope shows.  A private
 * client subnet says nothing of where its clients are: the sender decides.  One
 * whose source prefix is shorter than the private block holds more than that.
 */
static void
find_client(struct walk *w)
{
	struct map_leaf leaf;

	find_given(w);
	w->offset = ladder_client(&w->given->address, &w->client);
	map_lookup(w->service->map, &w->client, &leaf);
	w->depth = leaf.depth;
	w->by_sender = leaf.private_length > 0 &&
	    w->given->source_len >= w->offset + leaf.private_length;
	if (w->by_sender) {
		ladder_client(w->request->sender, &w->client);
		map_lookup(w->service->map, &w->client, &leaf);
	}
	w->leaf = leaf;
	w->class = leaf.class;
}

bool
ladder_subject(const struct policy_service *service,
    const struct answer_request *request, struct address *subject)
{
	struct walk w = {.service = service, .request = request};

	find_client(&w);
	*subject = w.client;
	return w.by_sender || !w.heard;
}

/* Fence: the class of the client says which regions it may be sent to. */
static void
fence(struct walk *w)
{
	find_client(w);
	w->inside = w->class->inside;
	if (w->trace != NULL)
		trace_fence(w);
}

/* What a walk along the order of a class has come to. */
struct way {
	uint64_t usable, seen; /* regions; those up to where it ended */
	unsigned places;       /* of the order */
	bool whole;            /* it ended since there were no more */
	bool sheds;            /* some of the usable pass clients on */
};

/*
 * One region is usable for this client.  Two ways lead there, and either is
 * enough: nothing else is usable inside the fence, or it is the first of those
 * in the order and keeps the client anyway.  The one of the wider prefix is
 * announced; where another region is about to be usable, the order in any case.
 * True when that is the fence alone.  Where the map tells no client from
 * another there is nothing to tell.
 */
static bool
look_at_only(struct walk *w, const struct policy_pool *pool,
    const struct way *way, unsigned order)
{
	bool one_class = w->service->one_class;
	uint32_t pending_s = LIVE_NOT_PENDING;
	unsigned kept = 0;

	if (way->sheds)
		kept = spill_kept_length(
		    w, pool, (uint8_t)__builtin_ctzll(way->usable), &pending_s);
	if (walk_live(w, pool)->pending == 0 &&
	    (w->leaf.set < walk_greatest(order, kept) || one_class)) {
		walk_look(w, FACT_FENCE, w->leaf.set);
		return true;
	}
	if (kept == 0)
		return false;
	if (w->leaf.set < kept || one_class) {
		walk_look(w, FACT_FENCE, w->leaf.set);
	} else {
		walk_look(w, FACT_SHARE, kept);
		w->pending_s = walk_least(w->pending_s, pending_s);
		w->out->hashed = true;
	}
	return false;
}

/* What of the client led to where its way ended: the places of its order up to
 * there, or the fence alone. */
static void
look_at_order(
    struct walk *w, const struct policy_pool *pool, const struct way *way)
{
	const struct live_pool *live = walk_live(w, pool);
	unsigned order = map_leaf_depth(&w->leaf, way->places);

	if (walk_one(way->usable) && look_at_only(w, pool, way, order))
		return;
	walk_look(w, FACT_ORDER, order);
	w->places = (uint8_t)walk_greatest(w->places, way->places);
	if (!way->whole)
		return;
	/* There are no more of them inside the fence. */
	if (((live->usable[w->tier] & ~way->usable) | live->pending) != 0)
		walk_look(w, FACT_FENCE, w->leaf.set);
	walk_note_pending(w, pool, UINT64_MAX);
}

/*
 * The first regions in the order of the class where ${pool} has something
 * usable and that keep the client: as many as an answer may be from.  Then, as
 * far as these are fewer, the first of those that do not: so what none keeps
 * goes to its first.
 */
static void
walk_order(struct walk *w, const struct policy_pool *pool, struct way *way,
    struct walk_ranked *ranked)
{
	const struct client_class *class = w->class;
	/* Those outside the fence of a service around this one have a place:
	 * the map knows nothing of that. */
	const uint64_t inside = w->inside | class->inside;
	const unsigned max = w->service->regions;
	const bool spills = way->sheds && !walk_one(way->usable);
	uint8_t passed[ANSWER_MAX_SETS];
	uint64_t left = way->usable;
	unsigned n = 0, n_passed = 0;

	for (unsigned i = 0; i < class->n && left != 0 && n < max; i++) {
		uint8_t region = class->order[i];
		uint64_t place = inside & UINT64_C(1) << region;

		way->places += place != 0;
		way->seen |= place;
		if (!(left & place))
			continue;
		left &= ~place;
		if (!spills || spill_keeps(w, pool, region)) {
			ranked->region[n++] = region;
		} else {
			ranked->passed |= place;
			if (n_passed < max)
				passed[n_passed++] = region;
		}
	}
	way->whole = n < max;
	for (unsigned i = 0; i < n_passed && n < max; i++)
		ranked->region[n++] = passed[i];
	ranked->n = n;
}

/* Why a client is not in ${region}, the first of its order where ${pool} has
 * endpoints. */
static enum reason
reason_passed(
    const struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	const struct live_group *g = &w->live->group[pool->group[region]];

	if (walk_usable(w, pool) >> region & 1)
		return (enum reason)g->thinned;
	return g->usable == USABLE_DRAINED ? REASON_DRAINED : REASON_FAILOVER;
}

/* Why the client is in ${chosen}. */
static enum reason
reason_of(const struct walk *w, const struct policy_pool *pool,
    const struct way *way, uint8_t chosen)
{
	const uint64_t places = w->inside & pool->regions;

	if (w->reason != REASON_FIRST)
		return (enum reason)w->reason;
	/* Most answers. */
	if ((way->seen & places) == UINT64_C(1) << chosen)
		return REASON_FIRST;
	for (unsigned i = 0; i < w->class->n; i++) {
		uint8_t region = w->class->order[i];

		if (region == chosen)
			break;
		if (places >> region & 1)
			return reason_passed(w, pool, region);
	}
	return REASON_FIRST;
}

/*
 * Rank and spill: the regions of the client.  There is one, since the pool was
 * chosen for that and the order has every region of every pool; false if that
 * were ever untrue.
 */
static bool
rank(struct walk *w, const struct policy_pool *pool, struct walk_ranked *ranked)
{
	struct way way = {.usable = walk_usable(w, pool)};

	way.sheds = spill_may(w, pool, way.usable);
	walk_order(w, pool, &way, ranked);
	if (ranked->n == 0)
		return false;
	w->out->region = ranked->region[0];
	w->out->reason = (uint8_t)reason_of(w, pool, &way, ranked->region[0]);
	walk_note_pending(w, pool, way.seen);
	look_at_order(w, pool, &way);
	if (w->trace != NULL)
		trace_rank(w, pool, ranked);
	return true;
}

/* Pick: at most `answers` endpoints of these regions. */
static void
pick(struct walk *w, const struct policy_pool *pool,
    const struct walk_ranked *ranked)
{
	w->out->kind = ANSWER_RECORDS;
	if (pool->demand != NULL)
		w->out->demand =
		    pool->demand->slot[w->class - pool->demand->classes];
	pick_endpoints(w, pool, ranked);
}

/* Usable to pick with the members of one kind and what is usable at one tier;
 * false when none of them has anything. */
static bool
choose(struct walk *w)
{
	const struct policy_pool *pool;
	struct walk_ranked ranked = {.passed = 0};
	int m;

	w->reason = REASON_FIRST;
	m = split_choose(w, &pool);
	if (m < 0)
		return false;
	if (!rank(w, pool, &ranked))
		return nest_leave(w);
	w->out->member = (uint32_t)m;
	pick(w, pool, &ranked);
	return true;
}

/* None of the members of this kind has anything usable for this client. */
static void
pass_over_all(struct walk *w)
{
	const struct policy_member *members = w->service->members;

	for (unsigned m = 0; m < w->service->n_members; m++)
		if ((members[m].weight > 0) == w->weighted)
			split_pass_over(w, &members[m]);
}

/* The members with a weight, or those without, by what is checked and up, else
 * by what is not checked yet. */
static bool
choose_usable(struct walk *w, bool weighted)
{
	w->weighted = weighted;
	w->tier = USABLE_YES;
	if (w->trace != NULL)
		trace_usable(w);
	if (choose(w))
		return true;
	pass_over_all(w);
	w->tier = USABLE_UNCHECKED;
	if (w->trace != NULL)
		trace_tier(w);
	return choose(w);
}

/* The members of the split, then those without a weight if they are allowed by
 * now. */
static bool
choose_conceded(struct walk *w)
{
	return choose_usable(w, true) ||
	    (w->weightless_allowed && choose_usable(w, false));
}

/* All as if they were up, or all whatever was said of them: the members with a
 * weight, else those without. */
static bool
choose_whatever(struct walk *w, enum usable tier)
{
	w->tier = (uint8_t)tier;
	w->weighted = true;
	if (choose(w))
		return true;
	w->weighted = false;
	return choose(w);
}

/* The same inside the fence if there is anything, else without a soft one. */
static bool
choose_lifting(struct walk *w, enum usable tier)
{
	w->inside = w->class->inside;
	w->lifted = false;
	if (choose_whatever(w, tier))
		return true;
	if (!walk_has_soft(w))
		return false;
	w->inside = w->class->lifted;
	w->lifted = true;
	if (w->trace != NULL)
		trace_lifted(w);
	return choose_whatever(w, tier);
}

/* All as if they were up, and only where that gives nothing what is drained.
 * There is something inside a hard fence, or the service would not have been
 * loaded; nothing has an answer where no address of any name is known. */
static void
choose_all(struct walk *w)
{
	if (choose_lifting(w, USABLE_NO))
		return;
	if (w->trace != NULL)
		trace_drained(w);
	choose_lifting(w, USABLE_DRAINED);
}

/* One concession; false when it gave nothing and the next one is due. */
static bool
resort(struct walk *w, enum last_resort what)
{
	if (w->trace != NULL)
		trace_resort(w, what);
	w->out->kind = ANSWER_SERVFAIL;
	switch (what) {
	case RESORT_POOLS:
		w->weightless_allowed = true;
		return choose_usable(w, false);
	case RESORT_UNFENCED:
		if (!walk_has_soft(w))
			return false;
		w->inside = w->class->lifted;
		w->lifted = true;
		return choose_conceded(w);
	case RESORT_SERVFAIL:
		break;
	case RESORT_RECORDS:
		w->out->kind = ANSWER_STATIC;
		break;
	case RESORT_ALL:
		choose_all(w);
		break;
	}
	return true;
}

/* The concessions of the service, in the order of the file. */
static void
concede(struct walk *w)
{
	const struct policy_service *service = w->service;

	for (unsigned i = 0; i < service->n_resorts; i++)
		if (resort(w, (enum last_resort)service->resorts[i]))
			return;
	resort(w, RESORT_ALL);
}

/* What was conceded in the end. */
static enum reason
reason_of_resort(const struct walk *w)
{
	if (w->out->kind == ANSWER_STATIC)
		return REASON_RECORDS;
	if (w->out->kind == ANSWER_SERVFAIL)
		return REASON_NONE;
	if (w->tier == USABLE_DRAINED)
		return REASON_ALL_DRAINED;
	if (w->tier == USABLE_NO)
		return REASON_AS_IF_UP;
	return w->lifted ? REASON_UNFENCED : REASON_SPARE;
}

static void
last_resort(struct walk *w)
{
	w->out->resort = true;
	if (w->service->nests)
		nest_look_leaves(w);
	concede(w);
	w->out->reason = (uint8_t)reason_of_resort(w);
}

/* Of the endpoints that were chosen, those that have the form asked for.  Any
 * other choice would send the client where the other form does not: past its
 * fence, to what is down, or from the canary to the rest. */
static void
take_form(struct walk *w)
{
	struct decision *out = w->out;
	unsigned n = 0;

	for (unsigned i = 0; i < out->n; i++)
		if (walk_has_form(w, out->endpoint[i]))
			n++;
	if (n == out->n)
		return;
	if (w->trace != NULL)
		trace_family(w, n);
	n = 0;
	for (unsigned i = 0; i < out->n; i++)
		if (walk_has_form(w, out->endpoint[i]))
			out->endpoint[n++] = out->endpoint[i];
	out->n = (uint8_t)n;
	if (n > 0)
		return;
	out->kind = ANSWER_NODATA;
	out->reason = REASON_NODATA;
}

/* The widest prefix of the client whose answer is this one (RFC 7871, 7.2.1),
 * counted in the family it was given in: the longest of those in which what was
 * looked at is the same. */
static uint8_t
scope(struct walk *w)
{
	if (w->out->kind == ANSWER_NODATA ||
	    (!w->out->hashed && w->service->one_class))
		return 0;
	if (w->by_sender)
		return (uint8_t)(w->offset + w->depth);
	/* Clients of a private block share with nobody outside it, and with
	 * those whom the sender decides for, that is by the whole leaf. */
	if (w->out->resort || w->leaf.private_length > 0)
		walk_look(w, FACT_LEAF, w->leaf.depth);
	return (uint8_t)(w->offset + w->looked);
}

/* The greatest TTL, or the time to a change at hand, spread by the client as
 * far as the scope shows it, or by the sender: all who share the answer share
 * its TTL.  The least for what should not be there for long. */
static uint32_t
ttl(const struct walk *w)
{
	const struct policy_service *service = w->service;
	uint32_t seconds;
	uint64_t h;

	if (w->out->resort || w->out->kind == ANSWER_NODATA)
		return service->ttl_min_s;
	if (w->pending_s == LIVE_NOT_PENDING)
		return service->ttl_max_s;
	seconds = walk_greatest(
	    walk_least(w->pending_s, service->ttl_max_s), service->ttl_min_s);
	/* Another salt than that of pick, so that the spread of TTLs has
	 * nothing to do with the choice of endpoints. */
	h = w->by_sender && w->out->scope > 0
	    ? walk_hash_prefix(
		  &w->client, address_bits(&w->client), ~service->salt_pick)
	    : walk_hash_prefix(
		  &w->given->address, w->out->scope, ~service->salt_pick);
	seconds -= (uint32_t)walk_below(h, seconds / TTL_SPREAD + 1);
	return walk_greatest(seconds, service->ttl_min_s);
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

	*out =
	    (struct decision){.kind = ANSWER_NODATA, .reason = REASON_NODATA};
	out->ttl_s = UINT32_MAX;
	if (!service->has[request->form]) {
		if (trace != NULL)
			trace_form(&w);
		return;
	}
	fence(&w);
	out->by_sender = w.by_sender || !w.heard;
	out->stale = live->stale && service->checked;
	if (!choose_conceded(&w))
		last_resort(&w);
	if (!service->all_have[request->form])
		take_form(&w);
	out->scope = scope(&w);
	out->ttl_s = ttl(&w);
	/* Who is not heard is answered that nothing was tailored to the client
	 * it named (RFC 7871, 7.2.1). */
	if (!w.heard)
		out->scope = 0;
	if (trace != NULL) {
		trace_scope(&w);
		trace_ttl(&w);
	}
}
