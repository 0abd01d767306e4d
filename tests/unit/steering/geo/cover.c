/*
 * Tests covers against an array of one value an address: joining, finding,
 * overlays and nested prefixes, with a window of a few bits moved over the
 * whole length of an address.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "steering/geo/cover.h"

#define WINDOW 7 /* bits that differ in the model */
#define CELLS (1 << WINDOW)
#define ROUNDS 100

__extension__ typedef unsigned __int128 bits128;

static uint64_t seed;

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(hash_mix(seed++, 3) % n);
}

/* The first bit of the window in each run. */
static const unsigned offsets[] = {0, 25, 60, 64, 128 - WINDOW};
#define OFFSETS (sizeof(offsets) / sizeof(offsets[0]))

/* The leaf of ${bits} bits of the window at cell ${cell}. */
static struct cover_leaf
leaf_at(unsigned offset, unsigned cell, unsigned bits, uint32_t value)
{
	bits128 first = (bits128)cell << (128 - offset - WINDOW);

	return (struct cover_leaf){.hi = (uint64_t)(first >> 64),
	    .lo = (uint64_t)first,
	    .depth = (uint8_t)(offset + bits),
	    .value = value};
}

/* A cover of the cells; all behind the window has the value of ${rest}. */
static void
build(
    struct cover *cover, unsigned offset, const uint32_t *cells, uint32_t rest)
{
	cover_init(cover, 10000);
	for (unsigned i = 0; i < CELLS; i++) {
		struct cover_leaf leaf = leaf_at(offset, i, WINDOW, cells[i]);

		ck_assert_int_eq(cover_append(cover, &leaf), 0);
	}
	/* The siblings of the way down, from the deepest to the top. */
	for (unsigned i = offset; i > 0; i--) {
		bits128 first = (bits128)1 << (128 - i);
		struct cover_leaf leaf = {.hi = (uint64_t)(first >> 64),
		    .lo = (uint64_t)first,
		    .depth = (uint8_t)i,
		    .value = rest};

		ck_assert_int_eq(cover_append(cover, &leaf), 0);
	}
}

/* That the leaves follow each other without gap from 0 to the end, and that no
 * two could be one. */
static void
assert_canonical(const struct cover *cover)
{
	bits128 next = 0;

	ck_assert_uint_gt(cover->n, 0);
	for (size_t i = 0; i < cover->n; i++) {
		const struct cover_leaf *l = &cover->leaves[i];
		bits128 first = (bits128)l->hi << 64 | l->lo;
		bits128 size =
		    l->depth == 0 ? 0 : (bits128)1 << (128 - l->depth);

		ck_assert(first == next);
		ck_assert(size == 0 || first % size == 0);
		next = first + size;
		if (i == 0 || l->depth == 0)
			continue;
		ck_assert_msg(cover->leaves[i - 1].depth != l->depth ||
			cover->leaves[i - 1].value != l->value ||
			(first & size) == 0,
		    "leaves %zu and %zu could be one", i - 1, i);
	}
	ck_assert_msg(next == 0, "the end is not covered");
}

/* That every cell is found with its value. */
static void
assert_cells(const struct cover *cover, unsigned offset, const uint32_t *cells)
{
	for (unsigned i = 0; i < CELLS; i++) {
		struct cover_leaf l = leaf_at(offset, i, WINDOW, 0);
		const struct cover_leaf *found;

		found = cover_find(cover, l.hi, l.lo);
		ck_assert_uint_eq(found->value, cells[i]);
		/* The last address of the cell, too. */
		l = leaf_at(offset, i, WINDOW, 0);
		if (offset + WINDOW <= 64) {
			l.lo = UINT64_MAX;
			if (offset + WINDOW < 64)
				l.hi |= UINT64_MAX >> (offset + WINDOW);
		} else if (offset + WINDOW < 128)
			l.lo |= UINT64_MAX >> (offset + WINDOW - 64);
		found = cover_find(cover, l.hi, l.lo);
		ck_assert_uint_eq(found->value, cells[i]);
	}
}

/* Runs of equal values, so that much is to be joined. */
static void
random_cells(uint32_t *cells)
{
	unsigned i = 0;

	while (i < CELLS) {
		uint32_t value = below(3);
		unsigned run = 1 + below(20);

		while (run-- > 0 && i < CELLS)
			cells[i++] = value;
	}
}

START_TEST(test_append_joins)
{
	uint32_t cells[CELLS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned offset = offsets[round % OFFSETS];
		struct cover cover;

		random_cells(cells);
		build(&cover, offset, cells, 9);
		assert_canonical(&cover);
		assert_cells(&cover, offset, cells);
		cover_finish(&cover);
	}
}
END_TEST

START_TEST(test_one_value_is_one_leaf)
{
	uint32_t cells[CELLS] = {0};
	struct cover cover;

	build(&cover, 60, cells, 0);
	ck_assert_uint_eq(cover.n, 1);
	ck_assert_uint_eq(cover.leaves[0].depth, 0);
	cover_finish(&cover);
}
END_TEST

/* Makes some values equal. */
static uint32_t
halve(void *context, uint32_t value)
{
	++*(unsigned *)context;
	return value / 2;
}

/* Leaves that have become equal are joined, and keep the greater note. */
START_TEST(recoded_in_place)
{
	uint32_t cells[CELLS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned offset = offsets[round % OFFSETS], coded = 0;
		uint16_t most = 0, most_after = 0;
		struct cover cover;
		size_t before;

		random_cells(cells);
		build(&cover, offset, cells, 3);
		before = cover.n;
		for (size_t i = 0; i < cover.n; i++) {
			cover.leaves[i].note = (uint16_t)below(1000);
			if (cover.leaves[i].note > most)
				most = cover.leaves[i].note;
		}
		cover_recode(&cover, halve, &coded);
		ck_assert_uint_eq(coded, before);
		for (unsigned i = 0; i < CELLS; i++)
			cells[i] /= 2;
		assert_canonical(&cover);
		assert_cells(&cover, offset, cells);
		for (size_t i = 0; i < cover.n; i++)
			if (cover.leaves[i].note > most_after)
				most_after = cover.leaves[i].note;
		ck_assert_uint_eq(most_after, most);
		cover_finish(&cover);
	}
}
END_TEST

/* Not the same when turned around. */
static uint32_t
join(void *context, uint32_t a, uint32_t b)
{
	++*(unsigned *)context;
	return a * 10 + b;
}

START_TEST(test_overlay)
{
	uint32_t a[CELLS], b[CELLS], both[CELLS];
	unsigned joins = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned offset = offsets[round % OFFSETS];
		struct cover left, right, out;

		random_cells(a);
		random_cells(b);
		for (unsigned i = 0; i < CELLS; i++)
			both[i] = a[i] * 10 + b[i];
		build(&left, offset, a, 1);
		build(&right, offset, b, 2);
		cover_init(&out, 10000);
		joins = 0;
		ck_assert_int_eq(
		    cover_overlay(&left, &right, join, &joins, &out), 0);
		ck_assert_uint_ge(joins, out.n);
		assert_canonical(&out);
		assert_cells(&out, offset, both);
		cover_finish(&left);
		cover_finish(&right);
		cover_finish(&out);
	}
}
END_TEST

/* Keeps the whole way in as digits. */
static uint32_t
enter(void *context, uint32_t around, uint32_t value)
{
	(void)context;
	return around * 7 + value + 1;
}

/* Of prefixes around a cell: wider first, then the greater value. */
static int
compare_wider(const void *left, const void *right)
{
	const struct cover_leaf *a = left, *b = right;

	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return a->value > b->value ? -1 : a->value < b->value;
}

START_TEST(test_nest)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned offset = offsets[round % OFFSETS];
		unsigned n = below(12);
		struct cover_leaf prefixes[12] = {{.depth = 0}}, sorted[12];
		uint32_t cells[CELLS];
		unsigned from[12];
		struct cover out;

		for (unsigned i = 0; i < n; i++) {
			unsigned bits = below(WINDOW + 1);

			/* Often equal, often inside one another. */
			from[i] = below(3) == 0 ? 0 : below(CELLS);
			from[i] &= ~0U << (WINDOW - bits);
			prefixes[i] = leaf_at(offset, from[i], bits, below(4));
		}
		memcpy(sorted, prefixes, n * sizeof(sorted[0]));
		qsort(sorted, n, sizeof(sorted[0]), compare_wider);
		for (unsigned i = 0; i < CELLS; i++) {
			struct cover_leaf at = leaf_at(offset, i, WINDOW, 0);

			cells[i] = 5;
			for (unsigned k = 0; k < n; k++) {
				unsigned off = 128U - sorted[k].depth;
				bits128 x = (bits128)at.hi << 64 | at.lo;
				bits128 p =
				    (bits128)sorted[k].hi << 64 | sorted[k].lo;

				if (off == 128 || (x ^ p) >> off == 0)
					cells[i] = enter(
					    NULL, cells[i], sorted[k].value);
			}
		}
		cover_init(&out, 10000);
		ck_assert_int_eq(
		    cover_nest(prefixes, n, 5, enter, NULL, &out), 0);
		assert_canonical(&out);
		assert_cells(&out, offset, cells);
		cover_finish(&out);
	}
}
END_TEST

START_TEST(test_nest_of_nothing_is_all_outside)
{
	struct cover out;

	cover_init(&out, 1);
	ck_assert_int_eq(cover_nest(NULL, 0, 5, enter, NULL, &out), 0);
	ck_assert_uint_eq(out.n, 1);
	ck_assert_uint_eq(out.leaves[0].value, 5);
	ck_assert_uint_eq(out.leaves[0].depth, 0);
	cover_finish(&out);
}
END_TEST

START_TEST(test_nest_of_everything)
{
	struct cover_leaf all = {.value = 1};
	struct cover out;

	cover_init(&out, 1);
	ck_assert_int_eq(cover_nest(&all, 1, 5, enter, NULL, &out), 0);
	ck_assert_uint_eq(out.n, 1);
	ck_assert_uint_eq(out.leaves[0].value, enter(NULL, 5, 1));
	cover_finish(&out);
}
END_TEST

START_TEST(test_maximum)
{
	struct cover_leaf a = leaf_at(0, 0, 1, 1);
	struct cover_leaf b = leaf_at(0, CELLS / 2, 1, 2);
	struct cover cover;

	cover_init(&cover, 1);
	ck_assert_int_eq(cover_append(&cover, &a), 0);
	ck_assert_int_eq(cover_append(&cover, &b), -1);
	/* What can be joined needs no room. */
	b.value = 1;
	ck_assert_int_eq(cover_append(&cover, &b), 0);
	ck_assert_uint_eq(cover.n, 1);
	cover_finish(&cover);
}
END_TEST

START_TEST(test_key)
{
	static const struct {
		const char *address;
		uint64_t hi, lo;
	} rows[] = {
	    {"192.0.2.1", UINT64_C(0xc000020100000000), 0},
	    {"2001:db8:1:2:3:4:5:6", UINT64_C(0x20010db800010002),
		UINT64_C(0x0003000400050006)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address a;
		uint64_t hi, lo;

		ck_assert_int_eq(address_parse(rows[i].address, &a), 0);
		cover_key(&a, &hi, &lo);
		ck_assert_uint_eq(hi, rows[i].hi);
		ck_assert_uint_eq(lo, rows[i].lo);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_cover");
	TCase *tc = tcase_create("cover");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, test_append_joins);
	tcase_add_test(tc, test_one_value_is_one_leaf);
	tcase_add_test(tc, recoded_in_place);
	tcase_add_test(tc, test_overlay);
	tcase_add_test(tc, test_nest);
	tcase_add_test(tc, test_nest_of_nothing_is_all_outside);
	tcase_add_test(tc, test_nest_of_everything);
	tcase_add_test(tc, test_maximum);
	tcase_add_test(tc, test_key);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
