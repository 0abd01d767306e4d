/*
 * The set of zones: the longest apex at or above a name.
 */
#include <check.h>
#include <stdlib.h>

#include "dns/zone/zone_table.h"
#include "tests/unit/memory.h"
#include "tests/unit/zone_fixture.h"

#define MANY 1000

static bool no_memory;

#if REPLACED
void *
calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __libc_calloc(n, size);
}
#endif

static struct zone *
make_zone(const char *apex)
{
	static struct errbuf eb;
	struct zone *zone = fixture_zone(
	    apex, "@ 60 SOA a b 1 2 3 4 5\n@ NS x\nx A 192.0.2.1\n", &eb);

	ck_assert_msg(zone != NULL, "%s", eb.text);
	return zone;
}

/* The number of the zone that holds ${name}, or -1. */
static int
find(const struct zone_table *set, const char *name)
{
	uint8_t wire[NAME_MAX_WIRE];
	uint32_t index = UINT32_MAX;
	int len = name_parse(name, NULL, wire);
	const struct zone *zone;

	zone = zone_table_find(set, wire, (size_t)len, &index);
	return zone == NULL ? -1 : (int)index;
}

static const char *const apexes[] = {
    "example.com.", "sub.example.com.", "example.org.", "a.b.c.d."};

static const struct {
	const char *says, *name;
	int zone;
} names[] = {
    {"the apex itself", "example.com.", 0},
    {"a name below", "www.example.com.", 0},
    {"the longest apex wins", "sub.example.com.", 1},
    {"and holds what is below it", "x.y.sub.example.com.", 1},
    {"labels are compared whole", "xsub.example.com.", 0},
    {"a zone of the same length", "example.org.", 2},
    {"a deep apex", "z.a.b.c.d.", 3},
    {"above an apex there is nothing", "com.", -1},
    {"above a deep apex neither", "b.c.d.", -1},
    {"the root is in no zone", ".", -1},
    {"another name of an apex's length", "example.net.", -1},
};

START_TEST(longest_match)
{
	const size_t n = sizeof(apexes) / sizeof(apexes[0]);
	struct zone *zones[4];
	struct zone_table *set;

	for (size_t i = 0; i < n; i++)
		zones[i] = make_zone(apexes[i]);
	set = zone_table_create((const struct zone *const *)zones, n);
	ck_assert_ptr_nonnull(set);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(find(set, names[i].name) == names[i].zone,
		    "%s: %d", names[i].says, find(set, names[i].name));
	zone_table_destroy(set);
	for (size_t i = 0; i < n; i++)
		zone_destroy(zones[i]);
}
END_TEST

START_TEST(root_zone_holds_the_rest)
{
	struct zone *zones[] = {make_zone("."), make_zone("example.com.")};
	struct zone_table *set =
	    zone_table_create((const struct zone *const *)zones, 2);

	ck_assert_int_eq(find(set, "."), 0);
	ck_assert_int_eq(find(set, "com."), 0);
	ck_assert_int_eq(find(set, "www.example.com."), 1);
	zone_table_destroy(set);
	zone_destroy(zones[0]);
	zone_destroy(zones[1]);
}
END_TEST

START_TEST(empty_set_holds_nothing)
{
	struct zone_table *set = zone_table_create(NULL, 0);

	ck_assert_ptr_nonnull(set);
	ck_assert_int_eq(find(set, "."), -1);
	ck_assert_int_eq(find(set, "example.com."), -1);
	zone_table_destroy(set);
	zone_table_destroy(NULL);
}
END_TEST

START_TEST(many_zones)
{
	static struct zone *zones[MANY];
	struct zone_table *set;
	char name[64];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "z%d.example.", i);
		zones[i] = make_zone(name);
	}
	set = zone_table_create((const struct zone *const *)zones, MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "www.z%d.example.", i);
		ck_assert_int_eq(find(set, name), i);
		snprintf(name, sizeof(name), "www.y%d.example.", i);
		ck_assert_int_eq(find(set, name), -1);
	}
	zone_table_destroy(set);
	for (int i = 0; i < MANY; i++)
		zone_destroy(zones[i]);
}
END_TEST

/* Of zones that no node can have there is no set; nor without memory. */
START_TEST(no_set)
{
	struct zone_table *set;

	ck_assert_ptr_null(zone_table_create(NULL, SIZE_MAX));
	no_memory = REPLACED;
	set = zone_table_create(NULL, 0);
	no_memory = false;
	ck_assert_int_eq(set == NULL, REPLACED);
	zone_table_destroy(set);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zone_table");
	TCase *tcase = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, longest_match);
	tcase_add_test(tcase, root_zone_holds_the_rest);
	tcase_add_test(tcase, empty_set_holds_nothing);
	tcase_add_test(tcase, many_zones);
	tcase_add_test(tcase, no_set);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
