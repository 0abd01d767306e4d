/*
 * The parts of the client of etcd that ask nobody: lines of a stream, which
 * endpoint is asked, what an error means, the end of a prefix.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "share/etcd/etcd_endpoints.h"
#include "share/etcd/etcd_judge.h"
#include "share/etcd/etcd_lines.h"

/* Wherever the pieces end, the lines are the same. */
START_TEST(a_stream_may_be_split_anywhere)
{
	static const char stream[] = "one\n\ntwo three\n{\"a\":1}\nrest";
	static const char *const want[] = {"one", "", "two three", "{\"a\":1}"};

	for (size_t step = 1; step <= sizeof(stream); step++) {
		struct etcd_lines l;
		const char *line;
		size_t n = 0, len;

		etcd_lines_init(&l, sizeof(stream));
		for (size_t at = 0; at < sizeof(stream) - 1; at += step) {
			size_t left = sizeof(stream) - 1 - at;

			ck_assert_int_eq(etcd_lines_add(&l, stream + at,
					     left < step ? left : step),
			    0);
			while ((line = etcd_lines_next(&l, &len)) != NULL) {
				ck_assert_uint_eq(len, strlen(want[n]));
				ck_assert_mem_eq(line, want[n], len);
				n++;
			}
		}
		ck_assert_uint_eq(n, 4);
		etcd_lines_finish(&l);
	}
}
END_TEST

START_TEST(a_line_without_an_end_is_bounded)
{
	struct etcd_lines l;
	size_t len, added = 0;

	etcd_lines_init(&l, 1000);
	while (etcd_lines_add(&l, "0123456789", 10) == 0)
		added += 10;
	ck_assert_uint_eq(added, 1000);
	ck_assert_ptr_null(etcd_lines_next(&l, &len));
	etcd_lines_finish(&l);
}
END_TEST

static const struct etcd_why refused = {.words = "refused"};

START_TEST(an_endpoint_that_failed_is_left_alone)
{
	static const char *const urls[] = {"a", "b", "c"};
	struct etcd_endpoints e;
	size_t i;

	ck_assert_int_eq(etcd_endpoints_init(&e, urls, 3, 7), 0);
	ck_assert_int_eq(etcd_endpoints_pick(&e, 1000, &i), 0);
	ck_assert_uint_eq(i, 0);
	ck_assert(etcd_endpoints_failed(&e, 0, &refused, 1000));
	/* Of calls that were on their way to it at the same time. */
	ck_assert(!etcd_endpoints_failed(&e, 0, &refused, 1000));
	ck_assert_uint_eq(e.list[0].failures, 1);
	ck_assert_int_eq(etcd_endpoints_pick(&e, 1000, &i), 0);
	ck_assert_uint_eq(i, 1);
	etcd_endpoints_failed(&e, 1, &refused, 1000);
	etcd_endpoints_failed(&e, 2, &refused, 1010);
	/* All: the one that is soonest. */
	ck_assert_int_gt(etcd_endpoints_pick(&e, 1010, &i), 0);
	ck_assert_int_le(e.list[i].until_ms, 1000 + ETCD_PAUSE_FIRST_MS);
	ck_assert_int_eq(
	    etcd_endpoints_pick(&e, 1000 + ETCD_PAUSE_FIRST_MS, &i), 0);
	ck_assert(etcd_endpoints_answered(&e, i));
	ck_assert(!etcd_endpoints_answered(&e, i));
	/* It stays with the one that answers. */
	ck_assert_int_eq(etcd_endpoints_pick(&e, 100000, &i), 0);
	ck_assert_uint_eq(i, e.current);
	etcd_endpoints_finish(&e);
}
END_TEST

static struct etcd_endpoints three;

static void
expect_words(bool news, bool is_news, const char *words)
{
	char out[256];

	ck_assert_int_eq(news, is_news);
	etcd_endpoints_words(&three, out, sizeof(out));
	ck_assert_str_eq(out, words);
}

START_TEST(troubles_are_named_once_and_by_endpoint)
{
	static const char *const urls[] = {"a", "b", "c"};
	static const struct etcd_why expired = {.words = "expired"},
				     broke = {.words = "broke", .vague = true};
	struct etcd_endpoints *e = &three;
	int64_t now = 1000;

	ck_assert_int_eq(etcd_endpoints_init(e, urls, 3, 7), 0);
	expect_words(false, false, "");
	expect_words(
	    etcd_endpoints_failed(e, 1, &refused, now), true, "b: refused");
	expect_words(
	    etcd_endpoints_failed(e, 0, &refused, now), true, "a, b: refused");
	expect_words(etcd_endpoints_failed(e, 2, &expired, now), true,
	    "a, b: refused; c: expired");
	/* Again and again the same. */
	for (int i = 0; i < 20; i++, now += ETCD_PAUSE_LAST_MS)
		for (size_t k = 0; k < 3; k++)
			expect_words(etcd_endpoints_failed(e, k,
					 k < 2 ? &refused : &expired, now),
			    false, "a, b: refused; c: expired");
	/* A vague reason between two that are none. */
	expect_words(etcd_endpoints_failed(e, 2, &broke, now), false,
	    "a, b: refused; c: expired");
	/* And when it is the only one for long. */
	now += ETCD_WHY_MS;
	expect_words(etcd_endpoints_failed(e, 2, &broke, now), true,
	    "a, b: refused; c: broke");
	expect_words(etcd_endpoints_failed(e, 2, &expired, now), true,
	    "a, b: refused; c: expired");
	(void)etcd_endpoints_answered(e, 0);
	expect_words(false, false, "b: refused; c: expired");
	/* What was before an answer does not stay. */
	(void)etcd_endpoints_answered(e, 2);
	expect_words(etcd_endpoints_failed(e, 2, &broke, now), true,
	    "b: refused; c: broke");
	etcd_endpoints_finish(e);
}
END_TEST

START_TEST(pauses_double_up_to_a_bound)
{
	for (unsigned n = 1; n < 100; n++) {
		int64_t most =
		    n > 5 ? ETCD_PAUSE_LAST_MS : ETCD_PAUSE_FIRST_MS << (n - 1);

		for (uint64_t random = 0; random < 5000; random += 7) {
			int64_t ms = etcd_endpoints_pause(n, random);

			ck_assert_int_le(ms, most);
			ck_assert_int_ge(ms, most / 2);
		}
	}
}
END_TEST

static const struct {
	const char *text;
	enum etcd_fault fault;
	enum etcd_outcome outcome;
	bool untouched;
	long status;
} errors[] = {
    {"{\"message\":\"etcdserver: invalid auth token\",\"code\":16}",
	ETCD_FAULT_TOKEN, ETCD_REFUSED, true, 401},
    {"{\"message\":\"etcdserver: user name is empty\",\"code\":3}",
	ETCD_FAULT_TOKEN, ETCD_REFUSED, true, 400},
    {"{\"message\":\"etcdserver: permission denied\",\"code\":7}",
	ETCD_FAULT_CALL, ETCD_REFUSED, true, 403},
    {"{\"message\":\"etcdserver: mvcc: required revision has been "
     "compacted\",\"code\":11}",
	ETCD_FAULT_CALL, ETCD_COMPACTED, true, 400},
    {"{\"message\":\"etcdserver: mvcc: required revision is a future "
     "revision\",\"code\":11}",
	ETCD_FAULT_CALL, ETCD_FUTURE, true, 400},
    {"{\"message\":\"etcdserver: requested lease not found\",\"code\":5}",
	ETCD_FAULT_CALL, ETCD_NO_LEASE, true, 404},
    {"{\"message\":\"etcdserver: mvcc: database space exceeded\","
     "\"code\":8}",
	ETCD_FAULT_CALL, ETCD_FAILED, false, 429},
    {"{\"message\":\"etcdserver: no leader\",\"code\":14}", ETCD_FAULT_ENDPOINT,
	ETCD_UNREACHABLE, true, 503},
    /* Perhaps after it was carried out. */
    {"{\"message\":\"etcdserver: request timed out\",\"code\":14}",
	ETCD_FAULT_ENDPOINT, ETCD_FAILED, false, 503},
    {"{\"message\":\"etcdserver: leader changed\",\"code\":14}",
	ETCD_FAULT_ENDPOINT, ETCD_FAILED, false, 503},
    {"Not Found\n", ETCD_FAULT_ENDPOINT, ETCD_OK, true, 404},
    {"<html>", ETCD_FAULT_ENDPOINT, ETCD_OK, false, 502},
    {"CommonName of client sending a request against gateway will be "
     "ignored and not used as expected\n",
	ETCD_FAULT_CALL, ETCD_REFUSED, false, 400},
};

START_TEST(an_error_is_judged)
{
	struct etcd_verdict v;

	etcd_judge(
	    errors[_i].status, errors[_i].text, strlen(errors[_i].text), &v);
	ck_assert_int_eq(v.fault, errors[_i].fault);
	ck_assert_int_eq(v.outcome, errors[_i].outcome);
	ck_assert_int_eq(v.untouched, errors[_i].untouched);
	ck_assert_int_ne(v.words[0], '\0');
}
END_TEST

START_TEST(a_prefix_has_an_end)
{
	static const struct {
		const char *prefix, *end;
		size_t len, end_len;
	} cases[] = {{"/m/", "/m0", 3, 3}, {"a\xff\xff", "b", 3, 1},
	    {"\xff", "\0", 1, 1}, {"", "\0", 0, 1}, {"a\0", "a\1", 2, 2}};
	char out[ETCD_KEY_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct etcd_bytes end = etcd_prefix_end(
		    (struct etcd_bytes){cases[i].prefix, cases[i].len}, out);

		ck_assert_uint_eq(end.len, cases[i].end_len);
		ck_assert_mem_eq(end.data, cases[i].end, end.len);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("etcd_parts");
	TCase *tcase = tcase_create("etcd_parts");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, a_stream_may_be_split_anywhere);
	tcase_add_test(tcase, a_line_without_an_end_is_bounded);
	tcase_add_test(tcase, an_endpoint_that_failed_is_left_alone);
	tcase_add_test(tcase, troubles_are_named_once_and_by_endpoint);
	tcase_add_test(tcase, pauses_double_up_to_a_bound);
	tcase_add_loop_test(tcase, an_error_is_judged, 0,
	    (int)(sizeof(errors) / sizeof(errors[0])));
	tcase_add_test(tcase, a_prefix_has_an_end);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
