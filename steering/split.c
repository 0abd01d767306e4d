/*
 * Which pool a client gets, by its position and the shares of the pools.
 * Called by the ladder for every steered query; no allocation, lock, system
 * call or floating point.
 */
#include "steering/split.h"

#include <limits.h>

#include "base/hash.h"
#include "steering/alternate.h"
#include "steering/nest.h"
#include "steering/position.h"

/* The members of a service as bit sets. */
struct members {
	uint32_t kind;      /* those with a weight, or those without */
	uint32_t usable;    /* of these, usable for this client */
	uint32_t concerned; /* of these, usable or changing for anybody */
	uint64_t pending;   /* regions where any of these changes */
};

/* Add what the alternates of the members have. */
static void
find_alternates(const struct walk *w, struct members *out)
{
	for (uint32_t left = out->kind; left != 0; left &= left - 1) {
		const struct policy_member *member =
		    &w->service->members[__builtin_ctz(left)];

		for (uint32_t i = 0; i < member->n_alternates; i++) {
			const struct live_pool *live =
			    walk_live(w, &member->alternates[i].pool);

			out->pending |= live->pending;
			if ((live->usable[w->tier] | live->pending) != 0)
				out->concerned |= left & -left;
		}
		if (alternate_usable(w, member) != 0)
			out->usable |= left & -left;
	}
}

/* Of members that are services the fences inside may leave a client nothing. */
static void
check_nested(const struct walk *w, struct members *all)
{
	const struct policy_member *members = w->service->members;

	for (uint32_t left = all->usable; left != 0; left &= left - 1) {
		const struct policy_pool *pool =
		    &members[__builtin_ctz(left)].pool;

		if (pool->nested != NULL && nest_usable(w, pool) == 0)
			all->usable &= ~(left & -left);
	}
}

/* The same prefix as the set of the walk's leaf is of, but for all members save
 * ${m}, services too. */
static unsigned
set_length(const struct walk *w, const struct members *all, unsigned m)
{
	uint32_t others = all->concerned & ~(UINT32_C(1) << m);
	unsigned bits = w->leaf.set;

	for (uint32_t left = others; w->service->nests && left != 0;
	     left &= left - 1)
		bits = walk_greatest(bits,
		    nest_set(
			w, &w->service->members[__builtin_ctz(left)].pool));
	return bits;
}

static struct members
find_members(const struct walk *w)
{
	const struct policy_member *member = w->service->members;
	uint32_t end = UINT32_C(1) << w->service->n_members;
	struct members out = {0};

	for (uint32_t bit = 1; bit != end; bit <<= 1, member++) {
		const struct live_pool *live = walk_live(w, &member->pool);
		uint64_t usable = live->usable[w->tier];

		if ((member->weight > 0) != w->weighted)
			continue;
		out.kind |= bit;
		out.pending |= live->pending;
		if ((usable | live->pending) != 0)
			out.concerned |= bit;
		if ((w->inside & usable) != 0)
			out.usable |= bit;
	}
	if (w->service->pools)
		return out;
	if (w->service->alternates)
		find_alternates(w, &out);
	if (w->service->nests)
		check_nested(w, &out);
	return out;
}

/* The member whose share of all weights the position lies in.  Shares of all
 * are made with the policy: every split service pays for this at each query. */
static void
find_first_share(const struct walk *w, struct walk_deal *d)
{
	const struct policy_member *members = w->service->members;
	unsigned m = 0;

	d->first = 0;
	while (!(d->left >> m & 1) || members[m].last < d->position) {
		if (d->left >> m & 1)
			d->first = members[m].last + 1;
		m++;
	}
	d->member = d->later = m;
	d->last = members[m].last;
}

/* The same of a split that was shifted, as it is now or ${when} it will be. */
static unsigned
find_shifted(const struct live_share *shares, const struct walk_deal *d,
    int when, uint64_t *first, uint64_t *last)
{
	unsigned m = 0;

	*first = 0;
	while (!(d->left >> m & 1) || shares[m].weight[when] == 0 ||
	    shares[m].last[when] < d->position) {
		if (d->left >> m & 1 && shares[m].weight[when] > 0)
			*first = shares[m].last[when] + 1;
		m++;
	}
	*last = shares[m].last[when];
	return m;
}

/* The same of the weights of those that are left. */
static unsigned
find_share(const struct walk *w, const struct walk_deal *d, int when,
    uint64_t *first, uint64_t *last)
{
	uint64_t weights[WALK_MEMBERS];
	unsigned m = (unsigned)__builtin_ctz(d->left);

	walk_weights(w, d->left, when, weights);
	for (uint32_t left = d->left; left != 0; left &= left - 1) {
		unsigned next = (unsigned)__builtin_ctz(left);

		if (weights[next] == 0)
			continue;
		m = next;
		*last = walk_share(weights, m, first);
		if (d->position <= *last)
			break;
	}
	return m;
}

/*
 * The share of a split that was shifted, now and after the step that is
 * pending: what announces one prefix lies between the same borders of both, so
 * that all in it will get the same then, and have the same time to it.
 */
static void
find_both(const struct walk *w, struct walk_deal *d)
{
	const struct live_share *shares = walk_shifted(w);
	uint64_t first[2], last[2];
	unsigned member[2];

	for (int when = 0; when < 2; when++)
		member[when] = d->round == 0
		    ? find_shifted(shares, d, when, &first[when], &last[when])
		    : find_share(w, d, when, &first[when], &last[when]);
	d->member = member[0];
	d->later = member[1];
	d->first = first[0] > first[1] ? first[0] : first[1];
	d->last = last[0] < last[1] ? last[0] : last[1];
}

/* Deal the client among the members ${left}: deal number ${round}. */
static void
deal(const struct walk *w, uint32_t left, unsigned round, struct walk_deal *out)
{
	uint64_t salt = w->service->salt_split;
	struct position position;

	if (round > 0)
		salt = hash_mix(salt, round);
	position_find(&w->client, walk_block_length(w), salt, &position);
	*out = (struct walk_deal){.left = left,
	    .round = round,
	    .position = position.value,
	    .last = UINT64_MAX};
	if (walk_shifted(w) != NULL)
		find_both(w, out);
	else if (round == 0)
		find_first_share(w, out);
	else
		out->member = out->later =
		    find_share(w, out, 0, &out->first, &out->last);
	out->length = position_length(&position, out->first, out->last);
}

void
split_pass_over(struct walk *w, const struct policy_member *member)
{
	if (member->pool.nested != NULL) {
		nest_pass_over(w, &member->pool);
		return;
	}
	walk_pass_over(w, &member->pool);
	alternate_pass_over(w, member);
}

/* Of several one serves without a deal: whether that is the client's own is
 * told, though the answer does not depend on it. */
static void
note_only(struct walk *w, const struct members *all, unsigned m)
{
	struct walk_deal d;

	if (walk_one(all->kind))
		return;
	deal(w, all->kind, 0, &d);
	if (d.member != m)
		w->reason = REASON_POOL;
}

/* Deal the client until a member is usable for it. */
static unsigned
choose_dealt(struct walk *w, const struct members *all)
{
	uint32_t left = all->kind;
	unsigned m;

	for (unsigned round = 0; !walk_one(left & all->concerned); round++) {
		bool usable;
		struct walk_deal d;

		deal(w, left, round, &d);
		w->out->hashed = true;
		walk_look(w, FACT_SHARE, d.length);
		if (d.later != d.member)
			w->pending_s = walk_least(w->pending_s,
			    w->live->split[w->service->number].pending_s);
		usable = all->usable >> d.member & 1;
		if (w->trace != NULL)
			trace_split(w, &d, usable);
		if (usable)
			return d.member;
		w->reason = REASON_POOL;
		split_pass_over(w, &w->service->members[d.member]);
		left &= ~(UINT32_C(1) << d.member);
	}
	m = (unsigned)__builtin_ctz(left & all->concerned);
	if (left == all->kind)
		note_only(w, all, m);
	if (w->trace != NULL)
		trace_only(w, m);
	return m;
}

/*
 * The bits of the widest prefix around the client whose positions lead, in all
 * deals, to the one member that is usable for it; UINT_MAX where they lead to
 * one that is usable outside its fence, so that they do not tell it alone.
 */
static unsigned
positions_length(const struct walk *w, const struct members *all)
{
	uint32_t left = all->kind;
	unsigned length = 0;

	for (unsigned round = 0; !walk_one(left & all->concerned); round++) {
		struct walk_deal d;
		uint32_t member;

		deal(w, left, round, &d);
		member = UINT32_C(1) << d.member;
		length = walk_greatest(length, d.length);
		if (all->usable & member)
			return length;
		if (all->concerned & member)
			return UINT_MAX;
		left &= ~member;
	}
	return length;
}

/*
 * One is usable for this client, and no other is about to be.  Two ways lead to
 * it, and either is enough: nothing else is usable inside the fence, or the
 * client's positions come to it anyway.  The one of the wider prefix is
 * announced.  Positions are never wider than a block; and where the map tells
 * no client from another, nothing is to be told.
 */
static unsigned
choose_only(struct walk *w, const struct members *all)
{
	unsigned m = (unsigned)__builtin_ctz(all->usable);
	unsigned set = set_length(w, all, m);

	if (!w->service->one_class && set > walk_block_length(w) &&
	    positions_length(w, all) < set)
		return choose_dealt(w, all);
	walk_look(w, FACT_FENCE, set);
	note_only(w, all, m);
	if (w->trace != NULL)
		trace_only(w, m);
	return m;
}

/* Go into the service that ${pool} is, and on to the pool that its split gives
 * the client, to ${pool}.  It has one, or it would not have been chosen; false
 * if that were ever untrue. */
static bool
choose_inside(struct walk *w, const struct policy_pool **pool)
{
	bool weighted = w->weighted;

	nest_enter(w, *pool);
	if (w->trace != NULL)
		trace_enter(w);
	/* At most STEERING_MAX_DEPTH deep. */
	if (split_choose(w, pool) < 0) {
		w->weighted = weighted;
		return nest_leave(w);
	}
	/* Counted is the member of the outermost. */
	w->out->alternate = 0;
	return true;
}

int
split_choose_several(struct walk *w, const struct policy_pool **pool)
{
	struct members all = find_members(w);
	const struct policy_member *member;
	unsigned m;

	if (all.usable == 0)
		return -1;
	if (!w->weighted) {
		m = (unsigned)__builtin_ctz(all.usable);
		if (w->trace != NULL)
			trace_only(w, m);
	} else if (walk_one(all.usable) && all.pending == 0 &&
	    !walk_one(all.concerned)) {
		m = choose_only(w, &all);
	} else {
		m = choose_dealt(w, &all);
	}
	member = &w->service->members[m];
	*pool = &member->pool;
	if (w->service->pools)
		return (int)m;
	if (member->n_alternates > 0)
		*pool = alternate_choose(w, member);
	if (member->pool.nested != NULL && !choose_inside(w, pool))
		return -1;
	return (int)m;
}
