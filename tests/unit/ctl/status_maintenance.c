/* What a status makes of maintenance: which endpoints are in it, and which
 * services lack nothing but these. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/status_maintenance.h"

#define NOW 1000000

/* Views of a vantage, endpoints, and services of one zone. */
#define IN(until, counts)                    \
	"{\"maintenance_until_ms\": " until  \
	", \"maintenance_until\": \"T" until \
	"\", \"maintenance_reason\": \"drivers\", \"counts\": " counts "}"
#define NOT "{\"maintenance_until_ms\": null, \"counts\": true}"
#define ENDPOINT(name, pool, usable, views)                                 \
	"{\"zone\": \"z\", \"endpoint\": \"" name "\", \"pool\": \"" pool   \
	"\", \"usable\": \"" usable "\", \"weight\": 1, \"views\": [" views \
	"]}"
#define SERVICE(state, pools, all, up)                                    \
	"{\"zone\": \"z\", \"state\": \"" state "\", \"endpoints\": " all \
	", \"up\": " up ", \"unchecked\": 0, \"pools\": [" pools "]}"
#define POOL(name) "{\"pool\": \"" name "\", \"weight\": 1}"
#define QUIET                                                         \
	"{\"maintenance_until_ms\": 2000000, \"maintenance_until\": " \
	"\"T2000000\", \"maintenance_reason\": \"drivers\", "         \
	"\"counts\": true}"

static json_t *
status_of(const char *endpoints, const char *services)
{
	char body[4096];
	json_t *root;

	snprintf(body, sizeof(body), "{\"endpoints\": [%s], \"outlook\": [%s]}",
	    endpoints, services);
	root = json_loads(body, 0, NULL);
	ck_assert_msg(root != NULL, "%s", body);
	status_maintenance_add(root, NOW);
	return root;
}

static const struct {
	const char *what, *views;
	bool in;
	long long until;
} views[] = {
    {"one that is in it", QUIET, true, 2000000},
    {"a window that is over", IN("1000000", "true"), false, 0},
    {"a vantage that does not count", IN("2000000", "false"), false, 0},
    {"the last of two", IN("2000000", "true") "," IN("3000000", "true") "," NOT,
	true, 3000000},
    {"none", NOT, false, 0},
    {"nobody has looked", "", false, 0},
};

START_TEST(an_endpoint_is_in_maintenance)
{
	char endpoint[1024];
	const json_t *e;
	json_t *root;

	snprintf(endpoint, sizeof(endpoint), ENDPOINT("a", "p", "down", "%s"),
	    views[_i].views);
	root = status_of(endpoint, "");
	e = json_array_get(json_object_get(root, "endpoints"), 0);
	ck_assert_msg(
	    status_maintenance_has(e) == views[_i].in, "%s", views[_i].what);
	if (views[_i].in)
		ck_assert_msg(command_number(json_object_get(e, "maintenance"),
				  "until_ms") == views[_i].until,
		    "%s", views[_i].what);
	json_decref(root);
}
END_TEST

static const struct {
	const char *what, *endpoints, *service;
	bool expected;
} services[] = {
    {"all that is down is in maintenance",
	ENDPOINT("a", "p", "down", QUIET) "," ENDPOINT("b", "p", "up", NOT),
	SERVICE("degraded", POOL("p"), "2", "1"), true},
    {"another is down",
	ENDPOINT("a", "p", "down", QUIET) "," ENDPOINT("b", "p", "down", NOT),
	SERVICE("degraded", POOL("p"), "2", "0"), false},
    {"another is down of a pool of others",
	ENDPOINT("a", "p", "down", QUIET) "," ENDPOINT("b", "q", "down", NOT),
	SERVICE("degraded", POOL("p"), "1", "0"), true},
    {"what is in maintenance is up",
	ENDPOINT("a", "p", "up", QUIET) "," ENDPOINT("b", "p", "down", NOT),
	SERVICE("degraded", POOL("p"), "2", "1"), false},
    {"clients have nothing healthy: that is never expected",
	ENDPOINT("a", "p", "down", QUIET),
	SERVICE("last-resort", POOL("p"), "1", "0"), false},
    {"a healthy one is none", ENDPOINT("a", "p", "up", QUIET),
	SERVICE("healthy", POOL("p"), "1", "1"), false},
    {"of a service inside it all of the zone counts",
	ENDPOINT("a", "p", "down", QUIET),
	SERVICE("degraded", POOL("s"), "2", "1"), true},
    {"and something else is down there",
	ENDPOINT("a", "p", "down", QUIET) "," ENDPOINT("b", "q", "down", NOT),
	SERVICE("degraded", POOL("s"), "2", "1"), false},
    {"nothing is down that anybody names", ENDPOINT("a", "p", "up", QUIET),
	SERVICE("degraded", POOL("p"), "1", "1"), false},
};

START_TEST(a_service_that_lacks_nothing_else)
{
	json_t *root = status_of(services[_i].endpoints, services[_i].service);
	const json_t *s = json_array_get(json_object_get(root, "outlook"), 0);

	ck_assert_msg(
	    command_is_true(s, "maintenance") == services[_i].expected, "%s",
	    services[_i].what);
	json_decref(root);
}
END_TEST

START_TEST(a_list_names_a_few)
{
	struct text t;
	json_t *root =
	    status_of(ENDPOINT("a", "p", "down", QUIET) "," ENDPOINT("b", "p",
			  "up", QUIET) "," ENDPOINT("c", "p", "up", NOT),
		"");

	text_init(&t, 4096);
	ck_assert(status_maintenance_list(&t, root));
	ck_assert_str_eq(t.data,
	    "2 of 3 endpoints, 1 of them down: a of p in maintenance until "
	    "T2000000 (drivers); b of p in maintenance until T2000000 "
	    "(drivers)");
	text_finish(&t);
	json_decref(root);
	root = status_of(ENDPOINT("c", "p", "down", NOT), "");
	text_init(&t, 4096);
	ck_assert(!status_maintenance_list(&t, root));
	text_finish(&t);
	json_decref(root);
}
END_TEST

START_TEST(no_reason_need_be_given)
{
	struct text t;
	json_t *root = status_of(
	    ENDPOINT("a", "p", "up",
		"{\"maintenance_until_ms\": 2000000, \"maintenance_until\": "
		"\"T\", \"maintenance_reason\": \"\", \"counts\": true}"),
	    "");

	text_init(&t, 4096);
	ck_assert(status_maintenance_list(&t, root));
	ck_assert_str_eq(t.data,
	    "1 of 1 endpoint, 0 of them down: a of p in maintenance until T");
	text_finish(&t);
	json_decref(root);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_status_maintenance");
	TCase *tcase = tcase_create("status_maintenance");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, an_endpoint_is_in_maintenance, 0,
	    (int)(sizeof(views) / sizeof(views[0])));
	tcase_add_loop_test(tcase, a_service_that_lacks_nothing_else, 0,
	    (int)(sizeof(services) / sizeof(services[0])));
	tcase_add_test(tcase, a_list_names_a_few);
	tcase_add_test(tcase, no_reason_need_be_given);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
