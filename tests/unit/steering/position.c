/*
 * Tests of positions: shares are met in blocks and over them, a border that
 * moves moves nobody else, the length is that of the widest prefix with one
 * outcome, and every machine comes to the same values.
 */
#include "steering/position.h"

#include <math.h>

#include "tests/full.h"
#include "tests/unit/steering_fixture.h"

#define SALT UINT64_C(0x0123456789abcdef)

/* Network number ${i} of ${grain} bits of the block of ${a}, counted from its
 * first; ${a} must be the first address of the block. */
static struct address
network_of(struct address a, unsigned grain, uint32_t i)
{
	for (unsigned bit = grain; i != 0; i >>= 1) {
		bit--;
		if (i & 1)
			a.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	return a;
}

static unsigned
grain_of(const struct address *a)
{
	return a->family == 4 ? POSITION_GRAIN_IPV4 : POSITION_GRAIN_IPV6;
}

static struct address
parse(const char *text)
{
	struct address a;

	ck_assert_int_eq(address_parse(text, &a), 0);
	return a;
}

/* A block of ${length} bits by chance. */
static struct address
random_block(int family, unsigned length)
{
	struct address a = {.family = (uint8_t)family};

	for (unsigned i = 0; i < address_bits(&a) / 8; i++)
		a.bytes[i] = (uint8_t)fixture_below(256);
	address_mask(&a, length);
	return a;
}

static uint64_t
position_of(const struct address *a, unsigned block, uint64_t salt)
{
	struct position p;

	position_find(a, block, salt, &p);
	return p.value;
}

/* Every machine must come to these: a server beside this one sends a client to
 * the same pool. */
START_TEST(fixed_addresses_have_fixed_positions)
{
	static const struct {
		const char *client;
		unsigned block;
		uint64_t salt, value, place, tail;
	} rows[] = {
	    {"192.0.2.1", 14, SALT, UINT64_C(0xf5a75b25fe92536c),
		UINT64_C(0xf5c0000000000000), UINT64_C(0x69d6c97fa494db2e)},
	    {"192.0.2.255", 14, SALT, UINT64_C(0xf5a75b25fe92536c),
		UINT64_C(0xf5c0000000000000), UINT64_C(0x69d6c97fa494db2e)},
	    {"192.0.3.1", 14, SALT, UINT64_C(0xf5a75b25fe92536c),
		UINT64_C(0xf580000000000000), UINT64_C(0x69d6c97fa494db2e)},
	    {"192.3.3.1", 14, SALT, UINT64_C(0x369d6c97fa494db2),
		UINT64_C(0x3580000000000000), UINT64_C(0x69d6c97fa494db2e)},
	    {"192.4.3.1", 14, SALT, UINT64_C(0x9d3ad92ff4929b65),
		UINT64_C(0x9080000000000000), UINT64_C(0xe9d6c97fa494db2e)},
	    {"192.0.2.1", 14, SALT + 1, UINT64_C(0x95a7b4b450eddd06),
		UINT64_C(0x81c0000000000000), UINT64_C(0xad3da5a2876ee837)},
	    {"192.0.2.1", 8, SALT, UINT64_C(0x7b8ee7c3ecdb40ec),
		UINT64_C(0x73ac000000000000), UINT64_C(0xdc773e1f66da0761)},
	    {"192.0.2.1", 24, SALT, UINT64_C(0x21de50f27adf5118), UINT64_C(0x0),
		UINT64_C(0x21de50f27adf5118)},
	    {"0.0.0.0", 14, 0, UINT64_C(0xc04880f017af6d58),
		UINT64_C(0xc100000000000000), UINT64_C(0x4880f017af6d58f)},
	    {"255.255.255.255", 14, UINT64_MAX, UINT64_C(0x336c1d9712a6db01),
		UINT64_C(0x3280000000000000), UINT64_C(0x36c1d9712a6db012)},
	    {"2001:db8::1", 32, SALT, UINT64_C(0xf638ad98b7f1cbe1),
		UINT64_C(0xf6d3000000000000), UINT64_C(0x8e2b662dfc72f86d)},
	    {"2001:db8:0:ffff::1", 32, SALT, UINT64_C(0xf638ad98b7f1cbe1),
		UINT64_C(0xf6d3000000000000), UINT64_C(0x8e2b662dfc72f86d)},
	    {"2001:db8:1::1", 32, SALT, UINT64_C(0xf638ad98b7f1cbe1),
		UINT64_C(0xf6d2000000000000), UINT64_C(0x8e2b662dfc72f86d)},
	    {"2001:db8:8000::1", 32, SALT, UINT64_C(0x71c56cc5bf8e5f0d),
		UINT64_C(0x76d3000000000000), UINT64_C(0x8e2b662dfc72f86d)},
	    {"2001:db8::1", 48, SALT, UINT64_C(0xd00b66bf972807ab),
		UINT64_C(0x0), UINT64_C(0xd00b66bf972807ab)},
	    {"c000:201::", 14, SALT, UINT64_C(0xeb5a30cb563da246),
		UINT64_C(0xebbdd785c0000000), UINT64_C(0x6b46196ac7b448d6)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address a = parse(rows[i].client);
		struct position p;

		position_find(&a, rows[i].block, rows[i].salt, &p);
		ck_assert_msg(p.value == rows[i].value &&
			p.place == rows[i].place && p.tail == rows[i].tail &&
			p.block == rows[i].block,
		    "{\"%s\", %u, 0x%llx, 0x%llx, 0x%llx},", rows[i].client,
		    rows[i].block, (unsigned long long)p.value,
		    (unsigned long long)p.place, (unsigned long long)p.tail);
	}
}
END_TEST

/* How many of the networks of ${n} neighbouring blocks lie before ${end}. */
static double
share_before(
    const struct address *first, unsigned block, unsigned n, uint64_t end)
{
	uint32_t networks = UINT32_C(1) << (grain_of(first) - block);
	uint64_t before = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct address a = network_of(*first, block, i);

		for (uint32_t k = 0; k < networks; k++) {
			struct address net = network_of(a, grain_of(first), k);

			before += position_of(&net, block, SALT) < end;
		}
	}
	return (double)before / networks / n;
}

/* A block is cut as well as its places let it be: rounded to an eighth of it in
 * the middle, and to a quarter of the distance to the nearer end elsewhere; 64
 * neighbours are cut to what one of their networks is of that. */
START_TEST(every_share_is_met_in_a_block_and_better_in_64_of_them)
{
	for (unsigned k = 0; k < 200; k++) {
		int family = k % 4 == 0 ? 6 : 4;
		unsigned block = family == 4 ? 14 + fixture_below(11)
					     : 38 + fixture_below(11);
		struct address a = random_block(family, block - 6);
		uint64_t end = fixture_random() >> fixture_below(12);
		double want, one, all, grain;

		if (fixture_below(2) == 0)
			end = ~end;
		want = ldexp((double)end, -64);
		grain = ldexp(1, -(int)(grain_of(&a) - block));
		one = share_before(&a, block, 1, end);
		all = share_before(&a, block, 64, end);
		ck_assert_msg(
		    fabs(one - want) <= fmax(fmin(want, 1 - want) / 2, grain),
		    "%g of a block of %u: %g", want, block, one);
		ck_assert_msg(fabs(all - want) <=
			fmax(fmin(want, 1 - want) / 2, grain) / 64,
		    "%g of 64 blocks of %u: %g", want, block, all);
	}
}
END_TEST

/* Positions never go back where places in the block go on, so that a border is
 * one border in each block. */
START_TEST(positions_do_not_go_back_where_places_go_on)
{
	for (unsigned k = 0; k < 300; k++) {
		int family = k % 2 == 0 ? 4 : 6;
		unsigned block = (family == 4 ? 8 : 32) + fixture_below(17);
		struct address a = random_block(family, block);
		struct position p, q = {0};
		unsigned n = grain_of(&a) - block;

		position_find(&a, block, SALT, &p);
		ck_assert_uint_eq(p.n, n);
		/* In the order of places: the XOR of the block undone. */
		for (uint32_t i = 0; i < 1u << n; i++) {
			uint32_t first =
			    n == 0 ? 0 : (uint32_t)(p.place >> (64 - n));
			struct address net =
			    network_of(a, grain_of(&a), i ^ first);

			uint64_t last_place = q.place, last = q.value;

			position_find(&net, block, SALT, &q);
			ck_assert(i == 0 || q.place > last_place);
			ck_assert(q.value >= last);
		}
	}
}
END_TEST

/* All addresses of a /24, and of a /48, are one network. */
START_TEST(nothing_finer_than_the_grain_is_told_apart)
{
	static const struct {
		const char *a, *b;
		unsigned block;
		bool same;
	} rows[] = {
	    {"203.0.113.0", "203.0.113.255", 14, true},
	    {"203.0.113.0", "203.0.112.255", 14, false},
	    {"203.0.113.0", "203.0.113.255", 24, true},
	    {"203.0.113.0", "203.0.112.255", 24, false},
	    {"2001:db8:5::", "2001:db8:5:ffff:ffff:ffff:ffff:ffff", 32, true},
	    {"2001:db8:5::", "2001:db8:4:ffff:ffff:ffff:ffff:ffff", 32, false},
	    {"2001:db8:5::", "2001:db8:5:ffff:ffff:ffff:ffff:ffff", 48, true},
	    {"2001:db8:5::", "2001:db8:4:ffff:ffff:ffff:ffff:ffff", 48, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address a = parse(rows[i].a), b = parse(rows[i].b);
		struct position p, q;

		position_find(&a, rows[i].block, SALT, &p);
		position_find(&b, rows[i].block, SALT, &q);
		ck_assert_msg(
		    (p.place == q.place && p.tail == q.tail) == rows[i].same,
		    "%s and %s in blocks of %u", rows[i].a, rows[i].b,
		    rows[i].block);
	}
}
END_TEST

/* Steps, services, families and blocks of one address have positions that have
 * nothing to do with each other: of two halves, a quarter is in both. */
START_TEST(steps_and_blocks_have_positions_of_their_own)
{
	unsigned n = 0, steps = 0, blocks = 0, families = 0, lengths = 0;

	for (uint32_t i = 0; i < 1 << 14; i++, n++) {
		struct address a = fixture_ipv4(i << 18), six = a;
		struct address next = fixture_ipv4((i + 1) << 18);
		bool half = position_of(&a, 14, SALT) >> 63;

		six.family = 6;
		steps += half && position_of(&a, 14, SALT + 1) >> 63;
		blocks += half && position_of(&next, 14, SALT) >> 63;
		families += half && position_of(&six, 14, SALT) >> 63;
		lengths += half && position_of(&a, 15, SALT) >> 63;
	}
	/* Four standard deviations of a quarter of 16,384 are 222. */
	ck_assert_uint_ge(steps, n / 4 - 222);
	ck_assert_uint_le(steps, n / 4 + 222);
	ck_assert_uint_ge(blocks, n / 4 - 222);
	ck_assert_uint_le(blocks, n / 4 + 222);
	ck_assert_uint_ge(families, n / 4 - 222);
	ck_assert_uint_le(families, n / 4 + 222);
	ck_assert_uint_ge(lengths, n / 4 - 222);
	ck_assert_uint_le(lengths, n / 4 + 222);
}
END_TEST

START_TEST(thresholds_are_rounded_down_and_the_whole_has_no_end)
{
	static const struct {
		uint64_t part, whole, threshold;
	} rows[] = {
	    {0, 1, 0},
	    {1, 1, 0},
	    {7, 7, 0},
	    {1, 2, UINT64_C(1) << 63},
	    {1, 3, UINT64_C(0x5555555555555555)},
	    {2, 3, UINT64_C(0xaaaaaaaaaaaaaaaa)},
	    {95, 100, UINT64_C(0xf333333333333333)},
	    {950000, 1000000, UINT64_C(0xf333333333333333)},
	    {UINT64_MAX - 1, UINT64_MAX, UINT64_MAX - 1},
	    {1, UINT64_MAX, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_uint_eq(
		    position_threshold(rows[i].part, rows[i].whole),
		    rows[i].threshold);
}
END_TEST

/* The widest prefix of ${a} all of whose networks lie in ${first}..${last}, by
 * looking at each of them. */
static unsigned
slow_length(const struct address *a, unsigned block, uint64_t first,
    uint64_t last, const uint64_t *values, uint32_t i)
{
	unsigned grain = grain_of(a), length = grain;

	for (; length > block; length--) {
		uint32_t n = UINT32_C(1) << (grain - length + 1);
		uint32_t from = i & ~(n - 1);

		for (uint32_t k = from; k < from + n; k++)
			if (values[k] < first || values[k] > last)
				return length;
	}
	return length;
}

/* A range of positions around ${value} of a kind by chance: wide, narrow, with
 * one end or both at the ends of all, or ending at ${value} itself. */
static void
random_range(uint64_t value, uint64_t *first, uint64_t *last)
{
	unsigned narrow = fixture_below(40);
	uint64_t down = fixture_random() >> narrow;
	uint64_t up = fixture_random() >> fixture_below(40);

	*first = down > value ? 0 : value - down;
	*last = up > UINT64_MAX - value ? UINT64_MAX : value + up;
	switch (fixture_below(8)) {
	case 0:
		*first = 0;
		break;
	case 1:
		*last = UINT64_MAX;
		break;
	case 2:
		*first = value;
		break;
	case 3:
		*last = value;
		break;
	case 4:
		*first = 0;
		*last = UINT64_MAX;
		break;
	default:
		break;
	}
}

/* Against all networks of the block, for blocks of all lengths that have at
 * most 65,536 of them. */
START_TEST(the_length_is_that_of_the_widest_prefix_with_one_outcome)
{
	static uint64_t values[1 << 16];
	unsigned whole = 0, grain = 0, between = 0;

	for (unsigned k = 0; k < 34; k++) {
		int family = k < 17 ? 4 : 6;
		unsigned block = (family == 4 ? 8 : 32) + k % 17;
		unsigned finest =
		    family == 4 ? POSITION_GRAIN_IPV4 : POSITION_GRAIN_IPV6;
		struct address a = random_block(family, block);
		uint32_t n = UINT32_C(1) << (finest - block);

		for (uint32_t i = 0; i < n; i++) {
			struct address net = network_of(a, finest, i);

			values[i] = position_of(&net, block, SALT);
		}
		for (unsigned draw = 0; draw < 400; draw++) {
			uint32_t i = fixture_below(n);
			struct address net = network_of(a, finest, i);
			uint64_t first, last;
			struct position p;
			unsigned length, slow;

			random_range(values[i], &first, &last);
			position_find(&net, block, SALT, &p);
			length = position_length(&p, first, last);
			slow = slow_length(&a, block, first, last, values, i);
			ck_assert_msg(length == slow,
			    "block of %u, network %u, %llx..%llx: %u, not %u",
			    block, i, (unsigned long long)first,
			    (unsigned long long)last, length, slow);
			whole += length == block;
			grain += length == finest;
			between += length > block && length < finest;
		}
	}
	/* All kinds were met. */
	ck_assert_uint_gt(whole, 1000);
	ck_assert_uint_gt(grain, 1000);
	ck_assert_uint_gt(between, 1000);
}
END_TEST

/* Which of two pools, of ${part} of ${whole} and the rest, a position is of. */
static bool
is_second(uint64_t position, uint64_t part, uint64_t whole)
{
	return position >= position_threshold(part, whole);
}

/* 50 to 45 per cent: 5 per cent move, all from the first pool to the second;
 * and those of a third pool that keeps its border stay. */
START_TEST(a_border_that_moves_moves_what_it_passes)
{
	for (unsigned k = 0; k < 20; k++) {
		struct address first = random_block(4, 8);
		unsigned moved = 0, third = 0;

		for (uint32_t i = 0; i < 1 << 16; i++) {
			struct address net = network_of(first, 24, i);
			uint64_t p = position_of(&net, 14, SALT);
			bool was = is_second(p, 50, 100);
			bool is = is_second(p, 45, 100);
			bool last = is_second(p, 95, 100);

			ck_assert(is || !was);
			ck_assert(is || !last);
			moved += is != was;
			third += last;
		}
		/* 3,276.8 networks each; a network of the rounded places is an
		 * eighth of a block in the middle, and a 64th at 95 per cent,
		 * one of which is left over in 64 blocks. */
		ck_assert_uint_ge(moved, 3277 - 128);
		ck_assert_uint_le(moved, 3277 + 128);
		ck_assert_uint_ge(third, 3277 - 16);
		ck_assert_uint_le(third, 3277 + 16);
	}
}
END_TEST

/* Over all addresses each share is met to far less than 0.05 points; also one
 * that is a tenth of a /24 in each block. */
START_TEST(every_share_is_met_over_all_addresses)
{
	static const struct {
		uint64_t part, whole;
		unsigned block;
		double points;
	} rows[] = {{1, 10000, 14, .001}, {1, 100, 14, .003},
	    {5, 100, 14, .005}, {50, 100, 14, .0001}, {20, 100, 14, .01},
	    {40, 100, 14, .02}, {1, 100000, 14, .0005}, {1, 10000, 8, .005},
	    {5, 100, 8, .03}, {1, 10000, 24, .001}, {5, 100, 24, .01}};

	for (size_t k = 0; k < full_size(4, sizeof(rows) / sizeof(rows[0]));
	     k++) {
		uint64_t end = position_threshold(rows[k].part, rows[k].whole);
		double want = (double)rows[k].part / (double)rows[k].whole;
		unsigned count = 0;

		for (uint32_t i = 0; i < 1 << 24; i++) {
			struct address a = fixture_ipv4(i << 8);

			count += position_of(&a, rows[k].block, SALT) < end;
		}
		ck_assert_msg(
		    fabs(ldexp(count, -24) - want) * 100 <= rows[k].points,
		    "%g in blocks of %u: %g", want, rows[k].block,
		    ldexp(count, -24));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: positions");
	TCase *tc = tcase_create("position");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, fixed_addresses_have_fixed_positions);
	tcase_add_test(
	    tc, every_share_is_met_in_a_block_and_better_in_64_of_them);
	tcase_add_test(tc, positions_do_not_go_back_where_places_go_on);
	tcase_add_test(tc, nothing_finer_than_the_grain_is_told_apart);
	tcase_add_test(tc, steps_and_blocks_have_positions_of_their_own);
	tcase_add_test(
	    tc, thresholds_are_rounded_down_and_the_whole_has_no_end);
	tcase_add_test(
	    tc, the_length_is_that_of_the_widest_prefix_with_one_outcome);
	tcase_add_test(tc, a_border_that_moves_moves_what_it_passes);
	tcase_add_test(tc, every_share_is_met_over_all_addresses);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
