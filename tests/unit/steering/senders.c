/*
 * Tests of the senders whose client subnets count, the key `ecs` of a service:
 * the set itself, and that of one outside it the client subnet changes nothing.
 */
#include "steering/senders.h"

#include "tests/unit/steering_fixture.h"

#define CLIENT "20.1.2.3" /* in the network `far`, as 20.0.0.0/8 is */
#define HEARD "192.0.2.53"
#define UNHEARD "198.51.100.53"

/* Whether one of the first ${n} prefixes has ${a}. */
static bool
any(const struct prefix *prefixes, size_t n, const struct address *a)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_contains(&prefixes[i], a))
			return true;
	return false;
}

/* An address whose bits are few, so that prefixes meet: 10 of them in the two
 * highest bytes. */
static struct address
random_address(void)
{
	struct address a = {.family = fixture_below(2) == 0 ? 4 : 6};

	a.bytes[0] = (uint8_t)(fixture_below(32) << 3);
	a.bytes[1] = (uint8_t)fixture_below(32);
	return a;
}

START_TEST(set_has_what_one_of_its_prefixes_has)
{
	unsigned in = 0, out = 0;

	for (unsigned i = 0; i < 2000; i++) {
		struct arena *arena = arena_create(1 << 20);
		struct prefix prefixes[40];
		size_t n = fixture_below(41);
		const struct senders *s;

		for (size_t k = 0; k < n; k++) {
			struct prefix *p = &prefixes[k];

			p->address = random_address();
			p->length = (uint8_t)fixture_below(18);
			if (fixture_below(8) == 0)
				p->length = (uint8_t)address_bits(&p->address);
			address_mask(&p->address, p->length);
		}
		s = senders_create(arena, prefixes, n);
		ck_assert_ptr_nonnull(s);
		for (unsigned k = 0; k < 100; k++) {
			struct address a = random_address();
			bool has = any(prefixes, n, &a);

			ck_assert_int_eq(senders_have(s, &a), has);
			in += has;
			out += !has;
		}
		arena_destroy(arena);
	}
	ck_assert_uint_gt(in, 20000);
	ck_assert_uint_gt(out, 20000);
}
END_TEST

START_TEST(empty_set_and_unknown_sender)
{
	struct arena *arena = arena_create(1 << 20);
	struct prefix all[2] = {{{.family = 4}, 0}, {{.family = 6}, 0}};
	struct address nobody = {0}, four, six;

	ck_assert_int_eq(address_parse("255.255.255.255", &four), 0);
	ck_assert_int_eq(address_parse("::", &six), 0);
	ck_assert(!senders_have(senders_create(arena, NULL, 0), &four));
	ck_assert(senders_have(senders_create(arena, all, 2), &four));
	ck_assert(senders_have(senders_create(arena, all, 2), &six));
	ck_assert(!senders_have(senders_create(arena, all, 1), &six));
	ck_assert(!senders_have(senders_create(arena, all, 2), &nobody));
	arena_destroy(arena);
}
END_TEST

/* Two regions, "near" and "far", of which 20.0.0.0/8 has the second and
 * everyone else the first; three endpoints in each. */
static struct fixture *
two_regions(enum ecs_kind ecs)
{
	static struct prefix listed[2];
	struct fixture *f = fixture_create();
	uint32_t near = fixture_region(f, "near", 0);
	uint32_t far = fixture_region(f, "far", 50);
	uint32_t pool = fixture_pool(f, "v1");
	uint32_t network = fixture_network(f, "far", "20.0.0.0/8", 50);
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned i = 0; i < 3; i++) {
		fixture_endpoint(f, pool, near, 1);
		fixture_endpoint(f, pool, far, 1);
	}
	fixture_split(f, s, pool, 1);
	fixture_fence(f, s, network, 2, true);
	ck_assert_int_eq(prefix_parse("192.0.2.0/24", &listed[0]), 0);
	ck_assert_int_eq(prefix_parse("2001:db8::/32", &listed[1]), 0);
	s->ecs = ecs;
	s->ecs_senders = listed;
	s->n_ecs_senders = ecs == ECS_LISTED ? 2 : 0;
	fixture_build(f);
	return f;
}

static struct decision
ask_by(struct fixture *f, const char *client, const char *sender)
{
	ck_assert_int_eq(address_parse(sender, &f->sender), 0);
	return fixture_ask(f, client);
}

START_TEST(who_is_heard)
{
	static const struct {
		enum ecs_kind ecs;
		const char *sender;
		bool heard;
	} rows[] = {
	    {ECS_ON, HEARD, true},
	    {ECS_ON, UNHEARD, true},
	    {ECS_OFF, HEARD, false},
	    {ECS_OFF, "2001:db8::1", false},
	    {ECS_LISTED, HEARD, true},
	    {ECS_LISTED, UNHEARD, false},
	    {ECS_LISTED, "192.0.3.0", false},
	    {ECS_LISTED, "192.0.1.255", false},
	    {ECS_LISTED, "2001:db8:ffff::1", true},
	    {ECS_LISTED, "2001:db9::", false},
	    /* As clients are: the IPv4 address inside. */
	    {ECS_LISTED, "::ffff:192.0.2.1", true},
	    {ECS_LISTED, "2002:c000:201::1", true},
	    {ECS_LISTED, "10.0.0.53", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = two_regions(rows[i].ecs);
		struct decision d = ask_by(f, CLIENT, rows[i].sender);
		struct decision none =
		    ask_by(f, rows[i].sender, rows[i].sender);

		ck_assert_msg(
		    d.region == rows[i].heard, "row %zu: %u", i, d.region);
		ck_assert_msg(
		    (d.scope > 0) == rows[i].heard, "row %zu: /%u", i, d.scope);
		/* One who is not heard has what it has without a subnet. */
		if (!rows[i].heard) {
			ck_assert_uint_eq(d.endpoint[0], none.endpoint[0]);
			ck_assert_uint_eq(d.ttl_s, none.ttl_s);
		}
		fixture_destroy(f);
	}
}
END_TEST

/* Two clients of any one sender outside, at any moment: one answer, one TTL,
 * for everyone behind it. */
START_TEST(unheard_sender_has_one_answer_for_all_its_clients)
{
	struct fixture *f = two_regions(ECS_LISTED);
	unsigned seen = 0, ttls = 0;
	uint32_t first_ttl = 0;

	for (uint32_t g = 0; g < f->policy->n_groups; g++)
		fixture_pending(f, g, 50);
	for (unsigned k = 0; k < 100; k++) {
		char sender[ADDRESS_TEXT];
		struct decision one, d;

		/* Each in a sticky prefix of its own. */
		snprintf(sender, sizeof(sender), "30.%u.%u.1", k, k);
		one = ask_by(f, "20.0.0.1", sender);
		for (unsigned i = 0; i < 20; i++) {
			char client[ADDRESS_TEXT];

			snprintf(client, sizeof(client), "%u.%u.0.1",
			    i % 2 == 0 ? 20 : 40, i * 12);
			d = ask_by(f, client, sender);
			ck_assert_uint_eq(d.scope, 0);
			ck_assert_uint_eq(d.endpoint[0], one.endpoint[0]);
			ck_assert_uint_eq(d.ttl_s, one.ttl_s);
		}
		seen |= UINT32_C(1) << one.endpoint[0];
		if (k == 0)
			first_ttl = one.ttl_s;
		ttls += one.ttl_s != first_ttl;
	}
	/* Senders are spread over endpoints and TTLs, as clients are. */
	ck_assert_int_eq(__builtin_popcount(seen), 3);
	ck_assert_uint_gt(ttls, 10);
	fixture_destroy(f);
}
END_TEST

/* A private sender is nowhere, whatever client it names. */
START_TEST(private_sender_that_is_not_heard)
{
	struct fixture *f = two_regions(ECS_OFF);
	struct decision d = ask_by(f, CLIENT, "10.0.0.53");
	const struct policy_service *s = f->policy->zones[0].services;
	struct client client = {.source_len = 32};
	struct address subject;
	const struct answer_request request = {
	    .client = &client, .sender = &f->sender};

	ck_assert_uint_eq(d.region, 0);
	ck_assert_uint_eq(d.scope, 0);
	ck_assert_int_eq(address_parse(CLIENT, &client.address), 0);
	ck_assert(ladder_subject(s, &request, &subject));
	ck_assert(address_equal(&subject, &f->sender));
	fixture_destroy(f);
}
END_TEST

/* Of a sender that explain was not given nothing is known. */
START_TEST(sender_that_is_not_known)
{
	struct fixture *f = two_regions(ECS_OFF);
	const uint8_t owner[] = "\4chat\4test\7example";
	struct client client = {.source_len = 32};
	struct answer_request request = {.owner = owner,
	    .owner_len = sizeof(owner),
	    .client = &client,
	    .sender = &f->sender};
	struct decision d;

	ck_assert_int_eq(address_parse(CLIENT, &client.address), 0);
	ladder_decide(f->policy->zones[0].services, f->policy, f->live,
	    &request, NULL, &d);
	ck_assert_int_eq(d.kind, ANSWER_RECORDS);
	ck_assert_uint_eq(d.region, 0);
	ck_assert_uint_eq(d.scope, 0);
	fixture_destroy(f);
}
END_TEST

/* In whatever order its prefixes came; everybody, nobody and some differ. */
START_TEST(same_prefixes_are_the_same_senders)
{
	struct arena *arena = arena_create(1 << 20);
	struct prefix prefixes[3], turned[2];
	const struct senders *none = senders_create(arena, NULL, 0);
	const struct senders *two, *three;

	ck_assert_int_eq(prefix_parse("192.0.2.0/24", &prefixes[0]), 0);
	ck_assert_int_eq(prefix_parse("2001:db8::/32", &prefixes[1]), 0);
	ck_assert_int_eq(prefix_parse("192.0.3.0/25", &prefixes[2]), 0);
	turned[0] = prefixes[1];
	turned[1] = prefixes[0];
	two = senders_create(arena, prefixes, 2);
	three = senders_create(arena, prefixes, 3);
	ck_assert(senders_same(two, senders_create(arena, turned, 2)));
	ck_assert(senders_same(NULL, NULL));
	ck_assert(senders_same(none, senders_create(arena, NULL, 0)));
	ck_assert(!senders_same(NULL, none));
	ck_assert(!senders_same(none, NULL));
	ck_assert(!senders_same(two, three));
	turned[1].length = 25;
	ck_assert(!senders_same(two, senders_create(arena, turned, 2)));
	arena_destroy(arena);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("senders");
	TCase *tc = tcase_create("senders");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_test(tc, set_has_what_one_of_its_prefixes_has);
	tcase_add_test(tc, empty_set_and_unknown_sender);
	tcase_add_test(tc, same_prefixes_are_the_same_senders);
	tcase_add_test(tc, who_is_heard);
	tcase_add_test(tc, unheard_sender_has_one_answer_for_all_its_clients);
	tcase_add_test(tc, private_sender_that_is_not_heard);
	tcase_add_test(tc, sender_that_is_not_known);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
