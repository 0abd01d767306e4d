/*
 * What hooks say: a message that any reader of JSON takes, whatever a reason
 * holds, and a signature that a receiver can make again.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hooks/hook_message.h"

static struct hook_batch batch;
static struct text out;

static void
setup(void)
{
	memset(&batch, 0, sizeof(batch));
	text_init(&out, 1 << 20);
}

static void
teardown(void)
{
	text_finish(&out);
}

static void
add(const char *endpoint, const char *reason)
{
	struct hook_change change = {
	    .event = {.at_ms = 1000, .before = HEALTH_UP, .after = HEALTH_DOWN},
	    .was_ms = 61500};

	snprintf(change.event.zone, sizeof(change.event.zone), "z.example");
	snprintf(change.event.pool, sizeof(change.event.pool), "p");
	snprintf(change.event.endpoint, sizeof(change.event.endpoint), "%s",
	    endpoint);
	snprintf(
	    change.event.reason, sizeof(change.event.reason), "%s", reason);
	snprintf(change.region, sizeof(change.region), "eu");
	hook_batch_add(&batch, &change);
}

START_TEST(a_change_is_told_in_full)
{
	add("e", "refused");
	hook_message(&batch, "us-1", "ab-1", 2000, &out);
	ck_assert_str_eq(out.data,
	    "{\n  \"id\": \"ab-1\",\n  \"time_ms\": 2000,\n"
	    "  \"vantage\": \"us-1\",\n  \"version\": \"" MERIDIAN_VERSION
	    "\",\n  \"count\": 1,\n  \"left_out\": 0,\n"
	    "  \"after\": {\"down\": 1, \"up\": 0, \"degraded\": 0},\n"
	    "  \"changes\": [\n"
	    "    {\"at_ms\": 1000, \"zone\": \"z.example\", \"pool\": \"p\", "
	    "\"endpoint\": \"e\", \"region\": \"eu\", \"before\": \"up\", "
	    "\"after\": \"down\", \"reason\": \"refused\", "
	    "\"was_seconds\": 61}\n  ]\n}\n");
}
END_TEST

START_TEST(a_reason_cannot_leave_its_text)
{
	add("e", "body: \"x\\y\" \x1b[31m");
	hook_message(&batch, "us-1", "ab-1", 2000, &out);
	ck_assert_ptr_nonnull(
	    strstr(out.data, "\"reason\": \"body: \\\"x\\\\y\\\" ?[31m\""));
}
END_TEST

START_TEST(a_flood_is_one_message_that_says_how_many)
{
	char name[32];
	size_t n = 0;

	for (unsigned i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "e%u", i);
		add(name, "refused");
	}
	hook_message(&batch, "us-1", "ab-1", 2000, &out);
	ck_assert(!out.failed);
	ck_assert_ptr_nonnull(strstr(out.data, "\"count\": 2000,"));
	ck_assert_ptr_nonnull(strstr(out.data, "\"left_out\": 1900,"));
	ck_assert_ptr_nonnull(strstr(out.data, "{\"down\": 2000,"));
	ck_assert_ptr_nonnull(strstr(out.data, "\"endpoint\": \"e99\""));
	ck_assert_ptr_null(strstr(out.data, "\"endpoint\": \"e100\""));
	for (const char *at = out.data; (at = strstr(at, "at_ms")) != NULL;
	     at++)
		n++;
	ck_assert_uint_eq(n, HOOK_TOLD);
}
END_TEST

/* Made with another program. */
START_TEST(the_signature_is_hmac_sha256_of_time_and_body)
{
	char signature[HOOK_SIGNATURE];

	ck_assert_int_eq(
	    hook_sign("whsec", 1700000000, "{\"a\": 1}", 8, signature), 0);
	ck_assert_str_eq(signature,
	    "t=1700000000,v1="
	    "cb290683499e424b0c72ea3cb367617e12fdb379e3d3bc57e2f2dceacb1c2aef");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_hooks_hooks");
	TCase *tcase = tcase_create("hooks");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_change_is_told_in_full);
	tcase_add_test(tcase, a_reason_cannot_leave_its_text);
	tcase_add_test(tcase, a_flood_is_one_message_that_says_how_many);
	tcase_add_test(tcase, the_signature_is_hmac_sha256_of_time_and_body);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
