/*
 * Tests of positions: every block is cut in exact proportion, a border that
 * moves moves nobody else, the length is that of the widest prefix with one
 * outcome, and every machine comes to the same values.
 */
#include "steering/position.h"

#include <math.h>

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
		uint64_t salt, value, below;
	} rows[] = {
	    {"192.0.2.1", 14, SALT, UINT64_C(0xf5d2de47dcc257e3),
		UINT64_C(0x3fffffffffffff)},
	    {"192.0.2.255", 14, SALT, UINT64_C(0xf5d2de47dcc257e3),
		UINT64_C(0x3fffffffffffff)},
	    {"192.0.3.1", 14, SALT, UINT64_C(0xf592de47dcc257e3),
		UINT64_C(0x3fffffffffffff)},
	    {"192.0.2.1", 14, SALT + 1, UINT64_C(0x81c9e6706c0563eb),
		UINT64_C(0x3fffffffffffff)},
	    {"192.0.2.1", 8, SALT, UINT64_C(0x73ac0157ad997ab1),
		UINT64_C(0xffffffffffff)},
	    {"192.0.2.1", 24, SALT, UINT64_C(0x3937cb641a67a0ce),
		UINT64_C(0xffffffffffffffff)},
	    {"0.0.0.0", 14, 0, UINT64_C(0xc100953ea60b69d7),
		UINT64_C(0x3fffffffffffff)},
	    {"255.255.255.255", 14, UINT64_MAX, UINT64_C(0x32b42d43b5ff3950),
		UINT64_C(0x3fffffffffffff)},
	    {"2001:db8::1", 32, SALT, UINT64_C(0xf6d3691e9e4a54d7),
		UINT64_C(0xffffffffffff)},
	    {"2001:db8:0:ffff::1", 32, SALT, UINT64_C(0xf6d3691e9e4a54d7),
		UINT64_C(0xffffffffffff)},
	    {"2001:db8:1::1", 32, SALT, UINT64_C(0xf6d2691e9e4a54d7),
		UINT64_C(0xffffffffffff)},
	    {"2001:db8::1", 48, SALT, UINT64_C(0xd83295b803b028ef),
		UINT64_C(0xffffffffffffffff)},
	    {"c000:201::", 14, SALT, UINT64_C(0xebbdd785caa07b6e),
		UINT64_C(0x3fffffff)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address a = parse(rows[i].client);
		struct position p;

		position_find(&a, rows[i].block, rows[i].salt, &p);
		ck_assert_msg(p.value == rows[i].value &&
			p.below == rows[i].below && p.block == rows[i].block,
		    "{\"%s\", %u, 0x%llx, 0x%llx},", rows[i].client,
		    rows[i].block, (unsigned long long)p.value,
		    (unsigned long long)p.below);
	}
}
END_TEST

/* The networks of a block have the positions of its cut, each once: so any
 * share of it is met to one network, and one of whole networks exactly. */
START_TEST(every_block_is_cut_in_exact_proportion)
{
	static uint8_t seen[1 << 16];

	for (unsigned block = 8; block <= 48; block++) {
		int family = block < 24 ? 4 : 6;
		struct address a = random_block(family, block);
		unsigned bits = grain_of(&a) - block;
		uint64_t below = UINT64_MAX;
		uint32_t n;

		if (bits > 16)
			bits = 16; /* the first of the block, of IPv6 */
		n = UINT32_C(1) << bits;
		memset(seen, 0, n);
		for (uint32_t i = 0; i < n; i++) {
			struct address net = network_of(a, block + bits, i);
			struct position p;

			position_find(&net, block, SALT, &p);
			if (i == 0)
				below = p.value & p.below;
			ck_assert_uint_eq(p.value & p.below, below);
			if (bits > 0)
				seen[p.value >> (64 - bits)]++;
		}
		for (uint32_t i = 0; bits > 0 && i < n; i++)
			ck_assert_uint_eq(seen[i], 1);
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

		ck_assert_msg(
		    (position_of(&a, rows[i].block, SALT) ==
			position_of(&b, rows[i].block, SALT)) == rows[i].same,
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
		struct address a = random_block(family, block);
		uint32_t n = UINT32_C(1) << (grain_of(&a) - block);

		for (uint32_t i = 0; i < n; i++) {
			struct address net = network_of(a, grain_of(&a), i);

			values[i] = position_of(&net, block, SALT);
		}
		for (unsigned draw = 0; draw < 400; draw++) {
			uint32_t i = fixture_below(n);
			struct address net = network_of(a, grain_of(&a), i);
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
			grain += length == grain_of(&a);
			between += length > block && length < grain_of(&a);
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

/* 95 to 90 per cent: 5 per cent of each block move, all from the first pool to
 * the second; and those of a third pool that keeps its border stay. */
START_TEST(a_border_that_moves_moves_what_it_passes)
{
	for (unsigned k = 0; k < 100; k++) {
		struct address a = random_block(4, 14);
		unsigned moved = 0, third = 0;

		for (uint32_t i = 0; i < 1024; i++) {
			struct address net = network_of(a, 24, i);
			uint64_t p = position_of(&net, 14, SALT);
			bool was = is_second(p, 50, 100);
			bool is = is_second(p, 45, 100);

			ck_assert(is || !was);
			moved += is != was;
			third += is_second(p, 95, 100);
		}
		/* 51.2 networks each. */
		ck_assert_uint_ge(moved, 51);
		ck_assert_uint_le(moved, 52);
		ck_assert_uint_ge(third, 51);
		ck_assert_uint_le(third, 52);
	}
}
END_TEST

/* A hundredth of a per cent is a tenth of a /24 in a block of 1,024: nine
 * blocks of ten have none, and over all blocks it is met. */
START_TEST(shares_finer_than_the_grain_are_met_over_blocks)
{
	static const struct {
		uint64_t part, whole;
		unsigned block;
	} rows[] = {{1, 10000, 14}, {1, 100000, 14}, {1, 10000, 8},
	    {1, 10000, 24}, {333, 100000, 20}};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		uint64_t end = position_threshold(rows[k].part, rows[k].whole);
		double want = (double)rows[k].part / (double)rows[k].whole;
		/* Of each block, whether a last network is in is left to
		 * chance: four standard deviations of that. */
		double part = fmod(want * (1 << (24 - rows[k].block)), 1);
		double spread =
		    4 * sqrt(part * (1 - part) * (1 << rows[k].block));
		unsigned count = 0;

		for (uint32_t i = 0; i < 1 << 24; i++) {
			struct address a = fixture_ipv4(i << 8);

			count += position_of(&a, rows[k].block, SALT) < end;
		}
		ck_assert_msg(fabs(count - want * (1 << 24)) <= spread,
		    "%g in blocks of %u: %u of %d", want, rows[k].block, count,
		    1 << 24);
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
	tcase_add_test(tc, every_block_is_cut_in_exact_proportion);
	tcase_add_test(tc, nothing_finer_than_the_grain_is_told_apart);
	tcase_add_test(tc, steps_and_blocks_have_positions_of_their_own);
	tcase_add_test(
	    tc, thresholds_are_rounded_down_and_the_whole_has_no_end);
	tcase_add_test(
	    tc, the_length_is_that_of_the_widest_prefix_with_one_outcome);
	tcase_add_test(tc, a_border_that_moves_moves_what_it_passes);
	tcase_add_test(tc, shares_finer_than_the_grain_are_met_over_blocks);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
