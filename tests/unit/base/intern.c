/* Interning and the map under it: equal members have one number, others never
 * do, whatever their hashes. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"

struct pair {
	uint32_t a, b;
};

static uint64_t
hash_pair(const void *member)
{
	const struct pair *pair = member;

	return hash_mix(pair->a, pair->b);
}

/* All members collide. */
static uint64_t
hash_nothing(const void *member)
{
	(void)member;
	return 7;
}

static bool
pair_equal(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;

	return a->a == b->a && a->b == b->b;
}

static const struct intern_kind kinds[] = {
    {sizeof(struct pair), 5000, hash_pair, pair_equal},
    {sizeof(struct pair), 300, hash_nothing, pair_equal},
};

START_TEST(test_numbers)
{
	const struct intern_kind *kind = &kinds[_i];
	struct pair pair = {0, 0};
	struct intern table;
	const struct pair *members;

	intern_init(&table, kind);
	ck_assert_uint_eq(intern_find(&table, &pair), INTERN_NONE);
	/* Twice: as they come, and then as they are known. */
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < kind->max; i++) {
			pair = (struct pair){i / 10, i % 10};
			ck_assert_uint_eq(intern_number(&table, &pair), i);
			ck_assert_uint_eq(intern_find(&table, &pair), i);
		}
	ck_assert_uint_eq(table.n, kind->max);
	pair = (struct pair){UINT32_MAX, 0};
	ck_assert_uint_eq(intern_find(&table, &pair), INTERN_NONE);
	/* Full: those that are known are still found. */
	ck_assert_uint_eq(intern_number(&table, &pair), INTERN_NONE);
	ck_assert_uint_eq(intern_number(&table, &(struct pair){1, 2}), 12);
	members = table.members;
	ck_assert_uint_eq(members[123].a, 12);
	ck_assert_uint_eq(members[123].b, 3);
	intern_finish(&table);
	ck_assert_uint_eq(table.n, 0);
}
END_TEST

START_TEST(test_take)
{
	struct intern table;
	struct pair *members;

	intern_init(&table, &kinds[0]);
	intern_number(&table, &(struct pair){1, 2});
	intern_number(&table, &(struct pair){3, 4});
	members = intern_take(&table);
	ck_assert_uint_eq(members[1].a, 3);
	free(members);
	/* Empty, and of use again. */
	ck_assert_uint_eq(
	    intern_find(&table, &(struct pair){3, 4}), INTERN_NONE);
	ck_assert_uint_eq(intern_number(&table, &(struct pair){3, 4}), 0);
	intern_finish(&table);
}
END_TEST

START_TEST(test_u64map)
{
	struct u64map map;
	uint64_t found = 0;
	size_t at;

	u64map_init(&map);
	u64map_expect(&map, 1);
	ck_assert_uint_eq(u64map_get(&map, 1), U64MAP_NONE);
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_int_eq(u64map_add(&map, i / 2 * 4, i), 0);
	/* Every key has the two numbers it was given, in some order. */
	for (uint32_t i = 0; i < 10000; i += 2) {
		uint32_t first = u64map_first(&map, i * 2, &at);
		uint32_t second = u64map_next(&map, i * 2, &at);

		ck_assert_uint_eq(first ^ second, 1);
		ck_assert_uint_eq(first / 2, i / 2);
		ck_assert_uint_eq(u64map_next(&map, i * 2, &at), U64MAP_NONE);
		ck_assert_uint_eq(u64map_get(&map, i * 2 + 1), U64MAP_NONE);
		found++;
	}
	ck_assert_uint_eq(found, 5000);
	u64map_finish(&map);
	u64map_finish(&map);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_intern");
	TCase *tc = tcase_create("intern");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, test_numbers, 0, sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tc, test_take);
	tcase_add_test(tc, test_u64map);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
