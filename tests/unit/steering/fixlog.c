/*
 * Tests of the fixed-point logarithm against one computed bit by bit with whole
 * numbers, and of what rendezvous needs of it: order and range.
 */
#include "steering/fixlog.h"

#include "tests/unit/steering_fixture.h"

__extension__ typedef unsigned __int128 uint128;

/* -log2(h / 2^64) with 38 bits, exact but for the last: squaring a number of
 * [1, 2) tells the next bit of its logarithm. */
static uint64_t
exact_neg(uint64_t h)
{
	unsigned zeros = (unsigned)__builtin_clzll(h), bit;
	uint64_t x = h << zeros; /* of [1, 2), 63 bits after the point */
	uint64_t log = 0;

	for (bit = 0; bit < FIXLOG_BITS + 1; bit++) {
		uint128 square = (uint128)x * x;

		log <<= 1;
		if (square >> 127) {
			log |= 1;
			x = (uint64_t)(square >> 64);
		} else {
			x = (uint64_t)(square >> 63);
		}
	}
	return ((uint64_t)(1 + zeros) << FIXLOG_BITS) - (log + 1) / 2;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* 1e-7 in units of 2^-38, as the header promises. */
#define PROMISED 27487

START_TEST(test_accurate)
{
	uint64_t worst = 0;

	for (unsigned i = 0; i < 2000000; i++) {
		/* All sizes, so that all octaves are met. */
		uint64_t h = (fixture_random() >> (i % 64)) | 1;
		uint64_t off = distance(fixlog_neg(h), exact_neg(h));

		if (off > worst)
			worst = off;
	}
	ck_assert_uint_le(worst, PROMISED);
}
END_TEST

START_TEST(test_accurate_near_one)
{
	/* Heavy endpoints win by logarithms near 0: there the error counts in
	 * parts of the logarithm itself. */
	for (unsigned i = 4; i < 60; i++) {
		uint64_t h = UINT64_MAX - (UINT64_MAX >> i);
		uint64_t exact = exact_neg(h | 1);
		uint64_t off = distance(fixlog_neg(h), exact);

		ck_assert_msg(off <= exact / 50000 + 4,
		    "1 - 2^-%u is %lu off of %lu", i, (unsigned long)off,
		    (unsigned long)exact);
	}
}
END_TEST

START_TEST(test_never_grows)
{
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t h = fixture_random() >> (i % 60);
		uint64_t step = fixture_random() >> (24 + i % 40);

		if (h > UINT64_MAX - step)
			continue;
		ck_assert_uint_ge(fixlog_neg(h), fixlog_neg(h + step));
	}
	/* Over each joint of the table. */
	for (unsigned i = 0; i < 64; i++) {
		uint64_t joint = UINT64_C(1) << 63 | (uint64_t)i << 57;

		for (unsigned j = 0; j < 40; j++)
			ck_assert_uint_ge(
			    fixlog_neg(joint - (UINT64_C(1) << j)),
			    fixlog_neg(joint));
	}
}
END_TEST

START_TEST(test_range)
{
	ck_assert_uint_eq(fixlog_neg(0), FIXLOG_MAX);
	ck_assert_uint_eq(fixlog_neg(1), FIXLOG_MAX);
	ck_assert_uint_eq(
	    fixlog_neg(UINT64_C(1) << 63 | 1), UINT64_C(1) << FIXLOG_BITS);
	ck_assert_uint_le(fixlog_neg(UINT64_MAX), 16);
}
END_TEST

/* The same numbers on every machine. */
START_TEST(test_golden)
{
	static const struct {
		uint64_t h, log;
	} rows[] = {
	    {UINT64_C(0x0000000000000002), UINT64_C(17156514869633)},
	    {UINT64_C(0x0123456789abcdef), UINT64_C(2147835801587)},
	    {UINT64_C(0x4000000000000000), UINT64_C(549755813888)},
	    {UINT64_C(0x8000000000000000), UINT64_C(274877906944)},
	    {UINT64_C(0xb504f333f9de6484), UINT64_C(137438952211)},
	    {UINT64_C(0xdeadbeefcafef00d), UINT64_C(55300017018)},
	    {UINT64_C(0xfedcba9876543210), UINT64_C(1766440289)},
	    {UINT64_C(0xfffffffffff00000), UINT64_C(3)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_uint_eq(fixlog_neg(rows[i].h), rows[i].log);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: fixed-point logarithm");
	TCase *tc = tcase_create("fixlog");

	tcase_add_test(tc, test_accurate);
	tcase_add_test(tc, test_accurate_near_one);
	tcase_add_test(tc, test_never_grows);
	tcase_add_test(tc, test_range);
	tcase_add_test(tc, test_golden);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
