/*
 * Tests of the health model: quorum, what votes are worth, changes of the
 * state database, streaks, and what `live` says of endpoints and groups.
 * First rounds are in rounds.c, vantages in vantage.c.
 */
#include "steering/health.h"

#include <malloc.h>

#include "tests/unit/health_fixture.h"

/* One pool of two endpoints. */
static struct plan plan;

static struct model
two_endpoints(void)
{
	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "ab");
	return model_create(&plan.policy);
}

START_TEST(quorum)
{
	static const struct {
		const char *what;
		enum quorum_kind quorum;
		unsigned count;
		const char *votes; /* +, -, or ? for unknown, a vantage each */
		char usable;
	} rows[] = {
	    {"majority: more up", QUORUM_MAJORITY, 0, "++-", '+'},
	    {"majority: more down", QUORUM_MAJORITY, 0, "+--", '-'},
	    {"majority: a tie is up", QUORUM_MAJORITY, 0, "+-", '+'},
	    {"one that does not know does not vote", QUORUM_MAJORITY, 0, "?-?",
		'-'},
	    {"any: one is enough", QUORUM_ANY, 0, "--+", '+'},
	    {"any: none is not", QUORUM_ANY, 0, "---", '-'},
	    {"all: all", QUORUM_ALL, 0, "+++", '+'},
	    {"all: one is missing", QUORUM_ALL, 0, "++-", '-'},
	    {"all: of those that vote", QUORUM_ALL, 0, "+?", '+'},
	    {"two of three", QUORUM_COUNT, 2, "++-", '+'},
	    {"one is not two", QUORUM_COUNT, 2, "+--", '-'},
	    {"fewer than two vote: all of them", QUORUM_COUNT, 2, "+??", '+'},
	    {"fewer than three vote: not all", QUORUM_COUNT, 3, "+-", '-'},
	    {"nobody knows", QUORUM_MAJORITY, 0, "??", '?'},
	    {"nobody said anything", QUORUM_MAJORITY, 0, "", '?'},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();

		plan.checks[0].quorum = rows[i].quorum;
		plan.checks[0].quorum_count = rows[i].count;
		for (size_t v = 0; rows[i].votes[v] != '\0'; v++) {
			const char name[2] = {(char)('q' + v), '\0'};
			const char word[3] = {'a', rows[i].votes[v], '\0'};

			report(&m, name, "v1", word);
		}
		pass(&m, ROUND);
		ck_assert_msg(said(&m)[0] == rows[i].usable, "%s: %s",
		    rows[i].what, said(&m));
		ck_assert_int_eq(said(&m)[1], '?');
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(without_a_check_it_is_up)
{
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct health *health = health_create();
	struct live *live;

	f->pools[pool].checks.n = 0;
	fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	ck_assert_int_eq(health_adopt(health, f->policy, 0), 0);
	live = health_live(health, f->policy, 0);
	ck_assert_int_eq(live->endpoint[0], USABLE_YES);
	ck_assert_int_eq(live->group[0].usable, USABLE_YES);
	live_destroy(live);
	health_destroy(health);
	fixture_destroy(f);
}
END_TEST

/* Votes of a vantage that is silent count no more; with none left `then`
 * decides. */
START_TEST(stale)
{
	static const struct {
		const char *what;
		enum stale_then then;
		const char *last; /* of a vantage that says a thing of b, too */
		char fresh, usable;
	} rows[] = {
	    {"keep, it was up", STALE_KEEP, "a+ b+", '+', '+'},
	    {"keep, it was down", STALE_KEEP, "a- b+", '-', '-'},
	    {"up", STALE_UP, "a- b+", '-', '+'},
	    {"down", STALE_DOWN, "a+ b+", '+', '-'},
	    {"never known is not stale", STALE_DOWN, "a? b+", '?', '?'},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();

		ck_assert_int_eq(health_age_ms(m.health, m.mono), -1);
		ck_assert(health_stale(m.health, m.mono));
		ck_assert(!is_stale(&m));
		health_configure(m.health, STALE, rows[i].then);
		report(&m, "x", "v1", rows[i].last);
		ck_assert(!health_stale(m.health, m.mono));
		pass(&m, STALE);
		ck_assert_msg(said(&m)[0] == rows[i].fresh, "%s", rows[i].what);
		ck_assert_int_eq(health_age_ms(m.health, m.mono), STALE);
		ck_assert(!is_stale(&m));
		pass(&m, 1);
		ck_assert_msg(
		    said(&m)[0] == rows[i].usable, "%s", rows[i].what);
		ck_assert(health_stale(m.health, m.mono));
		ck_assert(is_stale(&m));
		/* It speaks again. */
		beat(&m, "x");
		ck_assert(!health_stale(m.health, m.mono));
		ck_assert(!is_stale(&m));
		health_destroy(m.health);
	}
}
END_TEST

/* The clock may begin at nothing. */
START_TEST(the_first_moment_of_a_clock)
{
	struct model m = two_endpoints();

	m.mono = 0;
	beat(&m, "x");
	ck_assert_int_eq(health_age_ms(m.health, m.mono), 0);
	health_destroy(m.health);
	m = two_endpoints();
	health_configure(m.health, 1000, STALE_DOWN);
	m.mono = -600;
	report(&m, "y", "v1", "a+ b+");
	m.mono = -500;
	m.wall += 100;
	beat(&m, "z");
	m.mono = 0;
	beat(&m, "x");
	m.mono = 999;
	ck_assert_str_eq(said(&m), "++");
	m.mono = 1000;
	ck_assert_str_eq(said(&m), "--");
	health_destroy(m.health);
}
END_TEST

/* Two that said down went silent: the one that is left decides. */
START_TEST(stale_votes_do_not_count)
{
	struct model m = two_endpoints();

	report(&m, "x", "v1", "a-");
	report(&m, "y", "v1", "a-");
	report(&m, "z", "v1", "a+ b+");
	ck_assert_str_eq(said(&m), "-+");
	pass(&m, STALE + 1);
	report(&m, "z", "v1", "a+ b+");
	ck_assert_str_eq(said(&m), "++");
	ck_assert_int_eq(health_age_ms(m.health, m.mono), 0);
	health_destroy(m.health);
}
END_TEST

/* The vantage lives, but has not checked this endpoint for long. */
START_TEST(a_check_that_is_long_overdue_votes_no_more)
{
	static const struct {
		const char *what;
		uint64_t every_ms, slow_ms;
		int64_t age_ms;
		const char *said; /* the vote is down, stale is up */
	} rows[] = {
	    {"as old as stale_after", 5000, 0, STALE, "-+"},
	    {"older", 5000, 0, STALE + 1, "++"},
	    {"a slow check is not stale", 60000, 0, 122000, "-+"},
	    {"past two periods and a timeout", 60000, 0, 122001, "++"},
	    {"stale_after as long as those", 14000, 0, STALE, "-+"},
	    {"and older", 14000, 0, STALE + 1, "++"},
	    {"what is down is checked rarely", 5000, 60000, 122000, "-+"},
	    {"past two of its periods", 5000, 60000, 122001, "++"},
	    {"rarely is not less", 60000, 30000, 122000, "-+"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();

		health_configure(m.health, STALE, STALE_UP);
		plan.checks[0].every_ms = rows[i].every_ms;
		plan.checks[0].slow_ms = rows[i].slow_ms;
		model_adopt(&m, &plan.policy);
		report(&m, "x", "v1", "a- b+");
		for (int64_t left = rows[i].age_ms; left > 0; left -= 20000) {
			pass(&m, left < 20000 ? left : 20000);
			report(&m, "x", "v1", "b+");
		}
		ck_assert_msg(strcmp(said(&m), rows[i].said) == 0, "%s: %s",
		    rows[i].what, said(&m));
		health_destroy(m.health);
	}
}
END_TEST

/* Of other nodes, rows of which nothing is news come late. */
START_TEST(votes_that_are_carried_are_overdue_later)
{
	static const struct {
		int64_t age_ms;
		const char *said; /* the vote is down, stale is up */
	} rows[] = {
	    {STALE + 1, "-+"},
	    {STALE + STATE_CARRIED_MS, "-+"},
	    {STALE + STATE_CARRIED_MS + 1, "++"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();
		struct state_endpoint row;

		health_configure(m.health, STALE, STALE_UP);
		for (int64_t left = rows[i].age_ms; left >= 0; left -= 20000) {
			struct state_vantage vantage = {.name = "x",
			    .version = "v",
			    .node = "there",
			    .heartbeat_ms = m.wall,
			    .lease_until_ms = m.wall + 5000};

			health_begin(m.health, false);
			health_vantage(m.health, &vantage, m.mono, m.wall);
			if (left == rows[i].age_ms) {
				row = row_of(&m, "x", "v1", "a", HEALTH_DOWN);
				health_endpoint(m.health, &row);
			}
			row = row_of(&m, "x", "v1", "b", HEALTH_UP);
			health_endpoint(m.health, &row);
			health_commit(m.health, m.mono);
			pass(&m, left < 20000 ? left : 20000);
		}
		/* Its heartbeat is of now. */
		health_begin(m.health, false);
		health_vantage(m.health,
		    &(struct state_vantage){.name = "x",
			.version = "v",
			.node = "there",
			.heartbeat_ms = m.wall + 1,
			.lease_until_ms = m.wall + 5000},
		    m.mono, m.wall);
		health_commit(m.health, m.mono);
		ck_assert_msg(strcmp(said(&m), rows[i].said) == 0,
		    "after %lld ms: %s", (long long)rows[i].age_ms, said(&m));
		health_destroy(m.health);
	}
}
END_TEST

/* The votes of a vantage were seen one after the other.  When it dies they do
 * not turn old one after the other: the last would get all clients. */
START_TEST(a_vantage_that_dies_takes_all_its_votes_with_it_at_once)
{
	static const enum stale_then then[] = {STALE_DOWN, STALE_UP};

	for (size_t i = 0; i < sizeof(then) / sizeof(then[0]); i++) {
		const char *fresh = then[i] == STALE_DOWN ? "++" : "--";
		struct model m = two_endpoints();

		health_configure(m.health, STALE, then[i]);
		report(&m, "x", "v1", then[i] == STALE_DOWN ? "a+" : "a-");
		pass(&m, 4000);
		report(&m, "x", "v1", then[i] == STALE_DOWN ? "b+" : "b-");
		pass(&m, 900);
		beat(&m, "x");
		pass(&m, STALE);
		ck_assert_str_eq(said(&m), fresh);
		pass(&m, 1);
		ck_assert_str_eq(said(&m), then[i] == STALE_DOWN ? "--" : "++");
		health_destroy(m.health);
	}
}
END_TEST

/* Rows that are written again without a check are no news of one. */
START_TEST(a_row_that_is_only_written_again_ages)
{
	struct model m = two_endpoints();
	struct state_endpoint row = row_of(&m, "x", "v1", "a", HEALTH_DOWN);

	health_configure(m.health, STALE, STALE_UP);
	for (int i = 0; i < 31; i++) {
		health_begin(m.health, false);
		give_vantage(&m, "x", m.wall, false);
		give(&m, "x", "v1", "b+");
		health_endpoint(m.health, &row);
		health_commit(m.health, m.mono);
		ck_assert_str_eq(said(&m), "-+");
		pass(&m, 1000);
	}
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "++");
	health_destroy(m.health);
}
END_TEST

/* Clocks of a vantage's host that go an hour forward and back again change
 * nothing but what people are told of them. */
START_TEST(a_clock_step_of_a_vantage_ages_nothing)
{
	static const int64_t steps[] = {3600000, -3600000, -7200000, 0};
	struct model m = two_endpoints();

	health_configure(m.health, STALE, STALE_DOWN);
	report(&m, "x", "v1", "a+ b-");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int64_t wall = m.wall;

		pass(&m, 1000);
		m.wall += steps[i];
		health_begin(m.health, false);
		give_vantage(&m, "x", m.wall, false);
		health_commit(m.health, m.mono);
		ck_assert_str_eq(said(&m), "+-");
		ck_assert_int_eq(health_age_ms(m.health, m.mono), 0);
		report(&m, "x", "v1", "a+");
		pass(&m, 10000);
		report(&m, "x", "v1", "b-");
		ck_assert_str_eq(said(&m), "+-");
		m.wall = wall;
	}
	health_destroy(m.health);
}
END_TEST

/* Nothing of a change shows before its commit, and one that breaks off never
 * does. */
START_TEST(half_a_change_is_never_published)
{
	struct model m = two_endpoints();

	report(&m, "x", "v1", "a+ b+");
	pass(&m, STALE);
	for (int full = 0; full < 2; full++) {
		health_begin(m.health, full);
		give_vantage(&m, "x", m.wall, false);
		give_vantage(&m, "new", m.wall, false);
		give(&m, "x", "v1", "a-");
		give(&m, "new", "v1", "b-");
		ck_assert_str_eq(said(&m), "++");
		ck_assert_int_eq(health_age_ms(m.health, m.mono), STALE);
		ck_assert_str_eq(vantage_of(&m, "new").name, "");
	}
	/* Cut off; the next one knows nothing of it. */
	report_all(&m, "x", m.wall, "v1", "a+ b+");
	ck_assert_str_eq(said(&m), "++");
	ck_assert_str_eq(vantage_of(&m, "new").name, "");
	health_destroy(m.health);
}
END_TEST

START_TEST(a_full_change_that_breaks_off_forgets_nothing)
{
	struct model m = two_endpoints();

	report(&m, "x", "v1", "a- b-");
	health_begin(m.health, true);
	give_vantage(&m, "x", m.wall + 1, false);
	ck_assert_str_eq(said(&m), "--");
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "--");
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	health_destroy(m.health);
}
END_TEST

/* A full change forgets what a vantage does not say again; of one that is not
 * in it all is kept. */
START_TEST(full_change)
{
	struct model m = two_endpoints();

	health_begin(m.health, true);
	give_vantage(&m, "x", WALL, false);
	give_vantage(&m, "y", WALL, false);
	give(&m, "x", "v1", "a- b-");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(said(&m), "--");

	/* A part: what is not in it stays. */
	health_begin(m.health, false);
	give(&m, "x", "v1", "a+");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(said(&m), "+-");

	/* All, without x: the file was made anew by y. */
	report_all(&m, "y", WALL + 1, "v1", "");
	ck_assert_str_eq(said(&m), "+-");

	/* All, with x, that does not speak of b any more. */
	report_all(&m, "x", WALL + 2, "v1", "a+");
	ck_assert_str_eq(said(&m), "+?");

	/* And it may speak of it again. */
	health_begin(m.health, false);
	give(&m, "x", "v1", "b-");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(said(&m), "+-");
	health_destroy(m.health);
}
END_TEST

/* A file that was deleted is made anew: the vantage first, its rows after.  In
 * between nothing that was down is up. */
START_TEST(a_file_made_anew_forgets_no_verdict)
{
	struct model m = two_endpoints();

	health_configure(m.health, STALE, STALE_UP);
	report(&m, "x", "v1", "a- b+");
	pass(&m, ROUND);
	report_all(&m, "x", m.wall, "v1", "");
	ck_assert_str_eq(said(&m), "-+");
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "-+");

	/* If they never come, their checks are overdue. */
	pass(&m, STALE - ROUND);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "-+");
	pass(&m, 1);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "++");

	report(&m, "x", "v1", "a- b+");
	report_all(&m, "x", m.wall, "v1", "a-");
	ck_assert_str_eq(said(&m), "-?");
	health_destroy(m.health);
}
END_TEST

/* Rows are of their zone, pool and endpoint; zones without regard to case. */
START_TEST(keys)
{
	static const struct {
		const char *zone, *pool;
		char said;
	} rows[] = {
	    {"Test.example", "v1", '-'},
	    {"test.EXAMPLE", "v1", '-'},
	    {"test.example", "V1", '!'},
	    {"other.example", "v1", '!'},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();
		struct state_endpoint row =
		    row_of(&m, "x", "v1", "a", HEALTH_DOWN);

		snprintf(row.zone, sizeof(row.zone), "%s", rows[i].zone);
		snprintf(row.pool, sizeof(row.pool), "%s", rows[i].pool);
		health_begin(m.health, true);
		give_vantage(&m, "x", WALL, false);
		health_endpoint(m.health, &row);
		health_commit(m.health, m.mono);
		ck_assert_int_eq(said(&m)[0], rows[i].said);
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(pending)
{
	static const struct {
		const char *what;
		enum state_health health;
		uint32_t passes, fails, every_ms, gone_ms;
		uint32_t pending_s;
	} rows[] = {
	    {"up and passing", HEALTH_UP, 9, 0, 5000, 0, LIVE_NOT_PENDING},
	    {"up, one fail of three", HEALTH_UP, 0, 1, 5000, 0, 10},
	    {"the time since the last check counts", HEALTH_UP, 0, 1, 5000,
		3000, 7},
	    {"less than a second of it", HEALTH_UP, 0, 1, 5000, 999, 10},
	    {"late already", HEALTH_UP, 0, 2, 5000, 6000, 0},
	    {"up, two of three, rounded up", HEALTH_UP, 0, 2, 1500, 0, 2},
	    {"rounded up from little", HEALTH_UP, 0, 2, 1001, 0, 2},
	    {"nothing to round", HEALTH_UP, 0, 2, 1000, 0, 1},
	    {"at fall: now", HEALTH_UP, 0, 3, 5000, 0, 0},
	    {"past fall: now", HEALTH_UP, 0, 7, 5000, 0, 0},
	    {"down and failing", HEALTH_DOWN, 0, 9, 5000, 0, LIVE_NOT_PENDING},
	    {"down, one pass of two", HEALTH_DOWN, 1, 0, 5000, 0, 5},
	    {"unknown", HEALTH_UNKNOWN, 1, 0, 5000, 0, LIVE_NOT_PENDING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();
		struct state_endpoint row =
		    row_of(&m, "x", "v1", "a", rows[i].health);

		plan.checks[0].every_ms = rows[i].every_ms;
		row.passes = rows[i].passes;
		row.fails = rows[i].fails;
		health_begin(m.health, false);
		give_vantage(&m, "x", m.wall, false);
		health_endpoint(m.health, &row);
		give(&m, "x", "v1", "b+");
		health_commit(m.health, m.mono);
		/* Without a result the first round is open. */
		pass(&m,
		    rows[i].health == HEALTH_UNKNOWN ? ROUND : rows[i].gone_ms);
		ck_assert_msg(pending_of(&m) == rows[i].pending_s, "%s: %u",
		    rows[i].what, pending_of(&m));
		health_destroy(m.health);
	}
}
END_TEST

/* The streak that is nearest to its change counts, and none of a vantage that
 * is silent. */
START_TEST(pending_of_many)
{
	struct model m = two_endpoints();
	struct state_endpoint row = row_of(&m, "x", "v1", "a", HEALTH_UP);

	health_begin(m.health, false);
	give_vantage(&m, "x", m.wall, false);
	give_vantage(&m, "y", m.wall, false);
	give_vantage(&m, "z", m.wall, false);
	give(&m, "x", "v1", "b+");
	row.fails = 1;
	health_endpoint(m.health, &row);
	snprintf(row.vantage, sizeof(row.vantage), "y");
	row.fails = 2;
	health_endpoint(m.health, &row);
	snprintf(row.vantage, sizeof(row.vantage), "z");
	row.fails = 1;
	health_endpoint(m.health, &row);
	health_commit(m.health, m.mono);
	ck_assert_uint_eq(pending_of(&m), 5);
	pass(&m, STALE + 1);
	ck_assert_uint_eq(pending_of(&m), LIVE_NOT_PENDING);
	health_destroy(m.health);
}
END_TEST

/* A streak counts for the region of its pool where its endpoint is, and for no
 * other; that of an endpoint without a weight for none. */
START_TEST(pending_by_group)
{
	static const struct {
		const char *what, *pool, *endpoint;
		uint32_t v1, v2; /* pending */
	} rows[] = {
	    {"the first of the first pool", "v1", "e0", 5, LIVE_NOT_PENDING},
	    {"the last of the first pool", "v1", "e1", 5, LIVE_NOT_PENDING},
	    {"without a weight, between the pools", "v1", "e2",
		LIVE_NOT_PENDING, LIVE_NOT_PENDING},
	    {"the only one of the second pool", "v2", "e0", LIVE_NOT_PENDING,
		5},
	    {"without a weight, after all", "v2", "e1", LIVE_NOT_PENDING,
		LIVE_NOT_PENDING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		struct model m;
		uint32_t east = fixture_region(f, "east", 0);
		uint32_t v1 = fixture_pool(f, "v1");
		uint32_t v2 = fixture_pool(f, "v2");
		struct service_config *s = fixture_service(f, "chat");
		struct state_endpoint row;
		struct live *live;

		fixture_endpoint(f, v1, east, 1);
		fixture_endpoint(f, v1, east, 1);
		fixture_endpoint(f, v1, east, 0);
		fixture_endpoint(f, v2, east, 1);
		fixture_endpoint(f, v2, east, 0);
		fixture_split(f, s, v1, 1);
		fixture_split(f, s, v2, 1);
		fixture_build(f);
		m = model_create(f->policy);
		report(&m, "x", "v1", "a?");
		pass(&m, ROUND);
		row =
		    row_of(&m, "x", rows[i].pool, rows[i].endpoint, HEALTH_UP);
		row.fails = 1;
		health_begin(m.health, false);
		health_endpoint(m.health, &row);
		health_commit(m.health, m.mono);
		/* Past the round that its first result opens, where the next
		 * check is late and the last one comes a period after it. */
		pass(&m, ROUND);
		live = health_live(m.health, f->policy, m.mono);
		ck_assert_msg(live->group[0].pending_s == rows[i].v1 &&
			live->group[1].pending_s == rows[i].v2,
		    "%s: %u, %u", rows[i].what, live->group[0].pending_s,
		    live->group[1].pending_s);
		live_destroy(live);
		health_destroy(m.health);
		fixture_destroy(f);
	}
}
END_TEST

START_TEST(live_that_differs_is_not_equal)
{
	struct model m = two_endpoints();
	struct live *a = live_of(&m);
	struct live *b = live_of(&m);

	ck_assert(live_equal(a, b));
	b->endpoint[1] = USABLE_NO;
	ck_assert(!live_equal(a, b));
	b->endpoint[1] = a->endpoint[1];
	b->presumed[1] = !b->presumed[1];
	ck_assert(!live_equal(a, b));
	b->presumed[1] = a->presumed[1];
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
	b->n_services++;
	ck_assert(!live_equal(a, b));
	b->n_services = a->n_services;
	b->n_members++;
	ck_assert(!live_equal(a, b));
	b->n_members = a->n_members;
	b->n_resolved++;
	ck_assert(!live_equal(a, b));
	b->n_resolved = a->n_resolved;
	ck_assert(live_equal(a, b));
	live_destroy(a);
	live_destroy(b);
	health_destroy(m.health);
}
END_TEST

/* Rows of zones that are not ours, of endpoints that the policy has not, or of
 * vantages without a row of their own take no room and are nobody's word. */
START_TEST(rows_of_strangers_cost_nothing)
{
	struct model m = two_endpoints();
	struct state_endpoint row = row_of(&m, "x", "v1", "", HEALTH_DOWN);
	size_t before = 0;

	for (unsigned i = 0; i < 1000001; i++) {
		if (i % 500000 == 0) {
			report_all(&m, "x", WALL + i, "v1", "a+ b+");
			health_begin(m.health, true);
			give_vantage(&m, "x", WALL + i + 1, false);
			give(&m, "x", "v1", "a+ b+");
			if (i == 0)
				before = mallinfo2().uordblks;
		}
		snprintf(row.zone, sizeof(row.zone), "z%u.example", i % 1000);
		snprintf(row.endpoint, sizeof(row.endpoint), "%u", i);
		health_endpoint(m.health, &row);
	}
	ck_assert_uint_le(mallinfo2().uordblks, before);
	row = row_of(&m, "nobody", "v1", "a", HEALTH_DOWN);
	health_endpoint(m.health, &row);
	health_commit(m.health, m.mono);
	ck_assert_str_eq(said(&m), "++");
	ck_assert_uint_eq(health_vantages(m.health, m.mono, NULL, 0), 1);
	health_destroy(m.health);
}
END_TEST

/* What a policy has not any more is forgotten with the next full change, and
 * takes no memory; what it has is as it was. */
START_TEST(what_left_the_policy_is_forgotten)
{
	static char pools[42][8];
	struct plan other;
	struct model m = two_endpoints();
	size_t first = 0;

	report(&m, "x", "v1", "a- b+");
	snprintf(pools[0], sizeof(pools[0]), "p00");
	for (size_t i = 0; i < 40; i++) {
		snprintf(pools[i + 1], sizeof(pools[0]), "p%02zu", i + 1);
		plan_init(&other);
		(void)plan_pool(&other, pools[i], "abcdefgh");
		(void)plan_pool(&other, "v1", "ab");
		(void)plan_pool(&other, pools[i + 1], "abcdefgh");
		model_adopt(&m, &other.policy);
		health_begin(m.health, true);
		give_vantage(&m, "x", WALL, false);
		give(&m, "x", "v1", "a- b+");
		give(&m, "x", pools[i], "a+ b+ c+ d+ e+ f+ g+ h+");
		give(&m, "x", pools[i + 1], "a- b- c- d- e- f- g- h-");
		health_commit(m.health, m.mono);
		ck_assert_str_eq(said(&m), "++++++++-+--------");
		if (i == 20)
			first = mallinfo2().uordblks;
	}
	/* A page for what the allocator does with it. */
	ck_assert_uint_le(mallinfo2().uordblks, first + 4096);
	health_destroy(m.health);
}
END_TEST

/* Also when nothing is checked any more. */
START_TEST(a_policy_without_checks_forgets_all)
{
	struct model m = two_endpoints();
	struct plan other;

	report(&m, "x", "v1", "a- b-");
	plan_init(&other);
	(void)plan_pool(&other, "v2", "a");
	other.endpoints[0].check = STEERING_NONE;
	model_adopt(&m, &other.policy);
	report_all(&m, "x", WALL, "v1", "a- b-");
	ck_assert_str_eq(said(&m), "+");
	model_adopt(&m, &plan.policy);
	ck_assert_str_eq(said(&m), "!!");
	health_destroy(m.health);
}
END_TEST

/* A reload that fails goes back to the policy before, and nothing is lost. */
START_TEST(going_back_to_the_policy_before_loses_nothing)
{
	struct model m = two_endpoints();
	struct plan other;

	report(&m, "x", "v1", "a- b+");
	plan_init(&other);
	(void)plan_pool(&other, "v2", "ab");
	m.policy = &other.policy;
	ck_assert_str_eq(said(&m), "??");
	model_adopt(&m, &other.policy);
	ck_assert_str_eq(said(&m), "!!");
	model_adopt(&m, &plan.policy);
	ck_assert_str_eq(said(&m), "-+");
	report_all(&m, "x", WALL, "v1", "a- b+");
	ck_assert_str_eq(said(&m), "-+");
	health_destroy(m.health);
}
END_TEST

/* A pool without a check needs nobody's word, wherever it is in the policy. */
START_TEST(pools_with_and_without_a_check)
{
	struct model m;

	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "ab");
	(void)plan_pool(&plan, "v2", "a");
	(void)plan_pool(&plan, "v3", "b");
	plan.endpoints[2].check = STEERING_NONE;
	m = model_create(&plan.policy);
	report(&m, "x", "v3", "b-");
	report(&m, "x", "v2", "a-");
	ck_assert_str_eq(said(&m), "!!+-");
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: health");
	TCase *tc = tcase_create("health");

	tcase_add_test(tc, quorum);
	tcase_add_test(tc, without_a_check_it_is_up);
	tcase_add_test(tc, stale);
	tcase_add_test(tc, the_first_moment_of_a_clock);
	tcase_add_test(tc, stale_votes_do_not_count);
	tcase_add_test(tc, a_check_that_is_long_overdue_votes_no_more);
	tcase_add_test(tc, votes_that_are_carried_are_overdue_later);
	tcase_add_test(
	    tc, a_vantage_that_dies_takes_all_its_votes_with_it_at_once);
	tcase_add_test(tc, a_row_that_is_only_written_again_ages);
	tcase_add_test(tc, a_clock_step_of_a_vantage_ages_nothing);
	tcase_add_test(tc, half_a_change_is_never_published);
	tcase_add_test(tc, a_full_change_that_breaks_off_forgets_nothing);
	tcase_add_test(tc, full_change);
	tcase_add_test(tc, a_file_made_anew_forgets_no_verdict);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, pending);
	tcase_add_test(tc, pending_of_many);
	tcase_add_test(tc, pending_by_group);
	tcase_add_test(tc, live_that_differs_is_not_equal);
	tcase_add_test(tc, rows_of_strangers_cost_nothing);
	tcase_add_test(tc, what_left_the_policy_is_forgotten);
	tcase_add_test(tc, a_policy_without_checks_forgets_all);
	tcase_add_test(tc, going_back_to_the_policy_before_loses_nothing);
	tcase_add_test(tc, pools_with_and_without_a_check);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
