/*
 * Tests of `live` itself: what it is when it is new, also where one of its
 * allocations fails, and how groups and pools follow from endpoints.
 */
#include "steering/live.h"

#include "steering/diff_pair.h"
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
		ck_assert(live == NULL || n == 13);
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
		ck_assert_int_eq(live->group[i].pending_s, LIVE_NOT_PENDING);
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

/* Names. */

/* One region, the addresses of whose two endpoints are those of ${name} and of
 * another. */
static struct fixture *
names(const char *name)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t pool = fixture_pool(f, "v1");

	for (size_t i = 0; i < 2; i++) {
		fixture_endpoint(f, pool, east, 1);
		f->endpoints[pool][i].n_ipv4 = f->endpoints[pool][i].n_ipv6 = 0;
		f->endpoints[pool][i].resolve =
		    i == 0 ? name : "lb.example.net";
	}
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	ck_assert_msg(fixture_compile(f) != NULL, "%s", f->eb.text);
	f->live = live_create(f->policy);
	ck_assert_ptr_nonnull(f->live);
	ck_assert_int_eq(live_room(f->live, 2 * LIVE_MAX_KNOWN), 0);
	live_judge(f->live, f->policy);
	return f;
}

static struct fixture *
two_names(void)
{
	return names("lb.example.org");
}

static struct live_address
known(const char *address, enum usable usable)
{
	struct live_address a = {.usable = (int8_t)usable};

	ck_assert_int_eq(address_parse(address, &a.address), 0);
	return a;
}

/* The addresses in answers of ${form} of endpoint 0, as text. */
static const char *
answered(const struct fixture *f, enum answer_form form)
{
	static char text[LIVE_MAX_ADDRESSES * (ADDRESS_TEXT + 1)];
	const struct answer_set *set = live_set(f->live, f->policy, 0, form);
	const uint8_t *at = set->image;

	text[0] = '\0';
	for (unsigned i = 0; i < set->count; i++) {
		struct address a = {.family = at[11] == 4 ? 4 : 6};
		char one[ADDRESS_TEXT];

		ck_assert_uint_eq(at[3], form == FORM_IPV4 ? 1 : 28);
		memcpy(a.bytes, at + 12, at[11]);
		at += 12 + at[11];
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s", i > 0 ? " " : "", address_format(&a, one));
	}
	ck_assert_ptr_eq(at, set->image + set->size);
	return text;
}

/* What a query for ${form} gets. */
static enum answer_kind
asked(const struct fixture *f, enum answer_form form, struct decision *out)
{
	const struct client client = {{.family = 4, .bytes = {192, 0, 2}}, 32};
	const struct answer_request request = {.form = form,
	    .owner = (const uint8_t *)"",
	    .owner_len = 1,
	    .client = &client,
	    .sender = &client.address};

	ladder_decide(&f->policy->zones[0].services[0], f->policy, f->live,
	    &request, NULL, out);
	return out->kind;
}

START_TEST(a_name_without_addresses_is_never_answered_with)
{
	struct fixture *f = two_names();
	const struct live_address one = known("192.0.2.1", USABLE_NO);
	struct decision d;

	ck_assert_uint_eq(f->policy->n_resolved, 2);
	ck_assert_str_eq(f->policy->names[1], "lb.example.net");
	ck_assert_int_eq(f->live->endpoint[0], USABLE_EMPTY);
	ck_assert_int_eq(f->live->group[0].usable, USABLE_EMPTY);
	ck_assert_uint_eq(f->live->pool[0].usable[USABLE_NO], 0);
	/* Not even the last resort has anything: resolvers ask elsewhere. */
	ck_assert_int_eq(asked(f, FORM_IPV4, &d), ANSWER_SERVFAIL);
	/* As if up goes what has an address, though it is down. */
	live_resolve(f->live, f->policy, 1, &one, 1);
	live_judge(f->live, f->policy);
	ck_assert_int_eq(f->live->group[0].usable, USABLE_NO);
	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(asked(f, FORM_IPV4, &d), ANSWER_RECORDS);
		ck_assert_uint_eq(d.n, 1);
		ck_assert_uint_eq(d.endpoint[0], 1);
		ck_assert(d.resort);
	}
	fixture_destroy(f);
}
END_TEST

START_TEST(the_best_addresses_of_a_name_are_answered)
{
	const struct live_address all[] = {known("192.0.2.1", USABLE_UNCHECKED),
	    known("192.0.2.2", USABLE_YES), known("192.0.2.3", USABLE_NO),
	    known("192.0.2.4", USABLE_YES), known("2001:db8::1", USABLE_NO),
	    known("2001:db8::2", USABLE_UNCHECKED)};
	static const struct {
		unsigned first, n;
		enum usable usable;
		const char *ipv4, *ipv6, *says;
	} rows[] = {
	    {0, 6, USABLE_YES, "192.0.2.2 192.0.2.4", "",
		"what is up goes before the rest, of both families"},
	    {4, 2, USABLE_UNCHECKED, "", "2001:db8::2",
		"what is not checked goes before what is down"},
	    {2, 1, USABLE_NO, "192.0.2.3", "",
		"what is down is there for the last resort"},
	    {0, 0, USABLE_EMPTY, "", "", "none at all"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = two_names();

		live_resolve(
		    f->live, f->policy, 0, all + rows[i].first, rows[i].n);
		ck_assert_msg(f->live->endpoint[0] == (int)rows[i].usable, "%s",
		    rows[i].says);
		ck_assert_str_eq(answered(f, FORM_IPV4), rows[i].ipv4);
		ck_assert_str_eq(answered(f, FORM_IPV6), rows[i].ipv6);
		fixture_destroy(f);
	}
}
END_TEST

/* A family that has few has room left for the other. */
START_TEST(at_most_32_addresses_of_a_name_are_answered)
{
	static const struct {
		unsigned ipv4, ipv6, answered4, answered6;
	} rows[] = {{32, 0, 32, 0}, {33, 0, 32, 0}, {0, 33, 0, 32},
	    {40, 40, 16, 16}, {40, 3, 29, 3}, {3, 40, 3, 29}, {16, 17, 16, 16},
	    {17, 16, 16, 16}, {20, 12, 20, 12}, {12, 20, 12, 20}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct live_address all[LIVE_MAX_KNOWN];
		struct fixture *f = two_names();
		unsigned n = 0;

		for (; n < rows[i].ipv4; n++)
			all[n] = known("192.0.2.1", USABLE_YES);
		for (; n < rows[i].ipv4 + rows[i].ipv6; n++)
			all[n] = known("2001:db8::1", USABLE_YES);
		live_resolve(f->live, f->policy, 0, all, n);
		ck_assert_uint_eq(
		    live_set(f->live, f->policy, 0, FORM_IPV4)->count,
		    rows[i].answered4);
		ck_assert_uint_eq(
		    live_set(f->live, f->policy, 0, FORM_IPV6)->count,
		    rows[i].answered6);
		fixture_destroy(f);
	}
}
END_TEST

START_TEST(an_address_that_changes_is_a_difference)
{
	const struct live_address all[] = {known("192.0.2.1", USABLE_YES),
	    known("192.0.2.2", USABLE_YES), known("192.0.2.2", USABLE_NO)};
	struct live_address up[2], down[2], presumed[2];
	struct fixture *f = two_names(), *g = two_names();

	live_resolve(f->live, f->policy, 0, all, 2);
	live_resolve(g->live, g->policy, 0, all, 2);
	ck_assert(live_equal(f->live, g->live));
	live_resolve(g->live, g->policy, 0, all, 1);
	ck_assert(!live_equal(f->live, g->live));
	live_resolve(f->live, f->policy, 0, all + 1, 1);
	ck_assert(!live_equal(f->live, g->live));
	live_resolve(g->live, g->policy, 0, all + 1, 2);
	live_resolve(f->live, f->policy, 0, all, 2);
	ck_assert(!live_equal(f->live, g->live));
	/* One of two is down, or up for want of a check: no endpoint is
	 * another one for that. */
	down[0] = up[0] = presumed[0] = all[0];
	down[1] = all[2];
	up[1] = presumed[1] = all[1];
	presumed[1].presumed = true;
	live_resolve(f->live, f->policy, 0, up, 2);
	live_resolve(g->live, g->policy, 0, down, 2);
	ck_assert(!live_equal(f->live, g->live));
	live_resolve(g->live, g->policy, 0, presumed, 2);
	ck_assert(!live_equal(f->live, g->live));
	live_resolve(g->live, g->policy, 0, up, 2);
	ck_assert(live_equal(f->live, g->live));
	fixture_destroy(f);
	fixture_destroy(g);
}
END_TEST

/* A name may have either family by and by: its service has both. */
START_TEST(a_family_that_a_name_lacks_now_is_no_family_that_is_never_there)
{
	const struct live_address one = known("192.0.2.1", USABLE_YES);
	struct fixture *f = two_names();
	struct decision d;

	ck_assert(f->policy->zones[0].services[0].has[FORM_IPV6]);
	live_resolve(f->live, f->policy, 0, &one, 1);
	live_judge(f->live, f->policy);
	ck_assert_int_eq(asked(f, FORM_IPV4, &d), ANSWER_RECORDS);
	ck_assert(!d.resort);
	ck_assert_int_eq(asked(f, FORM_IPV6, &d), ANSWER_NODATA);
	ck_assert_uint_eq(d.ttl_s, f->policy->zones[0].services[0].ttl_min_s);
	fixture_destroy(f);
}
END_TEST

START_TEST(an_endpoint_with_another_name_is_another_one)
{
	struct fixture *old = names("lb.example.org");
	struct fixture *new = names("lb.example.com");
	struct diff_pair pair;

	ck_assert_int_eq(diff_pair_init(&pair, old->policy, old->live,
			     new->policy, new->live),
	    0);
	ck_assert_uint_eq(pair.same[0], STEERING_NONE);
	ck_assert_uint_eq(pair.same[1], 1);
	diff_pair_finish(&pair);
	fixture_destroy(old);
	fixture_destroy(new);
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
	tcase_add_test(tc, a_name_without_addresses_is_never_answered_with);
	tcase_add_test(tc, the_best_addresses_of_a_name_are_answered);
	tcase_add_test(tc, at_most_32_addresses_of_a_name_are_answered);
	tcase_add_test(tc, an_address_that_changes_is_a_difference);
	tcase_add_test(tc, an_endpoint_with_another_name_is_another_one);
	tcase_add_test(tc,
	    a_family_that_a_name_lacks_now_is_no_family_that_is_never_there);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
