/*
 * The safety rule: what a change by hand would leave of each service to each
 * class of its clients, and whether that is less than its steering file asks
 * for.  Called by meridianctl before it writes an override; pure, and never
 * used for a query.
 */
#ifndef STEERING_SAFETY_H
#define STEERING_SAFETY_H

#include <stdint.h>

#include "base/text.h"
#include "steering/live.h"
#include "steering/policy.h"

/* What a change breaks. */
struct safety_breach {
	/* The first service, in the order of the files, and how many classes
	 * of clients of how many services there are in all. */
	const struct policy_service *service;
	uint32_t services, classes;
};

/*
 * status = safety_check(policy, before, after, breach, words): whether what
 * ${after} has and ${before} had is less than the key `safety` of a zone of
 * ${policy} leaves to a class of clients.  Both are judged.  1, with the first
 * class in ${words}: "clients of rule 1 (continents EU) of chat.example would
 * be left with nothing: eu-west is the last region up and not drained"; 0 when
 * there is none; -1 without memory.
 *
 * Counted are endpoints with a weight, of members with a weight, their standby
 * endpoints and origins, inside all fences on the way, soft ones too, in
 * regions where `min_up` is met.  What nobody has checked yet counts for a
 * class that has nothing else now, and for no other.  A class that had nothing,
 * or from which nothing is taken, breaks no rule.
 *
 * A class is the rules, of the service and of those inside it, that a client
 * may meet together: a rule all of whose countries an earlier one has, and two
 * of services inside each other that have no country in common, make none,
 * unless they name what is finer.
 */
int safety_check(const struct policy *policy, const struct live *before,
    const struct live *after, struct safety_breach *breach, struct text *words);

#endif
