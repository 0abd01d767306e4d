/*
 * Tests of the outlook: what it calls a service in each kind of trouble, for
 * which clients, and that the ladder does what it says.
 */
#include "steering/outlook.h"

#include "tests/unit/steering_fixture.h"

#define OFFICE "10.0.0.0/8"
#define IN_OFFICE "10.1.2.3"
#define IN_LAB "172.16.0.1"
#define OUTSIDE "198.51.100.1"

/* Two endpoints in the east and one in the west of pool v1, one in the west of
 * v2, and a backup without a weight in the east. */
enum { EAST_A, EAST_B, WEST };

struct steered {
	struct fixture *f;
	struct service_config *s;
	uint32_t v1, v2, backup;
};

static struct steered
steered(void)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct steered it = {.f = f, .s = fixture_service(f, "chat")};

	it.v1 = fixture_pool(f, "v1");
	fixture_endpoint(f, it.v1, east, 1);
	fixture_endpoint(f, it.v1, east, 1);
	fixture_endpoint(f, it.v1, west, 1);
	fixture_split(f, it.s, it.v1, 90);
	it.v2 = fixture_pool(f, "v2");
	fixture_endpoint(f, it.v2, west, 1);
	fixture_split(f, it.s, it.v2, 10);
	it.backup = fixture_pool(f, "backup");
	fixture_endpoint(f, it.backup, east, 1);
	fixture_split(f, it.s, it.backup, 0);
	return it;
}

static void
resort(struct steered *it, enum last_resort what)
{
	it->s->resorts[it->s->n_resorts++] = what;
}

static struct outlook_service
look(const struct fixture *f)
{
	struct outlook *o = outlook_create(f->policy, f->live);
	struct outlook_service out;

	ck_assert_ptr_nonnull(o);
	outlook_service(o, &f->policy->zones[0].services[0], &out);
	outlook_destroy(o);
	return out;
}

/* For whom nothing is left, and what they get, as "whom: what"; "" where there
 * is nobody. */
static const char *
words(const struct fixture *f)
{
	static char copy[256];
	const struct policy_service *s = &f->policy->zones[0].services[0];
	struct outlook *o = outlook_create(f->policy, f->live);
	struct outlook_service all;
	struct text t;

	ck_assert_ptr_nonnull(o);
	outlook_service(o, s, &all);
	text_init(&t, sizeof(copy));
	if (all.resorts > 0) {
		outlook_resorts(o, s, &t);
		text_add(&t, "; ");
		outlook_answer(s, &all.worst_class, &t);
	}
	snprintf(copy, sizeof(copy), "%s", t.data != NULL ? t.data : "");
	text_finish(&t);
	outlook_destroy(o);
	return copy;
}

static const char *
pools_in_use(const struct fixture *f)
{
	static char copy[256];
	const struct outlook_service all = look(f);
	struct text t;

	text_init(&t, sizeof(copy));
	outlook_members(&f->policy->zones[0].services[0], all.members, &t);
	snprintf(copy, sizeof(copy), "%s", t.data != NULL ? t.data : "");
	text_finish(&t);
	return copy;
}

START_TEST(a_service_is_healthy_while_all_with_a_weight_is_usable)
{
	struct steered it = steered();
	struct outlook_service all;

	fixture_build(it.f);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_HEALTHY);
	ck_assert_uint_eq(all.endpoints, 4);
	ck_assert_uint_eq(all.up, 4);
	ck_assert_uint_eq(all.regions, 2);
	ck_assert_uint_eq(all.regions_usable, 2);
	ck_assert_str_eq(pools_in_use(it.f), "v1, v2");
	ck_assert_str_eq(words(it.f), "");
	/* What only waits for a last resort says nothing of the service. */
	fixture_set(it.f, it.backup, 0, USABLE_NO);
	ck_assert_int_eq(look(it.f).state, OUTLOOK_HEALTHY);
	fixture_destroy(it.f);
}
END_TEST

static void
drain(struct steered *it, size_t i)
{
	live_drain(it->f->live, fixture_number(it->f, it->v1, i));
	live_judge(it->f->live, it->f->policy);
}

/* Who drains means the others to serve: that is no alarm, until one is down
 * that should not be. */
START_TEST(what_is_drained_is_counted_apart_from_what_is_down)
{
	struct steered it = steered();
	struct outlook_service all;

	fixture_build(it.f);
	drain(&it, EAST_A);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_HEALTHY);
	ck_assert_uint_eq(all.drained, 1);
	ck_assert_uint_eq(all.up, 3);
	ck_assert_uint_eq(all.drained_regions, 0);
	drain(&it, EAST_B);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_HEALTHY);
	ck_assert_uint_eq(all.regions_usable, 1);
	ck_assert_uint_eq(all.down, 0);
	ck_assert_uint_eq(all.drained_regions, 1);
	fixture_set(it.f, it.v2, 0, USABLE_NO);
	ck_assert_int_eq(look(it.f).state, OUTLOOK_DEGRADED);
	fixture_destroy(it.f);
}
END_TEST

/* All as if up is what is down; what is drained comes after it. */
START_TEST(the_last_resort_counts_what_is_drained_last)
{
	struct steered it = steered();

	fixture_build(it.f);
	it.f->live->endpoint[fixture_number(it.f, it.v2, 0)] = USABLE_NO;
	for (size_t e = 0; e < it.f->live->n_endpoints; e++)
		if (it.f->live->endpoint[e] == USABLE_YES)
			live_drain(it.f->live, e);
	live_judge(it.f->live, it.f->policy);
	ck_assert_int_eq(look(it.f).state, OUTLOOK_LAST_RESORT);
	ck_assert_str_eq(words(it.f), "everyone; all as if up: v2");
	live_drain(it.f->live, fixture_number(it.f, it.v2, 0));
	live_judge(it.f->live, it.f->policy);
	ck_assert_str_eq(words(it.f), "everyone; all as if up: v1, v2");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(one_endpoint_down_makes_it_degraded)
{
	struct steered it = steered();
	struct outlook_service all;

	fixture_build(it.f);
	fixture_set(it.f, it.v1, EAST_A, USABLE_NO);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_DEGRADED);
	ck_assert_uint_eq(all.up, 3);
	ck_assert_uint_eq(all.regions_usable, 2);
	fixture_set(it.f, it.v1, EAST_B, USABLE_NO);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_DEGRADED);
	ck_assert_uint_eq(all.regions_usable, 1);
	ck_assert_str_eq(words(it.f), "");
	fixture_destroy(it.f);
}
END_TEST

/* All of it may be up by then, one by one, and the region still counts as
 * down: that is trouble too. */
START_TEST(a_region_below_min_up_makes_it_degraded)
{
	struct steered it = steered();

	it.f->pools[it.v1].min_up_ppm = 1000000;
	fixture_build(it.f);
	fixture_set(it.f, it.v1, EAST_A, USABLE_NO);
	ck_assert_uint_eq(look(it.f).regions_usable, 1);
	ck_assert_int_eq(look(it.f).state, OUTLOOK_DEGRADED);
	fixture_destroy(it.f);
}
END_TEST

START_TEST(what_nobody_has_checked_counts_as_usable_and_is_said_apart)
{
	struct steered it = steered();
	struct outlook_service all;

	fixture_build(it.f);
	fixture_set_all(it.f, USABLE_UNCHECKED);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_HEALTHY);
	ck_assert_uint_eq(all.up, 0);
	ck_assert_uint_eq(all.unchecked, 4);
	ck_assert_uint_eq(all.regions_usable, 2);
	fixture_destroy(it.f);
}
END_TEST

START_TEST(stale_health_is_said_of_services_that_have_checks)
{
	struct steered it = steered();

	fixture_build(it.f);
	it.f->live->stale = true;
	ck_assert(look(it.f).stale);
	it.f->live->stale = false;
	ck_assert(!look(it.f).stale);
	fixture_destroy(it.f);

	it = steered();
	for (size_t i = 0; i < it.f->config.n_pools; i++)
		it.f->pools[i].checks.n = 0;
	fixture_build(it.f);
	it.f->live->stale = true;
	ck_assert(!look(it.f).stale);
	fixture_destroy(it.f);
}
END_TEST

/* With everything down, each list of last resorts. */
START_TEST(the_last_resort_that_is_in_use_is_named)
{
	static const struct {
		enum last_resort list[2];
		size_t n;
		bool backup_up;
		const char *words;
	} rows[] = {
	    {{RESORT_ALL, 0}, 0, false, "everyone; all as if up: v1, v2"},
	    {{RESORT_ALL, 0}, 1, false, "everyone; all as if up: v1, v2"},
	    {{RESORT_RECORDS, 0}, 1, false, "everyone; records"},
	    {{RESORT_SERVFAIL, 0}, 1, true, "everyone; SERVFAIL"},
	    {{RESORT_POOLS, 0}, 1, true, "everyone; pools: backup"},
	    {{RESORT_POOLS, RESORT_RECORDS}, 2, false, "everyone; records"},
	    {{RESORT_UNFENCED, RESORT_RECORDS}, 2, true, "everyone; records"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct steered it = steered();

		for (size_t k = 0; k < rows[i].n; k++)
			resort(&it, rows[i].list[k]);
		fixture_build(it.f);
		fixture_set_all(it.f, USABLE_NO);
		if (rows[i].backup_up)
			fixture_set(it.f, it.backup, 0, USABLE_YES);
		ck_assert_int_eq(look(it.f).state, OUTLOOK_LAST_RESORT);
		ck_assert_str_eq(words(it.f), rows[i].words);
		fixture_destroy(it.f);
	}
}
END_TEST

/* The office may be sent to the east only, the lab to the west only. */
static struct steered
fenced(bool hard)
{
	struct steered it = steered();
	uint32_t office = fixture_network(it.f, "office", OFFICE, 0);
	uint32_t lab = fixture_network(it.f, "lab", "172.16.0.0/12", 50);

	fixture_fence(it.f, it.s, office, 1, hard);
	fixture_fence(it.f, it.s, lab, 2, hard);
	return it;
}

START_TEST(clients_that_have_nothing_healthy_are_named_by_their_rule)
{
	struct steered it = fenced(true);

	resort(&it, RESORT_SERVFAIL);
	fixture_build(it.f);
	ck_assert_str_eq(words(it.f), "");
	fixture_set(it.f, it.v1, EAST_A, USABLE_NO);
	fixture_set(it.f, it.v1, EAST_B, USABLE_NO);
	ck_assert_str_eq(words(it.f), "clients of rule 1; SERVFAIL");
	ck_assert_str_eq(pools_in_use(it.f), "v1, v2");
	fixture_set(it.f, it.v1, EAST_A, USABLE_YES);
	fixture_set(it.f, it.v1, WEST, USABLE_NO);
	fixture_set(it.f, it.v2, 0, USABLE_NO);
	ck_assert_str_eq(words(it.f), "clients of rule 2; SERVFAIL");
	fixture_set_all(it.f, USABLE_NO);
	ck_assert_str_eq(words(it.f), "everyone; SERVFAIL");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(two_of_three_rules_without_anything_are_both_named)
{
	struct steered it = steered();
	uint32_t office = fixture_network(it.f, "office", OFFICE, 0);
	uint32_t lab = fixture_network(it.f, "lab", "172.16.0.0/12", 50);

	fixture_fence(it.f, it.s, office, 1, true);
	fixture_fence(it.f, it.s, office, 1, false);
	fixture_fence(it.f, it.s, lab, 2, true);
	resort(&it, RESORT_RECORDS);
	fixture_build(it.f);
	fixture_set(it.f, it.v1, EAST_A, USABLE_NO);
	fixture_set(it.f, it.v1, EAST_B, USABLE_NO);
	ck_assert_str_eq(words(it.f), "clients of rule 1, 2; records");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(a_lifted_soft_fence_is_named)
{
	struct steered it = fenced(false);

	resort(&it, RESORT_UNFENCED);
	resort(&it, RESORT_RECORDS);
	fixture_build(it.f);
	fixture_set(it.f, it.v1, EAST_A, USABLE_NO);
	fixture_set(it.f, it.v1, EAST_B, USABLE_NO);
	ck_assert_str_eq(words(it.f), "clients of rule 1; unfenced: v1, v2");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(rules_after_one_for_everyone_are_no_class_of_clients)
{
	struct steered it = fenced(true);

	it.f->fences[0][0].clients.everyone = true;
	it.f->fences[0][0].clients.n_networks = 0;
	resort(&it, RESORT_RECORDS);
	fixture_build(it.f);
	ck_assert_uint_eq(
	    outlook_classes(&it.f->policy->zones[0].services[0]), 1);
	fixture_set(it.f, it.v1, EAST_A, USABLE_NO);
	fixture_set(it.f, it.v1, EAST_B, USABLE_NO);
	ck_assert_str_eq(words(it.f), "everyone; records");
	fixture_destroy(it.f);
}
END_TEST

/* Clients of class 0, 1 and 2 of fenced(), decided by the ladder. */
static void
compare(struct fixture *f, const struct outlook *o)
{
	static const char *const clients[] = {IN_OFFICE, IN_LAB, OUTSIDE};
	const struct policy_service *s = &f->policy->zones[0].services[0];

	for (uint32_t i = 0; i < 3; i++) {
		struct decision d = fixture_ask(f, clients[i]);
		struct outlook_class class;

		outlook_class(o, s, i, &class);
		ck_assert_int_eq(class.resort, d.resort);
		if (d.kind == ANSWER_RECORDS)
			ck_assert(class.members >> d.member & 1);
		else
			ck_assert_uint_eq(class.members, 0);
		if (d.kind == ANSWER_STATIC)
			ck_assert_int_eq(class.answer, RESORT_RECORDS);
		if (d.kind == ANSWER_SERVFAIL)
			ck_assert_int_eq(class.answer, RESORT_SERVFAIL);
	}
}

START_TEST(the_ladder_does_what_the_outlook_says)
{
	static const enum last_resort lists[][3] = {
	    {RESORT_ALL, RESORT_ALL, RESORT_ALL},
	    {RESORT_POOLS, RESORT_UNFENCED, RESORT_RECORDS},
	    {RESORT_UNFENCED, RESORT_POOLS, RESORT_SERVFAIL},
	    {RESORT_UNFENCED, RESORT_POOLS, RESORT_ALL},
	    {RESORT_POOLS, RESORT_RECORDS, RESORT_RECORDS},
	};

	for (size_t list = 0; list < 10; list++) {
		struct steered it = fenced(list % 2);

		for (size_t k = 0; k < 3; k++)
			resort(&it, lists[list / 2][k]);
		fixture_build(it.f);
		for (unsigned round = 0; round < 200; round++) {
			struct outlook *o;

			for (size_t e = 0; e < it.f->live->n_endpoints; e++)
				it.f->live->endpoint[e] =
				    (int8_t)fixture_below(3);
			live_judge(it.f->live, it.f->policy);
			o = outlook_create(it.f->policy, it.f->live);
			ck_assert_ptr_nonnull(o);
			compare(it.f, o);
			outlook_destroy(o);
		}
		fixture_destroy(it.f);
	}
}
END_TEST

/* Edges in two regions with an origin, whose second endpoint is standby. */
START_TEST(what_serves_in_place_of_a_pool_is_known)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "*.img");
	struct outlook_service all;
	struct outlook *o;
	uint32_t edge, origin;

	fixture_region(f, "north", 50);
	fixture_region(f, "south", 10);
	edge = fixture_pool(f, "edge");
	origin = fixture_pool(f, "origin");
	f->pools[edge].edge = true;
	f->pools[edge].origin = origin;
	fixture_endpoint(f, edge, 0, 1);
	fixture_endpoint(f, edge, 1, 1)->standby = true;
	fixture_endpoint(f, origin, 1, 1);
	fixture_split(f, s, edge, 1);
	fixture_build(f);
	for (unsigned down = 0; down < 3; down++) {
		if (down > 0)
			fixture_set(f, edge, down - 1, USABLE_NO);
		o = outlook_create(f->policy, f->live);
		ck_assert_ptr_nonnull(o);
		outlook_service(o, &f->policy->zones[0].services[0], &all);
		outlook_destroy(o);
		ck_assert_uint_eq(all.members, 1);
		ck_assert_uint_eq(all.endpoints, 3);
		ck_assert_uint_eq(all.up, 3 - down);
		ck_assert_uint_eq(all.standby, down == 1);
		ck_assert_uint_eq(all.origin, down == 2);
		ck_assert_int_eq(
		    all.state, down == 0 ? OUTLOOK_HEALTHY : OUTLOOK_DEGRADED);
	}
	fixture_destroy(f);
}
END_TEST

/* A service inside another is one of its pools: its endpoints are counted, each
 * once, and what its own last resort would take is not. */
START_TEST(a_service_inside_another_is_one_of_its_pools)
{
	struct steered it = steered();
	struct service_config *inner = fixture_service(it.f, "inner");
	uint32_t nested = fixture_nested(it.f, "nested", inner);
	uint32_t more = fixture_pool(it.f, "more");
	struct outlook_service all;

	fixture_endpoint(it.f, more, 0, 1);
	fixture_split(it.f, inner, it.v1, 1);
	fixture_split(it.f, inner, more, 1);
	fixture_split(it.f, inner, it.backup, 0);
	it.s->n_split = 0;
	fixture_split(it.f, it.s, nested, 1);
	fixture_split(it.f, it.s, it.v1, 1);
	resort(&it, RESORT_SERVFAIL);
	fixture_build(it.f);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_HEALTHY);
	ck_assert_uint_eq(all.endpoints, 4);
	ck_assert_uint_eq(all.regions, 2);
	ck_assert_str_eq(pools_in_use(it.f), "nested, v1");
	fixture_set(it.f, more, 0, USABLE_NO);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_DEGRADED);
	ck_assert_uint_eq(all.up, 3);
	/* It has nothing but what waits for its own last resort. */
	for (size_t i = 0; i < 3; i++)
		fixture_set(it.f, it.v1, i, USABLE_NO);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_LAST_RESORT);
	ck_assert_uint_eq(all.regions_usable, 0);
	/* And it is what is left. */
	fixture_set(it.f, more, 0, USABLE_YES);
	all = look(it.f);
	ck_assert_int_eq(all.state, OUTLOOK_DEGRADED);
	ck_assert_str_eq(pools_in_use(it.f), "nested");
	fixture_destroy(it.f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: outlook");
	TCase *tc = tcase_create("outlook");

	tcase_add_test(
	    tc, a_service_is_healthy_while_all_with_a_weight_is_usable);
	tcase_add_test(tc, what_is_drained_is_counted_apart_from_what_is_down);
	tcase_add_test(tc, the_last_resort_counts_what_is_drained_last);
	tcase_add_test(tc, one_endpoint_down_makes_it_degraded);
	tcase_add_test(tc, a_region_below_min_up_makes_it_degraded);
	tcase_add_test(
	    tc, what_nobody_has_checked_counts_as_usable_and_is_said_apart);
	tcase_add_test(tc, stale_health_is_said_of_services_that_have_checks);
	tcase_add_test(tc, the_last_resort_that_is_in_use_is_named);
	tcase_add_test(tc, what_serves_in_place_of_a_pool_is_known);
	tcase_add_test(
	    tc, clients_that_have_nothing_healthy_are_named_by_their_rule);
	tcase_add_test(tc, two_of_three_rules_without_anything_are_both_named);
	tcase_add_test(tc, a_lifted_soft_fence_is_named);
	tcase_add_test(
	    tc, rules_after_one_for_everyone_are_no_class_of_clients);
	tcase_add_test(tc, a_service_inside_another_is_one_of_its_pools);
	tcase_add_test(tc, the_ladder_does_what_the_outlook_says);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
