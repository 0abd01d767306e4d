/*
 * The client of etcd (share/etcd/) and etcd of the distribution.
 */
#include <check.h>

#include "tests/system/certificates.h"
#include "tests/system/etcd_client.h"

/* A member that lost its data comes back. */
static void
wipe_one(int n)
{
	struct harness *h = harness_create();
	struct etcd_cluster c = {.option = NULL};

	etcd_start(&c, h, n, false);
	etcd_wipe(&c, n - 1);
	etcd_run(&c, n - 1);
	etcd_await(&c, n - 1);
	etcd_finish(&c);
	harness_destroy(h);
}

START_TEST(harness_has_one_member)
{
	wipe_one(1);
}
END_TEST

START_TEST(harness_has_three_members)
{
	wipe_one(3);
}
END_TEST

START_TEST(harness_has_tls)
{
	struct harness *h = harness_create();
	struct etcd_cluster c = {.option = NULL};

	certificates_make(h);
	etcd_start(&c, h, 1, true);
	etcd_finish(&c);
	harness_destroy(h);
}
END_TEST

START_TEST(a_key_is_put_read_and_watched)
{
	struct harness *h = harness_create();
	struct etcd_cluster c = {.option = NULL};
	struct user u;
	static struct seen seen;
	const struct said *said;
	int64_t revision;

	etcd_start(&c, h, 1, false);
	user_of(&u, &c);
	revision = user_put(&u, "/t/a", "one");
	said = user_get(&u, "/t/");
	ck_assert_uint_eq(said->n, 1);
	ck_assert_str_eq(said->pairs[0].key, "/t/a");
	ck_assert_str_eq(said->pairs[0].value, "one");
	ck_assert_int_eq(said->pairs[0].mod, revision);
	user_watch(&u, "/t/", revision, &seen);
	USER_WAIT(&u, seen.live);
	user_put(&u, "/t/b", "two");
	user_put(&u, "/u/c", "elsewhere");
	user_put(&u, "/t/b", "three");
	USER_WAIT(&u, seen.n == 2);
	ck_assert_str_eq(seen.events[1].value, "three");
	ck_assert_int_eq(seen.events[0].revision, revision + 1);
	ck_assert_int_eq(seen.events[1].revision, revision + 3);
	user_finish(&u);
	etcd_finish(&c);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"harness_has_one_member", harness_has_one_member, 60},
	    {"harness_has_three_members", harness_has_three_members, 60},
	    {"harness_has_tls", harness_has_tls, 60},
	    {"a_key_is_put_read_and_watched", a_key_is_put_read_and_watched,
		60},
	};

	return harness_main("etcd", cases, sizeof(cases) / sizeof(cases[0]));
}
