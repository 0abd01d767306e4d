/*
 * Chooses among a member's pools: its own, its standby endpoints, its origin.
 * Called by the ladder in workers, for services that have alternates; no
 * allocation, lock or system call.
 */
#include "steering/alternate.h"

#include "steering/position.h"
#include "steering/trace.h"

uint64_t
alternate_usable(const struct walk *w, const struct policy_member *member)
{
	uint64_t usable = 0;

	for (uint32_t i = 0; i < member->n_alternates; i++)
		usable |= walk_usable(w, &member->alternates[i].pool);
	return usable;
}

void
alternate_pass_over(struct walk *w, const struct policy_member *member)
{
	for (uint32_t i = 0; i < member->n_alternates; i++)
		walk_pass_over(w, &member->alternates[i].pool);
}

/*
 * Whether the client is among those who take the standby endpoints ${a} before
 * their pool.  As long as they are usable for anybody its position is looked
 * at, also where they are not usable for it: its neighbours look at theirs.
 */
static bool
trickles(struct walk *w, const struct policy_alternate *a)
{
	const struct live_pool *live = walk_live(w, &a->pool);
	struct position p;
	unsigned length;
	bool inside;

	if (a->trickle == 0 || (live->usable[w->tier] | live->pending) == 0)
		return false;
	position_find(&w->client, walk_block_length(w), a->salt, &p);
	inside = p.value < a->trickle;
	length = inside ? position_length(&p, 0, a->trickle - 1)
			: position_length(&p, a->trickle, UINT64_MAX);
	w->out->hashed = true;
	walk_look(w, FACT_SHARE, length);
	if (w->trace != NULL)
		trace_trickle(w, a, p.value, inside);
	if (!inside)
		return false;
	if (walk_usable(w, &a->pool) != 0)
		return true;
	walk_pass_over(w, &a->pool);
	return false;
}

/* What serves is, or stands in for, the pool before alternate number ${i} of
 * ${member}: the member's own, or one that is taken in its place. */
static void
note_pool(struct walk *w, const struct policy_member *member, uint32_t i)
{
	if (i == 0)
		return;
	w->reason = member->alternates[i - 1].pool.is_standby ? REASON_STANDBY
							      : REASON_POOL;
}

/* The first pool of ${member} for this client, as policy_chosen() counts. */
static uint32_t
first(struct walk *w, const struct policy_member *member)
{
	const struct policy_alternate *list = member->alternates;
	const struct policy_pool *pool = &member->pool;
	uint32_t i;

	for (i = 0; i < member->n_alternates; i++) {
		bool trickle = list[i].pool.is_standby && trickles(w, &list[i]);

		if (trickle || walk_usable(w, pool) != 0) {
			note_pool(w, member, i);
			return i + trickle;
		}
		walk_pass_over(w, pool);
		pool = &list[i].pool;
	}
	note_pool(w, member, i);
	return i;
}

const struct policy_pool *
alternate_choose(struct walk *w, const struct policy_member *member)
{
	uint32_t number = first(w, member);

	w->out->alternate = (uint8_t)number;
	if (w->trace != NULL)
		trace_alternate(w, member);
	return number == 0 ? &member->pool
			   : &member->alternates[number - 1].pool;
}
