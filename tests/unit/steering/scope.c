/*
 * Tests of the scopes of RFC 7871 case by case: as wide as can be, private
 * clients, short source prefixes, IPv4 inside IPv6.  properties.c has what
 * holds of all policies.
 */
#include "steering/ladder.h"

#include "tests/unit/steering_random.h"

/* Networks beside the office are told apart by one bit: where nothing was dealt
 * or hashed the scope is as wide as that lets it be; where a client was dealt,
 * as wide as both that and its position let it be. */
START_TEST(test_widest)
{
	static const struct {
		const char *what, *client;
		unsigned down; /* pools that are down, bit set */
		bool one_region;
		uint8_t scope;
		bool dealt; /* the position counts, too */
	} rows[] = {
	    {"dealt: the position or the class", "20.1.2.3", 0, false, 16,
		true},
	    {"v2 down, so nothing to hash: the class", "20.1.2.3", 2, false, 16,
		false},
	    {"beside the office: the bit that tells them apart", "20.0.2.3", 2,
		false, 16, false},
	    {"further off: wider", "20.128.0.1", 2, false, 9, false},
	    {"far off: the bits up to the next private block", "140.0.2.1", 2,
		false, 3, false},
	    {"beside a private block: those that tell it apart", "192.0.2.1", 2,
		false, 9, false},
	    {"a private block", "192.168.2.1", 2, false, 16, false},
	    {"also where the sender is hashed", "10.1.2.3", 0, false, 8, false},
	    {"IPv6 next to nothing: one class but for what is IPv4", "4000::1",
		2, false, 2, false},
	    {"a 6to4 client: 16 bits and those of IPv4", "2002:1401:0203::1", 2,
		false, 32, false},
	    {"a v4-mapped one: 96", "::ffff:140.0.2.1", 2, false, 99, false},
	    {"all down: all as if up, by position and the whole leaf",
		"20.1.2.3", 3, false, 16, true},
	    {"one answer for everyone: 0", "20.1.2.3", 2, true, 0, false},
	    {"for IPv6 too", "2001:db8::1", 2, true, 0, false},
	    {"and for 6to4", "2002:1401:0203::1", 2, true, 0, false},
	    {"one class but a split: position alone", "20.1.2.3", 0, true, 14,
		true},
	    {"of IPv6", "2001:db8::1", 0, true, 32, true},
	    {"and of 6to4, where it is that of IPv4", "2002:1401:0203::1", 0,
		true, 30, true},
	    {"one class, nothing to hash: a private block too", "10.1.2.3", 2,
		true, 0, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		uint32_t east = fixture_region(f, "east", 0);
		uint32_t west = fixture_region(f, "west", 50);
		uint32_t v1 = fixture_pool(f, "v1"), v2 = fixture_pool(f, "v2");
		struct service_config *s = fixture_service(f, "chat");
		struct address a, inside;
		unsigned scope, offset;
		struct decision d;

		fixture_endpoint(f, v1, east, 1);
		fixture_endpoint(f, v2, east, 1);
		if (!rows[i].one_region)
			fixture_endpoint(f, v1, west, 1);
		fixture_network(f, "office", "20.1.0.0/16", 50);
		s->rank = RANK_NEAREST;
		fixture_split(f, s, v1, 95);
		fixture_split(f, s, v2, 5);
		fixture_build(f);
		if (rows[i].down & 1) {
			fixture_set(f, v1, 0, USABLE_NO);
			fixture_set(f, v1, 1, USABLE_NO);
		}
		if (rows[i].down & 2)
			fixture_set(f, v2, 0, USABLE_NO);
		d = fixture_ask(f, rows[i].client);
		scope = rows[i].scope;
		ck_assert_int_eq(address_parse(rows[i].client, &a), 0);
		offset = ladder_client(&a, &inside);
		if (rows[i].dealt && scope < offset + share_length(f, &inside))
			scope = offset + share_length(f, &inside);
		ck_assert_msg(d.scope == scope, "%s: /%u, not /%u",
		    rows[i].what, d.scope, scope);
		fixture_destroy(f);
	}
}
END_TEST

/* A source prefix shorter than the scope is decided by its zero-extended
 * address; the client's own length takes no part. */
START_TEST(test_short_source)
{
	static const uint32_t lengths[] = {1, 8, 12, 16, 20, 24, 32};
	struct fixture *f = random_fixture();
	struct address a;

	fixture_build(f);
	ck_assert_int_eq(address_parse("20.0.0.0", &a), 0);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		static const uint8_t owner[] = "\4chat\4test\7example";
		struct client c = {a, (uint8_t)lengths[i]};
		struct answer_request request = {.form = FORM_IPV4,
		    .owner = owner,
		    .owner_len = sizeof(owner),
		    .client = &c,
		    .sender = &a};
		struct decision d, whole;

		fixture_decide(f, 0, &a, &whole);
		ladder_decide(f->policy->zones[0].services, f->policy, f->live,
		    &request, NULL, &d);
		ck_assert(decision_equal(&d, &whole));
	}
	fixture_destroy(f);
}
END_TEST

/* Regions by latitude: ${south} at 0, ${north} at 50, one endpoint each and two
 * more in the north; the clients of a network in the south. */
static struct fixture *
two_regions(const char *network)
{
	struct fixture *f = fixture_create();
	uint32_t north = fixture_region(f, "north", 50);
	uint32_t south = fixture_region(f, "south", 0);
	uint32_t v1 = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");

	fixture_endpoint(f, v1, north, 1);
	fixture_endpoint(f, v1, south, 1);
	fixture_endpoint(f, v1, south, 1);
	fixture_endpoint(f, v1, south, 1);
	fixture_network(f, "office", network, 1);
	s->rank = RANK_NEAREST;
	fixture_split(f, s, v1, 1);
	fixture_build(f);
	return f;
}

static struct decision
ask_by(struct fixture *f, const char *client, const char *sender)
{
	ck_assert_int_eq(address_parse(sender, &f->sender), 0);
	return fixture_ask(f, client);
}

/* In every step: the region and the endpoint are the sender's, and no part of
 * the client's address but its block matters. */
START_TEST(private_subnet_is_decided_by_the_sender)
{
	static const char *const clients[] = {"10.1.2.3", "100.64.1.2",
	    "127.0.0.1", "169.254.1.2", "172.16.1.2", "192.168.1.2", "::1",
	    "fd00::1", "fe80::1", "::ffff:10.1.2.3", "2002:0a01:0203::1"};
	static const uint8_t scopes[] = {
	    8, 10, 8, 16, 12, 16, 128, 7, 10, 104, 24};
	struct fixture *f = two_regions("20.0.0.0/8");

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		uint32_t endpoints = 0;

		for (unsigned k = 0; k < 100; k++) {
			char sender[ADDRESS_TEXT];
			struct decision d, own;

			snprintf(sender, sizeof(sender), "20.%u.0.1", k);
			own = fixture_ask(f, sender);
			d = ask_by(f, clients[i], sender);
			ck_assert_msg(d.region == 1, "%s", clients[i]);
			ck_assert_msg(
			    d.endpoint[0] == own.endpoint[0], "%s", clients[i]);
			ck_assert_msg(d.scope == scopes[i], "%s: /%u",
			    clients[i], d.scope);
			endpoints |= UINT32_C(1) << d.endpoint[0];
		}
		ck_assert_int_eq(__builtin_popcount(endpoints), 3);
		/* Nothing is known of another one: the first of the file. */
		ck_assert_uint_eq(ask_by(f, clients[i], "30.0.0.1").region, 0);
	}
	fixture_destroy(f);
}
END_TEST

/* An answer that is announced for everyone has one TTL, whoever sent the
 * query. */
START_TEST(ttl_of_an_answer_for_everyone_is_no_senders_own)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");
	uint32_t ttl_s;

	fixture_endpoint(f, pool, east, 1);
	fixture_split(f, s, pool, 1);
	fixture_build(f);
	fixture_pending(f, 0, 50);
	ttl_s = ask_by(f, "10.1.2.3", "20.0.0.1").ttl_s;
	for (unsigned k = 1; k < 50; k++) {
		char sender[ADDRESS_TEXT];
		struct decision d;

		snprintf(sender, sizeof(sender), "20.%u.0.1", k);
		d = ask_by(f, "10.1.2.3", sender);
		ck_assert_uint_eq(d.scope, 0);
		ck_assert_uint_eq(d.ttl_s, ttl_s);
	}
	fixture_destroy(f);
}
END_TEST

/* Nothing is known of a private sender either: the first of the file, unless a
 * network holds it. */
START_TEST(private_sender_is_unknown_unless_a_network_holds_it)
{
	struct fixture *f = two_regions("10.1.0.0/16");

	ck_assert_uint_eq(ask_by(f, "192.168.1.1", "10.2.0.1").region, 0);
	ck_assert_uint_eq(ask_by(f, "10.2.0.1", "10.2.0.1").region, 0);
	ck_assert_uint_eq(ask_by(f, "192.168.1.1", "10.1.0.1").region, 1);
	ck_assert_uint_eq(
	    ask_by(f, "192.168.1.1", "::ffff:10.1.0.1").region, 1);
	ck_assert_uint_eq(ask_by(f, "10.1.0.1", "10.1.0.1").region, 1);
	/* A client in a network is where that is, whoever asks. */
	ck_assert_uint_eq(ask_by(f, "10.1.0.1", "30.0.0.1").region, 1);
	ck_assert_uint_eq(ask_by(f, "10.1.0.1", "30.0.0.1").scope, 20);
	/* What is left of the block has the scope beside the network. */
	ck_assert_uint_eq(ask_by(f, "10.2.0.1", "30.0.0.1").scope, 15);
	ck_assert_uint_eq(ask_by(f, "10.128.0.1", "30.0.0.1").scope, 9);
	fixture_destroy(f);
}
END_TEST

/* 10.0.0.0/7 is more than the private 10.0.0.0/8: its clients are no more the
 * sender's than those of any public prefix. */
START_TEST(source_prefix_wider_than_the_block_is_not_private)
{
	static const struct {
		const char *client;
		uint8_t source_len;
		bool by_sender;
	} rows[] = {{"10.0.0.0", 7, false}, {"10.0.0.0", 8, true},
	    {"8.0.0.0", 5, false}, {"192.168.0.0", 13, false},
	    {"192.168.0.0", 16, true}, {"100.64.0.0", 10, true},
	    {"0.0.0.0", 1, false}, {"fc00::", 6, false}, {"fc00::", 7, true},
	    {"::1", 128, true}, {"2002:a00::", 23, false},
	    {"2002:a00::", 24, true}, {"::ffff:10.0.0.0", 103, false},
	    {"::ffff:10.0.0.0", 104, true}};
	struct fixture *f = two_regions("20.0.0.0/8");
	const struct policy_service *s = f->policy->zones[0].services;
	struct address sender, subject;

	ck_assert_int_eq(address_parse("20.0.0.1", &sender), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c = {.source_len = rows[i].source_len};
		const struct answer_request request = {
		    .client = &c, .sender = &sender};

		ck_assert_int_eq(address_parse(rows[i].client, &c.address), 0);
		ck_assert_msg(
		    ladder_subject(s, &request, &subject) == rows[i].by_sender,
		    "%s/%u", rows[i].client, rows[i].source_len);
		ck_assert_int_eq(
		    address_equal(&subject, &sender), rows[i].by_sender);
	}
	fixture_destroy(f);
}
END_TEST

/* The IPv4 address inside gets what it gets itself. */
START_TEST(test_embedded)
{
	for (unsigned i = 0; i < 50; i++) {
		struct fixture *f = random_fixture();

		fixture_build(f);
		for (unsigned j = 0; j < 50; j++) {
			struct address a = {.family = 4}, b;
			struct decision plain, inside;
			unsigned offset;

			a = neighbour(a, 0, 2);
			if (j & 1)
				a.bytes[0] = 20;
			offset = fixture_below(2) == 0 ? 16 : 96;
			address_parse(
			    offset == 16 ? "2002::" : "::ffff:0.0.0.0", &b);
			memcpy(b.bytes + offset / 8, a.bytes, 4);
			fixture_decide(f, 0, &a, &plain);
			fixture_decide(f, 0, &b, &inside);
			ck_assert_uint_eq(inside.scope,
			    plain.scope == 0 && inside.scope == 0
				? 0
				: plain.scope + offset);
			inside.scope = plain.scope;
			ck_assert(decision_equal(&plain, &inside));
		}
		fixture_destroy(f);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: scopes");
	TCase *tc = tcase_create("scope");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, test_widest);
	tcase_add_test(tc, test_short_source);
	tcase_add_test(tc, private_subnet_is_decided_by_the_sender);
	tcase_add_test(tc, ttl_of_an_answer_for_everyone_is_no_senders_own);
	tcase_add_test(tc, private_sender_is_unknown_unless_a_network_holds_it);
	tcase_add_test(tc, source_prefix_wider_than_the_block_is_not_private);
	tcase_add_test(tc, test_embedded);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
