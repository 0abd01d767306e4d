/*
 * What is judged, written down by hand, for tests of those who control by load
 * and walk ramps: endpoints one by one, each in a region and with a check of
 * its own.
 */
#ifndef TESTS_UNIT_JUDGED_FIXTURE_H
#define TESTS_UNIT_JUDGED_FIXTURE_H

#include <check.h>

#include "probes/control/judged.h"

#define JUDGED_MAX 16
#define JUDGED_STALE_MS 30000

struct judged_fixture {
	struct judged judged;
	struct policy policy;
	struct policy_endpoint endpoints[JUDGED_MAX];
	struct policy_check checks[JUDGED_MAX];
	struct policy_region regions[JUDGED_MAX];
};

static inline void
judged_init(struct judged_fixture *f)
{
	*f = (struct judged_fixture){.judged = {.policy = &f->policy,
					 .stale_after_ms = JUDGED_STALE_MS,
					 .then = STALE_KEEP,
					 .blind_ppm = 500000}};
	f->policy = (struct policy){.endpoints = f->endpoints,
	    .checks = f->checks,
	    .regions = f->regions};
}

/* One more, of the pool of the one before or of another.  Returns its check,
 * which comes so rarely that none is ever overdue. */
static inline struct policy_check *
judged_add(struct judged_fixture *f, const char *zone, const char *pool,
    const char *name, const char *region)
{
	uint32_t i = (uint32_t)f->policy.n_endpoints++, r = 0;
	struct policy_endpoint *e = &f->endpoints[i];

	ck_assert_uint_lt(i, JUDGED_MAX);
	while (
	    r < f->policy.n_regions && strcmp(f->regions[r].name, region) != 0)
		r++;
	if (r == f->policy.n_regions)
		f->regions[f->policy.n_regions++].name = region;
	*e = (struct policy_endpoint){.key = {zone, pool, name},
	    .region = r,
	    .check = i,
	    .resolved = STEERING_NONE};
	e->hash = endpoint_key_hash(&e->key);
	f->checks[i] =
	    (struct policy_check){.every_ms = 3600000, .fall = 3, .rise = 2};
	f->policy.n_checks++;
	return &f->checks[i];
}

#endif
