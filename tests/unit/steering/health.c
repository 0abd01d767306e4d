/*
 * Tests of the health model: quorum, freshness, stale rows, full changes,
 * streaks, and what `live` says of endpoints and groups.
 */
#include "steering/health.h"

#include <malloc.h>

#include "tests/unit/steering_fixture.h"

#define WALL 1700000000000 /* of the first heartbeat */
#define STALE 30000

/* One region, one checked pool of two endpoints, one service. */
struct model {
	struct fixture *f;
	struct health *health;
	int64_t mono, wall;
};

static struct model
model_create(enum quorum_kind quorum, unsigned count)
{
	struct model m = {.f = fixture_create(), .mono = 5000, .wall = WALL};
	uint32_t east = fixture_region(m.f, "east", 0);
	uint32_t pool = fixture_pool(m.f, "v1");

	m.f->check.quorum = quorum;
	m.f->check.quorum_count = count;
	m.f->pools[pool].check = 0;
	fixture_endpoint(m.f, pool, east, 1);
	fixture_endpoint(m.f, pool, east, 1);
	fixture_split(m.f, fixture_service(m.f, "chat"), pool, 1);
	fixture_build(m.f);
	m.health = health_create();
	ck_assert_ptr_nonnull(m.health);
	health_configure(m.health, STALE, STALE_KEEP);
	return m;
}

static void
model_destroy(struct model *m)
{
	health_destroy(m->health);
	fixture_destroy(m->f);
}

static void
beat(struct model *m, const char *vantage, int64_t heartbeat_ms)
{
	struct state_vantage row = {.heartbeat_ms = heartbeat_ms};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	health_vantage(m->health, &row, m->mono, m->wall);
}

/* A row of the first endpoint, or another. */
static struct state_endpoint
row_of(const char *vantage, const char *endpoint, enum state_health health)
{
	struct state_endpoint row = {.zone = "Test.example",
	    .pool = "v1",
	    .health = health,
	    .checked_ms = WALL,
	    .connect_us = -1,
	    .first_byte_us = -1};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	return row;
}

static void
say(struct model *m, const char *vantage, const char *endpoint,
    enum state_health health)
{
	struct state_endpoint row = row_of(vantage, endpoint, health);

	row.checked_ms = m->wall;
	health_endpoint(m->health, &row);
}

/* A change with a heartbeat of ${vantage} and its word on the first one. */
static void
report(struct model *m, const char *vantage, enum state_health health)
{
	health_begin(m->health, false);
	beat(m, vantage, m->wall);
	say(m, vantage, "e0", health);
	health_commit(m->health);
}

static bool
is_stale(const struct model *m)
{
	struct live *live = health_live(m->health, m->f->policy, m->mono);
	bool is;

	ck_assert_ptr_nonnull(live);
	is = live->stale;
	live_destroy(live);
	return is;
}

static uint8_t
usable(const struct model *m, uint32_t endpoint)
{
	struct live *live = health_live(m->health, m->f->policy, m->mono);
	uint8_t is;

	ck_assert_ptr_nonnull(live);
	is = live->endpoint[endpoint];
	live_destroy(live);
	return is;
}

START_TEST(test_quorum)
{
	static const struct {
		const char *what;
		enum quorum_kind quorum;
		unsigned count;
		const char *votes; /* u, d, or - for unknown, a vantage each */
		uint8_t usable;
	} rows[] = {
	    {"majority: more up", QUORUM_MAJORITY, 0, "uud", USABLE_YES},
	    {"majority: more down", QUORUM_MAJORITY, 0, "udd", USABLE_NO},
	    {"majority: a tie is up", QUORUM_MAJORITY, 0, "ud", USABLE_YES},
	    {"one that does not know does not vote", QUORUM_MAJORITY, 0, "-d-",
		USABLE_NO},
	    {"any: one is enough", QUORUM_ANY, 0, "ddu", USABLE_YES},
	    {"any: none is not", QUORUM_ANY, 0, "ddd", USABLE_NO},
	    {"all: all", QUORUM_ALL, 0, "uuu", USABLE_YES},
	    {"all: one is missing", QUORUM_ALL, 0, "uud", USABLE_NO},
	    {"all: of those that vote", QUORUM_ALL, 0, "u-", USABLE_YES},
	    {"two of three", QUORUM_COUNT, 2, "uud", USABLE_YES},
	    {"one is not two", QUORUM_COUNT, 2, "udd", USABLE_NO},
	    {"fewer than two vote: all of them", QUORUM_COUNT, 2, "u--",
		USABLE_YES},
	    {"fewer than three vote: not all", QUORUM_COUNT, 3, "ud",
		USABLE_NO},
	    {"nobody knows", QUORUM_MAJORITY, 0, "--", USABLE_UNCHECKED},
	    {"nobody said anything", QUORUM_MAJORITY, 0, "", USABLE_UNCHECKED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = model_create(rows[i].quorum, rows[i].count);

		for (size_t v = 0; rows[i].votes[v] != '\0'; v++) {
			char name[2] = {(char)('a' + v), '\0'};
			char vote = rows[i].votes[v];

			report(&m, name,
			    vote == 'u'       ? HEALTH_UP
				: vote == 'd' ? HEALTH_DOWN
					      : HEALTH_UNKNOWN);
		}
		ck_assert_msg(usable(&m, 0) == rows[i].usable, "%s: %u",
		    rows[i].what, usable(&m, 0));
		ck_assert_uint_eq(usable(&m, 1), USABLE_UNCHECKED);
		model_destroy(&m);
	}
}
END_TEST

START_TEST(test_without_check)
{
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct health *health = health_create();
	struct live *live;

	f->pools[pool].check = STEERING_NONE;
	fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	live = health_live(health, f->policy, 0);
	ck_assert_uint_eq(live->endpoint[0], USABLE_YES);
	ck_assert_uint_eq(live->group[0].usable, USABLE_YES);
	live_destroy(live);
	health_destroy(health);
	fixture_destroy(f);
}
END_TEST

/* Votes of a vantage that is silent count no more; with none left `then`
 * decides. */
START_TEST(test_stale)
{
	static const struct {
		const char *what;
		enum stale_then then;
		enum state_health last;
		uint8_t usable;
	} rows[] = {
	    {"keep, it was up", STALE_KEEP, HEALTH_UP, USABLE_YES},
	    {"keep, it was down", STALE_KEEP, HEALTH_DOWN, USABLE_NO},
	    {"up", STALE_UP, HEALTH_DOWN, USABLE_YES},
	    {"down", STALE_DOWN, HEALTH_UP, USABLE_NO},
	    {"never known is not stale", STALE_DOWN, HEALTH_UNKNOWN,
		USABLE_UNCHECKED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = model_create(QUORUM_MAJORITY, 0);
		uint8_t fresh = (uint8_t[]){
		    USABLE_UNCHECKED, USABLE_YES, USABLE_NO}[rows[i].last];

		ck_assert_int_eq(health_age_ms(m.health, m.mono), -1);
		ck_assert(health_stale(m.health, m.mono));
		ck_assert(!is_stale(&m));
		health_configure(m.health, STALE, rows[i].then);
		report(&m, "a", rows[i].last);
		ck_assert(!health_stale(m.health, m.mono));
		m.mono += STALE;
		ck_assert_msg(usable(&m, 0) == fresh, "%s", rows[i].what);
		ck_assert_int_eq(health_age_ms(m.health, m.mono), STALE);
		ck_assert(!is_stale(&m));
		m.mono += 1;
		ck_assert_msg(
		    usable(&m, 0) == rows[i].usable, "%s", rows[i].what);
		ck_assert(health_stale(m.health, m.mono));
		ck_assert(is_stale(&m));
		/* It speaks again. */
		m.wall += STALE + 1;
		report(&m, "a", rows[i].last);
		ck_assert(!health_stale(m.health, m.mono));
		model_destroy(&m);
	}
}
END_TEST

/* Two that said down went silent: the one that is left decides. */
START_TEST(test_stale_votes_do_not_count)
{
	struct model m = model_create(QUORUM_MAJORITY, 0);

	report(&m, "a", HEALTH_DOWN);
	report(&m, "b", HEALTH_DOWN);
	report(&m, "c", HEALTH_UP);
	ck_assert_uint_eq(usable(&m, 0), USABLE_NO);
	m.mono += STALE + 1;
	m.wall += STALE + 1;
	report(&m, "c", HEALTH_UP);
	ck_assert_uint_eq(usable(&m, 0), USABLE_YES);
	ck_assert_int_eq(health_age_ms(m.health, m.mono), 0);
	model_destroy(&m);
}
END_TEST

/* The vantage lives, but has not checked this endpoint for long. */
START_TEST(test_old_check)
{
	static const struct {
		const char *what;
		uint64_t every_ms;
		int64_t age_ms; /* of the check, when the heartbeat came */
		int64_t checked_ms;
		uint8_t usable; /* the vote is down, stale is up */
	} rows[] = {
	    {"as old as stale_after", 5000, STALE, WALL, USABLE_NO},
	    {"older", 5000, STALE + 1, WALL, USABLE_YES},
	    {"a slow check is not stale", 60000, 122000, WALL, USABLE_NO},
	    {"past two periods and a timeout", 60000, 122001, WALL, USABLE_YES},
	    {"never checked in this life", 5000, 0, 0, USABLE_YES},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = model_create(QUORUM_MAJORITY, 0);
		struct policy_check *check =
		    (struct policy_check *)(uintptr_t)m.f->policy->checks;
		struct state_endpoint row = row_of("a", "e0", HEALTH_DOWN);

		health_configure(m.health, STALE, STALE_UP);
		check->every_ms = rows[i].every_ms;
		row.checked_ms = rows[i].checked_ms;
		health_begin(m.health, true);
		m.wall += rows[i].age_ms;
		beat(&m, "a", m.wall);
		health_endpoint(m.health, &row);
		health_commit(m.health);
		ck_assert_msg(
		    usable(&m, 0) == rows[i].usable, "%s", rows[i].what);
		model_destroy(&m);
	}
}
END_TEST

/* How old a heartbeat is taken for, by what was seen before. */
START_TEST(test_heartbeat_age)
{
	static const struct {
		const char *what;
		bool before; /* one was seen, 10 s ago, of WALL */
		bool full;
		int64_t heartbeat_ms, wall_ms;
		int64_t age_ms;
	} rows[] = {
	    {"the first one: by the wall clock", false, true, WALL, WALL + 7000,
		7000},
	    {"the first one, from the future: now", false, true, WALL + 9000,
		WALL, 0},
	    {"moved on: now, whatever the clocks say", true, false, WALL + 1,
		WALL + 90000, 0},
	    {"moved on, our clock went back: now", true, false, WALL + 1,
		WALL - 90000, 0},
	    {"the same: as old as it was", true, false, WALL, WALL + 10000,
		10000},
	    {"the same in a full change: too", true, true, WALL, WALL, 10000},
	    {"moved on while we were away: by the wall clock", true, true,
		WALL + 1000, WALL + 5000, 4000},
	    {"but no older than the last we saw", true, true, WALL + 1,
		WALL + 90000, 10000},
	    {"went back, an older copy: no older than that either", true, true,
		WALL - 90000, WALL + 10000, 10000},
	    {"went back, a corrected clock: now", true, false, WALL - 90000,
		WALL - 90000, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = model_create(QUORUM_MAJORITY, 0);

		if (rows[i].before) {
			health_begin(m.health, true);
			beat(&m, "a", WALL);
			health_commit(m.health);
		}
		m.mono += 10000;
		m.wall = rows[i].wall_ms;
		health_begin(m.health, rows[i].full);
		beat(&m, "a", rows[i].heartbeat_ms);
		health_commit(m.health);
		ck_assert_msg(health_age_ms(m.health, m.mono) == rows[i].age_ms,
		    "%s: %ld", rows[i].what,
		    (long)health_age_ms(m.health, m.mono));
		model_destroy(&m);
	}
}
END_TEST

/* A full change forgets what a vantage does not say again; of one that is not
 * in it all is kept. */
START_TEST(test_full_change)
{
	struct model m = model_create(QUORUM_MAJORITY, 0);

	health_begin(m.health, true);
	beat(&m, "a", WALL);
	beat(&m, "b", WALL);
	say(&m, "a", "e0", HEALTH_DOWN);
	say(&m, "a", "e1", HEALTH_DOWN);
	health_commit(m.health);
	ck_assert_uint_eq(usable(&m, 0), USABLE_NO);
	ck_assert_uint_eq(usable(&m, 1), USABLE_NO);

	/* A part: what is not in it stays. */
	health_begin(m.health, false);
	say(&m, "a", "e0", HEALTH_UP);
	health_commit(m.health);
	ck_assert_uint_eq(usable(&m, 0), USABLE_YES);
	ck_assert_uint_eq(usable(&m, 1), USABLE_NO);

	/* All, without a: the file was made anew by b. */
	health_begin(m.health, true);
	beat(&m, "b", WALL + 1);
	health_commit(m.health);
	ck_assert_uint_eq(usable(&m, 0), USABLE_YES);
	ck_assert_uint_eq(usable(&m, 1), USABLE_NO);

	/* All, with a, that does not speak of e1 any more. */
	health_begin(m.health, true);
	beat(&m, "a", WALL + 2);
	say(&m, "a", "e0", HEALTH_UP);
	health_commit(m.health);
	ck_assert_uint_eq(usable(&m, 0), USABLE_YES);
	ck_assert_uint_eq(usable(&m, 1), USABLE_UNCHECKED);

	/* And it may speak of it again. */
	health_begin(m.health, false);
	say(&m, "a", "e1", HEALTH_DOWN);
	health_commit(m.health);
	ck_assert_uint_eq(usable(&m, 1), USABLE_NO);
	model_destroy(&m);
}
END_TEST

/* Rows are of their zone, pool and endpoint; zones without regard to case. */
START_TEST(test_keys)
{
	static const struct {
		const char *zone, *pool;
		uint8_t usable;
	} rows[] = {
	    {"Test.example", "v1", USABLE_NO},
	    {"test.EXAMPLE", "v1", USABLE_NO},
	    {"test.example", "V1", USABLE_UNCHECKED},
	    {"other.example", "v1", USABLE_UNCHECKED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = model_create(QUORUM_MAJORITY, 0);
		struct state_endpoint row = row_of("a", "e0", HEALTH_DOWN);

		snprintf(row.zone, sizeof(row.zone), "%s", rows[i].zone);
		snprintf(row.pool, sizeof(row.pool), "%s", rows[i].pool);
		health_begin(m.health, true);
		beat(&m, "a", WALL);
		health_endpoint(m.health, &row);
		health_commit(m.health);
		ck_assert_uint_eq(usable(&m, 0), rows[i].usable);
		model_destroy(&m);
	}
}
END_TEST

START_TEST(test_pending)
{
	static const struct {
		const char *what;
		enum state_health health;
		uint32_t passes, fails, every_ms;
		uint32_t pending_s;
	} rows[] = {
	    {"up and passing", HEALTH_UP, 9, 0, 5000, LIVE_NOT_PENDING},
	    {"up, one fail of three", HEALTH_UP, 0, 1, 5000, 10},
	    {"up, two of three, rounded up", HEALTH_UP, 0, 2, 1500, 2},
	    {"past fall: now", HEALTH_UP, 0, 7, 5000, 0},
	    {"down and failing", HEALTH_DOWN, 0, 9, 5000, LIVE_NOT_PENDING},
	    {"down, one pass of two", HEALTH_DOWN, 1, 0, 5000, 5},
	    {"unknown", HEALTH_UNKNOWN, 1, 0, 5000, LIVE_NOT_PENDING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = model_create(QUORUM_MAJORITY, 0);
		struct policy_check *check =
		    (struct policy_check *)(uintptr_t)m.f->policy->checks;
		struct state_endpoint row = row_of("a", "e1", rows[i].health);
		struct live *live;

		check->every_ms = rows[i].every_ms;
		row.passes = rows[i].passes;
		row.fails = rows[i].fails;
		report(&m, "a", HEALTH_UP);
		health_begin(m.health, false);
		health_endpoint(m.health, &row);
		health_commit(m.health);
		live = health_live(m.health, m.f->policy, m.mono);
		ck_assert_msg(live->group[0].pending_s == rows[i].pending_s,
		    "%s: %u", rows[i].what, live->group[0].pending_s);
		live_destroy(live);
		model_destroy(&m);
	}
}
END_TEST

/* The streak of the endpoint that is nearest to its change counts, and none of
 * a vantage that is silent. */
START_TEST(test_pending_of_many)
{
	struct model m = model_create(QUORUM_MAJORITY, 0);
	struct state_endpoint row = row_of("a", "e0", HEALTH_UP);
	struct live *live;

	report(&m, "a", HEALTH_UP);
	row.fails = 1;
	health_begin(m.health, false);
	health_endpoint(m.health, &row);
	row = row_of("a", "e1", HEALTH_DOWN);
	row.passes = 1;
	health_endpoint(m.health, &row);
	health_commit(m.health);
	live = health_live(m.health, m.f->policy, m.mono);
	ck_assert_uint_eq(live->group[0].pending_s, 5);
	live_destroy(live);
	live = health_live(m.health, m.f->policy, m.mono + STALE + 1);
	ck_assert_uint_eq(live->group[0].pending_s, LIVE_NOT_PENDING);
	live_destroy(live);
	model_destroy(&m);
}
END_TEST

/* A streak counts for the region of its pool where its endpoint is, and for no
 * other; that of an endpoint without a weight for none. */
START_TEST(test_pending_by_group)
{
	static const struct {
		const char *what, *pool, *endpoint;
		uint32_t v1, v2; /* pending */
	} rows[] = {
	    {"the first of the first pool", "v1", "e0", 10, LIVE_NOT_PENDING},
	    {"the last of the first pool", "v1", "e1", 10, LIVE_NOT_PENDING},
	    {"without a weight, between the pools", "v1", "e2",
		LIVE_NOT_PENDING, LIVE_NOT_PENDING},
	    {"the only one of the second pool", "v2", "e0", LIVE_NOT_PENDING,
		10},
	    {"without a weight, after all", "v2", "e1", LIVE_NOT_PENDING,
		LIVE_NOT_PENDING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = {.f = fixture_create(), .wall = WALL};
		uint32_t east = fixture_region(m.f, "east", 0);
		uint32_t v1 = fixture_pool(m.f, "v1");
		uint32_t v2 = fixture_pool(m.f, "v2");
		struct service_config *s = fixture_service(m.f, "chat");
		struct state_endpoint row =
		    row_of("a", rows[i].endpoint, HEALTH_UP);
		struct live *live;

		fixture_endpoint(m.f, v1, east, 1);
		fixture_endpoint(m.f, v1, east, 1);
		fixture_endpoint(m.f, v1, east, 0);
		fixture_endpoint(m.f, v2, east, 1);
		fixture_endpoint(m.f, v2, east, 0);
		fixture_split(m.f, s, v1, 1);
		fixture_split(m.f, s, v2, 1);
		fixture_build(m.f);
		m.health = health_create();
		snprintf(row.pool, sizeof(row.pool), "%s", rows[i].pool);
		row.fails = 1;
		health_begin(m.health, true);
		beat(&m, "a", WALL);
		health_endpoint(m.health, &row);
		health_commit(m.health);
		live = health_live(m.health, m.f->policy, m.mono);
		ck_assert_msg(live->group[0].pending_s == rows[i].v1 &&
			live->group[1].pending_s == rows[i].v2,
		    "%s: %u, %u", rows[i].what, live->group[0].pending_s,
		    live->group[1].pending_s);
		live_destroy(live);
		model_destroy(&m);
	}
}
END_TEST

START_TEST(test_live_equal)
{
	struct model m = model_create(QUORUM_MAJORITY, 0);
	struct live *a = health_live(m.health, m.f->policy, 0);
	struct live *b = health_live(m.health, m.f->policy, 0);

	ck_assert(live_equal(a, b));
	b->endpoint[1] = USABLE_NO;
	ck_assert(!live_equal(a, b));
	b->endpoint[1] = a->endpoint[1];
	b->group[0].pending_s = 3;
	ck_assert(!live_equal(a, b));
	b->group[0].pending_s = a->group[0].pending_s;
	b->group[0].usable = USABLE_NO;
	ck_assert(!live_equal(a, b));
	b->group[0].usable = a->group[0].usable;
	b->stale = true;
	ck_assert(!live_equal(a, b));
	b->stale = a->stale;
	b->n_endpoints--;
	ck_assert(!live_equal(a, b));
	b->n_endpoints = a->n_endpoints;
	b->n_groups--;
	ck_assert(!live_equal(a, b));
	b->n_groups = a->n_groups;
	ck_assert(live_equal(a, b));
	live_destroy(a);
	live_destroy(b);
	model_destroy(&m);
}
END_TEST

/* Many rows, come and gone: the table grows and is swept. */
START_TEST(test_many_rows)
{
	struct model m = model_create(QUORUM_MAJORITY, 0);
	struct state_endpoint row = row_of("a", "", HEALTH_UP);

	for (unsigned round = 0; round < 5; round++) {
		health_begin(m.health, true);
		beat(&m, "a", WALL + round);
		for (unsigned i = 0; i < 20000; i++) {
			snprintf(row.endpoint, sizeof(row.endpoint), "r%u-%u",
			    round, i);
			health_endpoint(m.health, &row);
		}
		say(&m, "a", "e0", HEALTH_DOWN);
		health_commit(m.health);
		ck_assert_uint_eq(usable(&m, 0), USABLE_NO);
	}
	model_destroy(&m);
}
END_TEST

/* What is forgotten of some endpoints leaves what is known of others as it is,
 * and takes no memory any more. */
START_TEST(test_forgotten)
{
	struct model m = model_create(QUORUM_MAJORITY, 0);
	struct state_endpoint row = row_of("a", "", HEALTH_UP);
	size_t first = 0;

	health_begin(m.health, false);
	beat(&m, "b", WALL);
	health_commit(m.health);
	for (unsigned round = 0; round < 20; round++) {
		health_begin(m.health, true);
		beat(&m, "a", WALL + round);
		for (unsigned i = 0; i < 2000; i++) {
			snprintf(row.endpoint, sizeof(row.endpoint), "r%u-%u",
			    round, i);
			health_endpoint(m.health, &row);
			/* Of b, which says nothing in the other rounds. */
			if (round == 0 && i % 1000 == 500)
				say(&m, "b", i < 1000 ? "e0" : "e1",
				    i < 1000 ? HEALTH_DOWN : HEALTH_UP);
		}
		health_commit(m.health);
		ck_assert_uint_eq(usable(&m, 0), USABLE_NO);
		ck_assert_uint_eq(usable(&m, 1), USABLE_YES);
		/* One round's are there while the next one's come. */
		if (round == 2)
			first = mallinfo2().uordblks;
	}
	ck_assert_uint_le(mallinfo2().uordblks, first + first / 10);
	model_destroy(&m);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: health");
	TCase *tc = tcase_create("health");

	tcase_add_test(tc, test_quorum);
	tcase_add_test(tc, test_without_check);
	tcase_add_test(tc, test_stale);
	tcase_add_test(tc, test_stale_votes_do_not_count);
	tcase_add_test(tc, test_old_check);
	tcase_add_test(tc, test_heartbeat_age);
	tcase_add_test(tc, test_full_change);
	tcase_add_test(tc, test_keys);
	tcase_add_test(tc, test_pending);
	tcase_add_test(tc, test_pending_of_many);
	tcase_add_test(tc, test_pending_by_group);
	tcase_add_test(tc, test_live_equal);
	tcase_add_test(tc, test_many_rows);
	tcase_add_test(tc, test_forgotten);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
