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

/* What decides besides the votes. */
struct quorum {
	const struct vantage_table *vantages;
	enum stale_then then;
	int64_t joined_ms; /* when a vantage became fresh last; -1: none did */
	int64_t mono_ms;   /* now */
};

/* How usable an endpoint is. */
struct quorum_verdict {
	enum usable usable;
	bool presumed;      /* it is up because nobody has judged it yet */
	uint32_t pending_s; /* as in struct live_group */
};

/*
 * quorum_judge(quorum, check, endpoint, out): by the rules of health.h.
 */
void quorum_judge(const struct quorum *quorum, const struct policy_check *check,
    const struct endpoint_votes *endpoint, struct quorum_verdict *out);

/*
 * has = quorum_has_result(quorum, endpoint): a vantage that is alive has looked
 * at it: it has an opinion, or saw it fail fewer times than make it one.
 */
bool quorum_has_result(
    const struct quorum *quorum, const struct endpoint_votes *endpoint);

#endif
