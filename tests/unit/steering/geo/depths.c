/*
 * Tests depths on covers of four bits, all there are of three classes and what
 * is no class: each is that of the widest prefix that agrees.
 */
#include <check.h>
#include <stdlib.h>

#include "steering/geo/depths.h"

#define BITS 4
#define CELLS (1 << BITS)
#define ROUNDS 2000

/* Two regions in two orders, and one of them alone. */
static const struct client_class classes[] = {
    {.inside = 3, .lifted = 3, .n = 2, .order = {0, 1}},
    {.inside = 3, .lifted = 3, .n = 2, .order = {1, 0}},
    {.inside = 1, .lifted = 3, .n = 2, .order = {1, 0}},
};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

/* Classes that agree in the first place, in the first two and so on, and in the
 * set, have equal letters. */
static const char *const letters[DEPTHS] = {"aba", "abc", "abc", "abc", "aab"};

static bool
agree(uint32_t a, uint32_t b, unsigned k)
{
	return a < CLASSES && b < CLASSES && letters[k][a] == letters[k][b];
}

/* The bits of the widest prefix around cell ${i}, which ${depth} bits of it
 * are all one value, in which all cells agree with it in ${k}. */
static unsigned
widest(const uint32_t *cells, unsigned i, unsigned depth, unsigned k)
{
	while (depth > 0) {
		unsigned size = CELLS >> (depth - 1), first = i / size * size;

		for (unsigned c = first; c < first + size; c++)
			if (!agree(cells[i], cells[c], k))
				return depth;
		depth--;
	}
	return 0;
}

START_TEST(depth_is_that_of_the_widest_prefix_that_agrees)
{
	uint32_t state = 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t cells[CELLS];
		struct depths *depths;
		struct cover cover;

		cover_init(&cover, CELLS);
		for (unsigned i = 0; i < CELLS; i++) {
			struct cover_leaf leaf = {
			    .hi = (uint64_t)i << (64 - BITS), .depth = BITS};

			state = state * 1103515245 + 12345;
			/* The first number that is no class is one. */
			cells[i] = state >> 16 & 3;
			if (i > 0 && (state >> 20 & 3) != 0)
				cells[i] = cells[i - 1];
			leaf.value = cells[i];
			ck_assert_int_eq(cover_append(&cover, &leaf), 0);
		}
		depths = depths_create(&cover, classes, CLASSES);
		ck_assert_ptr_nonnull(depths);
		for (size_t i = 0; i < cover.n; i++) {
			const struct cover_leaf *leaf = &cover.leaves[i];

			for (unsigned k = 0; k < DEPTHS; k++)
				ck_assert_uint_eq(depths[i].bits[k],
				    widest(cells,
					(unsigned)(leaf->hi >> (64 - BITS)),
					leaf->depth, k));
		}
		free(depths);
		cover_finish(&cover);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("steering_depths");
	TCase *tc = tcase_create("depths");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, depth_is_that_of_the_widest_prefix_that_agrees);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
