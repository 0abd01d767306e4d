/*
 * Tests of what is laid over health: which endpoints, groups and splits of a
 * policy rows change, what goes before what, and that what ends ends by itself.
 */
#include "steering/overlay.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/steering_fixture.h"

#define WALL INT64_C(1700000000000)
#define MONO INT64_C(1000000)
#define HALF (UINT64_C(1) << 63)

static struct fixture *f;
static struct overlay *o;
static struct live *live;
static int64_t next_ms;
static struct ramp_config ramp;
static struct keep_config by_hand[1];
static size_t by_hand_n;

/* Service chat: pools v1 (e0, e1 east, e2 west) and v2 (e0 east), 90 to 10. */
static void
setup(void)
{
	struct service_config *chat;
	uint32_t east, west, v1, v2;

	f = fixture_create();
	east = fixture_region(f, "east", 0);
	west = fixture_region(f, "west", 50);
	v1 = fixture_pool(f, "v1");
	v2 = fixture_pool(f, "v2");
	fixture_endpoint(f, v1, east, 8);
	fixture_endpoint(f, v1, east, 8);
	fixture_endpoint(f, v1, west, 8);
	fixture_endpoint(f, v2, east, 8);
	chat = fixture_service(f, "chat");
	fixture_split(f, chat, v1, 90);
	fixture_split(f, chat, v2, 10);
	ramp = (struct ramp_config){.pool = "v2",
	    .from = "v1",
	    .member = 1,
	    .neighbour = 0,
	    .both_ppm = 1000000,
	    .made_for = "abcd"};
	chat->ramp = &ramp;
	f->pools[v1].spill.wanted = true;
	by_hand[0] = (struct keep_config){.region = west, .ppm = 500000};
	f->pools[v1].keep = by_hand;
	f->pools[v1].n_keep = by_hand_n;
	f->pools[v1].even = true;
	fixture_build(f);
	o = overlay_create();
	ck_assert_ptr_nonnull(o);
	live = NULL;
}

static void
teardown(void)
{
	live_destroy(live);
	overlay_destroy(o);
	fixture_destroy(f);
}

static void
apply(int64_t mono_ms)
{
	live_destroy(live);
	live = live_create(f->policy);
	ck_assert_ptr_nonnull(live);
	memset(live->endpoint, USABLE_YES, live->n_endpoints);
	next_ms = overlay_apply(o, f->policy, live, mono_ms);
	live_judge(live, f->policy);
}

static struct state_override
saying(uint64_t number, const char *action, const char *kind,
    const char *target, const char *value)
{
	struct state_override row = {
	    .number = number, .at_ms = WALL, .length_ms = -1};

	snprintf(row.action, sizeof(row.action), "%s", action);
	snprintf(row.kind, sizeof(row.kind), "%s", kind);
	snprintf(row.target, sizeof(row.target), "%s", target);
	snprintf(row.value, sizeof(row.value), "%s", value);
	return row;
}

static void
say(struct state_override row)
{
	overlay_begin(o, false);
	overlay_override(o, &row, MONO, WALL);
	overlay_commit(o);
}

static enum usable
usable(uint32_t pool, size_t i)
{
	return (enum usable)live->endpoint[fixture_number(f, pool, i)];
}

/* The group of endpoint ${i} of ${pool}. */
static struct live_group *
group(uint32_t pool, size_t i)
{
	uint32_t e = fixture_number(f, pool, i);

	for (size_t g = 0; g < f->policy->n_groups; g++)
		if (e - f->policy->groups[g].first < f->policy->groups[g].n)
			return &live->group[g];
	ck_abort_msg("no group");
	return NULL;
}

/* What member ${m} of the first split has, in per cent; -1: as in the file. */
static int
share(unsigned m, int when)
{
	const struct live_share *s =
	    live->split[f->policy->zones[0].services[0].number].share;

	if (s == NULL)
		return -1;
	return (int)lround((double)s[m].weight[when] * 100 /
	    (double)(s[0].weight[when] + s[1].weight[when]));
}

START_TEST(what_is_said_reaches_its_endpoints)
{
	apply(MONO);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
	ck_assert_int_eq(next_ms, -1);
	say(saying(1, "drain", "region", "east", ""));
	apply(MONO);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	ck_assert_int_eq(usable(1, 0), USABLE_DRAINED);
	ck_assert_int_eq(usable(0, 2), USABLE_YES);
	ck_assert_int_eq(next_ms, -1);
	say(saying(2, "force", "endpoint", "v1/e2", "down"));
	say(saying(3, "force", "pool", "v1", "up"));
	say(saying(4, "weight", "endpoint", "v1/e1", "50%"));
	apply(MONO);
	/* The last that was said of an endpoint, and no drain is forced up. */
	ck_assert_int_eq(usable(0, 2), USABLE_YES);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	ck_assert_uint_eq(live->factor[fixture_number(f, 0, 1)],
	    UINT32_C(1) << (LIVE_FACTOR_BITS - 1));
	say(saying(5, "undrain", "region", "east", ""));
	say(saying(6, "force", "endpoint", "v1/e2", "down"));
	apply(MONO);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
	ck_assert_int_eq(usable(0, 2), USABLE_NO);
}
END_TEST

START_TEST(what_has_an_end_ends_by_itself)
{
	struct state_override row = saying(1, "drain", "service", "chat.*", "");

	row.length_ms = 5000;
	say(row);
	apply(MONO + 4000);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	ck_assert_int_eq(next_ms, 1000);
	apply(MONO + 5000);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
	ck_assert_int_eq(next_ms, -1);
}
END_TEST

/* For a slow start: since it is drained no more, by its end or by a word; but
 * not where the word had a ramp, or nothing was drained. */
START_TEST(what_is_drained_no_more_came_back)
{
	uint32_t east = fixture_number(f, 0, 0), west = fixture_number(f, 0, 2);
	struct state_override row = saying(1, "drain", "region", "east", "");

	row.length_ms = 10000;
	say(row);
	apply(MONO + 9999);
	ck_assert_uint_eq(live->up_ms[east], LIVE_LONG_UP);
	apply(MONO + 10000);
	ck_assert_uint_eq(live->up_ms[east], 0);
	apply(MONO + 15000);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
	ck_assert_uint_eq(live->up_ms[east], 5000);
	ck_assert_uint_eq(live->up_ms[fixture_number(f, 0, 1)], 5000);
	ck_assert_uint_eq(live->up_ms[fixture_number(f, 1, 0)], 5000);
	ck_assert_uint_eq(live->up_ms[west], LIVE_LONG_UP);

	say(saying(2, "drain", "region", "west", ""));
	say(saying(3, "undrain", "region", "west", ""));
	apply(MONO + 7);
	ck_assert_uint_eq(live->up_ms[west], 7);
	/* It was not drained any more. */
	say(saying(4, "undrain", "region", "west", ""));
	apply(MONO + 7);
	ck_assert_uint_eq(live->up_ms[west], LIVE_LONG_UP);
	say(saying(5, "drain", "region", "west", ""));
	row = saying(6, "undrain", "region", "west", "");
	row.ramp_ms = 4000;
	say(row);
	apply(MONO + 5000);
	ck_assert_uint_eq(live->up_ms[west], LIVE_LONG_UP);
}
END_TEST

START_TEST(another_policy_is_looked_at_anew)
{
	say(saying(1, "drain", "endpoint", "v1/e0", ""));
	apply(MONO);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	teardown();
	setup();
	say(saying(1, "drain", "endpoint", "v1/e1", ""));
	overlay_adopt(o);
	apply(MONO);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
	ck_assert_int_eq(usable(0, 1), USABLE_DRAINED);
}
END_TEST

START_TEST(a_drain_with_a_ramp_thins_its_regions_first)
{
	struct state_override row = saying(1, "drain", "region", "east", "");
	uint64_t before = UINT64_MAX;

	row.ramp_ms = 100000;
	say(row);
	apply(MONO);
	ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
	for (int64_t t = 1000; t < 100000; t += 1000) {
		apply(MONO + t);
		ck_assert_int_eq(usable(0, 0), USABLE_YES);
		ck_assert_uint_lt(group(0, 0)->keep, before);
		before = group(0, 0)->keep;
		ck_assert_uint_eq(group(0, 2)->keep, POLICY_KEEP_ALL);
		ck_assert_int_eq(next_ms, 250);
	}
	apply(MONO + 50000);
	ck_assert(fabs((double)group(0, 0)->keep / (double)HALF - 1) < 1e-6);
	/* 2^64 positions in 100 s. */
	ck_assert(fabs((double)group(0, 0)->slope * 100 / -0x1p64 - 1) < 1e-6);
	apply(MONO + 100000);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	ck_assert_int_eq(next_ms, -1);
	/* Back the same way. */
	row = saying(2, "undrain", "region", "east", "");
	row.at_ms = WALL + 200000;
	row.ramp_ms = 100000;
	overlay_begin(o, false);
	overlay_override(o, &row, MONO + 200000, WALL + 200000);
	overlay_commit(o);
	apply(MONO + 225000);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
	ck_assert(fabs((double)group(0, 0)->keep / (double)HALF - 0.5) < 1e-6);
	ck_assert(group(0, 0)->slope > 0);
	apply(MONO + 300000);
	ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
}
END_TEST

/* And nothing else does: its endpoints weigh what they did, and so do others.
 */
START_TEST(a_region_with_a_ramp_is_thinned_and_not_weighed)
{
	static const struct {
		const char *region;
		uint64_t east, west; /* what v1 keeps there */
	} rows[] = {
	    {"east", HALF, POLICY_KEEP_ALL}, {"west", POLICY_KEEP_ALL, HALF}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct state_override row =
		    saying(1, "drain", "region", rows[i].region, "");

		row.ramp_ms = 100000;
		say(row);
		apply(MONO + 50000);
		ck_assert_uint_eq(group(0, 0)->keep, rows[i].east);
		ck_assert_uint_eq(group(0, 2)->keep, rows[i].west);
		for (size_t e = 0; e < live->n_endpoints; e++)
			ck_assert_uint_eq(
			    live->factor[e], UINT32_C(1) << LIVE_FACTOR_BITS);
		teardown();
		setup();
	}
}
END_TEST

/* However short, it goes the way that was said. */
START_TEST(a_short_ramp_goes_the_right_way)
{
	static const int64_t ramps_ms[] = {1, 1000, 1999, 2000, 2001};

	for (size_t i = 0; i < sizeof(ramps_ms) / sizeof(ramps_ms[0]); i++) {
		struct state_override row =
		    saying(2 * i + 1, "drain", "region", "east", "");

		row.ramp_ms = ramps_ms[i];
		say(row);
		apply(MONO);
		ck_assert_int_lt(group(0, 0)->slope, 0);
		/* It is out, and comes back. */
		row = saying(2 * i + 2, "undrain", "region", "east", "");
		row.at_ms = WALL + 5000;
		row.ramp_ms = ramps_ms[i];
		overlay_begin(o, false);
		overlay_override(o, &row, MONO + 5000, WALL + 5000);
		overlay_commit(o);
		apply(MONO + 5000);
		ck_assert_int_gt(group(0, 0)->slope, 0);
		teardown();
		setup();
	}
}
END_TEST

START_TEST(a_drain_with_a_ramp_of_a_part_takes_its_weight_first)
{
	struct state_override row = saying(1, "drain", "endpoint", "v1/e0", "");

	row.ramp_ms = 100000;
	say(row);
	apply(MONO + 25000);
	ck_assert_uint_eq(live->factor[fixture_number(f, 0, 0)],
	    UINT32_C(3) << (LIVE_FACTOR_BITS - 2));
	ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
	ck_assert_int_eq(share(0, 0), -1);
	/* Answers live for a minute at most: until then it says nothing. */
	ck_assert_uint_eq(group(0, 0)->pending_s, LIVE_NOT_PENDING);
	apply(MONO + 60500);
	ck_assert_uint_eq(group(0, 0)->pending_s, 40);
	ck_assert_uint_eq(group(0, 2)->pending_s, LIVE_NOT_PENDING);
	apply(MONO + 100000);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	ck_assert_uint_eq(group(0, 0)->pending_s, LIVE_NOT_PENDING);
	/* The second of the region, too. */
	row = saying(2, "drain", "endpoint", "v1/e1", "");
	row.ramp_ms = 100000;
	say(row);
	apply(MONO + 25000);
	ck_assert_uint_eq(live->factor[fixture_number(f, 0, 1)],
	    UINT32_C(3) << (LIVE_FACTOR_BITS - 2));
}
END_TEST

/* A hundredth of the weight more a second, from what it was, and back. */
START_TEST(a_weight_with_a_ramp_comes_in_evenly)
{
	struct state_override row =
	    saying(1, "weight", "endpoint", "v1/e0", "50%");
	const uint32_t one = UINT32_C(1) << LIVE_FACTOR_BITS;
	const uint32_t *factor;

	row.ramp_ms = 100000;
	say(row);
	apply(MONO);
	factor = &live->factor[fixture_number(f, 0, 0)];
	ck_assert_uint_eq(*factor, one);
	apply(MONO + 50000);
	factor = &live->factor[fixture_number(f, 0, 0)];
	ck_assert_uint_eq(*factor, one / 4 * 3);
	ck_assert_int_eq(next_ms, 250);
	apply(MONO + 60500);
	ck_assert_uint_eq(group(0, 0)->pending_s, 40);
	apply(MONO + 100000);
	factor = &live->factor[fixture_number(f, 0, 0)];
	ck_assert_uint_eq(*factor, one / 2);
	ck_assert_int_eq(next_ms, -1);
	/* From there. */
	row = saying(2, "weight", "endpoint", "v1/e0", "off");
	row.at_ms = WALL + 200000;
	row.ramp_ms = 100000;
	overlay_begin(o, false);
	overlay_override(o, &row, MONO + 200000, WALL + 200000);
	overlay_commit(o);
	apply(MONO + 250000);
	factor = &live->factor[fixture_number(f, 0, 0)];
	ck_assert_uint_eq(*factor, one / 4 * 3);
	apply(MONO + 300000);
	factor = &live->factor[fixture_number(f, 0, 0)];
	ck_assert_uint_eq(*factor, one);
	ck_assert_int_eq(next_ms, -1);
}
END_TEST

/* Who went elsewhere comes back at its end, not a TTL later. */
START_TEST(answers_live_no_longer_than_what_was_said)
{
	static const char *const said[][3] = {
	    {"drain", "endpoint", ""},
	    {"force", "endpoint", "down"},
	    {"weight", "endpoint", "50%"},
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct state_override row =
		    saying(1, said[i][0], said[i][1], "v1/e0", said[i][2]);

		row.length_ms = 100000;
		say(row);
		apply(MONO + 39000);
		ck_assert_uint_eq(group(0, 0)->pending_s, LIVE_NOT_PENDING);
		apply(MONO + 70001);
		ck_assert_uint_eq(group(0, 0)->pending_s, 30);
		apply(MONO + 99999);
		ck_assert_uint_eq(group(0, 0)->pending_s, 1);
		apply(MONO + 100000);
		ck_assert_uint_eq(group(0, 0)->pending_s, LIVE_NOT_PENDING);
		teardown();
		setup();
	}
}
END_TEST

/* Of both v1 has 900000 millionths by the file. */
START_TEST(a_drain_with_a_ramp_of_a_pool_lets_its_share_fade)
{
	const struct policy_service *chat = &f->policy->zones[0].services[0];
	struct state_override row = saying(1, "drain", "pool", "v1", "");
	const struct live_share *share;
	double was = 0.9;

	row.ramp_ms = 100000;
	say(row);
	for (int64_t t = 1000; t < 100000; t += 1000) {
		double has, next;

		apply(MONO + t);
		share = live->split[chat->number].share;
		ck_assert_ptr_nonnull(share);
		has = (double)share[0].weight[0] /
		    (double)(share[0].weight[0] + share[1].weight[0]);
		next = (double)share[0].weight[1] /
		    (double)(share[0].weight[1] + share[1].weight[1]);
		ck_assert(has < was && next < has);
		ck_assert(fabs(has - 0.9 * (1 - (double)t / 1e5)) < 1e-5);
		was = has;
		ck_assert_uint_eq(live->split[chat->number].pending_s, 5);
		/* No region passes clients on to one that goes as well. */
		ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
		ck_assert_uint_eq(group(0, 2)->keep, POLICY_KEEP_ALL);
	}
	apply(MONO + 100000);
	ck_assert_int_eq(usable(0, 0), USABLE_DRAINED);
	ck_assert_int_eq(usable(0, 2), USABLE_DRAINED);
	ck_assert_int_eq(usable(1, 0), USABLE_YES);
	/* It is out: nothing of its share is left to be moved. */
	ck_assert_ptr_null(live->split[chat->number].share);
}
END_TEST

/* The second of a split goes to the first, as a step of 5 % of its way. */
START_TEST(the_last_pool_of_a_split_fades_too)
{
	struct state_override row = saying(1, "drain", "pool", "v2", "");

	row.ramp_ms = 10000;
	say(row);
	apply(MONO + 5000);
	ck_assert_int_eq(share(1, 0), 5);
	ck_assert_int_eq(share(1, 1), 4);
	ck_assert_uint_eq(live->split[0].pending_s, 1);
}
END_TEST

/* The other member is a service, which takes what fades. */
START_TEST(a_pool_beside_a_service_fades)
{
	struct service_config *inner, *outer;
	struct state_override row = saying(1, "drain", "pool", "v1", "");
	uint32_t east, v1, v2;

	teardown();
	f = fixture_create();
	east = fixture_region(f, "east", 0);
	v1 = fixture_pool(f, "v1");
	v2 = fixture_pool(f, "v2");
	fixture_endpoint(f, v1, east, 1);
	fixture_endpoint(f, v2, east, 1);
	outer = fixture_service(f, "chat");
	inner = fixture_service(f, "inner");
	fixture_split(f, inner, v2, 1);
	fixture_split(f, outer, v1, 80);
	fixture_split(f, outer, fixture_nested(f, "other", inner), 20);
	fixture_build(f);
	o = overlay_create();
	ck_assert_ptr_nonnull(o);
	live = NULL;
	row.ramp_ms = 100000;
	say(row);
	apply(MONO + 50000);
	ck_assert_int_eq(share(0, 0), 40);
	apply(MONO + 75000);
	ck_assert_int_eq(share(0, 0), 20);
}
END_TEST

/* Nobody is there to take what either has. */
START_TEST(a_split_that_is_taken_out_as_a_whole_does_not_fade)
{
	const struct policy_service *chat = &f->policy->zones[0].services[0];
	struct state_override row = saying(1, "drain", "pool", "v*", "");

	row.ramp_ms = 100000;
	say(row);
	apply(MONO + 50000);
	ck_assert_ptr_null(live->split[chat->number].share);
	ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
	ck_assert_int_eq(usable(0, 0), USABLE_YES);
}
END_TEST

static struct state_keep
keeping(const char *region, double keep)
{
	struct state_keep row = {
	    .zone = "test.example", .pool = "v1", .keep = keep};

	snprintf(row.region, sizeof(row.region), "%s", region);
	return row;
}

/* By hand west keeps half at most. */
START_TEST(the_share_of_the_file_is_a_bound)
{
	static const struct {
		double stored;
		uint64_t keeps;
	} rows[] = {{1, HALF}, {0.75, HALF}, {0.5, HALF}, {0.25, HALF / 2}};

	teardown();
	by_hand_n = 1;
	setup();
	by_hand_n = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct state_keep west = keeping("west", rows[i].stored);

		overlay_begin(o, true);
		overlay_keep(o, &west);
		overlay_commit(o);
		apply(MONO);
		ck_assert(
		    fabs((double)group(0, 2)->keep / (double)rows[i].keeps -
			1) < 1e-6);
	}
}
END_TEST

/* What is left of a time when the file said so. */
START_TEST(without_spill_nothing_is_kept_by_load)
{
	struct state_keep row = keeping("east", 0.5);

	snprintf(row.pool, sizeof(row.pool), "v2");
	overlay_begin(o, true);
	overlay_keep(o, &row);
	overlay_commit(o);
	apply(MONO);
	ck_assert_uint_eq(group(1, 0)->keep, POLICY_KEEP_ALL);
}
END_TEST

START_TEST(what_the_controller_decided_is_laid_over)
{
	struct state_keep east = keeping("east", 0.5);
	struct state_keep west = keeping("west", 1);
	struct state_factor factor = {.zone = "test.example",
	    .pool = "v1",
	    .endpoint = "e1",
	    .sixteenths = 8};
	struct state_factor others[] = {factor, factor};
	size_t n;

	overlay_begin(o, true);
	overlay_keep(o, &west);
	overlay_keep(o, &east);
	snprintf(others[0].endpoint, sizeof(others[0].endpoint), "e2");
	snprintf(others[1].endpoint, sizeof(others[1].endpoint), "e0");
	overlay_factor(o, &others[0]);
	overlay_factor(o, &factor);
	others[1].sixteenths = 4;
	overlay_factor(o, &others[1]);
	/* Nothing of it counts before its commit. */
	apply(MONO);
	ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
	overlay_commit(o);
	apply(MONO);
	ck_assert_uint_eq(group(0, 0)->keep, HALF);
	ck_assert_uint_eq(group(0, 2)->keep, POLICY_KEEP_ALL);
	ck_assert_uint_eq(group(1, 0)->keep, POLICY_KEEP_ALL);
	ck_assert_uint_eq(live->factor[fixture_number(f, 0, 1)],
	    UINT32_C(1) << (LIVE_FACTOR_BITS - 1));
	ck_assert_uint_eq(live->factor[fixture_number(f, 0, 0)],
	    UINT32_C(1) << (LIVE_FACTOR_BITS - 2));
	(void)overlay_keeps(o, &n);
	ck_assert_uint_eq(n, 2);
	(void)overlay_factors(o, &n);
	ck_assert_uint_eq(n, 3);
	/* A change of one row leaves the others. */
	west.keep = 0.25;
	overlay_begin(o, false);
	overlay_keep(o, &west);
	overlay_commit(o);
	apply(MONO);
	ck_assert_uint_eq(group(0, 0)->keep, HALF);
	ck_assert_uint_eq(group(0, 2)->keep, HALF / 2);
	/* What nobody knows is nothing. */
	east.keep = (double)NAN;
	overlay_begin(o, false);
	overlay_keep(o, &east);
	overlay_commit(o);
	apply(MONO);
	ck_assert_uint_eq(group(0, 0)->keep, POLICY_KEEP_ALL);
	ck_assert_uint_eq(group(0, 2)->keep, HALF / 2);
	(void)overlay_keeps(o, &n);
	ck_assert_uint_eq(n, 2);
	/* A full one without them takes them away. */
	overlay_begin(o, true);
	overlay_commit(o);
	apply(MONO);
	ck_assert_uint_eq(group(0, 2)->keep, POLICY_KEEP_ALL);
	ck_assert_uint_eq(live->factor[fixture_number(f, 0, 1)],
	    UINT32_C(1) << LIVE_FACTOR_BITS);
}
END_TEST

/* Readers look at rows again when the version is another one. */
START_TEST(what_changes_nothing_is_no_new_version)
{
	static const bool full[] = {false, true};
	struct state_keep east = keeping("east", 0.5);
	uint64_t before = overlay_version(o);

	for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		overlay_begin(o, full[i]);
		overlay_commit(o);
		ck_assert_uint_eq(overlay_version(o), before);
	}
	overlay_begin(o, false);
	overlay_keep(o, &east);
	overlay_commit(o);
	ck_assert_uint_gt(overlay_version(o), before);
	before = overlay_version(o);
	overlay_begin(o, false);
	overlay_commit(o);
	ck_assert_uint_eq(overlay_version(o), before);
	/* That it is gone is a change. */
	overlay_begin(o, true);
	overlay_commit(o);
	ck_assert_uint_gt(overlay_version(o), before);
}
END_TEST

/* Pools, and zones, have regions and endpoints of the same names. */
START_TEST(a_row_counts_for_its_own_pool_and_zone)
{
	static const char *const others[][2] = {
	    {"test.example", "v2"}, {"other.example", "v1"}};
	struct state_keep east = keeping("east", 0.5);
	struct state_factor factor = {.zone = "test.example",
	    .pool = "v1",
	    .endpoint = "e0",
	    .sixteenths = 8};

	overlay_begin(o, true);
	overlay_keep(o, &east);
	overlay_factor(o, &factor);
	overlay_commit(o);
	east.keep = 0.25;
	factor.sixteenths = 4;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(east.zone, sizeof(east.zone), "%s", others[i][0]);
		snprintf(east.pool, sizeof(east.pool), "%s", others[i][1]);
		snprintf(factor.zone, sizeof(factor.zone), "%s", others[i][0]);
		snprintf(factor.pool, sizeof(factor.pool), "%s", others[i][1]);
		overlay_begin(o, false);
		overlay_keep(o, &east);
		overlay_factor(o, &factor);
		overlay_commit(o);
		apply(MONO);
		ck_assert_uint_eq(group(0, 0)->keep, HALF);
		ck_assert_uint_eq(live->factor[fixture_number(f, 0, 0)],
		    UINT32_C(1) << (LIVE_FACTOR_BITS - 1));
	}
}
END_TEST

START_TEST(without_even_a_factor_is_left_over)
{
	struct state_factor factor = {.zone = "test.example",
	    .pool = "v2",
	    .endpoint = "e0",
	    .sixteenths = 8};

	overlay_begin(o, true);
	overlay_factor(o, &factor);
	overlay_commit(o);
	apply(MONO);
	ck_assert_uint_eq(live->factor[fixture_number(f, 1, 0)],
	    UINT32_C(1) << LIVE_FACTOR_BITS);
}
END_TEST

static void
step(const char *made_for, double now, double next)
{
	struct state_ramp row = {.zone = "test.example",
	    .service = "chat",
	    .pool = "v2",
	    .share = now,
	    .next = next,
	    .next_ms = WALL + 30000};

	snprintf(row.made_for, sizeof(row.made_for), "%s", made_for);
	overlay_begin(o, false);
	overlay_ramp(o, &row, MONO, WALL);
	overlay_commit(o);
}

START_TEST(a_canary_of_another_pool_or_service_is_nothing)
{
	say(saying(1, "canary", "service", "chat.test.example", "v9 50%"));
	apply(MONO);
	ck_assert_int_eq(share(1, 0), -1);
	say(saying(2, "canary", "service", "other.test.example", "v2 50%"));
	apply(MONO);
	ck_assert_int_eq(share(1, 0), -1);
	/* Nor is a weight of it a share of it. */
	say(saying(3, "weight", "service", "chat.test.example", "50%"));
	apply(MONO);
	ck_assert_int_eq(share(1, 0), -1);
}
END_TEST

START_TEST(a_canary_may_be_the_first_and_ends_by_a_word)
{
	say(saying(1, "canary", "service", "chat.test.example", "v1 40%"));
	apply(MONO);
	ck_assert_int_eq(share(0, 0), 40);
	say(saying(2, "canary", "service", "chat.test.example", "off"));
	apply(MONO);
	ck_assert_int_eq(share(0, 0), -1);
}
END_TEST

/* What is no part of a whole is no factor. */
START_TEST(a_factor_that_makes_no_sense_is_nothing)
{
	static const uint8_t nonsense[] = {0, 17, 200};

	for (size_t i = 0; i < sizeof(nonsense); i++) {
		struct state_factor factor = {.zone = "test.example",
		    .pool = "v1",
		    .endpoint = "e0",
		    .sixteenths = nonsense[i]};

		overlay_begin(o, true);
		overlay_factor(o, &factor);
		overlay_commit(o);
		apply(MONO);
		ck_assert_uint_eq(live->factor[fixture_number(f, 0, 0)],
		    UINT32_C(1) << LIVE_FACTOR_BITS);
	}
}
END_TEST

START_TEST(an_override_goes_before_a_ramp_and_a_ramp_before_the_file)
{
	struct state_override canary =
	    saying(2, "canary", "service", "chat.test.example", "v2 50%");
	bool lacking;

	say(saying(1, "freeze", "region", "east", "on"));

	apply(MONO);
	ck_assert_int_eq(share(1, 0), -1);
	step("abcd", 0.25, 0.375);
	apply(MONO + 10000);
	ck_assert_int_eq(share(1, 0), 25);
	ck_assert_int_eq(share(1, 1), 38);
	ck_assert_uint_eq(live->split[0].pending_s, 20);
	ck_assert_ptr_nonnull(overlay_ramp_row(o, 0, &lacking));
	ck_assert(!lacking);
	apply(MONO + 31000);
	ck_assert_uint_eq(live->split[0].pending_s, 0);
	canary.length_ms = 60000;
	say(canary);
	apply(MONO + 10000);
	ck_assert_int_eq(share(1, 0), 50);
	ck_assert_uint_eq(live->split[0].pending_s, LIVE_NOT_PENDING);
	/* When it is over, the ramp is where it was. */
	apply(MONO + 60000);
	ck_assert_int_eq(share(1, 0), 25);
	/* A file that lacks the step does not end it. */
	overlay_begin(o, true);
	overlay_commit(o);
	apply(MONO + 60000);
	ck_assert_int_eq(share(1, 0), 25);
	ck_assert_ptr_nonnull(overlay_ramp_row(o, 0, &lacking));
	ck_assert(lacking);
	ck_assert_ptr_null(overlay_ramp_row(o, 1, &lacking));
	/* Without a next step none is pending, whatever its time is. */
	step("abcd", 0.25, (double)NAN);
	apply(MONO + 60000);
	ck_assert_int_eq(share(1, 0), 25);
	ck_assert_uint_eq(live->split[0].pending_s, LIVE_NOT_PENDING);
	/* One of another ramp does not count. */
	step("ef01", 0.75, (double)NAN);
	apply(MONO + 60000);
	ck_assert_int_eq(share(1, 0), -1);
	(void)overlay_ramp_row(o, 0, &lacking);
	ck_assert(!lacking);
}
END_TEST

/* Who did not run for so long that the clock begins after it. */
START_TEST(a_step_that_came_due_meanwhile_is_due)
{
	step("abcd", 0.25, 0.375);
	overlay_pass(o, 25000);
	apply(MONO);
	ck_assert_uint_eq(live->split[0].pending_s, 5);
	overlay_pass(o, 2 * MONO);
	apply(MONO);
	ck_assert_int_eq(share(1, 0), 25);
	ck_assert_int_eq(share(1, 1), 38);
	ck_assert_uint_eq(live->split[0].pending_s, 0);
}
END_TEST

START_TEST(a_step_that_was_kept_elsewhere_counts_where_none_is_known)
{
	struct state_ramp row = {.zone = "test.example",
	    .service = "chat",
	    .pool = "v2",
	    .made_for = "abcd",
	    .share = 0.75,
	    .next = (double)NAN,
	    .next_ms = -1};
	bool lacking;

	overlay_ramp(o, &row, MONO, WALL);
	apply(MONO);
	ck_assert_int_eq(share(1, 0), 75);
	ck_assert_ptr_nonnull(overlay_ramp_row(o, 0, &lacking));
	ck_assert(lacking);
	/* What the database says goes before it. */
	step("abcd", 0.25, 0.375);
	overlay_ramp(o, &row, MONO, WALL);
	apply(MONO);
	ck_assert_int_eq(share(1, 0), 25);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("overlay");
	TCase *tcase = tcase_create("overlay");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_said_reaches_its_endpoints);
	tcase_add_test(tcase, what_has_an_end_ends_by_itself);
	tcase_add_test(tcase, what_is_drained_no_more_came_back);
	tcase_add_test(tcase, another_policy_is_looked_at_anew);
	tcase_add_test(tcase, a_drain_with_a_ramp_thins_its_regions_first);
	tcase_add_test(tcase, a_region_with_a_ramp_is_thinned_and_not_weighed);
	tcase_add_test(tcase, a_short_ramp_goes_the_right_way);
	tcase_add_test(
	    tcase, a_drain_with_a_ramp_of_a_part_takes_its_weight_first);
	tcase_add_test(tcase, a_weight_with_a_ramp_comes_in_evenly);
	tcase_add_test(tcase, answers_live_no_longer_than_what_was_said);
	tcase_add_test(
	    tcase, a_drain_with_a_ramp_of_a_pool_lets_its_share_fade);
	tcase_add_test(tcase, the_last_pool_of_a_split_fades_too);
	tcase_add_test(tcase, a_pool_beside_a_service_fades);
	tcase_add_test(
	    tcase, a_split_that_is_taken_out_as_a_whole_does_not_fade);
	tcase_add_test(tcase, what_the_controller_decided_is_laid_over);
	tcase_add_test(tcase, the_share_of_the_file_is_a_bound);
	tcase_add_test(tcase, without_spill_nothing_is_kept_by_load);
	tcase_add_test(tcase, what_changes_nothing_is_no_new_version);
	tcase_add_test(tcase, a_row_counts_for_its_own_pool_and_zone);
	tcase_add_test(tcase, without_even_a_factor_is_left_over);
	tcase_add_test(tcase, a_canary_of_another_pool_or_service_is_nothing);
	tcase_add_test(tcase, a_canary_may_be_the_first_and_ends_by_a_word);
	tcase_add_test(tcase, a_factor_that_makes_no_sense_is_nothing);
	tcase_add_test(
	    tcase, an_override_goes_before_a_ramp_and_a_ramp_before_the_file);
	tcase_add_test(tcase, a_step_that_came_due_meanwhile_is_due);
	tcase_add_test(
	    tcase, a_step_that_was_kept_elsewhere_counts_where_none_is_known);
	suite_add_tcase(suite, tcase);
	return fixture_run(suite);
}
