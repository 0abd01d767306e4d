/*
 * Tests which addresses of a name are refused, at the edges of each range.
 */
#include "probes/names/refusal.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *address, *what;
	bool private; /* what an operator may allow */
} rows[] = {
    {"0.0.0.0", "unspecified", false},
    {"0.255.255.255", "unspecified", false},
    {"1.0.0.0", NULL, false},
    {"9.255.255.255", NULL, false},
    {"10.0.0.0", "private", true},
    {"10.255.255.255", "private", true},
    {"11.0.0.0", NULL, false},
    {"100.63.255.255", NULL, false},
    {"100.64.0.0", "private", true},
    {"100.127.255.255", "private", true},
    {"100.128.0.0", NULL, false},
    {"126.255.255.255", NULL, false},
    {"127.0.0.1", "loopback", false},
    {"127.255.255.255", "loopback", false},
    {"128.0.0.0", NULL, false},
    {"169.253.255.255", NULL, false},
    {"169.254.169.254", "link-local", false},
    {"169.255.0.0", NULL, false},
    {"172.15.255.255", NULL, false},
    {"172.16.0.0", "private", true},
    {"172.31.255.255", "private", true},
    {"172.32.0.0", NULL, false},
    {"192.167.255.255", NULL, false},
    {"192.168.0.0", "private", true},
    {"192.169.0.0", NULL, false},
    {"192.0.2.1", NULL, false},
    {"223.255.255.255", NULL, false},
    {"224.0.0.0", "multicast", false},
    {"239.255.255.255", "multicast", false},
    {"240.0.0.0", "reserved", false},
    {"255.255.255.255", "reserved", false},
    {"::", "unspecified", false},
    {"::1", "loopback", false},
    {"::ffff:192.0.2.1", "mapped", false},
    {"2001:db8::1", NULL, false},
    {"fbff::", NULL, false},
    {"fc00::1", "private", true},
    {"fdff::1", "private", true},
    {"fe00::", NULL, false},
    {"fe80::1", "link-local", false},
    {"febf::1", "link-local", false},
    {"fec0::", NULL, false},
    {"ff02::1", "multicast", false},
};

START_TEST(refuses_what_no_client_can_reach)
{
	const char *what, *allowed, *wanted = rows[_i].what;
	struct address a;

	ck_assert_int_eq(address_parse(rows[_i].address, &a), 0);
	what = refusal_of(&a, false);
	allowed = refusal_of(&a, true);
	ck_assert_msg(wanted == NULL
		? what == NULL
		: what != NULL && strcmp(what, wanted) == 0,
	    "%s: %s", rows[_i].address, what != NULL ? what : "fine");
	ck_assert_msg((allowed == NULL) == (wanted == NULL || rows[_i].private),
	    "%s, private ones allowed", rows[_i].address);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_names_refusal");
	TCase *tc = tcase_create("refusal");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, refuses_what_no_client_can_reach, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
