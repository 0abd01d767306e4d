/*
 * Server cookies: the examples of RFC 9018, and what is accepted when and from
 * whom.
 */
#include "dns/wire/cookie.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/hex.h"

static const char *
to_hex(const uint8_t *data, size_t len)
{
	static char out[128];

	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", data[i]);
	return out;
}

#define SECRET "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define OLD_SECRET "dd3bdf9344b678b185a6f5cb60fca715"
#define NEW_SECRET "445536bcd2513298075a5d379663c962"
#define V4 "198.51.100.100"
#define OTHER_V4 "203.0.113.203"
#define V6 "2001:db8:220:1:59de:d0f4:8769:82b8"

#define CLIENT "2464c4abcf10c957"
#define MADE CLIENT "010000005cf79f111f8130c3eee29480"
#define MADE_AT 0x5cf79f11u
#define RESERVED "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5"
#define RESERVED_AT 0x5cf78f71u
#define MADE_V6 "22681ab97d52c298010000005cf7c57926556bd0934c72f8"

/* What comes, when and from where; what it is, and what goes back. */
static const struct {
	const char *why, *cookie, *client;
	uint32_t now_s;
	const char *secrets[COOKIE_SECRETS];
	enum cookie_state state;
	const char *answer; /* NULL: another one than came */
} rows[] = {
    {"RFC 9018, A.1: a new cookie", CLIENT, V4, MADE_AT, {SECRET}, COOKIE_FIRST,
	MADE},
    {"RFC 9018, A.2: 40 minutes later it is made anew", MADE, V4, 0x5cf7a871,
	{SECRET}, COOKIE_VALID, CLIENT "010000005cf7a871d4a564a1442aca77"},
    {"RFC 9018, A.3: reserved octets count in the hash", RESERVED, OTHER_V4,
	RESERVED_AT, {SECRET}, COOKIE_VALID, RESERVED},
    {"and are zero in the cookie made anew", RESERVED, OTHER_V4, 0x5cf7a9ac,
	{SECRET}, COOKIE_EXPIRED,
	"fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"},
    {"RFC 9018, A.4: IPv6, the secret before the rollover verifies", MADE_V6,
	V6, 0x5cf7c609, {NEW_SECRET, OLD_SECRET}, COOKIE_VALID,
	"22681ab97d52c298010000005cf7c609a6bb79d16625507a"},
    {"but not once it is taken out", MADE_V6, V6, 0x5cf7c609, {NEW_SECRET},
	COOKIE_BAD, "22681ab97d52c298010000005cf7c609a6bb79d16625507a"},
    {"before the rollover its cookie stays", MADE_V6, V6, 0x5cf7c609,
	{OLD_SECRET, NEW_SECRET}, COOKIE_VALID, MADE_V6},
    {"the fourth secret verifies", MADE, V4, MADE_AT,
	{NEW_SECRET, NEW_SECRET, NEW_SECRET, SECRET}, COOKIE_VALID, NULL},

    {"a fresh one comes back as it is", MADE, V4, MADE_AT + 1, {SECRET},
	COOKIE_VALID, MADE},
    {"of half an hour it does still", MADE, V4, MADE_AT + 1800, {SECRET},
	COOKIE_VALID, MADE},
    {"and then not", MADE, V4, MADE_AT + 1801, {SECRET}, COOKIE_VALID, NULL},
    {"it is good for an hour", MADE, V4, MADE_AT + 3600, {SECRET}, COOKIE_VALID,
	NULL},
    {"and no longer", MADE, V4, MADE_AT + 3601, {SECRET}, COOKIE_EXPIRED, NULL},
    {"clocks may differ by five minutes", MADE, V4, MADE_AT - 300, {SECRET},
	COOKIE_VALID, MADE},
    {"and no more", MADE, V4, MADE_AT - 301, {SECRET}, COOKIE_EXPIRED, NULL},
    {"half of all time away", MADE, V4, MADE_AT + 0x80000000u, {SECRET},
	COOKIE_EXPIRED, NULL},

    {"of another client", MADE, OTHER_V4, MADE_AT, {SECRET}, COOKIE_BAD, NULL},
    {"the IPv6 address that begins with the IPv4 one", MADE,
	"c633:6464::", MADE_AT, {SECRET}, COOKIE_BAD, NULL},
    {"with another client cookie",
	"2464c4abcf10c958010000005cf79f111f8130c3eee29480", V4, MADE_AT,
	{SECRET}, COOKIE_BAD, NULL},
    {"with a bit of the hash turned", CLIENT "010000005cf79f111f8130c3eee29481",
	V4, MADE_AT, {SECRET}, COOKIE_BAD, NULL},
    {"with a bit of the reserved octets turned",
	CLIENT "010000015cf79f111f8130c3eee29480", V4, MADE_AT, {SECRET},
	COOKIE_BAD, NULL},
    {"with the time moved", CLIENT "010000005cf79f121f8130c3eee29480", V4,
	MADE_AT, {SECRET}, COOKIE_BAD, NULL},
    {"of version 2", CLIENT "020000005cf79f111f8130c3eee29480", V4, MADE_AT,
	{SECRET}, COOKIE_BAD, NULL},
    {"of 8 octets, not ours", CLIENT "010000005cf79f11", V4, MADE_AT, {SECRET},
	COOKIE_BAD, NULL},
    {"with an octet too many", MADE "00", V4, MADE_AT + 1, {SECRET}, COOKIE_BAD,
	NULL},
    {"of 32 octets, not ours", MADE "00000000000000000000000000000000", V4,
	MADE_AT + 1, {SECRET}, COOKIE_BAD, NULL},
};

START_TEST(test_cookies)
{
	struct cookie_secrets secrets = {0};
	uint8_t cookie[40] = {0}, out[COOKIE_LEN];
	struct address client;
	size_t len = hex_read(rows[_i].cookie, cookie);
	enum cookie_state state;

	for (; secrets.n < COOKIE_SECRETS && rows[_i].secrets[secrets.n];
	     secrets.n++)
		hex_read(
		    rows[_i].secrets[secrets.n], secrets.secret[secrets.n]);
	ck_assert_int_eq(address_parse(rows[_i].client, &client), 0);
	state =
	    cookie_answer(&secrets, cookie, len, &client, rows[_i].now_s, out);
	ck_assert_msg(state == rows[_i].state, "%s: %d", rows[_i].why, state);
	if (rows[_i].answer != NULL) {
		ck_assert_msg(
		    strcmp(to_hex(out, COOKIE_LEN), rows[_i].answer) == 0,
		    "%s: %s", rows[_i].why, to_hex(out, COOKIE_LEN));
		return;
	}
	ck_assert_mem_eq(out, cookie, COOKIE_CLIENT);
	ck_assert_mem_ne(out, cookie, COOKIE_LEN);
	ck_assert_int_eq(cookie_answer(&secrets, out, COOKIE_LEN, &client,
			     rows[_i].now_s, out),
	    COOKIE_VALID);
}
END_TEST

/* Seconds pass 2^32 in the year 2106; cookies do not notice (RFC 1982). */
START_TEST(test_time_wraps)
{
	struct cookie_secrets secrets = {.n = 1};
	struct address client = {.family = 4};
	uint8_t first[COOKIE_CLIENT] = {1}, made[COOKIE_LEN], out[COOKIE_LEN];

	cookie_answer(
	    &secrets, first, sizeof(first), &client, UINT32_MAX - 9, made);
	ck_assert_int_eq(
	    cookie_answer(&secrets, made, sizeof(made), &client, 10, out),
	    COOKIE_VALID);
	ck_assert_mem_eq(made, out, sizeof(out));
	ck_assert_int_eq(
	    cookie_answer(&secrets, made, sizeof(made), &client, 3600, out),
	    COOKIE_EXPIRED);
}
END_TEST

/* A secret of our own is followed by another, and verifies once more. */
START_TEST(test_roll)
{
	struct cookie_secrets secrets = {0};
	struct address client = {.family = 6};
	uint8_t first[COOKIE_CLIENT] = {1}, made[COOKIE_LEN], out[COOKIE_LEN];

	cookie_roll(&secrets);
	ck_assert_uint_eq(secrets.n, 1);
	cookie_answer(&secrets, first, sizeof(first), &client, 1000, made);
	cookie_roll(&secrets);
	ck_assert_uint_eq(secrets.n, 2);
	ck_assert_int_eq(
	    cookie_answer(&secrets, made, sizeof(made), &client, 1001, out),
	    COOKIE_VALID);
	ck_assert_mem_ne(made, out, sizeof(out));
	cookie_roll(&secrets);
	ck_assert_uint_eq(secrets.n, 2);
	ck_assert_int_eq(
	    cookie_answer(&secrets, made, sizeof(made), &client, 1002, out),
	    COOKIE_BAD);
	cookie_forget(&secrets);
	for (size_t i = 0; i < sizeof(secrets.secret); i++)
		ck_assert_uint_eq(((uint8_t *)secrets.secret)[i], 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns: cookie");
	TCase *tc = tcase_create("cookies");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, test_cookies, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_time_wraps);
	tcase_add_test(tc, test_roll);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
