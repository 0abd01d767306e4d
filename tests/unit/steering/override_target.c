/*
 * Tests of targets of overrides: what a name or a glob means, and which
 * endpoints that are.
 */
#include "steering/override_target.h"

#include "tests/unit/steering_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Endpoints e0 (east) and e1 (west) of v1, e0 (west) of v2 with a standby
 * endpoint e1 and one without a weight, e2 (east); service chat is v1, service
 * outer is chat and v2. */
static struct fixture *
create(void)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "us-east", 0);
	uint32_t west = fixture_region(f, "us-west", 50);
	struct service_config *chat = fixture_service(f, "chat");
	struct service_config *outer = fixture_service(f, "outer");
	uint32_t v1 = fixture_pool(f, "v1"), v2 = fixture_pool(f, "v2");

	fixture_endpoint(f, v1, east, 1);
	fixture_endpoint(f, v1, west, 1);
	fixture_endpoint(f, v2, west, 1);
	fixture_endpoint(f, v2, west, 1)->standby = true;
	fixture_endpoint(f, v2, east, 0);
	fixture_split(f, chat, v1, 1);
	fixture_split(f, outer, fixture_nested(f, "inner", chat), 0);
	fixture_split(f, outer, v2, 1);
	fixture_build(f);
	return f;
}

static const struct {
	enum target_kind kind;
	const char *name;
	const char *endpoints; /* "v1/e0 ..." in the order of the policy */
} rows[] = {
    {TARGET_REGION, "us-west", "v1/e1 v2/e0 v2/e1"},
    {TARGET_REGION, "us-*", "v1/e0 v1/e1 v2/e0 v2/e1 v2/e2"},
    {TARGET_REGION, "us", ""},
    {TARGET_REGION, "US-WEST", ""},
    {TARGET_POOL, "v2", "v2/e0 v2/e1 v2/e2"},
    {TARGET_POOL, "v?", "v1/e0 v1/e1 v2/e0 v2/e1 v2/e2"},
    {TARGET_POOL, "test.example/v1", "v1/e0 v1/e1"},
    {TARGET_POOL, "*/v1", "v1/e0 v1/e1"},
    {TARGET_POOL, "other.example/v1", ""},
    {TARGET_POOL, "*1", "v1/e0 v1/e1"},
    {TARGET_POOL, "e0", ""},
    {TARGET_ENDPOINT, "e0", "v1/e0 v2/e0"},
    {TARGET_ENDPOINT, "v1/e0", "v1/e0"},
    {TARGET_ENDPOINT, "v1/*", "v1/e0 v1/e1"},
    {TARGET_ENDPOINT, "test.example/v2/e1", "v2/e1"},
    {TARGET_ENDPOINT, "*/e1", "v1/e1 v2/e1"},
    {TARGET_ENDPOINT, "test.example/*", ""},
    {TARGET_ENDPOINT, "v1", ""},
    {TARGET_SERVICE, "chat.test.example", "v1/e0 v1/e1"},
    {TARGET_SERVICE, "Chat.Test.Example", "v1/e0 v1/e1"},
    {TARGET_SERVICE, "outer.test.example", "v1/e0 v1/e1 v2/e0 v2/e1 v2/e2"},
    {TARGET_SERVICE, "chat.*", "v1/e0 v1/e1"},
    {TARGET_SERVICE, "chat", ""},
    {TARGET_SERVICE, "chat.test.example.", ""},
    {TARGET_KINDS, "*", ""},
};

START_TEST(a_target_means_endpoints)
{
	struct fixture *f = create();

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool reached[8] = {false};
		char text[128] = "";
		size_t n = override_target_endpoints(
		    f->policy, rows[i].kind, rows[i].name, reached);
		size_t said = 0;

		ck_assert_uint_lt(f->policy->n_endpoints, COUNT(reached));
		for (size_t e = 0; e < f->policy->n_endpoints; e++) {
			const struct endpoint_key *key =
			    &f->policy->endpoints[e].key;
			size_t len = strlen(text);

			if (!reached[e])
				continue;
			said++;
			snprintf(text + len, sizeof(text) - len, "%s%s/%s",
			    len > 0 ? " " : "", key->pool, key->endpoint);
		}
		ck_assert_uint_eq(n, said);
		ck_assert_msg(strcmp(text, rows[i].endpoints) == 0, "%u %s: %s",
		    rows[i].kind, rows[i].name, text);
	}
	fixture_destroy(f);
}
END_TEST

START_TEST(what_was_reached_stays)
{
	struct fixture *f = create();
	bool reached[8] = {true};

	ck_assert_uint_eq(override_target_endpoints(
			      f->policy, TARGET_REGION, "us-west", reached),
	    3);
	ck_assert(reached[0] && reached[1]);
	fixture_destroy(f);
}
END_TEST

START_TEST(kinds_have_words)
{
	for (unsigned k = 0; k < TARGET_KINDS; k++)
		ck_assert_uint_eq(override_target_kind(override_target_word(
				      (enum target_kind)k)),
		    k);
	ck_assert_uint_eq(override_target_kind("zone"), TARGET_KINDS);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_override_target");
	TCase *tc = tcase_create("override_target");

	tcase_add_test(tc, a_target_means_endpoints);
	tcase_add_test(tc, what_was_reached_stays);
	tcase_add_test(tc, kinds_have_words);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
