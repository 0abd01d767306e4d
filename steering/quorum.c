/*
 * Counts the votes on an endpoint, each for what its vantage is worth.  Called
 * by the health model; whole numbers only, and nothing is kept.
 */
#include "steering/quorum.h"

#include <math.h>

#include "steering/agreement.h"
#include "steering/electorate.h"
#include "steering/pending.h"

/* The votes of one worth. */
struct count {
	unsigned up, down;
};

static bool
any(const struct count *count)
{
	return count->up + count->down > 0;
}

/* Do the votes make it up?  At least one was cast. */
static bool
decides_up(const struct policy_check *check, const struct count *count)
{
	return agreement_is_up(
	    check->quorum, check->quorum_count, count->up, count->down);
}

/* The last moment at which ${vote} is not overdue. */
static int64_t
due_ms(const struct vantage_table *vantages, const struct round *round,
    const struct vote *vote)
{
	uint64_t every_ms = round->every_ms, wait_ms;

	if (vote->health == HEALTH_DOWN && round->slow_ms > every_ms)
		every_ms = round->slow_ms;
	wait_ms = 2 * every_ms + round->timeout_ms;
	if (wait_ms < vantages->stale_after_ms)
		wait_ms = vantages->stale_after_ms;
	/* What only says that it was checked again comes later from there. */
	if (vantages->of[vote->vantage].node[0] != '\0')
		wait_ms += STATE_CARRIED_MS;
	return vote->seen_ms + (int64_t)wait_ms;
}

bool
quorum_overdue(const struct vantage_table *vantages, const struct round *round,
    const struct vote *vote)
{
	return vantages->of[vote->vantage].last_ms >
	    due_ms(vantages, round, vote);
}

int64_t
quorum_overdue_from(const struct vantage_table *vantages,
    const struct round *round, const struct vote *vote, int64_t mono_ms)
{
	int64_t from_ms = due_ms(vantages, round, vote) + 1;

	if (vantages->of[vote->vantage].last_ms >= from_ms)
		return INT64_MAX;
	/* Its vantage was not heard since. */
	return from_ms > mono_ms ? from_ms : mono_ms;
}

/* A vantage of this node looks at an endpoint of its own region: all that
 * counts while the node is cut off. */
static bool
is_home(const struct vantage *vantage, const struct endpoint_votes *e)
{
	return vantage->node[0] == '\0' && vantage->place != PLACE_NONE &&
	    vantage->place == e->place;
}

/* What ${vote} on ${e} is worth: no more than its vantage, and that only until
 * its next check is long overdue, where there are checks.  Nothing is while the
 * vantage is silent: all its votes turn old at once, with it. */
static enum vantage_trust
worth(const struct quorum *q, const struct endpoint_votes *e,
    const struct vote *vote)
{
	const struct vantage *vantage = &q->vantages->of[vote->vantage];
	enum vantage_trust trust;

	/* The others fell silent for us alone, all at once. */
	if (q->cut && !is_home(vantage, e))
		return TRUST_BLIND;
	if (e->round->every_ms > 0 &&
	    quorum_overdue(q->vantages, e->round, vote))
		return TRUST_OLD;
	trust = vantage_trust(q->vantages, vantage, q->mono_ms);
	return trust == TRUST_LIVE && vantage_set_aside(vantage, e->place)
	    ? TRUST_BLIND
	    : trust;
}

/* From when on ${vote} may be worth less by itself. */
static int64_t
worth_until(const struct quorum *q, const struct endpoint_votes *e,
    const struct vote *vote)
{
	const struct vantage *vantage = &q->vantages->of[vote->vantage];

	/* It is worth least already. */
	if (e->round->every_ms == 0 ||
	    vantage_trust(q->vantages, vantage, q->mono_ms) == TRUST_OLD)
		return INT64_MAX;
	return quorum_overdue_from(q->vantages, e->round, vote, q->mono_ms);
}

/* It is of a vantage that is still in the table. */
static bool
counts(const struct quorum *q, const struct vote *vote)
{
	return vote->life == q->vantages->of[vote->vantage].life;
}

/* For how long ${vote} says that it is up; -1: it does not. */
static int64_t
up_for(const struct quorum *q, const struct vote *vote)
{
	int64_t ms = vote->same_ms + q->mono_ms - vote->seen_ms;

	if (vote->health != HEALTH_UP)
		return -1;
	return ms > 0 ? ms : 0;
}

static struct elector
elector_of(const struct quorum *q, const struct endpoint_votes *e,
    const struct vote *vote, bool up)
{
	const struct vantage *v = &q->vantages->of[vote->vantage];
	bool known = q->spots != NULL && q->spots[vote->vantage].known;

	return (struct elector){.name = v->name,
	    .place = v->place,
	    .own = v->place != PLACE_NONE && v->place == e->place,
	    .apart = known ? place_apart(&q->spots[vote->vantage].at, &e->at)
			   : (double)INFINITY,
	    .up = up};
}

/* What those say that count by the quorum of ${check}, of the votes that are
 * worth ${trust}; up is who has said so for ${ms} at least. */
static void
count_chosen(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot, int trust,
    int64_t ms, struct count *out)
{
	struct elector electors[VANTAGE_MAX];
	size_t n = 0;

	for (size_t i = 0; i < ballot->n && n < VANTAGE_MAX; i++) {
		const struct vote *vote = &ballot->of[i];

		if (!counts(q, vote) || vote->health == HEALTH_UNKNOWN ||
		    (int)worth(q, e, vote) != trust)
			continue;
		electors[n++] = elector_of(q, e, vote, up_for(q, vote) >= ms);
	}
	electorate_count(electors, n, check->quorum_regions, check->quorum_near,
	    &out->up, &out->down);
}

/* No vantage of now has an opinion; ${old} are the votes of others. */
static void
judge_old(const struct quorum *q, const struct policy_check *check,
    const struct round *round, const struct count *old,
    struct quorum_verdict *out)
{
	uint64_t stale_after = q->vantages->stale_after_ms;
	bool open = round_open(round, stale_after, q->mono_ms);
	bool joined = q->joined_ms >= 0 &&
	    round_lasts(round, stale_after, q->mono_ms - q->joined_ms);

	if (!any(old)) {
		out->usable = open ? USABLE_YES : USABLE_UNCHECKED;
		out->presumed = open;
	} else if (open || joined || q->then == STALE_KEEP) {
		out->usable = decides_up(check, old) ? USABLE_YES : USABLE_NO;
	} else {
		out->usable = q->then == STALE_UP ? USABLE_YES : USABLE_NO;
	}
	if (open)
		out->pending_s = 0;
	/* It stands until that round is over, too. */
	if (joined)
		out->until_ms = q->mono_ms;
}

/* Those that are set aside are all there is.  What one of them finds up is up:
 * who is cut off finds nothing up.  What all find down stays what it was, so
 * that nothing can flap; with nothing before, they count, after the round of
 * its pool. */
static void
judge_blind(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot,
    const struct count *blind, struct quorum_verdict *out)
{
	bool open =
	    round_open(e->round, q->vantages->stale_after_ms, q->mono_ms);

	out->usable = USABLE_YES;
	if (blind->up > 0)
		return;
	if (ballot->last >= 0) {
		out->usable = (enum usable)ballot->last;
	} else if (open) {
		out->presumed = true;
		out->pending_s = 0;
	} else if (!decides_up(check, blind)) {
		out->usable = USABLE_NO;
	}
}

/* This node is cut off, and has nobody at home there: the last verdict stays,
 * whatever `then` says.  With none, as after a start, what all said last
 * decides. */
static void
judge_cut(const struct policy_check *check, const struct ballot *ballot,
    const struct count *all, struct quorum_verdict *out)
{
	if (ballot->last >= 0)
		out->usable = (enum usable)ballot->last;
	else
		out->usable = decides_up(check, all) ? USABLE_YES : USABLE_NO;
}

/* Count all votes of ${ballot} by what they are worth, and what is pending of
 * them. */
static void
count_all(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot,
    struct count count[TRUST_LIVE + 1], struct quorum_verdict *out)
{
	for (size_t i = 0; i < ballot->n; i++) {
		const struct vote *vote = &ballot->of[i];
		enum vantage_trust trust;
		int64_t until_ms;
		uint32_t left;

		if (!counts(q, vote))
			continue;
		trust = worth(q, e, vote);
		count[trust].up += vote->health == HEALTH_UP;
		count[trust].down += vote->health == HEALTH_DOWN;
		left = trust == TRUST_LIVE
		    ? pending_left(check, vote, q->mono_ms)
		    : LIVE_NOT_PENDING;
		if (left < out->pending_s)
			out->pending_s = left;
		until_ms = worth_until(q, e, vote);
		if (until_ms < out->until_ms)
			out->until_ms = until_ms;
	}
}

static void
decide(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot,
    struct quorum_verdict *out)
{
	struct count count[TRUST_LIVE + 1] = {0};

	count_all(q, check, e, ballot, count, out);
	if (any(&count[TRUST_LIVE])) {
		if (check->quorum_regions || check->quorum_near > 0)
			count_chosen(q, check, e, ballot, TRUST_LIVE, 0,
			    &count[TRUST_LIVE]);
		out->usable = decides_up(check, &count[TRUST_LIVE]) ? USABLE_YES
								    : USABLE_NO;
		out->heard = true;
		return;
	}
	if (q->cut && any(&count[TRUST_BLIND])) {
		judge_cut(check, ballot, &count[TRUST_BLIND], out);
		return;
	}
	if (any(&count[TRUST_BLIND])) {
		judge_blind(q, check, e, ballot, &count[TRUST_BLIND], out);
		return;
	}
	if (any(&count[TRUST_LAST])) {
		out->usable = decides_up(check, &count[TRUST_LAST]) ? USABLE_YES
								    : USABLE_NO;
		return;
	}
	judge_old(q, check, e->round, &count[TRUST_OLD], out);
}

void
quorum_judge(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot,
    struct quorum_verdict *out)
{
	*out = (struct quorum_verdict){
	    .pending_s = LIVE_NOT_PENDING, .until_ms = INT64_MAX};
	decide(q, check, e, ballot, out);
	/* What is pending is nearer with each second. */
	if (out->pending_s != LIVE_NOT_PENDING)
		out->until_ms = q->mono_ms;
}

/* Whether those of the votes of ${trust} make it up that have said so for ${ms}
 * at least. */
static bool
decides_for(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot, int trust,
    int64_t ms)
{
	struct count count;

	count_chosen(q, check, e, ballot, trust, ms, &count);
	return any(&count) && decides_up(check, &count);
}

int64_t
quorum_up_ms(const struct quorum *q, const struct policy_check *check,
    const struct endpoint_votes *e, const struct ballot *ballot)
{
	int trust = quorum_trust(q, e, ballot);
	int64_t most = -1;

	for (size_t i = 0; i < ballot->n; i++) {
		int64_t ms = up_for(q, &ballot->of[i]);

		if (ms > most && decides_for(q, check, e, ballot, trust, ms))
			most = ms;
	}
	return most;
}

/* Up, down, or a first failure that is no verdict yet. */
static bool
has_result(const struct vote *vote)
{
	return vote->health != HEALTH_UNKNOWN || vote->fails > 0;
}

bool
quorum_has_result(const struct quorum *q, const struct endpoint_votes *e)
{
	for (size_t i = 0; i < e->ballot.n; i++) {
		const struct vote *vote = &e->ballot.of[i];

		if (counts(q, vote) && has_result(vote) &&
		    worth(q, e, vote) == TRUST_LIVE)
			return true;
	}
	return false;
}

int
quorum_trust(const struct quorum *q, const struct endpoint_votes *e,
    const struct ballot *ballot)
{
	int most = -1;

	for (size_t i = 0; i < ballot->n; i++) {
		int trust;

		if (!counts(q, &ballot->of[i]))
			continue;
		trust = (int)worth(q, e, &ballot->of[i]);
		if (trust > most)
			most = trust;
	}
	return most;
}
