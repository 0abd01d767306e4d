/*
 * The client of etcd (share/etcd/) and etcd of the distribution.
 */
#include <check.h>

#include "tests/system/certificates.h"
#include "tests/system/etcd.h"

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

int
main(void)
{
	const struct harness_case cases[] = {
	    {"harness_has_one_member", harness_has_one_member, 60},
	    {"harness_has_three_members", harness_has_three_members, 60},
	    {"harness_has_tls", harness_has_tls, 60},
	};

	return harness_main("etcd", cases, sizeof(cases) / sizeof(cases[0]));
}
