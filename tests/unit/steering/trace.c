/*
 * Tests of what explain says of a scope and of a split: each fact that was
 * looked at with the prefix in which it is the same, the position of a client
 * with the shares of the pools, each deal.
 */
#include "steering/ladder.h"

#include "tests/unit/steering_fixture.h"

/* All texts of a decision, a line each. */
struct story {
	char text[4096];
	size_t len;
};

static void
keep_story(void *context, enum ladder_step step, const char *text)
{
	struct story *story = context;

	(void)step;
	story->len += (size_t)snprintf(story->text + story->len,
	    sizeof(story->text) - story->len, "%s\n", text);
	ck_assert_uint_lt(story->len, sizeof(story->text));
}

enum how {
	SOUTH_DOWN = 1,
	ALL_DOWN = 2,
	SPLIT = 4,
	CANARY_DOWN = 8,
	TWO = 16,     /* endpoints in the south */
	REGIONS = 32, /* answers from two regions */
	FENCED = 64,  /* the office is kept in the south */
	ONE_CLASS = 128,
	NO_IPV6 = 256, /* asked for, of an endpoint without */
};

/* v1 in the south and the north, where the office is and others are not; a
 * canary in the north. */
static struct fixture *
build(unsigned how)
{
	struct fixture *f = fixture_create();
	uint32_t south = fixture_region(f, "south", 0);
	uint32_t north = fixture_region(f, "north", 50);
	uint32_t v1 = fixture_pool(f, "v1"), canary = fixture_pool(f, "canary");
	struct service_config *s = fixture_service(f, "chat");

	fixture_endpoint(f, v1, south, 1);
	if (how & NO_IPV6)
		f->endpoints[v1][0].n_ipv6 = 0;
	if (!(how & ONE_CLASS))
		fixture_endpoint(f, v1, north, 1);
	if (how & TWO)
		fixture_endpoint(f, v1, south, 1);
	fixture_endpoint(f, canary, north, 1);
	fixture_network(f, "office", "20.1.0.0/16", 50);
	s->rank = RANK_NEAREST;
	fixture_split(f, s, v1, how & SPLIT ? 3 : 1);
	if (how & SPLIT)
		fixture_split(f, s, canary, 1);
	if (how & REGIONS) {
		s->answers = 2;
		s->answers_from = ANSWERS_REGIONS;
	}
	if (how & FENCED)
		fixture_fence(f, s, 0, 1, true);
	fixture_build(f);
	if (how & SOUTH_DOWN)
		fixture_set(f, v1, 0, USABLE_NO);
	if (how & CANARY_DOWN)
		fixture_set(f, canary, 0, USABLE_NO);
	if (how & ALL_DOWN)
		fixture_set_all(f, USABLE_NO);
	return f;
}

/* Rows are about clients of the office and others; every prefix in them can be
 * checked by hand. */
START_TEST(the_scope_says_what_was_looked_at_and_where_it_is_the_same)
{
	static const struct {
		const char *what, *client;
		unsigned how;
		const char *says;
	} rows[] = {
	    {"the first region", "20.1.2.3", 0,
		"\n/16: the first region of the order is the same in "
		"20.1.0.0/16\n"},
	    {"of others too", "21.1.2.3", 0,
		"\n/8: the first region of the order is the same in "
		"21.0.0.0/8\n"},
	    {"a 6to4 client, in its own family", "2002:1401:203::1", 0,
		"\n/32: the first region of the order is the same in "
		"2002:1401::/32\n"},
	    {"one region is left of all: where it is does not matter",
		"20.1.2.3", SOUTH_DOWN,
		"\n/4: clients may be sent to the same regions in "
		"16.0.0.0/4\n"},
	    {"two regions in an answer", "20.1.2.3", REGIONS,
		"\n/16: the first 2 regions of the order are the same in "
		"20.1.0.0/16\n"},
	    {"a pick by hash", "21.1.2.3", TWO,
		"\n/20: the first region of the order is the same in "
		"21.0.0.0/8; the endpoint is picked by 21.1.0.0/20\n"},
	    {"the office is kept in the region that others have first",
		"20.1.2.3", FENCED,
		"\n/4: the first region of the order is the same in "
		"16.0.0.0/4\n"},
	    {"a last resort", "20.1.2.3", ALL_DOWN,
		"; clients are of one class in 20.1.0.0/16\n"},
	    {"a private client", "10.1.2.3", 0,
		"\n/8: 10.0.0.0/8 is private: the sender decides for all of "
		"it\n"},
	    {"one class", "20.1.2.3", ONE_CLASS,
		"\n/0: all clients get this answer\n"},
	    {"NODATA", "21.1.2.3", NO_IPV6,
		"\n/0: resolvers give a NODATA to all of their clients\n"},
	    {"a split: half of the block lies in the first 50 %", "21.1.2.3",
		SPLIT,
		"\n/15: the first region of the order is the same in "
		"21.0.0.0/8; positions lie in the same shares in "
		"21.0.0.0/15\n"},
	    {"a split that leaves one pool", "21.1.2.3", SPLIT | CANARY_DOWN,
		"\n/8: the first region of the order is the same in "
		"21.0.0.0/8\n"},
	    {"a split that the fence decides", "20.1.2.3", SPLIT | FENCED,
		"\n/16: the first region of the order is the same in "
		"16.0.0.0/4; clients may be sent to the same regions in "
		"20.1.0.0/16\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = build(rows[i].how);
		struct story story = {{0}, 0};
		struct ladder_trace trace = {
		    .step = keep_story, .context = &story, .rule = MAP_NO_RULE};
		struct address a;
		struct decision d;

		ck_assert_int_eq(address_parse(rows[i].client, &a), 0);
		fixture_decide_traced(f, 0, &a,
		    rows[i].how & NO_IPV6 ? FORM_IPV6 : FORM_IPV4, &trace, &d);
		ck_assert_msg(strstr(story.text, rows[i].says) != NULL,
		    "%s: %s", rows[i].what, story.text);
		fixture_destroy(f);
	}
}
END_TEST

/* The position, its block, the share it lies in and those of the others; the
 * second deal is by another position, among those that are left. */
START_TEST(each_deal_says_the_position_and_all_shares)
{
	static const uint32_t weights[] = {600, 300, 99, 1};
	static const char *const names[] = {"a", "b", "c", "d"};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	struct service_config *s = fixture_service(f, "chat");
	unsigned again = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t pool = fixture_pool(f, names[i]);

		fixture_endpoint(f, pool, east, 1);
		fixture_split(f, s, pool, weights[i]);
	}
	fixture_build(f);
	fixture_set(f, 1, 0, USABLE_NO);
	for (unsigned i = 0; i < 100; i++) {
		struct address a = fixture_ipv4(0x15000000 + (i << 16));
		struct story story = {{0}, 0};
		struct ladder_trace trace = {
		    .step = keep_story, .context = &story, .rule = MAP_NO_RULE};
		struct decision d;
		const char *deal;

		fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &d);
		deal = strstr(story.text, "\nposition ");
		ck_assert_msg(deal != NULL, "%s", story.text);
		ck_assert_ptr_nonnull(strstr(deal, " % in the block 21."));
		ck_assert_ptr_nonnull(strstr(deal,
		    "(a from 0 % to 60 %, b from 60 % to 90 %, c from 90 % to "
		    "99.9 %, d from 99.9 % to 100 %)"));
		if (strstr(deal, ", not usable for this client: dealt again") ==
		    NULL)
			continue;
		again++;
		ck_assert_ptr_nonnull(strstr(deal, "/14: b ("));
		deal = strstr(deal, "\ndeal 2: position ");
		ck_assert_ptr_nonnull(deal);
		ck_assert_ptr_nonnull(strstr(deal,
		    "(a from 0 % to 85.714286 %, c from 85.714286 % to "
		    "99.857143 %, d from 99.857143 % to 100 %)"));
		ck_assert_ptr_null(strstr(deal, "dealt again"));
	}
	ck_assert_uint_gt(again, 15);
	ck_assert_uint_lt(again, 45);
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: trace");
	TCase *tc = tcase_create("trace");

	tcase_add_test(
	    tc, the_scope_says_what_was_looked_at_and_where_it_is_the_same);
	tcase_add_test(tc, each_deal_says_the_position_and_all_shares);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
