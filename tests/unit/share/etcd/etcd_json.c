/*
 * Answers of etcd's gateway: what it sends, and what nobody should.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/etcd/etcd_json.h"

#define HEAD                                                   \
	"\"header\":{\"cluster_id\":\"18446744073709551615\"," \
	"\"member_id\":\"7\",\"revision\":\"9\",\"raft_term\":\"2\"}"

static struct arena *arena;
static struct etcd_answer answer;

static void
setup(void)
{
	arena = arena_create((size_t)1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void
teardown(void)
{
	arena_destroy(arena);
}

static int
read_as(enum etcd_kind kind, const char *text)
{
	return etcd_json_answer(kind, text, strlen(text), arena, &answer);
}

START_TEST(a_header_has_64_bits)
{
	ck_assert_int_eq(read_as(ETCD_KIND_REVOKE, "{" HEAD "}"), 0);
	ck_assert(answer.header.cluster == UINT64_MAX);
	ck_assert_uint_eq(answer.header.member, 7);
	ck_assert_int_eq(answer.header.revision, 9);
	ck_assert_uint_eq(answer.header.term, 2);
	ck_assert_int_eq(answer.outcome, ETCD_OK);
}
END_TEST

START_TEST(numbers_may_be_numbers)
{
	ck_assert_int_eq(read_as(ETCD_KIND_STATUS,
			     "{\"header\":{\"revision\":5},\"version\":\"3.4\","
			     "\"leader\":\"3\",\"dbSize\":20480}"),
	    0);
	ck_assert_int_eq(answer.header.revision, 5);
	ck_assert_int_eq(answer.size, 20480);
	ck_assert_str_eq(answer.version, "3.4");
}
END_TEST

START_TEST(keys_are_found)
{
	ck_assert_int_eq(
	    read_as(ETCD_KIND_RANGE,
		"{" HEAD ",\"kvs\":[{\"key\":\"YQ==\",\"value\":\"AAEC\","
		"\"create_revision\":\"2\",\"mod_revision\":\"4\","
		"\"version\":\"3\",\"lease\":\"-5\"},{\"key\":\"Yg==\"}],"
		"\"more\":true,\"count\":\"12\"}"),
	    0);
	ck_assert_uint_eq(answer.found.n, 2);
	ck_assert_mem_eq(answer.found.pairs[0].key.data, "a", 1);
	ck_assert_uint_eq(answer.found.pairs[0].value.len, 3);
	ck_assert_mem_eq(answer.found.pairs[0].value.data, "\0\1\2", 3);
	ck_assert_int_eq(answer.found.pairs[0].create_revision, 2);
	ck_assert_int_eq(answer.found.pairs[0].mod_revision, 4);
	ck_assert_int_eq(answer.found.pairs[0].lease, -5);
	ck_assert_uint_eq(answer.found.pairs[1].value.len, 0);
	ck_assert(answer.found.more);
	ck_assert_int_eq(answer.found.count, 12);
}
END_TEST

START_TEST(operations_have_answers)
{
	ck_assert_int_eq(
	    read_as(ETCD_KIND_TXN,
		"{" HEAD ",\"succeeded\":true,\"responses\":["
		"{\"response_put\":{\"header\":{\"revision\":\"9\"}}},"
		"{\"response_delete_range\":{\"deleted\":\"3\"}},"
		"{\"response_range\":{\"kvs\":[{\"key\":\"YQ==\"}],"
		"\"count\":\"1\"}}]}"),
	    0);
	ck_assert(answer.succeeded);
	ck_assert_uint_eq(answer.n_ops, 3);
	ck_assert_int_eq(answer.ops[0].kind, ETCD_PUT);
	ck_assert_int_eq(answer.ops[1].kind, ETCD_DELETE);
	ck_assert_int_eq(answer.ops[1].deleted, 3);
	ck_assert_int_eq(answer.ops[2].kind, ETCD_GET);
	ck_assert_uint_eq(answer.ops[2].found.n, 1);
}
END_TEST

START_TEST(a_lease_that_ended_has_no_time)
{
	ck_assert_int_eq(
	    read_as(ETCD_KIND_KEEP, "{\"result\":{" HEAD ",\"ID\":\"123\"}}\n"),
	    0);
	ck_assert_int_eq(answer.lease, 123);
	ck_assert_int_eq(answer.ttl_s, 0);
}
END_TEST

static const struct {
	enum etcd_kind kind;
	const char *text;
} garbage[] = {
    {ETCD_KIND_RANGE, ""},
    {ETCD_KIND_RANGE, "nothing"},
    {ETCD_KIND_RANGE, "[]"},
    {ETCD_KIND_RANGE, "{}"},
    {ETCD_KIND_RANGE, "{" HEAD},
    {ETCD_KIND_RANGE, "{" HEAD "} more"},
    {ETCD_KIND_RANGE, "{\"header\":[]}"},
    {ETCD_KIND_RANGE, "{\"header\":{\"revision\":\"-1\"}}"},
    {ETCD_KIND_RANGE, "{\"header\":{\"revision\":\"1e3\"}}"},
    {ETCD_KIND_RANGE, "{\"header\":{\"revision\":1.5}}"},
    {ETCD_KIND_RANGE, "{\"header\":{\"revision\":\"9223372036854775808\"}}"},
    {ETCD_KIND_RANGE, "{\"header\":{\"cluster_id\":\"18446744073709551616\"}}"},
    {ETCD_KIND_RANGE, "{\"header\":{\"cluster_id\":true}}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"header\":{}}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"kvs\":{}}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"kvs\":[1]}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"kvs\":[{}]}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"kvs\":[{\"key\":\"YQ\"}]}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"kvs\":[{\"key\":\"Y*==\"}]}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"kvs\":[{\"key\":1}]}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"more\":\"true\"}"},
    {ETCD_KIND_RANGE, "{" HEAD ",\"count\":\"-1\"}"},
    {ETCD_KIND_TXN, "{" HEAD ",\"succeeded\":1}"},
    {ETCD_KIND_TXN, "{" HEAD ",\"responses\":[{}]}"},
    {ETCD_KIND_TXN, "{" HEAD ",\"responses\":[{\"response_txn\":{}}]}"},
    {ETCD_KIND_TXN,
	"{" HEAD
	",\"responses\":[{\"response_put\":{},\"response_range\":{}}]}"},
    {ETCD_KIND_TXN,
	"{" HEAD
	",\"responses\":[{\"response_delete_range\":{\"deleted\":\"-1\"}}]}"},
    {ETCD_KIND_GRANT, "{" HEAD ",\"ID\":\"99999999999999999999\"}"},
    {ETCD_KIND_KEEP, "{" HEAD "}"},
    {ETCD_KIND_KEEP, "{\"result\":{}}"},
    {ETCD_KIND_STATUS, "{" HEAD ",\"leader\":\"-1\"}"},
};

START_TEST(garbage_is_refused)
{
	memset(&answer, 0x5a, sizeof(answer));
	ck_assert_int_eq(read_as(garbage[_i].kind, garbage[_i].text), -1);
	ck_assert_int_eq(((const unsigned char *)&answer)[0], 0x5a);
}
END_TEST

START_TEST(an_arena_bounds_what_is_read)
{
	size_t n = 200000, len = 0;
	char *text = malloc(20 * n);

	ck_assert_ptr_nonnull(text);
	len += (size_t)snprintf(text, 20 * n, "{" HEAD ",\"kvs\":[");
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, 20 * n - len,
		    "%s{\"key\":\"YQ==\"}", i > 0 ? "," : "");
	len += (size_t)snprintf(text + len, 20 * n - len, "]}");
	ck_assert_int_eq(
	    etcd_json_answer(ETCD_KIND_RANGE, text, len, arena, &answer), -1);
	free(text);
}
END_TEST

START_TEST(a_token_fits_a_header)
{
	static const char *const bad[] = {"{}", "{\"token\":\"\"}",
	    "{\"token\":\"a b\"}", "{\"token\":\"a\\r\\nHost: x\"}",
	    "{\"token\":7}", "{\"token\":\"\\u00e9\"}"};
	char token[ETCD_TOKEN] = "";
	const char *good = "{" HEAD ",\"token\":\"aBc.12\"}";
	char *big = malloc(ETCD_TOKEN + 64);

	ck_assert_int_eq(etcd_json_token(good, strlen(good), token), 0);
	ck_assert_str_eq(token, "aBc.12");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(
		    etcd_json_token(bad[i], strlen(bad[i]), token), -1);
	snprintf(big, ETCD_TOKEN + 64, "{\"token\":\"%0*d\"}", ETCD_TOKEN, 0);
	ck_assert_int_eq(etcd_json_token(big, strlen(big), token), -1);
	ck_assert_str_eq(token, "aBc.12");
	free(big);
}
END_TEST

static int
read_watch(const char *text, struct etcd_json_watch *out)
{
	return etcd_json_watch(text, strlen(text), arena, out);
}

START_TEST(a_watch_tells_events)
{
	struct etcd_json_watch w;

	ck_assert_int_eq(
	    read_watch("{\"result\":{" HEAD ",\"watch_id\":\"-1\",\"events\":["
		       "{\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"3\"}},"
		       "{\"type\":\"DELETE\",\"kv\":{\"key\":\"YQ==\","
		       "\"mod_revision\":\"4\"}}],\"fragment\":true}}",
		&w),
	    0);
	ck_assert_int_eq(w.watch_id, -1);
	ck_assert_uint_eq(w.n, 2);
	ck_assert(!w.events[0].deleted);
	ck_assert(w.events[1].deleted);
	ck_assert_int_eq(w.events[1].pair.mod_revision, 4);
	ck_assert(w.fragment && !w.created && !w.cancelled && !w.failed);
}
END_TEST

START_TEST(a_watch_ends_with_a_reason)
{
	struct etcd_json_watch w;

	ck_assert_int_eq(
	    read_watch("{\"result\":{" HEAD ",\"canceled\":true,"
		       "\"compact_revision\":\"8\",\"cancel_reason\":"
		       "\"etcdserver:\\nno\"}}",
		&w),
	    0);
	ck_assert(w.cancelled);
	ck_assert_int_eq(w.compact_revision, 8);
	ck_assert_str_eq(w.reason, "etcdserver:?no");
	ck_assert_int_eq(
	    read_watch("{\"error\":{\"grpc_code\":14,\"http_code\":503,"
		       "\"message\":\"etcdserver: no leader\"}}",
		&w),
	    0);
	ck_assert(w.failed);
	ck_assert_int_eq(w.error.code, 14);
	ck_assert_str_eq(w.error.message, "etcdserver: no leader");
}
END_TEST

START_TEST(a_watch_that_is_garbage_is_refused)
{
	static const char *const bad[] = {"", "{}", "{\"result\":[]}",
	    "{\"result\":{}}", "{\"error\":7}",
	    "{\"result\":{" HEAD ",\"events\":[{}]}}",
	    "{\"result\":{" HEAD ",\"events\":[{\"kv\":{\"key\":\"YQ==\"}}]}}",
	    "{\"result\":{" HEAD ",\"events\":[{\"type\":\"MOVE\",\"kv\":"
	    "{\"key\":\"YQ==\",\"mod_revision\":\"3\"}}]}}"};
	struct etcd_json_watch w;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(read_watch(bad[i], &w), -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("etcd_json");
	TCase *tcase = tcase_create("etcd_json");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_header_has_64_bits);
	tcase_add_test(tcase, numbers_may_be_numbers);
	tcase_add_test(tcase, keys_are_found);
	tcase_add_test(tcase, operations_have_answers);
	tcase_add_test(tcase, a_lease_that_ended_has_no_time);
	tcase_add_loop_test(tcase, garbage_is_refused, 0,
	    (int)(sizeof(garbage) / sizeof(garbage[0])));
	tcase_add_test(tcase, an_arena_bounds_what_is_read);
	tcase_add_test(tcase, a_token_fits_a_header);
	tcase_add_test(tcase, a_watch_tells_events);
	tcase_add_test(tcase, a_watch_ends_with_a_reason);
	tcase_add_test(tcase, a_watch_that_is_garbage_is_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
