/*
 * What may be laid over health, by chance, for the unit tests of the ladder:
 * drains, forced health, factors, keeps that move, shifted splits.  Included by
 * tests only.
 */
#ifndef TESTS_STEERING_LAID_H
#define TESTS_STEERING_LAID_H

#include "tests/unit/steering_rich.h"

/* A new live, over which nothing is laid: all is up, and has its addresses. */
static inline void
laid_new(struct fixture *f)
{
	live_destroy(f->live);
	f->live = live_create(f->policy);
	ck_assert_ptr_nonnull(f->live);
	ck_assert_int_eq(live_room(f->live, 40 * f->policy->n_resolved), 0);
	memset(f->live->endpoint, USABLE_YES, f->live->n_endpoints);
	live_judge(f->live, f->policy);
}

/* A keep that moves by so much a second: it takes from seconds to hours. */
static inline int64_t
laid_slope(void)
{
	uint64_t each = UINT64_MAX / (2 + fixture_below(5000));

	return fixture_below(2) == 0 ? -(int64_t)each : (int64_t)each;
}

static inline void
laid_endpoint(struct fixture *f, size_t e)
{
	switch (fixture_below(8)) {
	case 0:
		live_drain(f->live, e);
		break;
	case 1:
		live_force(f->live, e, fixture_below(2) == 0);
		break;
	case 2:
		live_weigh(f->live, e, fixture_below(LIVE_FACTOR_ONE + 1));
		break;
	case 3:
		live_weigh(f->live, e, 128 * (2 + fixture_below(7)));
		break;
	default:
		break;
	}
}

static inline void
laid_split(struct fixture *f, const struct policy_service *s)
{
	uint32_t share = fixture_below(3) == 0 ? fixture_below(2) * 1000000
					       : fixture_below(1000001);
	uint32_t next = fixture_below(1000001);
	unsigned m = fixture_below(s->n_members);

	live_shift(f->live, s, m, share, next,
	    fixture_below(2) == 0 ? LIVE_NOT_PENDING : fixture_below(100));
}

/* Some state of health, and something laid over most of it: in some states
 * nearly all of it is drained. */
static inline void
laid_health(struct fixture *f)
{
	bool nearly_all = fixture_below(6) == 0;

	laid_new(f);
	random_health(f);
	for (size_t e = 0; e < f->policy->n_endpoints; e++)
		if (f->policy->endpoints[e].resolved != STEERING_NONE)
			rich_resolve(f, e);
	rich_keep(f);
	for (size_t e = 0; e < f->policy->n_endpoints; e++)
		if (nearly_all && fixture_below(16) != 0)
			live_drain(f->live, e);
		else
			laid_endpoint(f, e);
	for (size_t g = 0; g < f->policy->n_groups; g++)
		if (fixture_below(3) == 0)
			live_thin(f->live, g,
			    fixture_below(4) == 0 ? POLICY_KEEP_ALL
						  : fixture_random(),
			    laid_slope());
	for (size_t i = 0; i < f->policy->zones[0].n_services; i++)
		if (fixture_below(2) == 0)
			laid_split(f, &f->policy->zones[0].services[i]);
	live_judge(f->live, f->policy);
}

/* The splits are as the policy has them again. */
static inline void
laid_unshift(struct fixture *f)
{
	for (size_t i = 0; i < f->live->n_services; i++)
		f->live->split[i].share = NULL;
}

/* What regions keep becomes what it is ${seconds} later; what it was is
 * returned, for laid_back(). */
static inline struct live_group *
laid_later(struct fixture *f, uint32_t seconds)
{
	size_t n = f->live->n_groups;
	struct live_group *now = malloc((n + 1) * sizeof(*now));
	__extension__ typedef __int128 int128;

	ck_assert_ptr_nonnull(now);
	memcpy(now, f->live->group, n * sizeof(*now));
	for (size_t g = 0; g < n; g++) {
		struct live_group *group = &f->live->group[g];
		int128 keep =
		    (int128)group->keep + (int128)group->slope * seconds;

		group->keep = keep < 0  ? 0
		    : keep > UINT64_MAX ? UINT64_MAX
					: (uint64_t)keep;
	}
	live_judge(f->live, f->policy);
	return now;
}

static inline void
laid_back(struct fixture *f, struct live_group *now)
{
	memcpy(f->live->group, now, f->live->n_groups * sizeof(*now));
	free(now);
	live_judge(f->live, f->policy);
}

#endif
