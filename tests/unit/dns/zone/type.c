/*
 * Names of record types, and time spans: the single words that zone files and
 * command lines have of them.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/zone/ttl.h"
#include "dns/zone/type.h"

/* A word, and the type that it names; -1: none. */
static const struct {
	const char *says, *text;
	long type;
} words[] = {
    {"a mnemonic", "AAAA", TYPE_AAAA},
    {"in any case", "nsec3Param", TYPE_NSEC3PARAM},
    {"with a hyphen", "nsap-ptr", 23},
    {"far from the others", "DLV", TYPE_DLV},
    {"and its neighbour", "ta", TYPE_TA},
    {"the last of the table", "IPN", 264},
    {"a number (RFC 3597, 5)", "TYPE1", TYPE_A},
    {"in any case too", "type65535", 65535},
    {"the number of no type there is", "TYPE0", 0},
    {"a number too large", "TYPE65536", -1},
    {"no number", "TYPE", -1},
    {"a number with a sign", "TYPE+1", -1},
    {"nothing", "", -1},
    {"the beginning of a mnemonic", "AAA", -1},
    {"more than a mnemonic", "AAAAA", -1},
    {"a blank", " A", -1},
    {"one letter that no mnemonic is", "B", -1},
};

START_TEST(parses_words)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint16_t type = 4711;
		int status = type_parse(words[i].text, &type);

		ck_assert_msg(
		    (status == 0) == (words[i].type >= 0), "%s", words[i].says);
		ck_assert_msg(type == (status == 0 ? words[i].type : 4711),
		    "%s: %u", words[i].says, type);
	}
}
END_TEST

/* What is printed of a type is read as that type; a known one has fields. */
START_TEST(every_number)
{
	char text[TYPE_TEXT];

	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		uint16_t read;
		bool known;

		type_text((uint16_t)type, text);
		ck_assert_int_eq(type_parse(text, &read), 0);
		ck_assert_uint_eq(read, type);
		known = strncmp(text, "TYPE", 4) != 0;
		ck_assert_msg(
		    (type_fields((uint16_t)type) != NULL) == known, "%s", text);
	}
}
END_TEST

/* A word, and its seconds; -1: it is no time span. */
static const struct {
	const char *says, *text;
	long seconds;
} spans[] = {
    {"seconds", "300", 300},
    {"none", "0", 0},
    {"zeros in front", "00060", 60},
    {"a unit", "5m", 300},
    {"units in any case", "1W1d1H1M1s", 604800 + 86400 + 3600 + 60 + 1},
    {"a unit twice", "1h1h", 7200},
    {"the most there is (RFC 2181, 8)", "2147483647", 2147483647},
    {"one more", "2147483648", -1},
    {"more than that in weeks", "3551w", -1},
    {"a sum that is more", "2147483647s1s", -1},
    {"a number that no counter holds", "99999999999999999999", -1},
    {"nothing", "", -1},
    {"a unit alone", "m", -1},
    {"a number without a unit after one with", "1h30", -1},
    {"a unit that is none", "1y", -1},
    {"a sign", "-1", -1},
    {"a blank", "1 h", -1},
};

START_TEST(parses_spans)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		uint32_t seconds = 4711;
		int status = ttl_parse(spans[i].text, &seconds);

		ck_assert_msg((status == 0) == (spans[i].seconds >= 0), "%s",
		    spans[i].says);
		ck_assert_msg(
		    seconds == (status == 0 ? spans[i].seconds : 4711),
		    "%s: %u", spans[i].says, seconds);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_type");
	TCase *tcase = tcase_create("words");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, parses_words);
	tcase_add_test(tcase, every_number);
	tcase_add_test(tcase, parses_spans);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
