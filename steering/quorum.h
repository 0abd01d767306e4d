/*
 * The quorum: from the votes on one endpoint to how usable it is, and when that
 * may change.
 */
#ifndef STEERING_QUORUM_H
#define STEERING_QUORUM_H

#include "config/server.h"
#include "steering/live.h"
#include "steering/policy.h"
#include "steering/vantage.h"
#include "steering/votes.h"

/* Where a vantage looks from. */
struct quorum_spot {
	bool known; /* the policy has its region */
	struct place_point at;
};

/* What decides besides the votes. */
struct quorum {
	const struct vantage_table *vantages;
	enum stale_then then;
	int64_t joined_ms; /* when a vantage became fresh last; -1: none did */
	int64_t mono_ms;   /* now */
	bool cut;          /* this node is cut off (cutoff.h) */
	/* Of all vantages, by their number; NULL: nobody asks for the nearest.
	 */
	const struct quorum_spot *spots;
};

/* How usable an endpoint is. */
struct quorum_verdict {
	enum usable usable;
	bool presumed;      /* it is up because nobody has judged it yet */
	bool heard;         /* live votes decided */
	uint32_t pending_s; /* as in struct live_group */
	/* Our monotonic clock: before that, time alone makes it nothing else;
	 * INT64_MAX: it never does. */
	int64_t until_ms;
};

/*
 * quorum_judge(quorum, check, endpoint, ballot, out): by the rules of health.h,
 * from ${ballot}: that of ${endpoint} or of one of its addresses.
 */
void quorum_judge(const struct quorum *quorum, const struct policy_check *check,
    const struct endpoint_votes *endpoint, const struct ballot *ballot,
    struct quorum_verdict *out);

/*
 * up_ms = quorum_up_ms(quorum, check, endpoint, ballot): for how long the votes
 * that are worth most have made it up, by what each says of its own past; -1:
 * they do not make it up.
 */
int64_t quorum_up_ms(const struct quorum *quorum,
    const struct policy_check *check, const struct endpoint_votes *endpoint,
    const struct ballot *ballot);

/* trust = quorum_trust(quorum, endpoint, ballot): the most that a vote of
 * ${ballot} is worth, with an opinion or without: enum vantage_trust; -1:
 * nobody cast one. */
int quorum_trust(const struct quorum *quorum,
    const struct endpoint_votes *endpoint, const struct ballot *ballot);

/* late = quorum_overdue(vantages, round, vote): its next check is long overdue,
 * so that it is worth no more than one of a vantage that is stale. */
bool quorum_overdue(const struct vantage_table *vantages,
    const struct round *round, const struct vote *vote);

/* ms = quorum_overdue_from(vantages, round, vote, mono_ms): our monotonic
 * clock, not before ${mono_ms}: when ${vote} may be overdue at the earliest;
 * INT64_MAX: it is, or never will be. */
int64_t quorum_overdue_from(const struct vantage_table *vantages,
    const struct round *round, const struct vote *vote, int64_t mono_ms);

/*
 * has = quorum_has_result(quorum, endpoint): a vantage that is alive has looked
 * at it: it has an opinion, or saw it fail fewer times than make it one.
 */
bool quorum_has_result(
    const struct quorum *quorum, const struct endpoint_votes *endpoint);

#endif
