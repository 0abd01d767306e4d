/*
 * What an override reaches in the files as they are: endpoints, pools, regions,
 * zones, services.  For meridianctl; changes nothing.
 */
#ifndef CTL_OVERRIDE_REACH_H
#define CTL_OVERRIDE_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "state/rows.h"
#include "steering/policy.h"

struct override_reach {
	bool *endpoint; /* of the policy: it is reached; the caller frees it */
	bool *region;   /* the same of regions in the policy */
	size_t endpoints, pools, regions, zones;
	size_t services; /* that are named; of kind service alone */
};

/* status = override_reach_find(policy, row, out): 0, or -1 without memory.
 * override_reach_finish(out): free what it holds. */
int override_reach_find(const struct policy *policy,
    const struct state_override *row, struct override_reach *out);
void override_reach_finish(struct override_reach *out);

/* override_reach_words(t, row, reach): append "4 endpoints of 2 pools in 1
 * zone", or of what a freeze is of, "1 service". */
void override_reach_words(struct text *t, const struct state_override *row,
    const struct override_reach *reach);

/* override_reach_zones(t, policy, reach): append the names of its zones, where
 * they are several: " (a.example, b.example)". */
void override_reach_zones(struct text *t, const struct policy *policy,
    const struct override_reach *reach);

/* all = override_reach_all(policy, reach): of each group that it reaches it
 * reaches all endpoints, so that a weight changes none of their shares. */
bool override_reach_all(
    const struct policy *policy, const struct override_reach *reach);

/* override_reach_nothing(t, policy, row): why ${row} reaches nothing: there is
 * no such target, and what is near; a glob that has none. */
void override_reach_nothing(struct text *t, const struct policy *policy,
    const struct state_override *row);

#endif
