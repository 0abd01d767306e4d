/*
 * The key of an endpoint: what is the same endpoint and what is another, in
 * which order, and that no release moves clients by hashing it differently.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/endpoint_key.h"

#define KEY(z, p, e)                                      \
	{                                                 \
		.zone = (z), .pool = (p), .endpoint = (e) \
	}

/* Values of the first release: a change of one moves clients. */
static const struct {
	struct endpoint_key key;
	uint64_t hash;
} hashes[] = {
    {KEY("inference.example", "chat-v1", "use1-a"),
	UINT64_C(0x998da6cd9b97cf16)},
    {KEY("Inference.EXAMPLE", "chat-v1", "use1-a"),
	UINT64_C(0x998da6cd9b97cf16)},
    {KEY("inference.example", "chat-v1", "euw1-a"),
	UINT64_C(0x7382903f286a07fd)},
    {KEY("inference.example", "chat-v2", "use1-a"),
	UINT64_C(0xd40399a8d44e1877)},
    {KEY("inference.example", "Chat-v1", "use1-a"),
	UINT64_C(0xe563fafb8f36fe28)},
    {KEY("a-zone.with_other-characters.9.test", "p", "e"),
	UINT64_C(0xb227a2985438eaaf)},
    {KEY("", "", ""), UINT64_C(0x412f1275e10017f3)},
    /* What one text ends with is not what the next begins with. */
    {KEY("z", "ab", "c"), UINT64_C(0xccc59e79bf304470)},
    {KEY("z", "a", "bc"), UINT64_C(0x8d2f8d9e71cfd777)},
};

START_TEST(the_hash_is_that_of_the_first_release)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		const struct endpoint_key *key = &hashes[i].key;

		ck_assert_msg(endpoint_key_hash(key) == hashes[i].hash,
		    "%s %s %s: %016llx", key->zone, key->pool, key->endpoint,
		    (unsigned long long)endpoint_key_hash(key));
	}
}
END_TEST

/* Two keys and their order; 0 is the same endpoint. */
static const struct {
	const char *says;
	struct endpoint_key a, b;
	int order;
} orders[] = {
    {"the same", KEY("z.test", "p", "e"), KEY("z.test", "p", "e"), 0},
    {"the case of a zone means nothing", KEY("Z.tEST", "p", "e"),
	KEY("z.Test", "p", "e"), 0},
    {"the case of a pool does", KEY("z.test", "P", "e"),
	KEY("z.test", "p", "e"), -1},
    {"the case of a name does", KEY("z.test", "p", "E"),
	KEY("z.test", "p", "e"), -1},
    {"the zone comes first", KEY("a.test", "q", "f"), KEY("b.test", "p", "e"),
	-1},
    {"then the pool", KEY("z.test", "p", "f"), KEY("z.test", "q", "e"), -1},
    {"then the name", KEY("z.test", "p", "e"), KEY("z.test", "p", "f"), -1},
    {"a zone that another begins with", KEY("z.tes", "p", "e"),
	KEY("z.test", "p", "e"), -1},
    {"zones in the order of lower case", KEY("z_.test", "p", "e"),
	KEY("zA.test", "p", "e"), -1},
    {"octets past ASCII fold nothing and come last", KEY("z.test", "p", "e"),
	KEY("\xe4.test", "p", "e"), -1},
};

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

START_TEST(one_endpoint_or_two_and_their_order)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const struct endpoint_key *a = &orders[i].a, *b = &orders[i].b;

		ck_assert_msg(
		    sign(endpoint_key_compare(a, b)) == orders[i].order, "%s",
		    orders[i].says);
		ck_assert_msg(
		    sign(endpoint_key_compare(b, a)) == -orders[i].order, "%s",
		    orders[i].says);
		ck_assert_msg(
		    endpoint_key_equal(a, b) == (orders[i].order == 0), "%s",
		    orders[i].says);
		ck_assert_msg((endpoint_key_hash(a) == endpoint_key_hash(b)) ==
			(orders[i].order == 0),
		    "%s", orders[i].says);
	}
}
END_TEST

static const struct {
	const char *given, *stored;
} foldings[] = {
    {"Inference.EXAMPLE.", "inference.example"},
    {"inference.example", "inference.example"},
    {"A-Z_09.test", "a-z_09.test"},
    {".", "."},
    {"", ""},
};

START_TEST(a_zone_is_stored_in_lower_case_without_the_last_dot)
{
	for (size_t i = 0; i < sizeof(foldings) / sizeof(foldings[0]); i++) {
		char zone[STATE_ZONE];

		snprintf(zone, sizeof(zone), "%s", foldings[i].given);
		endpoint_key_fold(zone);
		ck_assert_str_eq(zone, foldings[i].stored);
	}
}
END_TEST

START_TEST(what_a_row_has_no_room_for_does_not_fit)
{
	char zone[STATE_ZONE + 1], name[STATE_NAME + 1];
	struct endpoint_key key = KEY(zone, "p", "e");

	memset(zone, 'z', STATE_ZONE);
	zone[STATE_ZONE] = '\0';
	ck_assert(!endpoint_key_fits(&key));
	zone[STATE_ZONE - 1] = '\0';
	ck_assert(endpoint_key_fits(&key));
	memset(name, 'n', STATE_NAME);
	name[STATE_NAME] = '\0';
	key.pool = name;
	ck_assert(!endpoint_key_fits(&key));
	key.pool = "p";
	key.endpoint = name;
	ck_assert(!endpoint_key_fits(&key));
	name[STATE_NAME - 1] = '\0';
	ck_assert(endpoint_key_fits(&key));
}
END_TEST

START_TEST(a_row_has_the_key_of_its_columns)
{
	struct state_endpoint row = {
	    .zone = "z.test", .pool = "p", .endpoint = "e"};
	struct endpoint_key key = endpoint_key_of(&row), same = key;

	ck_assert_ptr_eq(key.zone, row.zone);
	same.zone = "Z.TEST";
	ck_assert(endpoint_key_equal(&key, &same));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("state/endpoint_key");
	TCase *c = tcase_create("endpoint_key");

	tcase_add_test(c, the_hash_is_that_of_the_first_release);
	tcase_add_test(c, one_endpoint_or_two_and_their_order);
	tcase_add_test(c, a_zone_is_stored_in_lower_case_without_the_last_dot);
	tcase_add_test(c, what_a_row_has_no_room_for_does_not_fit);
	tcase_add_test(c, a_row_has_the_key_of_its_columns);
	suite_add_tcase(s, c);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
