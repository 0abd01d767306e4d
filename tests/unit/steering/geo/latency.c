/*
 * Tests tables of measured round trips: which row a client has, what rows and
 * round trips are one, and which tables are equal.
 */
#include "steering/geo/latency.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/failing_memory.h"
#include "tests/unit/latency_entries.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* NULL without memory. */
static struct latency *
table_of(const struct latency_entry *entries, size_t n)
{
	struct latency_builder *b = latency_begin();

	if (b == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (latency_add(b, &entries[i]) != 0) {
			latency_abandon(b);
			return NULL;
		}
	return latency_end(b);
}

/* The text of a row, or "-". */
static const char *
shown(const struct latency *l, uint32_t row)
{
	static char text[LATENCY_TEXT];

	return row != LATENCY_NONE ? latency_show(l, row, text) : "-";
}

static uint32_t
around(const struct latency *l, const char *text)
{
	struct address a;

	ck_assert_int_eq(address_parse(text, &a), 0);
	return latency_around(l, &a);
}

static const struct latency_cell *
only_cell(const struct latency *l, uint32_t row)
{
	size_t n;
	const struct latency_cell *cell = latency_cells(l, row, &n);

	ck_assert_uint_eq(n, 1);
	return cell;
}

START_TEST(the_longest_prefix_around_a_client_is_found)
{
	const struct latency_entry entries[] = {
	    latency_entry_of("192.0.2.0/24", "a", 1, 1),
	    latency_entry_of("192.0.0.0/16", "a", 2, 1),
	    latency_entry_of("0.0.0.0/0", "a", 3, 1),
	    latency_entry_of("192.0.4.0/23", "a", 4, 1),
	    latency_entry_of("2001:db8::/32", "a", 5, 1),
	    latency_entry_of("2001:db8:1::/48", "a", 6, 1),
	    latency_entry_of("AS64500", "a", 7, 1),
	    latency_entry_of("DE", "a", 8, 1),
	};
	static const struct {
		const char *client, *row;
	} rows[] = {
	    {"192.0.2.1", "prefix 192.0.2.0/24"},
	    {"192.0.3.1", "prefix 192.0.0.0/16"},
	    {"192.0.5.255", "prefix 192.0.4.0/23"},
	    {"192.0.6.0", "prefix 192.0.0.0/16"},
	    {"191.255.255.255", "prefix 0.0.0.0/0"},
	    {"255.255.255.255", "prefix 0.0.0.0/0"},
	    {"0.0.0.0", "prefix 0.0.0.0/0"},
	    {"2001:db8:1::1", "prefix 2001:db8:1::/48"},
	    {"2001:db8:2::1", "prefix 2001:db8::/32"},
	    {"2001:db9::1", "-"},
	    {"::1", "-"},
	};
	struct latency *l = table_of(entries, COUNT(entries));
	struct latency_size size = latency_size(l);

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_str_eq(
		    shown(l, around(l, rows[i].client)), rows[i].row);
	ck_assert_str_eq(shown(l, latency_of_asn(l, 64500)), "AS64500");
	ck_assert_str_eq(shown(l, latency_of_asn(l, 64501)), "-");
	ck_assert_str_eq(shown(l, latency_of_country(l, "DE")), "country DE");
	ck_assert_str_eq(shown(l, latency_of_country(l, "DK")), "-");
	ck_assert_str_eq(shown(l, latency_of_country(l, "")), "-");
	/* From the inside to the outside. */
	ck_assert_str_eq(shown(l, latency_wider(l, around(l, "192.0.2.1"))),
	    "prefix 192.0.0.0/16");
	ck_assert_str_eq(shown(l, latency_wider(l, around(l, "192.0.3.1"))),
	    "prefix 0.0.0.0/0");
	ck_assert_str_eq(
	    shown(l, latency_wider(l, around(l, "191.0.0.0"))), "-");
	ck_assert_str_eq(
	    shown(l, latency_wider(l, around(l, "2001:db8:2::1"))), "-");
	ck_assert_uint_eq(size.rows, 8);
	ck_assert_uint_eq(size.prefixes, 6);
	ck_assert_uint_eq(size.cells, 8);
	ck_assert_uint_eq(size.regions, 1);
	/* 24 bytes a row, and 16 a round trip. */
	ck_assert_uint_gt(size.bytes, 8 * (16 + 16));
	ck_assert_uint_lt(size.bytes, 8 * (32 + 16) + 256);
	latency_destroy(l);
}
END_TEST

/* Places of clients are known at /24 and /48 at the finest. */
START_TEST(longer_prefixes_count_to_the_network_around_them)
{
	const struct latency_entry entries[] = {
	    latency_entry_of("192.0.2.128/25", "a", 3000, 3),
	    latency_entry_of("192.0.2.1/32", "a", 1000, 1),
	    latency_entry_of("2001:db8:1:2::/64", "a", 5000, 0),
	    latency_entry_of("2001:db8:1:3::/64", "a", 6000, 0),
	    latency_entry_of("198.51.100.0/24", "a", 7000, UINT32_MAX),
	    latency_entry_of("198.51.100.0/24", "a", 7000, 1),
	};
	struct latency *l = table_of(entries, COUNT(entries));
	const struct latency_cell *cell;
	uint32_t row = around(l, "192.0.2.200");

	ck_assert_str_eq(shown(l, row), "prefix 192.0.2.0/24");
	ck_assert_uint_eq(around(l, "192.0.2.2"), row);
	cell = only_cell(l, row);
	ck_assert_uint_eq(cell->rtt_us, 2500); /* (3 * 3000 + 1000) / 4 */
	ck_assert_uint_eq(cell->samples, 4);
	ck_assert_uint_eq(cell->measured_s, 3);
	row = around(l, "2001:db8:1:4::1");
	ck_assert_str_eq(shown(l, row), "prefix 2001:db8:1::/48");
	cell = only_cell(l, row);
	ck_assert_uint_eq(cell->rtt_us, 5500);
	ck_assert_uint_eq(cell->samples, 0);
	cell = only_cell(l, around(l, "198.51.100.9"));
	ck_assert_uint_eq(cell->rtt_us, 7000);
	ck_assert_uint_eq(cell->samples, UINT32_MAX);
	latency_destroy(l);
}
END_TEST

START_TEST(a_row_has_its_round_trips_by_region)
{
	const struct latency_entry entries[] = {
	    latency_entry_of("DE", "us-east", 90000, 5),
	    latency_entry_of("DE", "eu-west", 20000, 6),
	    latency_entry_of("FR", "ap-south", 120000, 7),
	};
	struct latency *l = table_of(entries, COUNT(entries));
	const struct latency_cell *cells;
	size_t n;

	ck_assert_str_eq(latency_region(l, 0), "ap-south");
	ck_assert_str_eq(latency_region(l, 1), "eu-west");
	ck_assert_str_eq(latency_region(l, 2), "us-east");
	ck_assert_ptr_null(latency_region(l, 3));
	cells = latency_cells(l, latency_of_country(l, "DE"), &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(cells[0].region, 1);
	ck_assert_uint_eq(cells[0].rtt_us, 20000);
	ck_assert_uint_eq(cells[0].samples, 6);
	ck_assert_uint_eq(cells[0].measured_s, 20);
	ck_assert_uint_eq(cells[1].region, 2);
	ck_assert_uint_eq(cells[1].rtt_us, 90000);
	cells = latency_cells(l, latency_of_country(l, "FR"), &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(cells[0].region, 0);
	latency_destroy(l);
}
END_TEST

/* A map is made again only where one of its round trips is another. */
START_TEST(tables_are_equal_by_their_round_trips)
{
	const struct latency_entry base[] = {
	    latency_entry_of("192.0.2.0/24", "a", 1000, 1),
	    latency_entry_of("192.0.2.0/24", "b", 2000, 1),
	    latency_entry_of("DE", "a", 3000, 1),
	};
	const struct latency_entry turned[] = {
	    latency_entry_of("DE", "a", 3000, 99),
	    latency_entry_of("192.0.2.0/24", "b", 2000, 2),
	    latency_entry_of("192.0.2.77/32", "a", 1000, 3),
	};
	static const struct {
		const char *says, *whose, *region;
		uint32_t rtt_us;
	} others[] = {
	    {"another round trip", "DE", "a", 3001},
	    {"another country", "FR", "a", 3000},
	    {"another region", "DE", "b", 3000},
	    {"a region with a new name", "DE", "c", 3000},
	    {"a number in place of a country", "AS17477", "a", 3000},
	    {"another length", "192.0.2.0/23", "a", 3000},
	};
	struct latency *a = table_of(base, COUNT(base));
	struct latency *b = table_of(turned, COUNT(turned));
	struct latency *nothing = table_of(NULL, 0),
		       *shorter = table_of(base, 2);

	ck_assert(latency_equal(a, a));
	ck_assert(latency_equal(a, b));
	ck_assert_uint_eq(latency_hash(a), latency_hash(b));
	ck_assert(!latency_equal(a, shorter));
	ck_assert(!latency_equal(a, NULL));
	ck_assert(!latency_equal(NULL, a));
	ck_assert(latency_equal(NULL, NULL));
	ck_assert(latency_equal(NULL, nothing));
	ck_assert(latency_equal(nothing, NULL));
	ck_assert_uint_eq(latency_hash(NULL), latency_hash(nothing));
	for (size_t i = 0; i < COUNT(others); i++) {
		struct latency_entry changed[] = {base[0], base[1],
		    latency_entry_of(others[i].whose, others[i].region,
			others[i].rtt_us, 1)};
		struct latency *c = table_of(changed, COUNT(changed));

		ck_assert_msg(!latency_equal(a, c), "%s", others[i].says);
		ck_assert_msg(
		    latency_hash(a) != latency_hash(c), "%s", others[i].says);
		latency_destroy(c);
	}
	latency_destroy(a);
	latency_destroy(b);
	latency_destroy(shorter);
	latency_destroy(nothing);
}
END_TEST

START_TEST(a_table_without_entries_has_no_row)
{
	struct latency *l = table_of(NULL, 0);
	struct cover cover;

	ck_assert_uint_eq(around(l, "192.0.2.1"), LATENCY_NONE);
	ck_assert_uint_eq(latency_of_asn(l, 0), LATENCY_NONE);
	ck_assert_uint_eq(latency_of_country(l, ""), LATENCY_NONE);
	ck_assert_ptr_null(latency_region(l, 0));
	cover_init(&cover, 10);
	ck_assert_int_eq(latency_cover(l, 4, &cover), 0);
	ck_assert_uint_eq(cover.n, 1);
	ck_assert_uint_eq(cover.leaves[0].value, 0);
	cover_finish(&cover);
	latency_destroy(l);
	latency_destroy(NULL);
	latency_abandon(NULL);
}
END_TEST

START_TEST(a_cover_has_the_row_of_each_address)
{
	const struct latency_entry entries[] = {
	    latency_entry_of("128.0.0.0/1", "a", 1, 1),
	    latency_entry_of("192.0.0.0/2", "a", 2, 1),
	    latency_entry_of("8000::/1", "a", 3, 1),
	    latency_entry_of("DE", "a", 3, 1),
	};
	struct latency *l = table_of(entries, COUNT(entries));
	struct cover cover;

	cover_init(&cover, 10);
	ck_assert_int_eq(latency_cover(l, 4, &cover), 0);
	ck_assert_uint_eq(cover.n, 3);
	ck_assert_uint_eq(cover.leaves[0].value, 0);
	ck_assert_uint_eq(cover.leaves[1].value, around(l, "128.0.0.1") + 1);
	ck_assert_uint_eq(cover.leaves[2].value, around(l, "192.0.0.1") + 1);
	cover_finish(&cover);
	ck_assert_int_eq(latency_cover(l, 6, &cover), 0);
	ck_assert_uint_eq(cover.n, 2);
	ck_assert_uint_eq(cover.leaves[1].value, around(l, "8000::1") + 1);
	cover_finish(&cover);
	cover_init(&cover, 2);
	ck_assert_int_eq(latency_cover(l, 4, &cover), -1);
	cover_finish(&cover);
	latency_destroy(l);
}
END_TEST

/* Each allocation fails in turn, until none does: there is no table then, and
 * nothing of it is held. */
START_TEST(memory_that_is_out_is_no_table)
{
	const struct latency_entry entries[] = {
	    latency_entry_of("192.0.2.0/24", "a", 1, 1),
	    latency_entry_of("192.0.2.0/25", "a", 2, 1),
	    latency_entry_of("DE", "b", 3, 1),
	};
	long n = 0, before = held;

	for (failed = true; failed; n++) {
		struct latency *l;

		failed = false;
		until_failure = n;
		l = table_of(entries, COUNT(entries));
		until_failure = -1;
		ck_assert((l == NULL) == failed);
		latency_destroy(l);
		ck_assert_int_eq(held, before);
	}
	ck_assert_int_gt(n, REPLACED ? 10 : 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("latency");
	TCase *tcase = tcase_create("table");
	SRunner *runner;
	int failures;

	tcase_add_test(tcase, the_longest_prefix_around_a_client_is_found);
	tcase_add_test(tcase, longer_prefixes_count_to_the_network_around_them);
	tcase_add_test(tcase, a_row_has_its_round_trips_by_region);
	tcase_add_test(tcase, tables_are_equal_by_their_round_trips);
	tcase_add_test(tcase, a_table_without_entries_has_no_row);
	tcase_add_test(tcase, a_cover_has_the_row_of_each_address);
	tcase_add_test(tcase, memory_that_is_out_is_no_table);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
