/*
 * What is counted, added up by place and copied into a batch as the history
 * takes it.
 */
#include "node/traffic_batch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/traffic_places.h"

static void
add(struct traffic_places *places, const char *service, const char *country,
    uint32_t asn)
{
	struct traffic_place place = {
	    .service = service, .region = "eu", .asn = asn, .samples = 2};

	snprintf(place.country, sizeof(place.country), "%s", country);
	traffic_places_add(places, &place);
}

START_TEST(places_are_added_up)
{
	static const char chat[] = "chat.", code[] = "code.";
	struct traffic_places places;

	traffic_places_init(&places);
	add(&places, chat, "DE", 1);
	add(&places, chat, "DE", 2);
	add(&places, chat, "FR", 1);
	add(&places, code, "DE", 1);
	add(&places, chat, "", 0);
	add(&places, chat, "DE", 1);
	ck_assert_uint_eq(places.n, 5);
	ck_assert_uint_eq(places.rows[0].samples, 4);
	ck_assert_str_eq(places.rows[0].country, "DE");
	ck_assert_uint_eq(places.rows[3].samples, 2);
	ck_assert_ptr_eq(places.rows[3].service, code);
	ck_assert_uint_eq(places.lost, 0);
	traffic_places_finish(&places);
	ck_assert_uint_eq(places.n, 0);
}
END_TEST

/* Of what is too much the AS number is not told, then the country; no sample is
 * lost. */
START_TEST(places_are_bounded)
{
	static const char chat[] = "chat.";
	const uint32_t most = TRAFFIC_PLACES + 1000;
	struct traffic_places places;
	uint64_t all = 0;

	traffic_places_init(&places);
	add(&places, chat, "DE", 0);
	add(&places, chat, "", 0);
	for (uint32_t i = 1; i <= most; i++)
		add(&places, chat, "DE", i);
	add(&places, chat, "FR", 1);
	ck_assert_uint_eq(places.n, TRAFFIC_PLACES);
	ck_assert_uint_eq(places.rows[1].samples, 4);
	for (size_t i = 0; i < places.n; i++)
		all += places.rows[i].samples;
	ck_assert_uint_eq(all, 2 * ((uint64_t)most + 3));
	ck_assert_uint_eq(places.lost, 0);
	traffic_places_finish(&places);
}
END_TEST

START_TEST(a_batch_has_copies_of_its_own)
{
	char service[] = "Chat.Example.", pool[] = "v1", region[] = "eu",
	     endpoint[] = "e1", node[] = "here";
	struct traffic_batch *batch = traffic_batch_create(60000);
	const struct history_batch like = {
	    .node = node, .run = 7, .number = 3, .sample = 64};
	struct history_traffic traffic = {.service = service,
	    .pool = pool,
	    .region = region,
	    .reason = "first",
	    .subnet = true,
	    .answers = 5};
	struct history_scope scope = {service, 6, 48, 5};
	struct history_failover failover = {service, pool, endpoint, true, 99};
	struct traffic_place place = {.service = service,
	    .region = region,
	    .country = "DE",
	    .asn = 3320,
	    .samples = 1};
	const struct history_batch *out;

	ck_assert_ptr_nonnull(batch);
	for (int i = 0; i < 100; i++)
		traffic_batch_traffic(batch, &traffic);
	traffic_batch_scope(batch, &scope);
	traffic_batch_place(batch, &place);
	traffic_batch_failover(batch, &failover);
	ck_assert_uint_eq(traffic_batch_lost(batch), 0);
	out = traffic_batch_end(batch, &like);
	memset(service, 'x', sizeof(service) - 1);
	memset(pool, 'x', sizeof(pool) - 1);
	memset(region, 'x', sizeof(region) - 1);
	memset(endpoint, 'x', sizeof(endpoint) - 1);
	memset(node, 'x', sizeof(node) - 1);
	ck_assert_str_eq(out->node, "here");
	ck_assert_uint_eq(out->run, 7);
	ck_assert_uint_eq(out->number, 3);
	ck_assert_uint_eq(out->sample, 64);
	ck_assert_int_eq(out->minute_ms, 60000);
	ck_assert_uint_eq(out->n_traffic, 100);
	ck_assert_str_eq(out->traffic[99].service, "chat.example");
	ck_assert_str_eq(out->traffic[99].pool, "v1");
	ck_assert_str_eq(out->traffic[99].region, "eu");
	ck_assert_uint_eq(out->traffic[99].answers, 5);
	ck_assert_uint_eq(out->n_scope, 1);
	ck_assert_str_eq(out->scope[0].service, "chat.example");
	ck_assert_uint_eq(out->scope[0].length, 48);
	ck_assert_uint_eq(out->n_place, 1);
	ck_assert_str_eq(out->place[0].country, "DE");
	ck_assert_uint_eq(out->place[0].asn, 3320);
	ck_assert_uint_eq(out->n_failover, 1);
	ck_assert_str_eq(out->failover[0].endpoint, "e1");
	ck_assert(out->failover[0].back);
	ck_assert_ptr_eq(traffic_batch_of(out), batch);
	traffic_batch_destroy(batch);
	traffic_batch_destroy(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: batches of traffic");
	TCase *tc = tcase_create("batches");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, places_are_added_up);
	tcase_add_test(tc, places_are_bounded);
	tcase_add_test(tc, a_batch_has_copies_of_its_own);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
