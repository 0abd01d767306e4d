/*
 * The step spill: which clients a region keeps, who gets those that it does
 * not, and who moves when what it keeps changes.
 */
#include "steering/ladder.h"

#include <math.h>

#include "tests/unit/steering_random.h"

#define CLIENTS 200000

/* A service listed over three regions of one endpoint each. */
struct three {
	struct fixture *f;
	uint32_t pool;
};

static struct three
three_regions(void)
{
	static const char *const names[] = {"east", "mid", "west"};
	struct three t = {.f = fixture_create()};
	struct service_config *s;

	for (unsigned i = 0; i < 3; i++)
		fixture_region(t.f, names[i], 10 * i);
	s = fixture_service(t.f, "chat");
	s->rank = RANK_LISTED;
	t.pool = fixture_pool(t.f, "p");
	for (uint32_t i = 0; i < 3; i++)
		fixture_endpoint(t.f, t.pool, i, 1);
	fixture_split(t.f, s, t.pool, 1);
	fixture_build(t.f);
	fixture_set_all(t.f, USABLE_YES);
	return t;
}

/* The group of a region, by the number that the file gives it. */
static struct live_group *
group(struct fixture *f, uint32_t pool, uint32_t region)
{
	return &f->live->group[f->policy->pools[pool].group[region]];
}

static uint64_t
keep_of(double share)
{
	return share >= 1 ? POLICY_KEEP_ALL : (uint64_t)ldexp(share, 64);
}

static void
keep(const struct three *t, double east, double mid, double west)
{
	group(t->f, t->pool, 0)->keep = keep_of(east);
	group(t->f, t->pool, 1)->keep = keep_of(mid);
	group(t->f, t->pool, 2)->keep = keep_of(west);
	live_judge(t->f->live, t->f->policy);
}

/* Addresses that are spread evenly over IPv4. */
static struct address
client(uint32_t i)
{
	return fixture_ipv4(i * UINT32_C(0x9e3779b1));
}

static void
count(const struct three *t, double share[3])
{
	struct decision d;

	memset(share, 0, 3 * sizeof(share[0]));
	for (uint32_t i = 0; i < CLIENTS; i++) {
		struct address a = client(i);

		fixture_decide(t->f, 0, &a, &d);
		share[d.region] += 1.0 / CLIENTS;
	}
}

/* The way along the order, and what none keeps at the first; a position of one
 * region has nothing to do with that of another. */
START_TEST(each_region_keeps_its_share_of_those_that_come)
{
	static const double rows[][3] = {{1, 1, 1}, {0.75, 1, 1}, {0.001, 1, 1},
	    {0, 1, 1}, {0.5, 0.5, 1}, {0.9, 0.2, 0.3}, {0.3, 0, 0}, {0, 0, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct three t = three_regions();
		const double *k = rows[i];
		double mid = (1 - k[0]) * k[1];
		double west = (1 - k[0]) * (1 - k[1]) * k[2];
		double share[3];

		keep(&t, k[0], k[1], k[2]);
		count(&t, share);
		ck_assert_msg(fabs(share[1] - mid) < 0.003 &&
			fabs(share[2] - west) < 0.003,
		    "row %zu: %g %g, not %g %g", i, share[1], share[2], mid,
		    west);
		fixture_destroy(t.f);
	}
}
END_TEST

/* What one region keeps more or less of comes from there or goes there. */
START_TEST(a_change_moves_only_those_between_old_and_new)
{
	struct three t = three_regions();

	for (unsigned step = 0; step < 30; step++) {
		double from = fixture_below(1001) / 1000.0;
		double to = fixture_below(1001) / 1000.0;
		unsigned moved = 0;

		keep(&t, from, 0.5, 0.5);
		for (uint32_t i = 0; i < 2000; i++) {
			struct address a = client(i);
			struct decision before, after;

			keep(&t, from, 0.5, 0.5);
			fixture_decide(t.f, 0, &a, &before);
			keep(&t, to, 0.5, 0.5);
			fixture_decide(t.f, 0, &a, &after);
			if (before.region == after.region)
				continue;
			moved++;
			/* Region 0 is the one that keeps another share. */
			ck_assert_uint_eq(
			    to > from ? after.region : before.region, 0);
		}
		/* Some of them stay there since none keeps them. */
		ck_assert_double_le(moved / 2000.0, fabs(to - from) + 0.03);
	}
	fixture_destroy(t.f);
}
END_TEST

START_TEST(what_is_alone_keeps_all_and_says_no_position)
{
	struct three t = three_regions();
	struct decision d;

	keep(&t, 0.1, 1, 1);
	fixture_set(t.f, t.pool, 1, USABLE_NO);
	fixture_set(t.f, t.pool, 2, USABLE_NO);
	for (uint32_t i = 0; i < 1000; i++) {
		struct address a = client(i);

		fixture_decide(t.f, 0, &a, &d);
		ck_assert_uint_eq(d.region, 0);
		ck_assert_uint_eq(d.scope, 0);
	}
	fixture_destroy(t.f);
}
END_TEST

START_TEST(as_if_up_nobody_is_passed_on)
{
	struct three t = three_regions();
	struct decision d;

	keep(&t, 0, 1, 1);
	fixture_set_all(t.f, USABLE_NO);
	d = fixture_ask(t.f, "192.0.2.1");
	ck_assert(d.resort);
	ck_assert_uint_eq(d.region, 0);
	fixture_destroy(t.f);
}
END_TEST

START_TEST(what_all_pass_says_no_position)
{
	struct three t = three_regions();
	struct decision d;

	keep(&t, 0, 1, 1);
	d = fixture_ask(t.f, "192.0.2.1");
	ck_assert_uint_eq(d.region, 1);
	ck_assert_uint_eq(d.scope, 0);
	ck_assert(!d.hashed);
	fixture_destroy(t.f);
}
END_TEST

/* An answer from two regions has first those that keep the client. */
START_TEST(regions_that_do_not_keep_it_come_last)
{
	struct three t = three_regions();
	struct decision d;

	fixture_destroy(t.f);
	t.f = fixture_create();
	for (unsigned i = 0; i < 3; i++)
		fixture_region(t.f, i == 0 ? "a" : i == 1 ? "b" : "c", 10 * i);
	fixture_service(t.f, "chat")->rank = RANK_LISTED;
	t.f->services[0].answers = 3;
	t.f->services[0].answers_from = ANSWERS_REGIONS;
	t.pool = fixture_pool(t.f, "p");
	for (uint32_t i = 0; i < 3; i++)
		fixture_endpoint(t.f, t.pool, i, 1);
	fixture_split(t.f, &t.f->services[0], t.pool, 1);
	fixture_build(t.f);
	fixture_set_all(t.f, USABLE_YES);
	keep(&t, 0, 1, 0);
	d = fixture_ask(t.f, "192.0.2.1");
	ck_assert_uint_eq(d.n, 3);
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[0]), "b");
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[1]), "a");
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[2]), "c");
	fixture_destroy(t.f);
}
END_TEST

static char told[4096];

static void
tell(void *context, enum ladder_step step, const char *text)
{
	(void)context;
	if (step == STEP_SPILL || step == STEP_RANK)
		snprintf(told + strlen(told), sizeof(told) - strlen(told),
		    "%s\n", text);
}

static const char *
story(struct fixture *f, const char *text)
{
	struct ladder_trace trace = {.step = tell, .rule = MAP_NO_RULE};
	struct address a;
	struct decision d;

	told[0] = '\0';
	address_parse(text, &a);
	fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &d);
	return told;
}

START_TEST(explain_says_where_a_client_was_passed_on)
{
	struct three t = three_regions();

	keep(&t, 0, 0.75, 0.5);
	ck_assert_str_eq(story(t.f, "192.0.2.1"),
	    "east keeps nobody: goes on to the next\n"
	    "mid keeps positions before 75 %: position 74.639603 % in the "
	    "block 192.0.0.0/14: kept\n"
	    "mid, as listed: east, mid, west; skipped: east does not keep "
	    "it\n");
	keep(&t, 0, 0, 0);
	ck_assert_str_eq(story(t.f, "192.0.2.1"),
	    "east keeps nobody: goes on to the next\n"
	    "mid keeps nobody: goes on to the next\n"
	    "west keeps nobody: goes on to the next\n"
	    "east, its first: none of them keeps it, as listed: east, mid, "
	    "west\n");
	fixture_destroy(t.f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: spill");
	TCase *tc = tcase_create("spill");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, each_region_keeps_its_share_of_those_that_come);
	tcase_add_test(tc, a_change_moves_only_those_between_old_and_new);
	tcase_add_test(tc, what_is_alone_keeps_all_and_says_no_position);
	tcase_add_test(tc, as_if_up_nobody_is_passed_on);
	tcase_add_test(tc, what_all_pass_says_no_position);
	tcase_add_test(tc, regions_that_do_not_keep_it_come_last);
	tcase_add_test(tc, explain_says_where_a_client_was_passed_on);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
