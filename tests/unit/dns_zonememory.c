/*
 * Reading a zone without memory: the n-th allocation fails, for every n until
 * none does.  Each time there is an error and nothing is left behind.  Built
 * with a sanitizer, whose allocator cannot be replaced, it tests nothing.
 */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tests/unit/dns_zone_fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REPLACED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define REPLACED 0
#endif
#endif
#ifndef REPLACED
#define REPLACED 1
#endif

static long until_failure = -1; /* -1: none fails */
static bool failed;
static long held; /* blocks */

#if REPLACED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static bool
fails(void)
{
	if (until_failure < 0 || until_failure-- > 0)
		return false;
	failed = true;
	return true;
}

static void *
count(void *p)
{
	held += p != NULL;
	return p;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : count(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : count(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	return p == NULL ? count(__libc_realloc(p, size))
			 : __libc_realloc(p, size);
}

void
free(void *p)
{
	held -= p != NULL;
	__libc_free(p);
}
#endif

/* Sixteen names, so that tables grow. */
#define SIXTEEN                                    \
	"pa TXT x\npb TXT x\npc TXT x\npd TXT x\n" \
	"qa TXT x\nqb TXT x\nqc TXT x\nqd TXT x\n" \
	"ra TXT x\nrb TXT x\nrc TXT x\nrd TXT x\n" \
	"sa TXT x\nsb TXT x\nsc TXT x\nsd TXT x\n"

/* Every kind of node, types that are read without ldns, whose own readers do
 * not survive this. */
static const char text[] = "$TTL 300\n"
			   "@ SOA ns host 7 3600 600 86400 60\n"
			   "@ NS ns\n"
			   "ns A 192.0.2.1\n"
			   "ns AAAA 2001:db8::1\n"
			   "ns 5 A 192.0.2.2\n"
			   "ns A 192.0.2.2\n"
			   "d NS ns.d\n"
			   "ns.d TXT x\n"
			   "t DNAME example.net.\n"
			   "a.b.c.e TXT x \"y z\"\n"
			   "*.w CNAME ns\n"
			   "g TYPE65280 \\# 3 aabbcc\n" SIXTEEN;

/* One reading; whether an allocation failed in it. */
static bool
read_once(long n)
{
	static struct errbuf eb;
	const uint8_t apex[] = "\7example";
	static struct zone_service service;
	long before = held;
	struct zone *zone;

	name_parse("chat.x.example.", NULL, service.owner);
	errbuf_init(&eb);
	failed = false;
	until_failure = n;
	zone = zonefile_parse(
	    "zone", text, sizeof(text) - 1, false, apex, &service, 1, &eb);
	until_failure = -1;
	ck_assert_msg((zone == NULL) == (eb.errors > 0), "%ld: %s", n, eb.text);
	if (!failed)
		ck_assert_msg(zone != NULL, "%s", eb.text);
	zone_destroy(zone);
	ck_assert_int_eq(held - before, 0);
	return failed;
}

START_TEST(nth_allocation_fails)
{
	long n = 0;

	while (read_once(n))
		n++;
	ck_assert_int_gt(n, 15 * REPLACED - 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zonememory");
	TCase *tcase = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_test(tcase, nth_allocation_fails);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
