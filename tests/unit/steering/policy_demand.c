/* Where the clients of a pool with `spill` are counted: by the order in which
 * they try its regions, and nobody else. */
#include <stdio.h>

#include "dns/answer/snapshot.h"
#include "steering/ladder.h"
#include "tests/unit/steering_fixture.h"

#define SLOTS 40

/* What was asked for: a name a slot, as outcomes.h gives them. */
static struct {
	char name[SLOTS][512];
	uint32_t n;
} asked;

static uint32_t
ask_for(
    void *context, const char *service, const char *pool, const char *region)
{
	char name[512];
	uint32_t i = 0;

	if (context != &asked)
		return 7;
	snprintf(name, sizeof(name), "%s|%s|%s", service, pool, region);
	while (i < asked.n && strcmp(asked.name[i], name) != 0)
		i++;
	if (i == SLOTS)
		return SLOTS;
	if (i == asked.n)
		memcpy(asked.name[asked.n++], name, sizeof(name));
	return i;
}

static unsigned begun;

static void
begin(void *context)
{
	begun += context == &asked;
}

static const struct policy_outcomes outcomes = {
    .begin = begin, .slot = ask_for, .demand = &asked, .max_demand = SLOTS};

/* Compile ${f} with counters for classes. */
static void
build(struct fixture *f)
{
	struct policy_input input = {"test.example", &f->config};

	asked.n = 0;
	begun = 0;
	fixture_build(f);
	policy_destroy(f->policy);
	live_destroy(f->live);
	f->policy = policy_build(&input, 1, f->maps, &outcomes, &f->eb);
	ck_assert_ptr_nonnull(f->policy);
	f->live = live_create(f->policy);
	memset(f->live->endpoint, USABLE_YES, f->live->n_endpoints);
	live_judge(f->live, f->policy);
	ck_assert_uint_eq(begun, 1);
}

/* What a client is counted as; "" for nothing. */
static const char *
counted(struct fixture *f, uint32_t service, uint32_t ipv4)
{
	struct client client = {
	    .address = fixture_ipv4(ipv4), .source_len = 32};
	struct answer_request request = {.client = &client,
	    .sender = &client.address,
	    .service = service,
	    .form = FORM_IPV4};
	struct snapshot snapshot = {.policy = f->policy, .live = f->live};
	struct answer answer;

	ladder_source.answer(&snapshot, &request, &answer);
	return answer.demand == 0 ? "" : asked.name[answer.demand - 1];
}

#define NORTH 0x0a000001 /* 10.0.0.1, near east, may go everywhere */
#define SOUTH 0x0b000001 /* 11.0.0.1, near west */
#define HERE 0x0c000001  /* 12.0.0.1, near east, and fenced off middle */

static struct fixture *
three_regions(void)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t middle = fixture_region(f, "middle", 40);
	uint32_t west = fixture_region(f, "west", 80);
	uint32_t v1 = fixture_pool(f, "v1"), v2 = fixture_pool(f, "v2");
	struct service_config *s = fixture_service(f, "chat");
	uint32_t here;

	fixture_endpoint(f, v1, east, 1);
	fixture_endpoint(f, v1, middle, 1);
	fixture_endpoint(f, v1, west, 1);
	fixture_endpoint(f, v2, east, 1);
	fixture_network(f, "north", "10.0.0.0/8", 0);
	fixture_network(f, "south", "11.0.0.0/8", 80);
	here = fixture_network(f, "here", "12.0.0.0/8", 0);
	s->rank = RANK_NEAREST;
	fixture_fence(
	    f, s, here, UINT64_C(1) << east | UINT64_C(1) << west, true);
	fixture_split(f, s, v1, 1);
	s = fixture_service(f, "other");
	s->rank = RANK_NEAREST;
	fixture_split(f, s, v2, 1);
	return f;
}

START_TEST(clients_are_counted_by_their_order_of_the_pools_regions)
{
	struct fixture *f = three_regions();

	f->pools[0].spill.wanted = true;
	build(f);
	ck_assert_str_eq(
	    counted(f, 0, NORTH), "test.example|v1|east middle west");
	ck_assert_str_eq(
	    counted(f, 0, SOUTH), "test.example|v1|west middle east");
	ck_assert_str_eq(counted(f, 0, HERE), "test.example|v1|east west");
	/* A pool without it counts nobody. */
	ck_assert_str_eq(counted(f, 1, NORTH), "");
	fixture_destroy(f);
}
END_TEST

START_TEST(without_spill_nothing_is_counted)
{
	struct fixture *f = three_regions();

	build(f);
	ck_assert_str_eq(counted(f, 0, NORTH), "");
	ck_assert_uint_eq(asked.n, 0);
	fixture_destroy(f);
}
END_TEST

/* A member without a weight has clients of the last resort alone, which say
 * nothing of a pool's demand. */
START_TEST(without_a_weight_nothing_is_counted)
{
	struct fixture *f = three_regions();
	uint32_t spare = fixture_pool(f, "spare");

	fixture_endpoint(f, spare, 0, 1);
	fixture_split(f, &f->services[0], spare, 0);
	f->pools[0].spill.wanted = f->pools[spare].spill.wanted = true;
	build(f);
	ck_assert_str_eq(
	    counted(f, 0, NORTH), "test.example|v1|east middle west");
	for (uint32_t i = 0; i < asked.n; i++)
		ck_assert_ptr_null(strstr(asked.name[i], "|spare|"));
	fixture_destroy(f);
}
END_TEST

/* Where counters are out nothing is counted, and nothing else's either. */
START_TEST(without_a_counter_nothing_is_counted)
{
	struct fixture *f = three_regions();

	f->pools[0].spill.wanted = true;
	build(f);
	policy_destroy(f->policy);
	memset(asked.name, 0, sizeof(asked.name));
	asked.n = SLOTS;
	f->policy =
	    policy_build(&(struct policy_input){"test.example", &f->config}, 1,
		f->maps, &outcomes, &f->eb);
	ck_assert_str_eq(counted(f, 0, NORTH), "");
	fixture_destroy(f);
}
END_TEST

/* Inside another service it is the order of the inner one that counts. */
START_TEST(clients_of_a_service_inside_are_counted_by_its_map)
{
	struct fixture *f = three_regions();
	struct service_config *outer = fixture_service(f, "outer");
	uint32_t inner = fixture_pool(f, "inner");

	f->pools[0].spill.wanted = true;
	f->pools[inner].service = &f->services[0];
	outer->rank = RANK_NEAREST;
	fixture_split(f, outer, inner, 1);
	build(f);
	ck_assert_str_eq(counted(f, 2, HERE), "test.example|v1|east west");
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("policy_demand");
	TCase *tc = tcase_create("policy_demand");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(
	    tc, clients_are_counted_by_their_order_of_the_pools_regions);
	tcase_add_test(tc, without_spill_nothing_is_counted);
	tcase_add_test(tc, without_a_weight_nothing_is_counted);
	tcase_add_test(tc, without_a_counter_nothing_is_counted);
	tcase_add_test(tc, clients_of_a_service_inside_are_counted_by_its_map);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
