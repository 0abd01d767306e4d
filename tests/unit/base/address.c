/* Addresses and prefixes: what is read, what is refused, how it is printed. */
#include <check.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"

static const struct {
	const char *why, *text;
	int status;
	const char *back;
} prefixes[] = {
    {"IPv4", "192.0.2.0/24", 0, "192.0.2.0/24"},
    {"a bare IPv4 address", "192.0.2.1", 0, "192.0.2.1/32"},
    {"everything", "0.0.0.0/0", 0, "0.0.0.0/0"},
    {"IPv6, shortened (RFC 5952)", "2001:db8:0:0:0:0:0:0/32", 0,
	"2001:db8::/32"},
    {"a bare IPv6 address", "::1", 0, "::1/128"},
    {"bits behind the length", "192.0.2.1/24", -2, "192.0.2.0/24"},
    {"IPv6 bits behind the length", "2001:db8::1/64", -2, "2001:db8::/64"},
    {"a length past the family", "192.0.2.0/33", -1, NULL},
    {"an IPv6 length past the family", "::/129", -1, NULL},
    {"no length", "192.0.2.0/", -1, NULL},
    {"a signed length", "192.0.2.0/+8", -1, NULL},
    {"a length and more", "192.0.2.0/8x", -1, NULL},
    {"a length that overflows", "0.0.0.0/99999999999999999999", -1, NULL},
    {"three octets", "192.0.2/24", -1, NULL},
    {"nothing", "", -1, NULL},
    {"a name", "office", -1, NULL},
    {"a very long text",
	"1111111111111111111111111111111111111111111111111111111111111111111"
	"/8",
	-1, NULL},
};

START_TEST(test_prefixes)
{
	struct prefix p;
	char text[ADDRESS_TEXT];
	int status = prefix_parse(prefixes[_i].text, &p);

	ck_assert_msg(
	    status == prefixes[_i].status, "%s: %d", prefixes[_i].why, status);
	/* The one without its bits, too, is the prefix it was meant to be. */
	if (status != -1)
		ck_assert_str_eq(prefix_format(&p, text), prefixes[_i].back);
}
END_TEST

static const struct {
	const char *why, *text;
	uint16_t port;
	const char *back;
} endpoints[] = {
    {"IPv4 and a port", "192.0.2.1:53", 0, "192.0.2.1:53"},
    {"IPv4 and the default", "192.0.2.1", 53, "192.0.2.1:53"},
    {"IPv4 without any port", "192.0.2.1", 0, NULL},
    {"IPv6 in brackets", "[::1]:5353", 53, "[::1]:5353"},
    {"IPv6 in brackets, default port", "[::1]", 53, "[::1]:53"},
    {"a bare IPv6 address", "::1", 53, "[::1]:53"},
    {"a bracket that stays open", "[::1", 53, NULL},
    {"something behind the bracket", "[::1]x", 53, NULL},
    {"port 0", "192.0.2.1:0", 53, NULL},
    {"a port too large", "192.0.2.1:65536", 53, NULL},
    {"an empty port", "192.0.2.1:", 53, NULL},
    {"a name", "localhost:53", 53, NULL},
};

START_TEST(test_endpoints)
{
	struct endpoint_address e;
	char text[ADDRESS_TEXT];
	int status =
	    endpoint_address_parse(endpoints[_i].text, endpoints[_i].port, &e);

	ck_assert_msg((status == 0) == (endpoints[_i].back != NULL), "%s",
	    endpoints[_i].why);
	if (status == 0)
		ck_assert_str_eq(
		    endpoint_address_format(&e, text), endpoints[_i].back);
}
END_TEST

START_TEST(test_mask)
{
	struct address a, b;
	struct prefix p;

	for (unsigned bits = 0; bits <= 128; bits++) {
		memset(a.bytes, 0xff, sizeof(a.bytes));
		a.family = 6;
		address_mask(&a, bits);
		for (unsigned i = 0; i < 128; i++)
			ck_assert_int_eq(
			    a.bytes[i / 8] >> (7 - i % 8) & 1, i < bits);
	}
	ck_assert_int_eq(prefix_parse("10.32.0.0/11", &p), 0);
	ck_assert_int_eq(address_parse("10.63.255.255", &a), 0);
	ck_assert_int_eq(address_parse("10.64.0.0", &b), 0);
	ck_assert(prefix_contains(&p, &a));
	ck_assert(!prefix_contains(&p, &b));
	ck_assert_int_eq(address_parse("a3f::", &b), 0);
	ck_assert(!prefix_contains(&p, &b));
}
END_TEST

START_TEST(test_sockaddr)
{
	static const char *const texts[] = {"192.0.2.1", "2001:db8::1"};

	for (int i = 0; i < 2; i++) {
		struct sockaddr_storage sa;
		struct address a, back;

		ck_assert_int_eq(address_parse(texts[i], &a), 0);
		address_to_sockaddr(&a, 53, &sa);
		ck_assert_int_eq(
		    address_from_sockaddr((struct sockaddr *)&sa, &back), 0);
		ck_assert(address_equal(&a, &back));
	}
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("base_address");
	TCase *tc = tcase_create("address");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, test_prefixes, 0, ROWS(prefixes));
	tcase_add_loop_test(tc, test_endpoints, 0, ROWS(endpoints));
	tcase_add_test(tc, test_mask);
	tcase_add_test(tc, test_sockaddr);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
