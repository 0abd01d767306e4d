/*
 * The steps of the ladder in words, for explain.  Called by the files that take
 * the steps when there is a trace, never for a query; decides nothing.
 */
#include "steering/trace.h"

#include <inttypes.h>

#include "steering/clients_words.h"
#include "steering/nest.h"
#include "steering/trace_order.h"
#include "steering/trace_text.h"

void
trace_say(const struct walk *w, enum ladder_step step, struct text *t)
{
	w->trace->step(
	    w->trace->context, step, t->data != NULL ? t->data : "(no memory)");
	text_finish(t);
}

/* Of a region of the service's zone. */
static const char *
region_name(const struct walk *w, unsigned region)
{
	return w->service->config->regions[region].name;
}

static const char *
pool_name(const struct walk *w, unsigned member)
{
	return w->service->members[member].pool.name;
}

static const char *
form_name(const struct walk *w)
{
	return policy_forms[w->form].name;
}

/* ", name" of each region in ${set}, the first without the comma. */
static void
add_regions(const struct walk *w, struct text *t, uint64_t set)
{
	const char *comma = "";

	for (unsigned i = 0; i < w->service->config->n_regions; i++) {
		if (!(set >> i & 1))
			continue;
		text_add(t, "%s%s", comma, region_name(w, i));
		comma = ", ";
	}
	if (set == 0)
		text_add(t, "no region");
}

void
trace_form(const struct walk *w)
{
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "no endpoint of the service has %s: NODATA for everyone",
	    form_name(w));
	trace_say(w, STEP_USABLE, &t);
}

/* Whether the query names another client than its sender. */
static bool
names_client(const struct walk *w)
{
	const struct client *client = w->request->client;
	const struct address *sender = w->request->sender;

	return client->source_len != address_bits(sender) ||
	    !address_equal(&client->address, sender);
}

/* ${why} the client itself takes no part. */
static void
trace_sender(const struct walk *w, const char *why)
{
	char sender[ADDRESS_TEXT];
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "%s: decided by the sender, %s", why,
	    w->request->sender->family != 0
		? address_format(w->request->sender, sender)
		: "of whom nothing is known");
	trace_say(w, STEP_FENCE, &t);
}

void
trace_fence(const struct walk *w)
{
	const struct steering_config *config = w->service->config;
	const struct service_config *service =
	    &config->services[w->service->config_index];
	const struct fence_config *f;
	struct text t;

	if (w->service->outermost == NULL && !w->heard && names_client(w))
		trace_sender(w,
		    service->ecs == ECS_OFF ? "ecs is off"
					    : "ecs does not list the sender");
	else if (w->service->outermost == NULL && w->by_sender)
		trace_sender(w, "private client subnet");
	text_init(&t, TRACE_MAX);
	if (service->n_fences == 0) {
		text_add(&t, "no fence: any region");
	} else if (w->trace->rule >= service->n_fences) {
		text_add(
		    &t, "no rule of the fence has this client: any region");
	} else {
		f = &service->fences[w->trace->rule];
		text_add(&t, "rule %u (", w->trace->rule + 1u);
		clients_words(&t, w->service->config, &f->clients);
		text_add(&t, ") keeps this client in ");
		add_regions(w, &t, f->regions);
		text_add(&t, " (%s)", f->hard ? "hard" : "soft");
	}
	trace_say(w, STEP_FENCE, &t);
}

/* "us-east 2 of 2 up", and after it what that does not say. */
static void
add_group(const struct walk *w, struct text *t, uint32_t number)
{
	const struct policy_group *g = &w->policy->groups[number];
	unsigned up = 0, presumed = 0, waiting = 0, empty = 0, drained = 0;

	for (uint32_t i = g->first; i < g->first + g->n; i++) {
		up += live_told(w->live, i) == USABLE_YES;
		presumed += w->live->presumed[i];
		waiting += w->live->endpoint[i] == USABLE_UNCHECKED;
		empty += w->live->endpoint[i] == USABLE_EMPTY;
		drained += w->live->endpoint[i] == USABLE_DRAINED;
	}
	text_add(t, "%s %u of %" PRIu32 " up",
	    w->policy->regions[g->region].name, up, g->n);
	if (presumed > 0)
		text_add(t, " (%u not checked yet, counted as up)", presumed);
	if (waiting > 0)
		text_add(t, " (%u not checked yet)", waiting);
	if (drained > 0)
		text_add(t, " (%u drained)", drained);
	if (empty > 0)
		text_add(t, " (of %u no address is known)", empty);
	if (up > 0 && w->live->group[number].usable != USABLE_YES)
		text_add(t, " (below min_up)");
}

/* What ${pool} has in each region inside the fence. */
static void
trace_pool(const struct walk *w, const struct policy_pool *pool)
{
	const struct client_class *class = w->class;
	const char *before = ": ";
	struct text t;

	text_init(&t, TRACE_MAX);
	trace_add_pool(&t, pool);
	for (unsigned i = 0; i < class->n; i++) {
		uint32_t g = walk_group(w, pool, class->order[i]);

		if (g == STEERING_NONE)
			continue;
		text_add(&t, "%s", before);
		add_group(w, &t, g);
		before = ", ";
	}
	if (before[0] == ':')
		text_add(&t, ": no region inside the fence");
	trace_say(w, STEP_USABLE, &t);
}

/* What ${pool}, a service, has for this client. */
static void
trace_nested(const struct walk *w, const struct policy_pool *pool)
{
	const struct policy_service *inner = pool->nested;
	uint64_t usable = nest_usable(w, pool);
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "%s, the service %s: ", pool->name,
	    inner->config->services[inner->config_index].name);
	if (usable == 0) {
		text_add(&t, "nothing usable for this client");
	} else {
		text_add(&t, "usable in ");
		add_regions(w, &t, usable);
	}
	trace_say(w, STEP_USABLE, &t);
}

void
trace_usable(const struct walk *w)
{
	for (unsigned m = 0; m < w->service->n_members; m++) {
		const struct policy_member *member = &w->service->members[m];

		if ((member->weight > 0) != w->weighted)
			continue;
		if (member->pool.nested != NULL) {
			trace_nested(w, &member->pool);
			continue;
		}
		for (uint32_t i = 0; i <= member->n_alternates; i++)
			trace_pool(w, policy_chosen(w->service, m, i));
	}
}

/* How many members with a weight, or without one, the service has. */
static unsigned
count_members(const struct walk *w, bool weighted)
{
	unsigned n = 0;

	for (unsigned m = 0; m < w->service->n_members; m++)
		n += (w->service->members[m].weight > 0) == weighted;
	return n;
}

void
trace_tier(const struct walk *w)
{
	const struct policy_member *members = w->service->members;
	const char *text = "nothing is usable";

	if (count_members(w, w->weighted) == 0)
		return;
	for (unsigned m = 0; m < w->service->n_members; m++) {
		uint64_t usable;

		if ((members[m].weight > 0) != w->weighted)
			continue;
		usable = w->live->pool[members[m].pool.number]
			     .usable[USABLE_UNCHECKED];
		for (uint32_t i = 0; i < members[m].n_alternates; i++)
			usable |=
			    w->live->pool[members[m].alternates[i].pool.number]
				.usable[USABLE_UNCHECKED];
		if ((w->inside & usable) != 0)
			text = "nothing that was checked is usable: what "
			       "nobody has checked counts";
	}
	w->trace->step(w->trace->context, STEP_USABLE, text);
}

void
trace_only(const struct walk *w, unsigned member)
{
	const char *with = w->weighted ? "with" : "without";
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "%s: the ", pool_name(w, member));
	if (w->service->n_members == 1)
		text_add(&t, "only pool");
	else if (count_members(w, w->weighted) == 1)
		text_add(&t, "only pool %s a weight", with);
	else
		text_add(&t, "%s pool %s a weight that %s",
		    w->weighted ? "only" : "first", with,
		    w->tier <= USABLE_NO ? "has an endpoint for this client"
					 : "is usable for this client");
	trace_say(w, STEP_SPLIT, &t);
}

void
trace_add_position(struct text *t, uint64_t position)
{
	unsigned digits = 6;
	/* In millionths of a per cent: 10^8 times each half of the bits fits,
	 * and so does the sum of the upper one and what the lower one adds. */
	uint64_t low = (position & UINT32_MAX) * 100000000 >> 32;
	uint64_t n =
	    ((position >> 32) * 100000000 + low + (UINT64_C(1) << 31)) >> 32;
	uint64_t whole = n / 1000000, part = n % 1000000;

	for (; digits > 0 && part % 10 == 0; digits--)
		part /= 10;
	text_add(t, "%" PRIu64, whole);
	if (digits > 0)
		text_add(t, ".%0*" PRIu64, (int)digits, part);
	text_add(t, " %%");
}

static struct prefix
block_of(const struct walk *w)
{
	struct prefix block = {.address = w->client};

	block.length = (uint8_t)walk_block_length(w);
	address_mask(&block.address, block.length);
	return block;
}

void
trace_add_block(const struct walk *w, struct text *t)
{
	struct prefix block = block_of(w);
	char text[ADDRESS_TEXT];

	text_add(t, " in the block %s", prefix_format(&block, text));
}

/* The shares of all members of a deal, in the order of the file. */
static void
add_shares(const struct walk *w, struct text *t, const struct walk_deal *d)
{
	uint64_t weights[WALK_MEMBERS];
	const char *before = "";

	walk_weights(w, d->left, 0, weights);
	for (uint32_t left = d->left; left != 0; left &= left - 1) {
		unsigned m = (unsigned)__builtin_ctz(left);
		uint64_t first, last;

		text_add(t, "%s%s ", before, pool_name(w, m));
		before = ", ";
		if (weights[m] == 0) {
			text_add(t, "no positions");
			continue;
		}
		last = walk_share(weights, m, &first);
		text_add(t, "from ");
		trace_add_position(t, first);
		text_add(t, " to ");
		trace_add_position(t, last);
	}
}

/* The same as ${d} in numbers. */
static void
tell_deal(const struct walk *w, const struct walk_deal *d,
    const struct prefix *block, bool usable)
{
	struct ladder_deal deal = {.round = d->round,
	    .block = *block,
	    .position = d->position,
	    .member = d->member,
	    .usable = usable};
	uint64_t weights[WALK_MEMBERS];

	walk_weights(w, d->left, 0, weights);
	for (uint32_t left = d->left; left != 0; left &= left - 1) {
		unsigned m = (unsigned)__builtin_ctz(left), i;

		if (weights[m] == 0)
			continue;
		i = deal.n++;
		deal.share[i].member = m;
		deal.share[i].last =
		    walk_share(weights, m, &deal.share[i].first);
	}
	w->trace->deal(w->trace->context, &deal);
}

void
trace_split(const struct walk *w, const struct walk_deal *d, bool usable)
{
	struct prefix block = block_of(w);
	struct text t;

	text_init(&t, TRACE_MAX);
	if (d->round > 0)
		text_add(&t, "deal %u: ", d->round + 1);
	text_add(&t, "position ");
	trace_add_position(&t, d->position);
	trace_add_block(w, &t);
	text_add(&t, ": %s (", pool_name(w, d->member));
	add_shares(w, &t, d);
	text_add(&t, ")");
	if (d->later != d->member)
		text_add(
		    &t, ", %s after the next step", pool_name(w, d->later));
	if (!usable)
		text_add(&t, ", not usable for this client: dealt again");
	trace_say(w, STEP_SPLIT, &t);
	if (w->trace->deal != NULL)
		tell_deal(w, d, &block, usable);
}

/* Why ${pool} does not serve this client from a better region. */
static void
add_skipped(const struct walk *w, struct text *t,
    const struct policy_pool *pool, uint8_t region, bool passed)
{
	uint32_t g = walk_group(w, pool, region);

	if (passed)
		text_add(t, "%s does not keep it", region_name(w, region));
	else if (g != STEERING_NONE)
		add_group(w, t, g);
	else if (pool->regions >> region & 1)
		text_add(t, "%s is outside the fence", region_name(w, region));
	else
		text_add(t, "%s has no %sendpoint of %s",
		    region_name(w, region), pool->is_standby ? "standby " : "",
		    pool->name);
}

/* The regions of the order before the last of ${ranked} that keeps the client,
 * and are not in it before that. */
static void
add_all_skipped(const struct walk *w, struct text *t,
    const struct policy_pool *pool, const struct walk_ranked *ranked)
{
	const struct client_class *class = w->class;
	unsigned n = 0;

	for (unsigned i = 0; i < class->n && n < ranked->n &&
	     !(ranked->passed >> ranked->region[n] & 1);
	     i++) {
		uint8_t region = class->order[i];

		if (region == ranked->region[n]) {
			n++;
			continue;
		}
		text_add(t, "; skipped: ");
		add_skipped(w, t, pool, region, ranked->passed >> region & 1);
	}
}

void
trace_spill(
    const struct walk *w, uint8_t region, const struct walk_spill *spill)
{
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "%s keeps ", region_name(w, region));
	if (spill->keep == POLICY_KEEP_ALL) {
		text_add(&t, "everyone");
	} else if (spill->keep == 0) {
		text_add(&t, "nobody");
	} else {
		text_add(&t, "positions before ");
		trace_add_position(&t, spill->keep);
	}
	if (spill->later != spill->keep)
		text_add(&t, " now, and %s by and by",
		    spill->later < spill->keep ? "fewer" : "more");
	if (spill->hashed) {
		text_add(&t, ": position ");
		trace_add_position(&t, spill->position);
		trace_add_block(w, &t);
	}
	text_add(&t, spill->kept ? ": kept" : ": goes on to the next");
	if (spill->pending_s != LIVE_NOT_PENDING)
		text_add(&t, ", for %" PRIu32 " s", spill->pending_s);
	trace_say(w, STEP_SPILL, &t);
}

void
trace_rank(const struct walk *w, const struct policy_pool *pool,
    const struct walk_ranked *ranked)
{
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "%s", region_name(w, ranked->region[0]));
	for (unsigned i = 1; i < ranked->n; i++)
		text_add(&t, ", then %s", region_name(w, ranked->region[i]));
	if (ranked->passed >> ranked->region[0] & 1)
		text_add(&t, ", its first: none of them keeps it");
	trace_order(w, &t);
	add_all_skipped(w, &t, pool, ranked);
	trace_say(w, STEP_RANK, &t);
	if (w->trace->rank != NULL && w->trace->ranking != NULL)
		w->trace->rank(w->trace->context, w->trace->ranking);
}

/* What the choice depends on. */
static void
add_affinity(
    const struct walk *w, const struct policy_pool *pool, struct text *t)
{
	const struct decision *out = w->out;
	struct prefix sticky = {.address = w->client};
	char text[ADDRESS_TEXT];

	if (w->service->affinity == AFFINITY_NONE) {
		text_add(t, "by turn (affinity none)");
		return;
	}
	if (walk_by_name(w, pool)) {
		text_add(t,
		    pool->spread > out->n
			? "by the client's position among those of the name"
			: "by the hash of the name");
		return;
	}
	sticky.length = (uint8_t)walk_sticky_length(w);
	address_mask(&sticky.address, sticky.length);
	text_add(t, "by the hash of %s", prefix_format(&sticky, text));
}

/* Of those beside ${e}, it too, whose weight counts in part. */
static void
add_factors(const struct walk *w, const struct policy_pool *pool, uint32_t e,
    struct text *t)
{
	const struct policy_group *g = NULL;
	unsigned n = 0;

	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		g = &w->policy->groups[pool->group[__builtin_ctzll(left)]];
		if (e >= g->first && e < g->first + g->n)
			break;
	}
	for (uint32_t i = 0; g != NULL && i < g->n; i++) {
		uint32_t other = g->first + i;
		uint32_t factor = w->live->factor[other];

		if (factor == UINT32_C(1) << LIVE_FACTOR_BITS ||
		    w->live->endpoint[other] < w->tier)
			continue;
		text_add(t, "%s%s %g %%",
		    n++ > 0 ? ", " : "; of its weight counts of ",
		    w->policy->endpoints[other].key.endpoint,
		    (double)factor * 100 / (1 << LIVE_FACTOR_BITS));
	}
}

/* An endpoint, and how much of its weight counts, if that is not all. */
static void
add_endpoint(const struct walk *w, struct text *t, uint32_t e)
{
	uint64_t factor = w->live->factor[e];

	text_add(t, "%s", w->policy->endpoints[e].key.endpoint);
	if (factor != UINT64_C(1) << LIVE_FACTOR_BITS)
		text_add(t, " (%" PRIu64 " %% of its weight)",
		    (factor * 100 + (UINT64_C(1) << (LIVE_FACTOR_BITS - 1))) >>
			LIVE_FACTOR_BITS);
}

void
trace_pick(
    const struct walk *w, const struct policy_pool *pool, uint32_t usable)
{
	const char *what = w->tier <= USABLE_NO ? "there" : "usable";
	const struct decision *out = w->out;
	struct text t;

	text_init(&t, TRACE_MAX);
	for (unsigned i = 0; i < out->n; i++) {
		text_add(&t, "%s", i > 0 ? ", " : "");
		add_endpoint(w, &t, out->endpoint[i]);
	}
	if (usable > out->n) {
		text_add(&t, ": %u of %" PRIu32 " %s, ", out->n, usable, what);
		add_affinity(w, pool, &t);
		add_factors(w, pool, out->endpoint[0], &t);
	} else if (usable > 1) {
		text_add(&t, ": all that are %s", what);
	} else {
		text_add(&t, ": the only one that is %s", what);
	}
	trace_say(w, STEP_PICK, &t);
	if (w->service->outermost != NULL && w->trace->level != NULL)
		w->trace->level(w->trace->context, 0, w->service->outermost);
}

void
trace_family(const struct walk *w, unsigned n)
{
	const struct decision *out = w->out;
	bool several = out->n - n > 1;
	const char *before = several ? "endpoints " : "endpoint ";
	struct text t;

	text_init(&t, TRACE_MAX);
	for (unsigned i = 0; i < out->n; i++) {
		if (walk_has_form(w, out->endpoint[i]))
			continue;
		text_add(&t, "%s%s", before,
		    w->policy->endpoints[out->endpoint[i]].key.endpoint);
		before = ", ";
	}
	text_add(
	    &t, " %s no %s address: ", several ? "have" : "has", form_name(w));
	if (n > 0)
		text_add(&t, "left out");
	else
		text_add(&t, "NODATA for %" PRIu32 " s (ttl min)",
		    w->service->ttl_min_s);
	trace_say(w, STEP_FAMILY, &t);
}

void
trace_resort(const struct walk *w, enum last_resort resort)
{
	static const char *const text[] = {
	    [RESORT_POOLS] = "pools: pools without a weight may serve",
	    [RESORT_UNFENCED] = "unfenced: soft fences are lifted",
	    [RESORT_ALL] = "all: every endpoint counts as up",
	    [RESORT_RECORDS] = "records: what the zone file has at the name",
	    [RESORT_SERVFAIL] = "servfail: SERVFAIL",
	};
	const char *say_text = text[resort];

	if (resort == RESORT_POOLS && count_members(w, false) == 0)
		say_text = "pools: there is no pool without a weight";
	if (resort == RESORT_UNFENCED && !walk_has_soft(w))
		say_text = "unfenced: there is no soft fence to lift";
	w->trace->step(w->trace->context, STEP_RESORT, say_text);
}

void
trace_lifted(const struct walk *w)
{
	w->trace->step(w->trace->context, STEP_RESORT,
	    "all: nothing is inside the fence, which is soft: it is lifted");
}

void
trace_drained(const struct walk *w)
{
	w->trace->step(w->trace->context, STEP_RESORT,
	    "all: nothing else is left: what is drained counts too");
}

/* The prefix of ${bits} bits around the client as it was given. */
static void
add_prefix(const struct walk *w, struct text *t, unsigned bits)
{
	struct prefix p = {.address = w->given->address};
	char text[ADDRESS_TEXT];

	p.length = (uint8_t)bits;
	address_mask(&p.address, bits);
	text_add(t, "%s", prefix_format(&p, text));
}

/* What all clients of ${bits} bits around this one have in common. */
static void
add_fact(const struct walk *w, struct text *t, enum walk_fact fact)
{
	switch (fact) {
	case FACT_ORDER:
		if (w->places == 1)
			text_add(t, "the first region of the order is");
		else
			text_add(t, "the first %u regions of the order are",
			    w->places);
		text_add(t, " the same in ");
		break;
	case FACT_FENCE:
		text_add(t, "clients may be sent to the same regions in ");
		break;
	case FACT_SHARE:
		text_add(t, "positions lie in the same shares in ");
		break;
	case FACT_STICKY:
		text_add(t, "the endpoint is picked by ");
		break;
	case FACT_LEAF:
	case FACTS:
		text_add(t, "clients are of one class in ");
		break;
	}
	add_prefix(w, t, w->offset + w->facts[fact]);
}

void
trace_enter(const struct walk *w)
{
	if (w->trace->level != NULL)
		w->trace->level(
		    w->trace->context, w->service->depth, w->service);
	trace_fence(w);
	if (w->tier > USABLE_NO)
		trace_usable(w);
}

void
trace_scope(const struct walk *w)
{
	const char *before = ": ";
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "/%u", w->out->scope);
	if (w->out->kind == ANSWER_NODATA) {
		text_add(&t,
		    ": resolvers give a NODATA to all of their "
		    "clients");
	} else if (!w->heard) {
		text_add(&t, ": the client subnet does not count");
	} else if (w->out->scope == 0) {
		text_add(&t, ": all clients get this answer");
	} else if (w->by_sender) {
		text_add(&t, ": ");
		add_prefix(w, &t, w->out->scope);
		text_add(&t, " is private: the sender decides for all of it");
	} else {
		for (unsigned i = 0; i < FACTS; i++) {
			if (w->facts[i] == 0)
				continue;
			text_add(&t, "%s", before);
			add_fact(w, &t, (enum walk_fact)i);
			before = "; ";
		}
	}
	trace_say(w, STEP_SCOPE, &t);
}

void
trace_ttl(const struct walk *w)
{
	struct text t;

	/* SERVFAIL has none. */
	if (w->out->kind == ANSWER_SERVFAIL)
		return;
	text_init(&t, TRACE_MAX);
	text_add(&t, "%" PRIu32 " s: ", w->out->ttl_s);
	if (w->out->resort)
		text_add(&t, "ttl min, for a last resort is in use");
	else if (w->out->kind == ANSWER_NODATA)
		text_add(&t,
		    "ttl min, for a resolver gives NODATA to all of its "
		    "clients");
	else if (w->pending_s == LIVE_NOT_PENDING)
		text_add(&t, "no change is at hand");
	else if (w->pending_s == 0)
		text_add(&t, "ttl min, for a change may come at any moment");
	else
		text_add(&t,
		    "a change may come in %" PRIu32 " s (bounds %" PRIu32
		    " and %" PRIu32 " s)",
		    w->pending_s, w->service->ttl_min_s, w->service->ttl_max_s);
	trace_say(w, STEP_TTL, &t);
}
