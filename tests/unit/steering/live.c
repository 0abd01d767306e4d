/*
 * Tests of `live` itself: what it is when it is new, also where one of its
 * allocations fails, and how groups and pools follow from endpoints.
 */
#include "steering/live.h"

#include "tests/unit/memory.h"
#include "tests/unit/steering_fixture.h"

/* The allocation that fails, counted down to 0; NEVER: none does. */
#define NEVER 1000000
static long failing = NEVER;

#if REPLACED
static bool
fails(void)
{
	return failing < NEVER && failing-- == 0;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}
#endif

/* Two regions of one pool, two endpoints in the first. */
static struct fixture *
two_regions(uint32_t min_up_ppm)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	uint32_t pool = fixture_pool(f, "v1");

	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, west, 1);
	f->pools[0].min_up_ppm = min_up_ppm;
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	return f;
}

/* Whichever of its allocations fails, there is no live then, and the next one
 * is whole. */
START_TEST(without_one_allocation_there_is_none)
{
	struct fixture *f = two_regions(0);
	struct live *live = NULL;
	long n = 0;

	for (; REPLACED && live == NULL; n++) {
		failing = n;
		live = live_create(f->policy);
		failing = NEVER;
		ck_assert(live == NULL || n == 5);
	}
	live_destroy(live);
	live_destroy(NULL);
	fixture_destroy(f);
}
END_TEST

START_TEST(new_ones_are_unchecked_and_wait_for_nothing)
{
	struct fixture *f = two_regions(0);
	struct live *live = live_create(f->policy);

	ck_assert_ptr_nonnull(live);
	ck_assert_uint_eq(live->n_endpoints, 3);
	ck_assert_uint_eq(live->n_groups, 2);
	for (size_t i = 0; i < live->n_endpoints; i++)
		ck_assert(live->endpoint[i] == USABLE_UNCHECKED &&
		    !live->presumed[i]);
	for (size_t i = 0; i < live->n_groups; i++)
		ck_assert_uint_eq(live->group[i].pending_s, LIVE_NOT_PENDING);
	live_destroy(live);
	fixture_destroy(f);
}
END_TEST

/* The regions of the pool at each tier, by what its endpoints are. */
START_TEST(regions_follow_from_endpoints)
{
	enum { NO = USABLE_NO, UN = USABLE_UNCHECKED, UP = USABLE_YES };
	static const struct {
		const char *what;
		uint32_t min_up_ppm;
		uint8_t east0, east1, west;
		uint64_t up, unchecked; /* sets of regions */
	} rows[] = {
	    {"all up", 0, UP, UP, UP, 3, 3},
	    {"one of two up", 0, UP, NO, UP, 3, 3},
	    {"one of two up is too few", 1000000, UP, NO, UP, 2, 2},
	    {"with one unchecked it is enough for the lower tier", 1000000, UP,
		UN, UP, 2, 3},
	    {"one unchecked", 0, UN, NO, UP, 2, 3},
	    {"none", 0, NO, NO, NO, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = two_regions(rows[i].min_up_ppm);
		const struct live_pool *pool = &f->live->pool[0];

		fixture_set(f, 0, 0, (enum usable)rows[i].east0);
		fixture_set(f, 0, 1, (enum usable)rows[i].east1);
		fixture_set(f, 0, 2, (enum usable)rows[i].west);
		ck_assert_msg(pool->usable[USABLE_YES] == rows[i].up &&
			pool->usable[USABLE_UNCHECKED] == rows[i].unchecked &&
			pool->usable[USABLE_NO] == 3,
		    "%s", rows[i].what);
		fixture_destroy(f);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: live");
	TCase *tc = tcase_create("live");

	tcase_add_test(tc, without_one_allocation_there_is_none);
	tcase_add_test(tc, new_ones_are_unchecked_and_wait_for_nothing);
	tcase_add_test(tc, regions_follow_from_endpoints);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
