/*
 * The publisher: what workers find after which change, and what outlives it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/answer/snapshot.h"
#include "node/publisher.h"

/* Longer than a secret is the first. */
#define DAY_MS INT64_C(86400000)

static struct server_config config;
static struct policy policy;

/* A generation of nothing but its configuration; it belongs to the test, whose
 * share is never given up. */
static struct generation *
make_generation(void)
{
	struct generation *g = calloc(1, sizeof(*g));

	ck_assert_ptr_nonnull(g);
	atomic_init(&g->owners, 1);
	g->config = &config;
	g->policy = &policy;
	return g;
}

static struct publisher *
make_publisher(void)
{
	struct publisher *p = publisher_create(100);

	ck_assert_ptr_nonnull(p);
	memset(&config, 0, sizeof(config));
	config.udp_size = 1232;
	config.tcp.connections = 4096;
	config.cookies = true;
	config.rate_limit.window_ms = 1000;
	config.rate_limit.ipv4 = 24;
	config.rate_limit.ipv6 = 56;
	config.rate_limit.table = 1024;
	return p;
}

static const struct snapshot *
published(const struct publisher *p)
{
	return publish_get(publisher_slot(p));
}

static void
serve(struct publisher *p, struct generation *g)
{
	ck_assert_int_eq(publisher_publish(p, g, live_create(&policy)), 0);
}

/* Nothing is there before the first; then what is served is what workers see,
 * and the one before is given up. */
START_TEST(replaces)
{
	struct publisher *p = make_publisher();
	struct generation *first = make_generation();
	struct generation *second = make_generation();

	ck_assert_ptr_null(published(p));
	ck_assert_ptr_null(publisher_served(p));
	serve(p, first);
	ck_assert_ptr_eq(publisher_served(p)->generation, first);
	ck_assert_ptr_eq(published(p)->live, publisher_served(p)->live);
	ck_assert_uint_eq(atomic_load(&first->owners), 2);
	serve(p, second);
	ck_assert_ptr_eq(publisher_served(p)->generation, second);
	ck_assert_ptr_eq(published(p)->live, publisher_served(p)->live);
	ck_assert_uint_eq(atomic_load(&first->owners), 1);
	publisher_destroy(p);
	ck_assert_uint_eq(atomic_load(&second->owners), 1);
	free(first);
	free(second);
}
END_TEST

/* Whoever shares what is served keeps it, whatever is published meanwhile. */
START_TEST(outlives)
{
	struct publisher *p = make_publisher();
	struct generation *first = make_generation();
	struct generation *second = make_generation();
	struct served *kept;

	serve(p, first);
	kept = served_share(publisher_served(p));
	serve(p, second);
	ck_assert_ptr_eq(kept->generation, first);
	ck_assert_uint_eq(kept->live->n_endpoints, 0);
	ck_assert_uint_eq(atomic_load(&first->owners), 2);
	served_release(kept);
	ck_assert_uint_eq(atomic_load(&first->owners), 1);
	publisher_destroy(p);
	free(first);
	free(second);
}
END_TEST

/* The counts of a rate limit go on while its settings are the same. */
START_TEST(rate_limit)
{
	struct publisher *p = make_publisher();
	struct generation *g = make_generation();
	const struct rrl *limit;

	serve(p, g);
	ck_assert_ptr_null(published(p)->rrl);
	config.rate_limit.responses = 5;
	serve(p, g);
	limit = published(p)->rrl;
	ck_assert_ptr_nonnull(limit);
	serve(p, g);
	ck_assert_ptr_eq(published(p)->rrl, limit);
	config.rate_limit.responses = 6;
	serve(p, g);
	ck_assert_ptr_nonnull(published(p)->rrl);
	ck_assert_ptr_ne(published(p)->rrl, limit);
	config.rate_limit.responses = 0;
	serve(p, g);
	ck_assert_ptr_null(published(p)->rrl);
	publisher_destroy(p);
	free(g);
}
END_TEST

/* No more connections than there is room for, whatever the file says. */
START_TEST(connections)
{
	struct publisher *p = make_publisher();
	struct generation *g = make_generation();

	serve(p, g);
	ck_assert_uint_eq(published(p)->tcp.connections, 100);
	config.tcp.connections = 7;
	serve(p, g);
	ck_assert_uint_eq(published(p)->tcp.connections, 7);
	publisher_destroy(p);
	free(g);
}
END_TEST

/* A secret of our own is the first for a day and the second for another; with
 * those of a file, or without cookies, there is none of our own. */
START_TEST(secrets)
{
	struct publisher *p = make_publisher();
	struct generation *g = make_generation();
	struct cookie_secrets first;
	int64_t now = clock_mono_ms();

	publisher_tick(p, now + DAY_MS);
	serve(p, g);
	first = published(p)->identity.cookies;
	ck_assert_uint_ge(first.n, 1);
	publisher_tick(p, now + DAY_MS / 2);
	ck_assert_mem_eq(
	    &published(p)->identity.cookies, &first, sizeof(first));
	publisher_tick(p, now + DAY_MS);
	ck_assert_mem_ne(published(p)->identity.cookies.secret[0],
	    first.secret[0], COOKIE_SECRET);
	ck_assert_mem_eq(published(p)->identity.cookies.secret[1],
	    first.secret[0], COOKIE_SECRET);
	config.cookie_secrets = "secrets.txt";
	serve(p, g);
	ck_assert_uint_eq(published(p)->identity.cookies.n, 0);
	config.cookie_secrets = NULL;
	config.cookies = false;
	serve(p, g);
	ck_assert_uint_eq(published(p)->identity.cookies.n, 0);
	publisher_destroy(p);
	free(g);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_publisher");
	TCase *tcase = tcase_create("publisher");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, replaces);
	tcase_add_test(tcase, outlives);
	tcase_add_test(tcase, rate_limit);
	tcase_add_test(tcase, connections);
	tcase_add_test(tcase, secrets);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
