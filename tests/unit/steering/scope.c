/*
 * Tests of the scopes of RFC 7871 as properties of random policies, fences,
 * weights and health: addresses of one announced prefix get one answer, no two
 * announced prefixes overlap, and A and AAAA are one choice.
 */
#include "steering/ladder.h"

#include "steering/geo/map.h"
#include "steering/geo/private.h"
#include "steering/position.h"
#include "tests/unit/steering_fixture.h"

#define POLICIES 300
#define CLIENTS 60   /* a policy and a state of health */
#define NEIGHBOURS 8 /* of each client, inside its announced prefix */

static void
flip(struct address *a, unsigned bit)
{
	a->bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
}

/* Bits of ${a} behind ${length} by chance, or all 0, or all 1. */
static struct address
neighbour(struct address a, unsigned length, unsigned kind)
{
	for (unsigned bit = length; bit < address_bits(&a); bit++) {
		bool set = a.bytes[bit / 8] >> (7 - bit % 8) & 1;
		bool want =
		    kind == 0 ? false : kind == 1 || fixture_below(2) == 1;

		if (set != want)
			flip(&a, bit);
	}
	return a;
}

/* Where networks and most clients are: private and public. */
static const char *const spaces[] = {
    "10.0.0.0/8", "20.0.0.0/8", "2001:db8::/32", "fd00::/8"};
#define SPACES 4

static struct prefix
random_space(void)
{
	struct prefix p;

	ck_assert_int_eq(prefix_parse(spaces[fixture_below(SPACES)], &p), 0);
	return p;
}

/* A network somewhere in one of them. */
static void
random_network(struct fixture *f, size_t i)
{
	static const char *const names[FIXTURE_NETWORKS] = {
	    "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"};
	static char texts[FIXTURE_NETWORKS][ADDRESS_TEXT];
	struct prefix p = random_space();
	unsigned from = p.length;

	p.length =
	    (uint8_t)(from + fixture_below(p.address.family == 4 ? 22 : 40));
	/* Few bits are set, so that many networks hold others. */
	for (unsigned bit = from; bit < p.length; bit++)
		if (fixture_below(4) == 0)
			flip(&p.address, bit);
	prefix_format(&p, texts[i]);
	fixture_network(f, names[i], texts[i], fixture_below(90));
}

static void
random_pools(struct fixture *f, struct service_config *s)
{
	static const char *const names[] = {"p0", "p1", "p2"};
	unsigned n = 1 + fixture_below(3), i, k;

	for (i = 0; i < n; i++) {
		uint32_t pool = fixture_pool(f, names[i]);
		unsigned endpoints = 1 + fixture_below(8);

		f->pools[pool].min_up_ppm = fixture_below(2) * 400000;
		if (i == 0)
			fixture_endpoint(f, pool, 0, 1);
		for (k = 0; k < endpoints; k++) {
			struct endpoint_config *e = fixture_endpoint(f, pool,
			    fixture_below((uint32_t)f->config.n_regions),
			    1 + fixture_below(3));

			if (fixture_below(10) == 0)
				e->n_ipv6 = 0;
			else if (fixture_below(20) == 0)
				e->n_ipv4 = 0;
		}
		fixture_split(f, s, pool, i == 0 ? 1 : fixture_below(4));
	}
}

static struct fixture *
random_fixture(void)
{
	static const char *const regions[] = {"a", "b", "c", "d"};
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "chat");
	unsigned n = 1 + fixture_below(4), i;
	unsigned networks = fixture_below(FIXTURE_NETWORKS + 1);

	for (i = 0; i < n; i++)
		fixture_region(f, regions[i], fixture_below(90));
	for (i = 0; i < networks; i++)
		random_network(f, i);
	random_pools(f, s);
	s->rank = fixture_below(2) == 0 ? RANK_LISTED : RANK_NEAREST;
	s->affinity = fixture_below(3) == 0 ? AFFINITY_NAME : AFFINITY_CLIENT;
	s->sticky_ipv4 = (uint8_t)fixture_below(33);
	s->sticky_ipv6 = (uint8_t)fixture_below(65);
	s->answers = 1 + fixture_below(3);
	if (fixture_below(3) == 0)
		s->answers_from = ANSWERS_REGIONS;
	/* A hard fence that holds nothing is refused: all hold region 0. */
	for (i = 0; i < FIXTURE_FENCES && i < networks; i++) {
		bool hard = fixture_below(3) == 0;
		uint64_t inside = 1 + fixture_below((1u << n) - 1);

		if (fixture_below(2) == 0)
			fixture_fence(
			    f, s, i, hard ? inside | 1 : inside, hard);
	}
	s->n_resorts = fixture_below(STEERING_MAX_RESORTS + 1);
	for (i = 0; i < s->n_resorts; i++)
		s->resorts[i] = (enum last_resort)fixture_below(5);
	return f;
}

/* Some state of health, and changes at hand in some groups. */
static void
random_health(struct fixture *f)
{
	uint32_t bad = fixture_below(4);

	for (size_t i = 0; i < f->live->n_endpoints; i++)
		f->live->endpoint[i] =
		    (uint8_t)(fixture_below(4) < bad ? fixture_below(2)
						     : USABLE_YES);
	for (uint32_t i = 0; i < f->live->n_groups; i++)
		fixture_pending(f, i,
		    fixture_below(2) == 0 ? LIVE_NOT_PENDING
					  : fixture_below(60));
}

/* A client in or near the networks, plain or inside an IPv6 address; or in a
 * private block. */
static struct address
random_client(const struct fixture *f)
{
	static const char *const odd[] = {"::", "2001:ffff::1", "2003::1",
	    "2000::", "::fffe:0:1", "::1:0:0:1", "ffff::", "2001:db8::1"};
	struct address a = {.family = 4}, ipv4;
	unsigned kind = fixture_below(8);
	const struct prefix *block = private_block(fixture_below(20));

	if (block != NULL)
		return neighbour(block->address, block->length, 2);

	if (kind == 0) {
		address_parse(odd[fixture_below(8)], &a);
		return a;
	}
	a = neighbour(a, 0, 2);
	if (f->config.n_networks > 0 && kind < 7) {
		const struct prefix *p =
		    &f->prefixes[fixture_below((uint32_t)f->config.n_networks)];

		a = neighbour(p->address, p->length, fixture_below(3));
		if (fixture_below(3) == 0)
			flip(&a, p->length - 1 - fixture_below(4));
	}
	if (a.family == 6 || kind > 2)
		return a;
	ipv4 = a;
	address_parse(kind == 1 ? "2002::" : "::ffff:0.0.0.0", &a);
	memcpy(a.bytes + (kind == 1 ? 2 : 12), ipv4.bytes, 4);
	return kind == 1 ? neighbour(a, 48, fixture_below(3)) : a;
}

static bool
decision_equal(const struct decision *a, const struct decision *b)
{
	return a->kind == b->kind && a->scope == b->scope &&
	    a->ttl_s == b->ttl_s && a->region == b->region && a->n == b->n &&
	    memcmp(a->endpoint, b->endpoint, a->n * sizeof(a->endpoint[0])) ==
	    0;
}

/* Whom the policy decides for in place of a client. */
static bool
by_sender(const struct fixture *f, const struct address *client)
{
	const struct client c = {*client, (uint8_t)address_bits(client)};
	const struct answer_request request = {
	    .client = &c, .sender = &f->sender};
	struct address subject;

	return ladder_subject(f->policy->zones[0].services, &request, &subject);
}

/*
 * If all addresses of each announced prefix announce the same prefix and get
 * the same answer, then announced prefixes cannot overlap: an address in two of
 * them would announce both.  All queries of a policy have one sender.
 */
START_TEST(test_one_scope_one_answer)
{
	unsigned narrow = 0, wide = 0, hashed = 0, private = 0;

	for (unsigned i = 0; i < POLICIES; i++) {
		struct fixture *f = random_fixture();
		enum answer_form form =
		    fixture_below(3) == 0 ? FORM_IPV6 : FORM_IPV4;

		fixture_build(f);
		random_health(f);
		f->sender = random_client(f);
		for (unsigned j = 0; j < CLIENTS; j++) {
			struct address a = random_client(f), b;
			struct decision d, other;

			fixture_decide_traced(f, 0, &a, form, NULL, &d);
			ck_assert_uint_le(d.scope, address_bits(&a));
			narrow += d.scope > 8;
			wide += d.scope > 0 && d.scope < 20;
			hashed += d.hashed;
			private += by_sender(f, &a);
			/* A NODATA that others do not get is no answer of a
			 * prefix: resolvers give it to all (RFC 7871, 7.4),
			 * and for a moment only. */
			if (d.kind == ANSWER_NODATA) {
				ck_assert_uint_eq(d.scope, 0);
				ck_assert_uint_eq(d.ttl_s,
				    f->policy->zones[0].services[0].has[form]
					? 5
					: UINT32_MAX);
				continue;
			}
			for (unsigned k = 0; k < NEIGHBOURS; k++) {
				char text[2][ADDRESS_TEXT];

				b = neighbour(a, d.scope, k);
				fixture_decide_traced(
				    f, 0, &b, form, NULL, &other);
				ck_assert_msg(decision_equal(&d, &other),
				    "policy %u: %s and %s share a /%u but "
				    "not the answer (/%u)",
				    i, address_format(&a, text[0]),
				    address_format(&b, text[1]), d.scope,
				    other.scope);
			}
		}
		fixture_destroy(f);
	}
	/* The clients and policies met what they are to show. */
	ck_assert_uint_gt(narrow, POLICIES * CLIENTS / 8);
	ck_assert_uint_gt(wide, POLICIES * CLIENTS / 20);
	ck_assert_uint_gt(hashed, POLICIES * CLIENTS / 20);
	ck_assert_uint_gt(private, POLICIES * CLIENTS / 10);
}
END_TEST

/* Of one decision in two forms: whether the endpoints of ${a} that have
 * ${form} are those of ${b}, in their order. */
static bool
same_choice(const struct fixture *f, const struct decision *a,
    const struct decision *b, enum answer_form form)
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->n; i++) {
		const struct policy_endpoint *e =
		    &f->policy->endpoints[a->endpoint[i]];

		if (e->sets[form].count == 0)
			continue;
		/* Those between may lack the form of ${a}. */
		while (n < b->n && b->endpoint[n] != a->endpoint[i])
			n++;
		if (n++ == b->n)
			return false;
	}
	return true;
}

/* Whatever is down, fenced or dealt to a canary, for each client A and AAAA
 * come from one choice, with one scope and one TTL. */
START_TEST(a_and_aaaa_of_one_client_name_the_same_endpoints)
{
	unsigned both = 0, one = 0;

	for (unsigned i = 0; i < POLICIES; i++) {
		struct fixture *f = random_fixture();
		const bool *has;

		fixture_build(f);
		random_health(f);
		has = f->policy->zones[0].services[0].has;
		for (unsigned j = 0;
		     j < CLIENTS && has[FORM_IPV4] && has[FORM_IPV6]; j++) {
			struct address client = random_client(f);
			struct decision a, b;

			fixture_decide_traced(
			    f, 0, &client, FORM_IPV4, NULL, &a);
			fixture_decide_traced(
			    f, 0, &client, FORM_IPV6, NULL, &b);
			ck_assert(a.region == b.region &&
			    a.member == b.member && a.resort == b.resort &&
			    a.hashed == b.hashed);
			ck_assert(same_choice(f, &a, &b, FORM_IPV6));
			ck_assert(same_choice(f, &b, &a, FORM_IPV4));
			if (a.kind == ANSWER_NODATA ||
			    b.kind == ANSWER_NODATA) {
				ck_assert(a.kind == ANSWER_RECORDS ||
				    b.kind == ANSWER_RECORDS);
				one++;
				continue;
			}
			ck_assert(a.kind == b.kind && a.scope == b.scope &&
			    a.ttl_s == b.ttl_s);
			both += a.kind == ANSWER_RECORDS;
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(both, POLICIES * CLIENTS / 2);
	ck_assert_uint_gt(one, POLICIES * CLIENTS / 100);
}
END_TEST

/* The member of the first service in whose share the position of ${a} lies. */
static unsigned
dealt_to(const struct fixture *f, const struct address *a)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	struct position p;
	unsigned m = 0;

	position_find(a, a->family == 4 ? s->block_ipv4 : s->block_ipv6,
	    s->salt_split, &p);
	while (s->members[m].weight == 0 || s->members[m].last < p.value)
		m++;
	return m;
}

/* The bits of the widest prefix around ${client}, in its block, all of whose
 * grains are dealt to one member: looked at one by one. */
static unsigned
share_length(const struct fixture *f, const struct address *client)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	unsigned grain = client->family == 4 ? 24 : 48;
	unsigned block = client->family == 4 ? s->block_ipv4 : s->block_ipv6;
	unsigned length = grain;

	while (length > block) {
		struct address a = *client;

		/* The other half of the next wider prefix. */
		flip(&a, length - 1);
		for (uint32_t i = 0; i < UINT32_C(1) << (grain - length); i++) {
			for (unsigned bit = 0; bit < grain - length; bit++)
				if ((a.bytes[(grain - 1 - bit) / 8] >>
					    (7 - (grain - 1 - bit) % 8) &
					1) != (i >> bit & 1))
					flip(&a, grain - 1 - bit);
			if (dealt_to(f, &a) != dealt_to(f, client))
				return length;
		}
		length--;
	}
	return length;
}

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
	tcase_add_test(tc, test_one_scope_one_answer);
	tcase_add_test(tc, a_and_aaaa_of_one_client_name_the_same_endpoints);
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
