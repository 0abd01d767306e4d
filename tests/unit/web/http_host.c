/* The names that the HTTP server answers to. */
#include "web/http_host.h"

#include <check.h>
#include <stdlib.h>

static const char *const names[] = {"node1.example.com", "Metrics."};

static const struct {
	const char *host;
	bool ok;
} rows[] = {
    {NULL, true},
    {"127.0.0.1", true},
    {"127.0.0.1:8053", true},
    {"192.0.2.1:8053", true},
    {"[::1]:8053", true},
    {"[2001:db8::1]", true},
    {"localhost", true},
    {"localhost.", true},
    {"LocalHost:8053", true},
    {"node1.example.com", true},
    {"NODE1.example.com:8053", true},
    {"node1.example.com.:8053", true},
    {"metrics", true},
    {"", false},
    {":8053", false},
    {"stranger.example", false},
    {"stranger.example:8053", false},
    {"localhost.stranger.example", false},
    {"127.0.0.1.stranger.example", false},
    {"node1.example.com.stranger.example", false},
    {"node1.example.co", false},
    {"127.0.0.1:port", false},
    {"[::1", false},
};

START_TEST(addresses_localhost_and_names_of_the_file_are_ours)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
		    http_host_ok(rows[i].host, names, 2) == rows[i].ok, "%s",
		    rows[i].host);
	ck_assert(!http_host_ok("node1.example.com", NULL, 0));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("web: http_host");
	TCase *tc = tcase_create("http_host");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, addresses_localhost_and_names_of_the_file_are_ours);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
