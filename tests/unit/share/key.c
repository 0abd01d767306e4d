/*
 * Tests of the keys in etcd: each is written in one way, and what is written
 * in another way is no key.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/key.h"

#define P "/meridian/"

static const struct {
	const char *what, *text;
	struct key key;
} forms[] = {
    {"the generation", P "generation", {KEY_GENERATION, {""}, 0}},
    {"what was deleted", P "pruned", {KEY_PRUNED, {""}, 0}},
    {"hours", P "calendar", {KEY_CALENDAR, {""}, 0}},
    {"that a node was forgotten", P "forgotten/us-east-1",
	{KEY_FORGOTTEN, {"us-east-1"}, 0}},
    {"the site", P "site", {KEY_SITE, {""}, 0}},
    {"a node", P "node/us-east-1", {KEY_NODE, {"us-east-1"}, 0}},
    {"that it lives", P "live/eu.west_2", {KEY_LIVE, {"eu.west_2"}, 0}},
    {"a vantage", P "vantage/eu.west_2", {KEY_VANTAGE, {"eu.west_2"}, 0}},
    {"a block, with two digits", P "verdict/v/07", {KEY_VERDICT, {"v"}, 7}},
    {"a block, with more", P "address/v/128", {KEY_ADDRESS, {"v"}, 128}},
    {"the last block", P "load/v/65535", {KEY_LOAD, {"v"}, 65535}},
    {"said by hand", P "override/00000000000000000042",
	{KEY_OVERRIDE, {""}, 42}},
    {"a ramp", P "ramp/a.example/chat", {KEY_RAMP, {"a.example", "chat"}, 0}},
    {"keep", P "keep/a.example/p", {KEY_KEEP, {"a.example", "p"}, 0}},
    {"factors", P "factor/a.example/p/03", {KEY_FACTOR, {"a.example", "p"}, 3}},
    {"demand", P "demand/n/a.example/p",
	{KEY_DEMAND, {"n", "a.example", "p"}, 0}},
    {"a lock", P "lock/a.example/p", {KEY_LOCK, {"a.example", "p"}, 0}},
    {"a slash in a name", P "vantage/a%2Fb", {KEY_VANTAGE, {"a/b"}, 0}},
    {"a per cent in a name", P "vantage/%25", {KEY_VANTAGE, {"%"}, 0}},
    {"a blank at the end of a name", P "vantage/a%20",
	{KEY_VANTAGE, {"a "}, 0}},
    {"the last character", P "vantage/%7E", {KEY_VANTAGE, {"~"}, 0}},
};

START_TEST(test_a_key_is_written_and_read)
{
	struct key key;
	char text[KEY_TEXT];
	size_t len = key_build(P, &forms[_i].key, text);

	ck_assert_msg(
	    strcmp(text, forms[_i].text) == 0, "%s: %s", forms[_i].what, text);
	ck_assert_uint_eq(len, strlen(text));
	ck_assert_int_eq(key_parse(P, text, len, &key), 0);
	ck_assert_int_eq(key.kind, forms[_i].key.kind);
	ck_assert_uint_eq(key.number, forms[_i].key.number);
	for (size_t i = 0; i < KEY_NAMES; i++)
		ck_assert_str_eq(key.name[i], forms[_i].key.name[i]);
}
END_TEST

static const struct {
	const char *what, *text;
} none[] = {
    {"nothing", ""},
    {"the prefix alone", P},
    {"half of the prefix", "/meri"},
    {"another prefix", "/meridiam/node/a"},
    {"an unknown word", P "nodes/a"},
    {"a word in capitals", P "Node/a"},
    {"half of a word", P "nod/a"},
    {"a name that is lacking", P "node"},
    {"an empty name", P "node/"},
    {"an empty name among others", P "keep//p"},
    {"a name too few", P "keep/a.example"},
    {"a name too many", P "node/a/b"},
    {"a slash at the end", P "node/a/"},
    {"a name where there is none", P "generation/a"},
    {"a slash where there is no name", P "generation/"},
    {"a blank that is not escaped", P "node/a b"},
    {"an escape in small letters", P "node/a%2f"},
    {"an escape of what needs none", P "node/%41"},
    {"an escape cut short", P "node/a%2"},
    {"a per cent alone", P "node/a%"},
    {"an escape that is none", P "node/a%2G"},
    {"an escape of NUL", P "node/a%00"},
    {"an escape of a control character", P "node/a%1F"},
    {"an escape of DEL", P "node/a%7F"},
    {"an escape of what is not ASCII", P "node/a%C3"},
    {"a block that is lacking", P "verdict/v"},
    {"a block of one digit", P "verdict/v/7"},
    {"a block with a zero too many", P "verdict/v/007"},
    {"a block past the last", P "verdict/v/65536"},
    {"a block that is no number", P "verdict/v/0x"},
    {"a block without digits", P "verdict/v/"},
    {"something after a block", P "verdict/v/07/a"},
    {"a number with a digit too few", P "override/0000000000000000042"},
    {"a number with a digit too many", P "override/000000000000000000042"},
    {"a number too large", P "override/18446744073709551616"},
};

START_TEST(test_what_is_written_otherwise_is_no_key)
{
	struct key key = {.number = 7};

	ck_assert_msg(
	    key_parse(P, none[_i].text, strlen(none[_i].text), &key) == -1,
	    "%s", none[_i].what);
	ck_assert_uint_eq(key.number, 7);
}
END_TEST

START_TEST(test_a_name_has_its_room_and_no_more)
{
	struct key key = {.kind = KEY_NODE}, again;
	char text[KEY_TEXT];
	size_t len;

	/* The longest, all of it escaped. */
	memset(key.name[0], '/', STATE_ZONE - 1);
	len = key_build(P, &key, text);
	ck_assert_uint_eq(len, strlen(P "node/") + 3 * (STATE_ZONE - 1));
	ck_assert_int_eq(key_parse(P, text, len, &again), 0);
	ck_assert_str_eq(again.name[0], key.name[0]);
	/* One character more. */
	memcpy(text + len, "a", 2);
	ck_assert_int_eq(key_parse(P, text, len + 1, &again), -1);
}
END_TEST

START_TEST(test_the_longest_key_has_room)
{
	struct key key = {.kind = KEY_DEMAND}, again;
	char prefix[KEY_PREFIX_MAX + 2] = "", text[KEY_TEXT];
	size_t len;

	memset(prefix, 'p', KEY_PREFIX_MAX);
	for (size_t i = 0; i < KEY_NAMES; i++)
		memset(key.name[i], '%', STATE_ZONE - 1);
	len = key_build(prefix, &key, text);
	ck_assert_uint_gt(len, KEY_PREFIX_MAX + KEY_NAMES * 3 * 255);
	ck_assert_int_eq(key_parse(prefix, text, len, &again), 0);
	prefix[KEY_PREFIX_MAX] = 'p';
	ck_assert_uint_eq(key_build(prefix, &key, text), 0);
}
END_TEST

static const struct {
	const char *what;
	struct key key;
} unfit[] = {
    {"a name is lacking", {KEY_KEEP, {"a.example", ""}, 0}},
    {"a name that is not ASCII", {KEY_NODE, {"\xc3\xa4"}, 0}},
    {"a name with a control character", {KEY_NODE, {"a\tb"}, 0}},
    {"a name with a DEL", {KEY_NODE, {"a\x7f"}, 0}},
    {"a block past the last", {KEY_LOAD, {"v"}, KEY_BLOCKS}},
};

START_TEST(test_what_no_key_may_have_is_not_written)
{
	char text[KEY_TEXT];

	ck_assert_msg(
	    key_build(P, &unfit[_i].key, text) == 0, "%s", unfit[_i].what);
}
END_TEST

START_TEST(test_bytes_behind_a_key_are_not_read)
{
	struct key key;
	const char text[] = P "node/abc";

	ck_assert_int_eq(key_parse(P, text, sizeof(text) - 2, &key), 0);
	ck_assert_str_eq(key.name[0], "ab");
	/* A NUL is no end. */
	ck_assert_int_eq(key_parse(P, text, sizeof(text), &key), -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("key");
	TCase *tc = tcase_create("keys");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, test_a_key_is_written_and_read, 0,
	    (int)(sizeof(forms) / sizeof(forms[0])));
	tcase_add_loop_test(tc, test_what_is_written_otherwise_is_no_key, 0,
	    (int)(sizeof(none) / sizeof(none[0])));
	tcase_add_loop_test(tc, test_what_no_key_may_have_is_not_written, 0,
	    (int)(sizeof(unfit) / sizeof(unfit[0])));
	tcase_add_test(tc, test_a_name_has_its_room_and_no_more);
	tcase_add_test(tc, test_the_longest_key_has_room);
	tcase_add_test(tc, test_bytes_behind_a_key_are_not_read);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
