/*
 * respond() with rate limiting: which questions count together, what an answer
 * that slips looks like, and who is not limited.
 */
#include <check.h>
#include <stdlib.h>

#include "dns/answer/respond.h"
#include "dns/answer/rrl.h"
#include "dns/wire/query.h"
#include "dns/wire/reply.h"
#include "dns/zone/zone_table.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

#define RATE 5

/* A long name below the delegation "cut", and its addresses. */
#define HOST                                                          \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn." \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn."
#define GLUE(name)                                                 \
	HOST name ".cut AAAA 2001:db8::1\n" HOST name ".cut AAAA " \
		  "2001:db8::2\n" HOST name ".cut AAAA 2001:db8::3\n"

static const char zone_text[] = "$TTL 300\n"
				"@ SOA ns1 hostmaster 7 3600 600 86400 60\n"
				"@ NS ns1\n"
				"ns1 A 192.0.2.1\n"
				"a A 192.0.2.2\n"
				"b A 192.0.2.3\n"
				"alias CNAME a\n"
				"alias2 CNAME b\n"
				"out CNAME www.else.\n"
				"lost CNAME nowhere\n"
				"*.wild A 192.0.2.4\n"
				"*.walias CNAME a\n"
				"tree DNAME leaf\n"
				"x.leaf A 192.0.2.5\n"
				"y.leaf A 192.0.2.5\n"
				"sub NS ns.sub\n"
				"ns.sub A 192.0.2.6\n"
				"sub2 NS ns.sub\n"
				/* Its glue does not fit in 1232 octets. */
				"cut NS " HOST "a.cut\n"
				"cut NS " HOST "b.cut\n"
				"cut NS " HOST "c.cut\n"
				"cut NS " HOST "d.cut\n"
				"cut NS " HOST "e.cut\n"
				"cut NS " HOST "f.cut\n" GLUE("a") GLUE("b")
				    GLUE("c") GLUE("d") GLUE("e") GLUE("f");

static const struct prefix exempt[] = {
    {{.family = 4, .bytes = {198, 51, 100}}, 24},
    {{.family = 6, .bytes = {0x20, 1, 0xd, 0xb8}}, 32},
};

static struct snapshot snapshot;
static struct counters *counters;
static struct zone *zone;
static struct zone_table *zones;
static uint8_t reply[MESSAGE_MAX];

static void
setup(void)
{
	struct rrl_settings settings = {.responses = RATE,
	    .window_ms = 1000,
	    .slip = 1,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024,
	    .exempt = exempt,
	    .n_exempt = 2};
	const struct zone *list[1];
	struct errbuf eb;

	zone = fixture_zone("example.", zone_text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	zones = zone_table_create(list, 1);
	counters = calloc(1, sizeof(*counters));
	snapshot = (struct snapshot){.zones = zones, .udp_size = 1232};
	snapshot.rrl = rrl_create(&settings, 1);
	ck_assert(counters != NULL && snapshot.rrl != NULL);
}

static void
teardown(void)
{
	rrl_destroy(snapshot.rrl);
	zone_table_destroy(zones);
	zone_destroy(zone);
	free(counters);
}

static size_t
ask_as(enum transport transport, const char *from, const uint8_t *query,
    size_t len)
{
	struct responder responder = {.counters = counters, .mono_ms = 1000};
	struct address source;

	ck_assert_int_eq(address_parse(from, &source), 0);
	return respond(&responder, &snapshot, transport, &source, query, len,
	    reply, sizeof(reply));
}

static size_t
ask(const char *name, uint16_t type)
{
	uint8_t query[512];

	return ask_as(TRANSPORT_UDP, "192.0.2.77", query,
	    make_query(query, name, type, 1232, NULL, 0));
}

static bool
is_limited(const char *name, uint16_t type)
{
	return ask(name, type) > 0 && (reply[2] & 2) != 0;
}

/* After as many of the first question as there may be, is the second one
 * limited too? */
static const struct {
	const char *why;
	const char *first;
	uint16_t first_type;
	const char *second;
	uint16_t second_type;
	bool together;
	enum rrl_kind kind;
} pairs[] = {
    {"a name", "a.example.", TYPE_A, "a.example.", TYPE_A, true, RRL_ANSWER},
    {"a name in another case", "a.example.", TYPE_A, "A.eXAMPLE.", TYPE_A, true,
	RRL_ANSWER},
    {"two names", "a.example.", TYPE_A, "b.example.", TYPE_A, false, 0},
    {"two types", "ns1.example.", TYPE_A, "ns1.example.", TYPE_AAAA, false, 0},
    {"a CNAME by the name that was asked", "alias.example.", TYPE_A,
	"a.example.", TYPE_A, false, 0},
    {"two types of a CNAME", "out.example.", TYPE_A, "out.example.", TYPE_MX,
	true, RRL_ANSWER},
    {"two types of a DNAME", "x.tree.example.", TYPE_A, "y.tree.example.",
	TYPE_MX, true, RRL_ANSWER},
    {"CNAMEs to names without the type", "alias.example.", TYPE_AAAA,
	"alias2.example.", TYPE_AAAA, false, 0},
    {"two names of a wildcard", "x.wild.example.", TYPE_A, "y.wild.example.",
	TYPE_A, true, RRL_ANSWER},
    {"two names of a wildcard CNAME", "x.walias.example.", TYPE_A,
	"y.walias.example.", TYPE_A, true, RRL_ANSWER},
    {"two wildcards", "x.wild.example.", TYPE_A, "x.walias.example.", TYPE_A,
	false, 0},
    {"two names below a DNAME", "x.tree.example.", TYPE_A, "y.tree.example.",
	TYPE_A, true, RRL_ANSWER},
    {"two names that are not there", "x.example.", TYPE_A, "y.example.",
	TYPE_MX, true, RRL_NXDOMAIN},
    {"one at the end of a CNAME", "lost.example.", TYPE_A, "y.example.", TYPE_A,
	true, RRL_NXDOMAIN},
    {"two types that are not there", "a.example.", TYPE_MX, "b.example.",
	TYPE_SRV, true, RRL_NODATA},
    {"no name and no type", "x.example.", TYPE_A, "a.example.", TYPE_MX, false,
	0},
    {"two names below a delegation", "x.sub.example.", TYPE_A, "sub.example.",
	TYPE_MX, true, RRL_REFERRAL},
    {"two delegations", "x.sub.example.", TYPE_A, "x.sub2.example.", TYPE_A,
	false, 0},
    {"what is refused", "x.other.", TYPE_A, "y.another.", TYPE_MX, true,
	RRL_ERROR},
};

START_TEST(counts_together)
{
	for (int i = 0; i < RATE; i++)
		ck_assert_msg(
		    !is_limited(pairs[_i].first, pairs[_i].first_type), "%s",
		    pairs[_i].why);
	ck_assert_msg(is_limited(pairs[_i].second, pairs[_i].second_type) ==
		pairs[_i].together,
	    "%s", pairs[_i].why);
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[pairs[_i].kind]),
	    pairs[_i].together);
	ck_assert_uint_eq(
	    counter_read(&counters->answers[TRANSPORT_UDP]), RATE + 1);
	ck_assert_uint_eq(
	    counter_read(&counters->truncated), pairs[_i].together);
}
END_TEST

/* A referral that is cut for its glue is one still, whatever was asked. */
START_TEST(counts_cut_referrals)
{
	for (uint16_t i = 0; i <= RATE; i++) {
		ck_assert_uint_gt(
		    ask("x.cut.example.", (uint16_t)(1000 + i)), 0);
		ck_assert_uint_ne(reply[2] & 2, 0);
		ck_assert_uint_eq(wire_get16(reply + 8), i < RATE ? 6 : 0);
	}
	ck_assert_uint_eq(
	    counter_read(&counters->rrl_slipped[RRL_REFERRAL]), 1);
}
END_TEST

/* What slips has the question, TC and the OPT record, and nothing else. */
START_TEST(slip_is_empty)
{
	static const struct {
		const char *name;
		const char *answer;
		size_t option; /* why it is refused (RFC 8914) */
	} rows[] = {
	    {"x.wild.example.", "0 aa tc ", 0},
	    {"nix.example.", "0 aa tc ", 0},
	    {"x.sub.example.", "0 tc ", 0},
	    {"x.other.", "5 tc ", 6},
	};
	uint8_t query[512];
	size_t len = make_query(query, rows[_i].name, TYPE_A, 1232, NULL, 0);
	size_t n = 0;

	for (int i = 0; i <= RATE; i++)
		n = ask_as(TRANSPORT_UDP, "192.0.2.1", query, len);
	ck_assert_str_eq(describe(reply, n), rows[_i].answer);
	ck_assert_uint_eq(n, len + rows[_i].option);
	ck_assert_int_eq(memcmp(reply + 12, query + 12, len - 12 - 11), 0);
	ck_assert_uint_eq(wire_get16(reply + len - 10), TYPE_OPT);
	/* None without one. */
	len = make_query(query, rows[_i].name, TYPE_A, -1, NULL, 0);
	n = ask_as(TRANSPORT_UDP, "192.0.2.1", query, len);
	ck_assert_uint_eq(n, len);
}
END_TEST

/* Messages that are no queries are limited as well: their answers could be
 * reflected. */
START_TEST(limits_errors)
{
	static const uint8_t half[12] = {1, 2, 0, 0, 0, 1};
	static const uint8_t update[17] = {
	    1, 2, 0x28, 0, 0, 1, [14] = 1, [16] = 1};

	for (int i = 0; i < RATE; i++)
		ck_assert_uint_eq(
		    ask_as(TRANSPORT_UDP, "192.0.2.1", half, sizeof(half)), 12);
	ck_assert_uint_gt(
	    ask_as(TRANSPORT_UDP, "192.0.2.1", update, sizeof(update)), 0);
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[RRL_ERROR]), 1);
	ck_assert_uint_ne(reply[2] & 2, 0);
	ck_assert_uint_eq(reply[3] & 15, RCODE_NOTIMP);
}
END_TEST

/* TCP cannot be forged; networks of the list are not limited. */
START_TEST(lets_pass)
{
	static const struct {
		const char *from;
		enum transport transport;
		bool limited;
	} rows[] = {
	    {"192.0.2.1", TRANSPORT_UDP, true},
	    {"192.0.2.1", TRANSPORT_TCP, false},
	    {"198.51.100.9", TRANSPORT_UDP, false},
	    {"198.51.101.9", TRANSPORT_UDP, true},
	    {"2001:db8:1::1", TRANSPORT_UDP, false},
	    {"2001:db9:1::1", TRANSPORT_UDP, true},
	};
	uint8_t query[512];
	size_t len = make_query(query, "a.example.", TYPE_A, 1232, NULL, 0);

	for (int i = 0; i < 4 * RATE; i++)
		ck_assert_uint_gt(
		    ask_as(rows[_i].transport, rows[_i].from, query, len), 0);
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[RRL_ANSWER]),
	    rows[_i].limited ? 3 * RATE : 0);
}
END_TEST

/* Questions of eight kinds, each with a count of its own. */
static const struct {
	const char *name;
	uint16_t type;
} kinds[] = {{"a.example.", TYPE_A}, {"b.example.", TYPE_A},
    {"alias.example.", TYPE_A}, {"x.wild.example.", TYPE_A},
    {"a.example.", TYPE_MX}, {"nix.example.", TYPE_A},
    {"x.sub.example.", TYPE_A}, {"x.other.", TYPE_A}};
#define EACH ((int)(sizeof(kinds) / sizeof(kinds[0])))

/* With a limit of ${all} answers of all kinds. */
static void
limit_all(uint32_t all)
{
	const struct rrl_settings settings = {.responses = RATE,
	    .all = all,
	    .window_ms = 1000,
	    .slip = 1,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024,
	    .exempt = exempt,
	    .n_exempt = 2};

	rrl_destroy(snapshot.rrl);
	snapshot.rrl = rrl_create(&settings, 1);
	ck_assert_ptr_nonnull(snapshot.rrl);
}

/* How many answers in full ${from} gets that asks ${n} times for each. */
static int
ask_each(enum transport transport, const char *from, int n)
{
	uint8_t query[512];
	int full = 0;

	for (int i = 0; i < n * EACH; i++) {
		size_t len = make_query(query, kinds[i % EACH].name,
		    kinds[i % EACH].type, 1232, NULL, 0);

		ck_assert_uint_gt(ask_as(transport, from, query, len), 0);
		full += !(reply[2] & 2);
	}
	return full;
}

/* Many names are no way around the limit, and the metric says which it was. */
START_TEST(one_client_over_many_names_is_limited)
{
	limit_all(4 * RATE);
	ck_assert_int_eq(ask_each(TRANSPORT_UDP, "192.0.2.1", RATE), 4 * RATE);
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[RRL_ALL]),
	    (uint64_t)RATE * (uint64_t)(EACH - 4));
	for (unsigned kind = 0; kind < RRL_ALL; kind++)
		ck_assert_uint_eq(
		    counter_read(&counters->rrl_slipped[kind]), 0);
	/* A neighbour is the same client, another network is not. */
	ck_assert_int_eq(ask_each(TRANSPORT_UDP, "192.0.2.9", 1), 0);
	ck_assert_int_eq(ask_each(TRANSPORT_UDP, "192.0.3.1", 1), EACH);
}
END_TEST

/* What is held back for its own kind has cost the client nothing else. */
START_TEST(a_flood_of_one_name_leaves_the_client_its_other_names)
{
	limit_all(4 * RATE);
	for (int i = 0; i < 1000; i++)
		ck_assert(is_limited("a.example.", TYPE_A) == (i >= RATE));
	for (int i = 0; i < RATE; i++)
		ck_assert(!is_limited("b.example.", TYPE_A));
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[RRL_ALL]), 0);
}
END_TEST

/* No more than the other limits is it for TCP, networks of the list, and a
 * valid cookie. */
START_TEST(the_limit_of_all_lets_the_same_pass)
{
	struct query query = {
	    .has_question = true, .name_len = 1, .type = TYPE_A};
	struct reply answer = {.authoritative = true, .count = {1}};
	struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};
	enum rrl_kind kind;

	limit_all(RATE);
	ck_assert_int_eq(
	    ask_each(TRANSPORT_TCP, "192.0.2.1", RATE), RATE * EACH);
	ck_assert_int_eq(
	    ask_each(TRANSPORT_UDP, "198.51.100.9", RATE), RATE * EACH);
	query.cookie_valid = true;
	for (int i = 0; i < 4 * RATE; i++)
		ck_assert_int_eq(rrl_judge(snapshot.rrl, 1000, &source, &query,
				     &answer, &kind),
		    RRL_SEND);
	ck_assert_int_eq(ask_each(TRANSPORT_UDP, "192.0.2.1", 1), RATE);
}
END_TEST

/* A neighbour of one that is not limited pays nothing for it. */
START_TEST(lets_neighbours_be)
{
	static const struct prefix one = {
	    {.family = 4, .bytes = {192, 0, 2, 1}}, 32};
	struct rrl_settings settings = {.responses = RATE,
	    .window_ms = 1000,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024,
	    .exempt = &one,
	    .n_exempt = 1};
	uint8_t query[512];
	size_t len = make_query(query, "a.example.", TYPE_A, 1232, NULL, 0);

	rrl_destroy(snapshot.rrl);
	snapshot.rrl = rrl_create(&settings, 1);
	for (int i = 0; i < 4 * RATE; i++)
		ck_assert_uint_gt(
		    ask_as(TRANSPORT_UDP, "192.0.2.1", query, len), 0);
	for (int i = 0; i < RATE; i++)
		ck_assert_uint_gt(
		    ask_as(TRANSPORT_UDP, "192.0.2.9", query, len), 0);
	ck_assert_uint_eq(ask_as(TRANSPORT_UDP, "192.0.2.9", query, len), 0);
}
END_TEST

/* A valid cookie: not counted, whatever was counted before; one that is not:
 * as none. */
START_TEST(lets_cookies_pass)
{
	struct query query = {
	    .has_question = true, .name_len = 1, .type = TYPE_A};
	struct reply answer = {.authoritative = true, .count = {1}};
	struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};
	enum rrl_kind kind;

	for (int i = 0; i < 4 * RATE; i++) {
		query.cookie_valid = i != 2 * RATE;
		ck_assert_int_eq(rrl_judge(snapshot.rrl, 1000, &source, &query,
				     &answer, &kind),
		    RRL_SEND);
	}
	query.cookie_valid = false;
	for (int i = 0; i < RATE; i++)
		ck_assert_int_eq(rrl_judge(snapshot.rrl, 1000, &source, &query,
				     &answer, &kind),
		    i < RATE - 1 ? RRL_SEND : RRL_SLIP);
	ck_assert(answer.truncated);
}
END_TEST

/* What is dropped is silence, and counted as nothing else. */
START_TEST(drops)
{
	struct rrl_settings settings = {.responses = 1,
	    .window_ms = 1000,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024};

	rrl_destroy(snapshot.rrl);
	snapshot.rrl = rrl_create(&settings, 1);
	ck_assert_uint_gt(ask("a.example.", TYPE_A), 0);
	ck_assert_uint_eq(ask("a.example.", TYPE_A), 0);
	ck_assert_uint_eq(counter_read(&counters->rrl_dropped[RRL_ANSWER]), 1);
	ck_assert_uint_eq(counter_read(&counters->answers[TRANSPORT_UDP]), 1);
	ck_assert_uint_eq(counter_read(&counters->dropped), 0);
}
END_TEST

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *s = suite_create("dns_limit");
	TCase *t = tcase_create("limit");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, counts_together, 0, N(pairs));
	tcase_add_test(t, counts_cut_referrals);
	tcase_add_loop_test(t, slip_is_empty, 0, 4);
	tcase_add_test(t, limits_errors);
	tcase_add_loop_test(t, lets_pass, 0, 6);
	tcase_add_test(t, one_client_over_many_names_is_limited);
	tcase_add_test(
	    t, a_flood_of_one_name_leaves_the_client_its_other_names);
	tcase_add_test(t, the_limit_of_all_lets_the_same_pass);
	tcase_add_test(t, lets_neighbours_be);
	tcase_add_test(t, lets_cookies_pass);
	tcase_add_test(t, drops);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
