/*
 * HTTPS and SVCB records of services and CNAMEs of endpoints as the policy has
 * them, and what the server's answer source makes of them: the hints are the
 * sets that A and AAAA get of the same decision.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dns/answer/snapshot.h"
#include "steering/ladder.h"
#include "tests/unit/steering_fixture.h"

/* Octets of records: owner, type, class, TTL 0. */
#define HEAD(type) 0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0

static const char *const alpn[] = {"h2", "http/1.1"};
static const uint8_t ech[] = {0, 2, 7, 8};

static const struct {
	const char *says;
	struct binding_config config;
	uint8_t image[64];
	size_t size, ipv4_at, ipv6_at;
	bool hinted;
} rows[] = {
    {"the least that there can be", {.priority = 1, .target = "."},
	{HEAD(65), 0, 3, 0, 1, 0}, 15, 15, 15, true},
    {"each parameter in the order of its key, hints among them",
	{.priority = 258,
	    .target = ".",
	    .alpn = alpn,
	    .n_alpn = 2,
	    .no_default_alpn = true,
	    .port = 8443,
	    .ech = ech,
	    .n_ech = sizeof(ech),
	    .ohttp = true,
	    .mandatory = 1 << 1 | 1 << 3},
	{HEAD(65), 0, 49, 1, 2, 0, 0, 0, 0, 4, 0, 1, 0, 3, 0, 1, 0, 12, 2, 'h',
	    '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1', 0, 2, 0, 0, 0, 3, 0,
	    2, 0x20, 0xfb, 0, 5, 0, 4, 0, 2, 7, 8, 0, 8, 0, 0},
	0, 0, 0, true},
    {"of another host: no hints",
	{.priority = 1, .target = "a.", .dohpath = "/{?dns}"},
	{HEAD(65), 0, 16, 0, 1, 1, 'a', 0, 0, 7, 0, 7, '/', '{', '?', 'd', 'n',
	    's', '}'},
	28, 17, 17, false},
};

START_TEST(records_are_in_the_order_of_their_keys)
{
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *service = fixture_service(f, "chat");
	const struct policy_service *s;
	const struct policy_binding *b;
	size_t size = RECORD_FIXED + rows[_i].image[11];

	fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
	fixture_split(f, service, pool, 1);
	service->https = &rows[_i].config;
	fixture_build(f);
	s = f->policy->zones[0].services;
	ck_assert(s->has[FORM_HTTPS] && s->all_have[FORM_HTTPS]);
	ck_assert(!s->has[FORM_SVCB] && !s->has[FORM_CNAME]);
	b = s->bindings[FORM_HTTPS - ENDPOINT_FORMS];
	ck_assert_uint_eq(b->record.size, size);
	ck_assert_msg(memcmp(b->record.image, rows[_i].image, size) == 0, "%s",
	    rows[_i].says);
	ck_assert_uint_eq(b->hinted, rows[_i].hinted);
	if (rows[_i].size > 0) {
		ck_assert_uint_eq(b->record.size, rows[_i].size);
		ck_assert_uint_eq(b->record.ipv4_at, rows[_i].ipv4_at);
		ck_assert_uint_eq(b->record.ipv6_at, rows[_i].ipv6_at);
	} else {
		/* Before and after the key for ECH. */
		ck_assert_uint_eq(b->record.ipv4_at, size - 4 - 8);
		ck_assert_uint_eq(b->record.ipv6_at, size - 4);
	}
	fixture_destroy(f);
}
END_TEST

/* The sets of an answer are those of A and of AAAA, where an endpoint lacks one
 * an empty one; scope and TTL are the same. */
START_TEST(hints_are_the_sets_of_a_and_aaaa)
{
	static const struct binding_config https = {
	    .priority = 1, .target = "."};
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *service = fixture_service(f, "chat");
	uint32_t east = fixture_region(f, "east", 0);
	struct snapshot snapshot = {0};

	for (size_t i = 0; i < 6; i++)
		fixture_endpoint(f, pool, east, 1)->n_ipv6 = i % 2;
	fixture_split(f, service, pool, 1);
	service->https = &https;
	service->answers = 3;
	fixture_build(f);
	snapshot.policy = f->policy;
	snapshot.live = f->live;
	for (uint32_t k = 0; k < 300; k++) {
		struct client client = {fixture_sticky(k), 32};
		struct answer_request request = {
		    .client = &client, .sender = &client.address};
		struct answer by_form[FORMS];
		unsigned n[2] = {0};

		for (unsigned form = 0; form < FORMS; form++) {
			request.form = (enum answer_form)form;
			if (form != FORM_CNAME && form != FORM_SVCB)
				ladder_source.answer(
				    &snapshot, &request, &by_form[form]);
		}
		ck_assert_int_eq(by_form[FORM_HTTPS].kind, ANSWER_RECORDS);
		ck_assert_uint_eq(by_form[FORM_HTTPS].n_sets, 3);
		ck_assert_uint_eq(
		    by_form[FORM_HTTPS].scope, by_form[FORM_IPV4].scope);
		ck_assert_uint_eq(
		    by_form[FORM_HTTPS].ttl_s, by_form[FORM_IPV4].ttl_s);
		ck_assert_uint_eq(
		    by_form[FORM_HTTPS].outcome, by_form[FORM_IPV4].outcome);
		for (unsigned i = 0; i < 3; i++) {
			const struct answer *a = &by_form[FORM_HTTPS];

			ck_assert_ptr_eq(
			    a->sets[i], by_form[FORM_IPV4].sets[n[0]++]);
			if (a->ipv6[i]->count > 0)
				ck_assert_ptr_eq(a->ipv6[i],
				    by_form[FORM_IPV6].sets[n[1]++]);
		}
		if (by_form[FORM_IPV6].kind == ANSWER_RECORDS)
			ck_assert_uint_eq(by_form[FORM_IPV6].n_sets, n[1]);
		else
			ck_assert_uint_eq(n[1], 0);
	}
	fixture_destroy(f);
}
END_TEST

/* Of an endpoint that a name has the hints are the addresses of now. */
START_TEST(hints_are_the_addresses_that_a_name_has_now)
{
	static const struct binding_config https = {
	    .priority = 1, .target = "."};
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *service = fixture_service(f, "chat");
	struct endpoint_config *e =
	    fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
	struct client client = {fixture_sticky(1), 32};
	struct answer_request request = {
	    .client = &client, .sender = &client.address, .form = FORM_HTTPS};
	struct live_address known[3] = {{.usable = USABLE_YES},
	    {.usable = USABLE_YES}, {.usable = USABLE_NO}};
	struct snapshot snapshot = {0};
	struct answer answer;

	e->n_ipv4 = e->n_ipv6 = 0;
	e->resolve = "lb.example.net";
	service->https = &https;
	fixture_split(f, service, pool, 1);
	ck_assert_ptr_nonnull(fixture_compile(f));
	f->live = live_create(f->policy);
	ck_assert_int_eq(live_room(f->live, LIVE_MAX_KNOWN), 0);
	address_parse("192.0.2.1", &known[0].address);
	address_parse("2001:db8::1", &known[1].address);
	address_parse("192.0.2.2", &known[2].address);
	live_resolve(f->live, f->policy, 0, known, 3);
	live_judge(f->live, f->policy);
	snapshot.policy = f->policy;
	snapshot.live = f->live;
	ladder_source.answer(&snapshot, &request, &answer);
	ck_assert_int_eq(answer.kind, ANSWER_RECORDS);
	ck_assert_uint_eq(answer.n_sets, 1);
	ck_assert_uint_eq(answer.sets[0]->count, 1);
	ck_assert_mem_eq(
	    answer.sets[0]->image + RECORD_FIXED, known[0].address.bytes, 4);
	ck_assert_uint_eq(answer.ipv6[0]->count, 1);
	ck_assert_mem_eq(
	    answer.ipv6[0]->image + RECORD_FIXED, known[1].address.bytes, 16);
	fixture_destroy(f);
}
END_TEST

/* A CNAME is a set of one record, and its form the only one there is. */
START_TEST(a_cname_is_a_form_of_its_own)
{
	static const uint8_t image[] = {
	    HEAD(5), 0, 7, 1, 'a', 3, 'n', 'e', 't', 0};
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *service = fixture_service(f, "chat");
	struct endpoint_config *e =
	    fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
	struct client client = {fixture_sticky(1), 32};
	struct answer_request request = {
	    .client = &client, .sender = &client.address, .form = FORM_CNAME};
	struct snapshot snapshot;
	struct answer answer;

	e->n_ipv4 = e->n_ipv6 = 0;
	e->cname = "a.net.";
	service->cname = true;
	fixture_split(f, service, pool, 1);
	fixture_build(f);
	for (unsigned form = 0; form < FORMS; form++)
		ck_assert(f->policy->zones[0].services[0].has[form] ==
		    (form == FORM_CNAME));
	ck_assert_uint_eq(policy_flags(service), NODE_SERVICE_CNAME);
	snapshot.policy = f->policy;
	snapshot.live = f->live;
	ladder_source.answer(&snapshot, &request, &answer);
	ck_assert_int_eq(answer.kind, ANSWER_RECORDS);
	ck_assert_uint_eq(answer.n_sets, 1);
	ck_assert_uint_eq(answer.sets[0]->count, 1);
	ck_assert_uint_eq(answer.sets[0]->size, sizeof(image));
	ck_assert_mem_eq(answer.sets[0]->image, image, sizeof(image));
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bindings");
	TCase *tc = tcase_create("bindings");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, records_are_in_the_order_of_their_keys, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, hints_are_the_sets_of_a_and_aaaa);
	tcase_add_test(tc, hints_are_the_addresses_that_a_name_has_now);
	tcase_add_test(tc, a_cname_is_a_form_of_its_own);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
