/* Comparing nodes: the messages, the clients, and what is a difference. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/compare_message.h"
#include "ctl/compare_sample.h"
#include "ctl/compare_tally.h"
#include "dns/wire/protocol.h"
#include "dns/wire/query.h"
#include "dns/wire/wire.h"

static struct compare_question question;
static struct compare_cookie cookie;

static void
ask(const char *name, const char *client)
{
	question = (struct compare_question){.type = TYPE_A};
	ck_assert_int_gt(name_parse(name, NULL, question.name), 0);
	ck_assert_int_eq(prefix_parse(client, &question.client), 0);
	cookie = (struct compare_cookie){.len = COOKIE_CLIENT};
	memcpy(cookie.octets, "01234567", COOKIE_CLIENT);
}

START_TEST(a_query_is_one_that_our_server_reads)
{
	static const char *const clients[] = {
	    "84.128.3.0/24", "2001:db8:7::/48"};
	uint8_t out[COMPARE_MESSAGE_MAX];
	struct query query;
	size_t len;

	ask("chat.Inference.example.", clients[_i]);
	len = compare_message_write(&question, 0x1234, &cookie, out);
	ck_assert_int_eq(query_parse(out, len, &query), QUERY_OK);
	ck_assert_uint_eq(query.id, 0x1234);
	ck_assert_uint_eq(query.type, TYPE_A);
	ck_assert(query.subnet.present);
	ck_assert_uint_eq(query.subnet.source_len, question.client.length);
	ck_assert(
	    address_equal(&query.subnet.address, &question.client.address));
	ck_assert_uint_eq(query.cookie_len, COOKIE_CLIENT);
}
END_TEST

#define Q "\4chat\11inference\7example\0\0\1\0\1" /* 28 */
#define HEAD(flags, n) "\0\1" flags "\0\1\0" n "\0\0\0\0"
#define A_RECORD(last) "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\300\0\2" last

/* Octets of an answer, whether it is one, and what it has. */
static const struct {
	const char *octets;
	size_t len;
	bool whole;
	unsigned rcode, n;
	const char *why;
} rows[] = {
#define ROW(octets, ...)                                \
	{                                               \
		octets, sizeof(octets) - 1, __VA_ARGS__ \
	}
    ROW(HEAD("\x84\0", "\1") Q A_RECORD("\1"), true, 0, 1, "an address"),
    ROW(HEAD("\x84\0", "\2") Q A_RECORD("\2") A_RECORD("\1"), true, 0, 2,
	"two, which are sorted"),
    ROW(HEAD("\x84\3", "\0") Q, true, 3, 0, "NXDOMAIN"),
    ROW(HEAD("\x86\0", "\0") Q, false, 0, 0, "cut short"),
    ROW(HEAD("\x84\0", "\2") Q A_RECORD("\1"), false, 0, 0,
	"a record less than it says"),
    ROW(HEAD("\x84\0", "\0") "\4chat\7example\0\0\1\0\1", false, 0, 0,
	"another question"),
    ROW(HEAD("\x84\0", "\0") "\4CHAT\11inference\7example\0\0\1\0\1", true, 0,
	0, "the question in another case"),
    ROW("\0\1\x84", false, 0, 0, "no header"),
    ROW(HEAD("\x84\0", "\1") Q "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\2\xc0\x34", true,
	0, 0, "a CNAME that points to itself"),
};

START_TEST(an_answer_is_read_or_is_none)
{
	struct compare_answer answer;
	const uint8_t *octets = (const uint8_t *)rows[_i].octets;

	ask("chat.inference.example.", "84.128.3.0/24");
	ck_assert_msg(compare_message_read(octets, rows[_i].len, &question,
			  &cookie, &answer) == rows[_i].whole,
	    "%s", rows[_i].why);
	if (!rows[_i].whole)
		return;
	ck_assert_uint_eq(answer.rcode, rows[_i].rcode);
	ck_assert_msg(answer.n == rows[_i].n, "%s", rows[_i].why);
	for (unsigned i = 0; i < answer.n; i++)
		ck_assert_uint_eq(answer.records[i].data[3], i + 1);
}
END_TEST

START_TEST(a_cookie_is_kept_and_sent)
{
	static const char octets[] = "\0\1\x84\7\0\1\0\0\0\0\0\1" Q
				     "\0\0\51\4\320\1\0\0\0\0\34\0\12\0\30"
				     "01234567abcdefghijklmnop";
	struct compare_answer answer;
	uint8_t out[COMPARE_MESSAGE_MAX];
	struct query query;
	size_t len;

	ask("chat.inference.example.", "84.128.3.0/24");
	/* BADCOOKIE is no answer, but brings one. */
	ck_assert(!compare_message_read((const uint8_t *)octets,
	    sizeof(octets) - 1, &question, &cookie, &answer));
	ck_assert_uint_eq(cookie.len, COOKIE_LEN);
	len = compare_message_write(&question, 1, &cookie, out);
	ck_assert_int_eq(query_parse(out, len, &query), QUERY_OK);
	ck_assert_uint_eq(query.cookie_len, COOKIE_LEN);
	ck_assert_int_eq(
	    memcmp(query.cookie, "01234567abcdefghijklmnop", COOKIE_LEN), 0);
}
END_TEST

START_TEST(clients_are_those_of_the_seed)
{
	static struct errbuf eb;
	struct geography *geo;
	struct compare_client *a, *b, *other;
	size_t same = 0;

	errbuf_init(&eb);
	geo = geography_load(NULL, NULL, 0, NULL, &eb);
	ck_assert_ptr_nonnull(geo);
	a = compare_sample(geo, 1000, 1);
	b = compare_sample(geo, 1000, 1);
	other = compare_sample(geo, 1000, 2);
	for (size_t i = 0; i < 1000; i++) {
		ck_assert(
		    address_equal(&a[i].prefix.address, &b[i].prefix.address));
		ck_assert_uint_eq(a[i].prefix.length, 24);
		ck_assert_uint_ne(a[i].prefix.address.bytes[0], 10);
		same += address_equal(
		    &a[i].prefix.address, &other[i].prefix.address);
	}
	ck_assert_uint_lt(same, 10);
	free(a);
	free(b);
	free(other);
	geography_destroy(geo);
}
END_TEST

static struct compare_answer
answer_of(unsigned n, const uint8_t *last)
{
	struct compare_answer answer = {.came = true, .n = (uint8_t)n};

	for (unsigned i = 0; i < n; i++)
		answer.records[i] = (struct compare_record){
		    .type = TYPE_A, .len = 4, .data = {192, 0, 2, last[i]}};
	return answer;
}

START_TEST(what_is_a_difference)
{
	/* Endpoints 1 and 2 are of one region, 3 of another. */
	uint8_t images[3][RECORD_FIXED + 4];
	struct policy_endpoint endpoints[3] = {0};
	const struct policy_region regions[2] = {
	    {.name = "west"}, {.name = "east"}};
	const struct policy policy = {.endpoints = endpoints,
	    .n_endpoints = 3,
	    .regions = regions,
	    .n_regions = 2};
	const struct policy_service own = {.affinity = AFFINITY_CLIENT};
	const struct policy_service turns = {.affinity = AFFINITY_NONE};
	struct compare_tally *t;
	struct compare_answer of[3];

	for (size_t i = 0; i < 3; i++) {
		memset(images[i], 0, sizeof(images[i]));
		memcpy(images[i] + RECORD_FIXED,
		    (uint8_t[]){192, 0, 2, (uint8_t)(i + 1)}, 4);
		endpoints[i].region = i == 2;
		endpoints[i].sets[FORM_IPV4] =
		    (struct answer_set){images[i], sizeof(images[i]), 1};
	}
	t = compare_tally_create(&policy);
	ck_assert_ptr_nonnull(t);
	of[0] = of[1] = answer_of(1, (uint8_t[]){1});
	of[2] = (struct compare_answer){.came = false};
	ck_assert(!compare_tally_differ(t, &own, of, 3));
	of[1] = answer_of(1, (uint8_t[]){2});
	ck_assert(compare_tally_differ(t, &own, of, 3));
	ck_assert(!compare_tally_differ(t, &turns, of, 3));
	of[2] = answer_of(1, (uint8_t[]){3});
	ck_assert(compare_tally_differ(t, &turns, of, 3));
	of[0] = of[1] = of[2] = answer_of(0, NULL);
	of[1].rcode = 2;
	ck_assert(compare_tally_differ(t, &turns, of, 2));
	compare_tally_destroy(t);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl: compare");
	TCase *tcase = tcase_create("compare");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, a_query_is_one_that_our_server_reads, 0, 2);
	tcase_add_loop_test(tcase, an_answer_is_read_or_is_none, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, a_cookie_is_kept_and_sent);
	tcase_add_test(tcase, clients_are_those_of_the_seed);
	tcase_add_test(tcase, what_is_a_difference);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
