/*
 * Finds the vantages that are blind, from what all of them say.  Called by the
 * health model with each change; reads votes and the table of vantages, and
 * writes nothing but what is seen of them.
 */
#include "steering/blind.h"

#include "config/server.h"
#include "steering/quorum.h"

/* What one endpoint alone is found like says nothing of who looks: it may be
 * the way there that is broken. */
#define ENOUGH 2

/* What a vote says of an endpoint, for this comparison. */
enum finding { NOTHING, FOUND, MISSED };

static enum finding
finding(const struct vantage_table *vantages, const struct endpoint_votes *e,
    const struct vote *vote)
{
	const struct vantage *v = &vantages->of[vote->vantage];

	if (!v->sight.counts || vote->life != v->life ||
	    quorum_overdue(vantages, e->round, vote))
		return NOTHING;
	if (vote->health == HEALTH_DOWN || vote->fails > 0)
		return MISSED;
	return vote->health == HEALTH_UP ? FOUND : NOTHING;
}

/* Compare what is said of one endpoint. */
static void
compare(struct vantage_table *vantages, const struct endpoint_votes *e)
{
	int64_t round_ms = (int64_t)(e->round->every_ms + e->round->timeout_ms);
	unsigned found = 0, missed = 0;

	for (size_t i = 0; i < e->ballot.n; i++) {
		enum finding f = finding(vantages, e, &e->ballot.of[i]);

		found += f == FOUND;
		missed += f == MISSED;
	}
	for (size_t i = 0; found > 0 && i < e->ballot.n; i++) {
		const struct vote *vote = &e->ballot.of[i];
		struct vantage *v = &vantages->of[vote->vantage];
		enum finding f = finding(vantages, e, vote);

		if (f == NOTHING ||
		    (v->place != PLACE_NONE && v->place == e->place) ||
		    found - (f == FOUND) <= missed - (f == MISSED))
			continue;
		v->sight.compared++;
		v->sight.missed += f == MISSED;
		if (v->sight.round_ms < round_ms)
			v->sight.round_ms = round_ms;
	}
}

/* The same where nobody else is heard: nobody says what is up, and a blind one
 * sees again when it finds up most of what it looks at. */
static void
compare_alone(struct vantage_table *vantages, const struct endpoint_votes *e)
{
	for (size_t i = 0; i < e->ballot.n; i++) {
		const struct vote *vote = &e->ballot.of[i];
		struct vantage *v = &vantages->of[vote->vantage];
		enum finding f = finding(vantages, e, vote);

		if (f == NOTHING ||
		    (v->place != PLACE_NONE && v->place == e->place))
			continue;
		v->sight.compared++;
		v->sight.missed += f == MISSED;
	}
}

static void
turn(struct sight *sight, enum sight_state state, int64_t mono_ms)
{
	sight->state = (uint8_t)state;
	sight->turning = false;
	sight->since_ms = mono_ms;
}

/* It has been ${against} the state, in every look, for a round by now. */
static bool
lasts(struct sight *sight, bool against, int64_t mono_ms)
{
	if (!against || !sight->turning)
		sight->since_ms = mono_ms;
	sight->turning = against;
	return against && mono_ms - sight->since_ms >= sight->round_ms;
}

static void
decide(struct sight *sight, uint32_t share_ppm, int64_t mono_ms)
{
	uint64_t missed = UINT64_C(1000000) * sight->missed;
	uint64_t share = (uint64_t)share_ppm * sight->compared;
	bool misses = sight->missed >= ENOUGH &&
	    (sight->missed == sight->compared || missed > share);
	bool sees = sight->missed < ENOUGH || 2 * missed <= share;

	switch ((enum sight_state)sight->state) {
	case SIGHT_CLEAR:
		if (misses)
			turn(sight, SIGHT_DOUBTED, mono_ms);
		break;
	case SIGHT_DOUBTED:
		if (sees)
			turn(sight, SIGHT_CLEAR, mono_ms);
		else if (lasts(sight, misses, mono_ms))
			turn(sight, SIGHT_BLIND, mono_ms);
		break;
	case SIGHT_BLIND:
		if (lasts(sight, sees, mono_ms))
			turn(sight, SIGHT_CLEAR, mono_ms);
		break;
	}
}

/* Begin anew.  The length of a round stays, for when nothing is compared any
 * more; it is of this look where something is. */
static unsigned
begin(struct vantage_table *vantages, int64_t mono_ms)
{
	unsigned counts = 0;

	for (uint32_t i = 0; i < vantages->n; i++) {
		struct vantage *v = &vantages->of[i];

		v->sight.counts =
		    vantage_trust(vantages, v, mono_ms) == TRUST_LIVE;
		v->sight.compared = v->sight.missed = 0;
		counts += v->sight.counts;
	}
	return counts;
}

/* When a vote of ${e} comes to say something else by itself: one that is
 * overdue does with the next check. */
static int64_t
stands_until(const struct vantage_table *vantages,
    const struct endpoint_votes *e, int64_t mono_ms)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < e->ballot.n; i++) {
		const struct vote *vote = &e->ballot.of[i];
		const struct vantage *v = &vantages->of[vote->vantage];
		int64_t until_ms;

		if (!v->sight.counts || vote->life != v->life)
			continue;
		until_ms =
		    quorum_overdue_from(vantages, e->round, vote, mono_ms);
		if (until_ms == INT64_MAX)
			until_ms = mono_ms;
		if (until_ms < least)
			least = until_ms;
	}
	return least;
}

void
blind_go_on(struct vantage_table *vantages, uint32_t share_ppm, int64_t mono_ms)
{
	unsigned counts = 0;

	for (uint32_t i = 0; i < vantages->n; i++)
		counts += vantages->of[i].sight.counts;
	for (uint32_t i = 0; i < vantages->n; i++) {
		struct sight *sight = &vantages->of[i].sight;

		if (sight->counts &&
		    (counts > 1 || sight->state == SIGHT_BLIND))
			decide(sight, share_ppm, mono_ms);
		else
			*sight = (struct sight){
			    .state = SIGHT_CLEAR, .counts = sight->counts};
	}
}

int64_t
blind_look(struct vantage_table *vantages, const struct votes *votes,
    uint32_t share_ppm, int64_t mono_ms)
{
	unsigned counts = begin(vantages, mono_ms);
	int64_t until_ms = INT64_MAX;

	for (size_t i = 0; counts > 0 && i < votes->n; i++) {
		const struct endpoint_votes *e = &votes->endpoint[i];
		int64_t stands_ms = stands_until(vantages, e, mono_ms);

		if (counts > 1)
			compare(vantages, e);
		else
			compare_alone(vantages, e);
		if (stands_ms < until_ms)
			until_ms = stands_ms;
	}
	blind_go_on(vantages, share_ppm, mono_ms);
	return until_ms;
}
