/*
 * Names in wire form: read, print, fold, compare, measure.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890"
#define L61 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz012345678"

/* Text, and how it prints when read below example.com.; NULL: it is no name. */
static const struct {
	const char *says, *text, *prints;
	int len;
} texts[] = {
    {"a relative name goes below the origin", "www", "www.example.com.", 17},
    {"a dot at the end makes it absolute", "www.org.", "www.org.", 9},
    {"@ is the origin", "@", "example.com.", 13},
    {"an escaped @ is a label", "\\@", "\\@.example.com.", 15},
    {"@ inside a label is an octet", "a@b", "a\\@b.example.com.", 17},
    {"a dot alone is the root", ".", ".", 1},
    {"case is kept", "WwW", "WwW.example.com.", 17},
    {"an escaped dot is part of the label", "a\\.b.", "a\\.b.", 5},
    {"an escaped octet", "\\000\\255.", "\\000\\255.", 4},
    {"three digits may be a letter", "\\097.", "a.", 3},
    {"an escaped backslash", "\\\\.", "\\\\.", 3},
    {"blanks are printed as numbers", "a b.", "a\\032b.", 5},
    {"a wildcard", "*.x.", "*.x.", 5},
    {"what a master file would misread is escaped", "a;(\"$.",
	"a\\;\\(\\\"\\$.", 7},
    {"63 octets make a label", L63 ".", L63 ".", 65},
    {"64 octets do not", "x" L63 ".", NULL, 0},
    {"255 octets make a name", L63 "." L63 "." L63 "." L61 ".",
	L63 "." L63 "." L63 "." L61 ".", 255},
    {"256 do not", L63 "." L63 "." L63 "." L61 "x.", NULL, 0},
    {"nor with another label behind them", L63 "." L63 "." L63 "." L61 "x.a.",
	NULL, 0},
    {"nor does a label reach over the 255", L63 "." L63 "." L63 "." L63 ".",
	NULL, 0},
    {"the origin counts", L63 "." L63 "." L63 "." L61, NULL, 0},
    {"an empty text is no name", "", NULL, 0},
    {"an empty label", "a..b.", NULL, 0},
    {"an empty label at the start", ".a.", NULL, 0},
    {"two dots", "..", NULL, 0},
    {"an escape above 255", "\\256.", NULL, 0},
    {"an escape of two digits", "\\25.", NULL, 0},
    {"an escape of two digits and a letter", "\\25a.", NULL, 0},
    {"a backslash at the end", "a\\", NULL, 0},
};

START_TEST(parse_and_format)
{
	const size_t n = sizeof(texts) / sizeof(texts[0]);
	uint8_t origin[NAME_MAX_WIRE], wire[NAME_MAX_WIRE];
	char text[NAME_TEXT];

	ck_assert_int_eq(name_parse("example.com.", NULL, origin), 13);
	for (size_t i = 0; i < n; i++) {
		int len = name_parse(texts[i].text, origin, wire);

		if (texts[i].prints == NULL) {
			ck_assert_msg(len == -1, "%s", texts[i].says);
			continue;
		}
		ck_assert_msg(
		    len == texts[i].len, "%s: %d octets", texts[i].says, len);
		ck_assert_msg(
		    name_length(wire) == (size_t)len, "%s", texts[i].says);
		ck_assert_msg(
		    strcmp(name_format(wire, text), texts[i].prints) == 0,
		    "%s: %s", texts[i].says, text);
	}
}
END_TEST

START_TEST(parse_in_place)
{
	uint8_t wire[NAME_MAX_WIRE];
	char text[NAME_TEXT];

	ck_assert_int_gt(name_parse("example.com.", NULL, wire), 0);
	ck_assert_int_gt(name_parse("www", wire, wire), 0);
	ck_assert_str_eq(name_format(wire, text), "www.example.com.");
}
END_TEST

START_TEST(every_octet_survives_text)
{
	for (unsigned c = 0; c < 256; c++) {
		uint8_t wire[4] = {2, (uint8_t)c, 'x', 0}, again[NAME_MAX_WIRE];
		char text[NAME_TEXT];

		name_format(wire, text);
		ck_assert_int_eq(name_parse(text, NULL, again), 4);
		ck_assert_mem_eq(wire, again, 4);
	}
}
END_TEST

/* Whole words are folded at once: each octet at each place in one. */
START_TEST(lower)
{
	for (unsigned c = 0; c < 256; c++)
		for (size_t place = 0; place < 19; place++) {
			uint8_t in[19], out[19];
			unsigned want = c >= 'A' && c <= 'Z' ? c + 32 : c;

			memset(in, c == 'Q' ? 0xff : 'Q', sizeof(in));
			in[place] = (uint8_t)c;
			name_lower(out, in, sizeof(in));
			ck_assert_uint_eq(out[place], want);
			ck_assert_uint_eq(
			    out[(place + 1) % 19], c == 'Q' ? 0xff : 'q');
		}
}
END_TEST

/* Words that overlap: of each length all is folded, also where it is, and
 * nothing after it is touched. */
START_TEST(lower_of_each_length)
{
	for (size_t len = 0; len < 40; len++) {
		uint8_t in[40], out[41];

		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (uint8_t)('A' + i % 26);
		memset(out, 0xff, sizeof(out));
		name_lower(out, in, len);
		name_lower(in, in, len);
		for (size_t i = 0; i < sizeof(in); i++) {
			uint8_t upper = (uint8_t)('A' + i % 26);

			ck_assert_uint_eq(out[i], i < len ? upper + 32u : 0xff);
			ck_assert_uint_eq(in[i], i < len ? upper + 32u : upper);
		}
	}
}
END_TEST

static const struct {
	const char *says, *name, *apex, *suffix;
} below[] = {
    {"a name is at itself", "example.com.", "example.com.", "example.com."},
    {"a name is below its parent", "a.b.example.com.", "example.com.",
	"example.com."},
    {"case does not matter", "a.EXAMPLE.com.", "example.COM.", "EXAMPLE.com."},
    {"everything is below the root", "a.b.", ".", "."},
    {"a parent is not below its child", "com.", "example.com.", NULL},
    {"a sibling is not below", "a.example.org.", "example.com.", NULL},
    {"the end of a label is not a name", "badexample.com.", "example.com.",
	NULL},
    {"octets that look like a label are none", "a\\007example.com.",
	"example.com.", NULL},
};

START_TEST(test_below)
{
	const size_t n = sizeof(below) / sizeof(below[0]);

	for (size_t i = 0; i < n; i++) {
		uint8_t name[NAME_MAX_WIRE], apex[NAME_MAX_WIRE];
		char text[NAME_TEXT] = "";
		const uint8_t *suffix;

		name_parse(below[i].name, NULL, name);
		name_parse(below[i].apex, NULL, apex);
		suffix = name_below(name, apex);
		ck_assert_msg((suffix != NULL) == (below[i].suffix != NULL),
		    "%s", below[i].says);
		if (suffix != NULL)
			ck_assert_msg(strcmp(name_format(suffix, text),
					  below[i].suffix) == 0,
			    "%s: %s", below[i].says, text);
	}
}
END_TEST

/* The names of RFC 4034, 6.1, and some that are near each other. */
static const char *const in_order[] = {
    ".",
    "example.",
    "a.example.",
    "yljkjljk.a.example.",
    "z.a.example.",
    "zabc.a.example.",
    "z.example.",
    "\\001.z.example.",
    "*.z.example.",
    "\\200.z.example.",
    "zz.example.",
    "zz\\000.example.",
    "zz\\000\\000.example.",
    "zz\\001.example.",
    "example2.",
};
#define N_ORDER (sizeof(in_order) / sizeof(in_order[0]))

START_TEST(canonical_order)
{
	for (size_t i = 0; i < N_ORDER; i++)
		for (size_t k = 0; k < N_ORDER; k++) {
			uint8_t a[NAME_MAX_WIRE], b[NAME_MAX_WIRE];
			int order;

			name_parse(in_order[i], NULL, a);
			name_parse(in_order[k], NULL, b);
			order = name_compare(a, b);
			ck_assert_msg(
			    (order < 0) == (i < k) && (order > 0) == (i > k),
			    "%s and %s: %d", in_order[i], in_order[k], order);
		}
}
END_TEST

static const struct {
	const char *says, *a, *b;
	size_t octets;
} shared[] = {
    {"a name with itself", "a.example.", "a.example.", 11},
    {"a name with what is below", "example.", "a.example.", 9},
    {"siblings", "a.b.example.", "c.b.example.", 11},
    {"the end of a label is no name", "xb.example.", "b.example.", 9},
    {"nothing but the root", "a.", "b.", 1},
    {"the root itself", ".", "b.", 1},
};

START_TEST(test_shared)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		uint8_t a[NAME_MAX_WIRE], b[NAME_MAX_WIRE];

		name_parse(shared[i].a, NULL, a);
		name_parse(shared[i].b, NULL, b);
		ck_assert_msg(name_shared(a, b) == shared[i].octets, "%s",
		    shared[i].says);
		ck_assert_msg(name_shared(b, a) == shared[i].octets, "%s",
		    shared[i].says);
	}
}
END_TEST

START_TEST(measures)
{
	uint8_t a[NAME_MAX_WIRE], b[NAME_MAX_WIRE];

	name_parse("a.Bc.d.", NULL, a);
	name_parse("A.bC.D.", NULL, b);
	ck_assert_uint_eq(name_labels(a), 3);
	ck_assert_uint_eq(name_labels((const uint8_t *)""), 0);
	ck_assert(name_equal(a, b));
	ck_assert(!name_equal(a, name_parent(b)));
	ck_assert(name_equal(name_parent(a), name_parent(b)));
	ck_assert_uint_eq(*name_parent((const uint8_t *)""), 0);
	name_lower(a, a, name_length(a));
	name_lower(b, b, name_length(b));
	ck_assert_uint_eq(name_hash(a, 8), name_hash(b, 8));
	ck_assert_uint_ne(name_hash(a, 8), name_hash(name_parent(a), 6));
}
END_TEST

/* Octets as they come from outside, and how many are a name; 0: none. */
START_TEST(whole_names)
{
	static const struct {
		const char *says, *octets;
		size_t len, size;
	} rows[] = {
	    {"the root", "", 1, 1},
	    {"a name", "\1a\2bc", 6, 6},
	    {"what follows is not looked at", "\1a\0\377", 4, 3},
	    {"no octet at all", "", 0, 0},
	    {"cut in front of its end", "\1a\2bc", 5, 0},
	    {"cut inside a label", "\1a\2bc", 4, 0},
	    {"a pointer", "\1a\300\14", 5, 0},
	    {"a label of 64 octets", "\100" L63 "x", 66, 0},
	};
	uint8_t longest[NAME_MAX_WIRE + 2], copy[70];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(copy, rows[i].octets, rows[i].len);
		ck_assert_msg(name_measure(copy, rows[i].len) == rows[i].size,
		    "%s", rows[i].says);
	}
	/* 127 labels of one octet are the longest name, 128 are none. */
	for (size_t i = 0; i + 1 < sizeof(longest); i += 2)
		memcpy(longest + i, "\1a", 2);
	longest[NAME_MAX_WIRE - 1] = 0;
	ck_assert_uint_eq(name_measure(longest, NAME_MAX_WIRE), NAME_MAX_WIRE);
	longest[NAME_MAX_WIRE - 1] = 1;
	longest[NAME_MAX_WIRE + 1] = 0;
	ck_assert_uint_eq(name_measure(longest, sizeof(longest)), 0);
}
END_TEST

/* A name that ends in the apex before that was added to it, and names of other
 * zones, whose labels end elsewhere. */
START_TEST(repeated_apexes)
{
	static const struct {
		const char *name, *origin, *apex;
		bool repeats;
	} rows[] = {
	    {"www.example.com.example.com.", "example.com.", "example.com.",
		true},
	    {"Example.COM.example.com.", "example.com.", "example.com.", true},
	    {"a.example.com.sub.example.com.", "sub.example.com.",
		"example.com.", true},
	    {"www.example.com.", "example.com.", "example.com.", false},
	    {"example.com.", "example.com.", "example.com.", false},
	    {"com.example.com.", "example.com.", "example.com.", false},
	    {"a.b.", ".", ".", false},
	    {"mx.elsewhere.", "example.com.", "example.com.", false},
	    {"a.example.org.example.net.", "example.com.", "example.com.",
		false},
	    {".", "example.com.", "example.com.", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t name[NAME_MAX_WIRE], origin[NAME_MAX_WIRE];
		uint8_t apex[NAME_MAX_WIRE];

		ck_assert_int_gt(name_parse(rows[i].name, NULL, name), 0);
		ck_assert_int_gt(name_parse(rows[i].origin, NULL, origin), 0);
		ck_assert_int_gt(name_parse(rows[i].apex, NULL, apex), 0);
		ck_assert_msg(
		    name_repeats(name, origin, apex) == rows[i].repeats, "%s",
		    rows[i].name);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_name");
	TCase *tcase = tcase_create("names");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, parse_and_format);
	tcase_add_test(tcase, parse_in_place);
	tcase_add_test(tcase, every_octet_survives_text);
	tcase_add_test(tcase, lower);
	tcase_add_test(tcase, lower_of_each_length);
	tcase_add_test(tcase, test_below);
	tcase_add_test(tcase, canonical_order);
	tcase_add_test(tcase, test_shared);
	tcase_add_test(tcase, measures);
	tcase_add_test(tcase, whole_names);
	tcase_add_test(tcase, repeated_apexes);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
