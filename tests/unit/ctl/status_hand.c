/* What a status makes of what was said by hand: which endpoints it reaches,
 * what is out on purpose, and how that is told. */
#include "ctl/status_hand.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/status_maintenance.h"
#include "ctl/status_verdict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_MS (INT64_C(24) * 3600 * 1000)
/* 2026-11-29T14:05:10Z */
#define NOW_MS INT64_C(1795961110000)

#define ENDPOINT(name, pool, region, usable)                               \
	"{\"zone\": \"z.example\", \"pool\": \"" pool "\", \"endpoint\": " \
	"\"" name "\", \"region\": \"" region "\", \"usable\": \"" usable  \
	"\", \"weight\": 1, \"views\": []}"
#define SERVICE(name, state, pool, all, up)                                \
	"{\"zone\": \"z.example\", \"service\": \"" name "\", \"state\": " \
	"\"" state "\", \"endpoints\": " all ", \"up\": " up               \
	", \"unchecked\": 0, \"pools\": [{\"pool\": \"" pool "\", "        \
	"\"weight\": 1}]}"

static struct state_override
row_of(
    const char *action, const char *kind, const char *target, const char *value)
{
	struct state_override row = {.length_ms = -1, .at_ms = NOW_MS - 1000};

	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "%s", kind);
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	(void)snprintf(row.value, sizeof(row.value), "%s", value);
	(void)snprintf(row.author, sizeof(row.author), "ann");
	(void)snprintf(row.reason, sizeof(row.reason), "work");
	return row;
}

/* A status with the endpoints and services, after the ${n} rows were said. */
static json_t *
status_of(const char *endpoints, const char *services,
    struct state_override *rows, size_t n)
{
	struct override_trail trail = {.row = rows, .n = n};
	char body[4096];
	json_t *root;

	for (size_t i = 0; i < n; i++)
		rows[i].number = i + 1;
	snprintf(body, sizeof(body),
	    "{\"server\": {\"running\": true}, \"endpoints\": [%s], "
	    "\"outlook\": [%s]}",
	    endpoints, services);
	root = json_loads(body, 0, NULL);
	ck_assert_msg(root != NULL, "%s", body);
	ck_assert_int_eq(override_trail_link(&trail), 0);
	status_hand_add(root, &trail, NOW_MS);
	free(trail.next);
	status_maintenance_add(root, NOW_MS);
	return root;
}

static const json_t *
endpoint_of(const json_t *root, size_t i)
{
	return json_array_get(json_object_get(root, "endpoints"), i);
}

static const struct {
	const char *kind, *target;
	bool a, b; /* are reached */
} targets[] = {
    {"region", "east", true, false},
    {"region", "*", true, true},
    {"pool", "p", true, false},
    {"pool", "z.example/q", false, true},
    {"endpoint", "p/a", true, false},
    {"endpoint", "q/a", false, false},
    {"service", "one.z.example", true, false},
    {"service", "*.z.example", true, true},
    {"service", "one", false, false},
    {"planet", "earth", false, false},
};

START_TEST(endpoints_know_what_reaches_them)
{
	struct state_override row =
	    row_of("drain", targets[_i].kind, targets[_i].target, "");
	json_t *root = status_of(ENDPOINT("a", "p", "east", "up") "," ENDPOINT(
				     "b", "q", "west", "up"),
	    SERVICE("one.z.example.", "healthy", "p", "1", "1") "," SERVICE(
		"two.z.example.", "healthy", "q", "1", "1"),
	    &row, 1);

	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(json_array_size(json_object_get(
				      endpoint_of(root, i), "by_hand")),
		    i == 0 ? targets[_i].a : targets[_i].b);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(root, "overrides")), 1);
	json_decref(root);
}
END_TEST

static const struct {
	const char *action, *value, *usable;
	bool out;
} outs[] = {
    {"drain", "", "drained", true},
    {"freeze", "on", "drained", true}, /* by the file */
    {"force", "down", "down", true},
    {"force", "up", "down", false},
    {"force", "down", "up", false},
    {"drain", "", "down", false},
    {"weight", "50%", "up", false},
};

START_TEST(what_is_out_on_purpose)
{
	struct state_override row =
	    row_of(outs[_i].action, "pool", "p", outs[_i].value);
	char endpoint[1024];
	json_t *root;

	snprintf(endpoint, sizeof(endpoint), ENDPOINT("a", "p", "east", "%s"),
	    outs[_i].usable);
	root = status_of(endpoint, "", &row, 1);
	ck_assert_int_eq(status_hand_out(endpoint_of(root, 0)), outs[_i].out);
	json_decref(root);
}
END_TEST

/* What is forced down is no alarm; what is down besides is one. */
static const struct {
	const char *what, *b;
	int status;
	const char *first;
} alarms[] = {
    {"nothing else is down", ENDPOINT("b", "p", "west", "up"), STATUS_WELL,
	"1 with endpoints out by hand, 2 endpoints"},
    {"drained too", ENDPOINT("b", "p", "west", "drained"), STATUS_WELL,
	"1 with endpoints out by hand, 2 endpoints, 1 drained"},
    {"something is", ENDPOINT("b", "p", "west", "down"), STATUS_DEGRADED,
	"nothing is up in west (1 endpoint); "},
};

START_TEST(what_is_out_by_hand_is_no_alarm)
{
	struct state_override row = row_of("force", "region", "east", "down");
	char endpoints[1024];
	const json_t *finding;
	json_t *root;

	snprintf(endpoints, sizeof(endpoints), "%s,%s",
	    ENDPOINT("a", "p", "east", "down"), alarms[_i].b);
	root = status_of(endpoints,
	    SERVICE("one.z.example.", "degraded", "p", "2", "1"), &row, 1);
	ck_assert_msg(
	    status_verdict(root) == alarms[_i].status, "%s", alarms[_i].what);
	finding = json_array_get(json_object_get(root, "findings"), 0);
	if (alarms[_i].status == STATUS_WELL)
		ck_assert_str_eq(
		    command_text(finding, "text"), alarms[_i].first);
	finding = json_array_get(json_object_get(root, "findings"), 1);
	ck_assert_str_eq(command_text(finding, "finding"), "by hand");
	ck_assert_str_eq(command_text(finding, "text"),
	    alarms[_i].first[0] == '1' && strstr(alarms[_i].first, "drained")
		? "region east forced down until somebody ends it by ann: "
		  "work (override 1); 1 endpoint drained besides"
		: "region east forced down until somebody ends it by ann: "
		  "work (override 1)");
	json_decref(root);
}
END_TEST

START_TEST(those_in_force_are_told_the_others_counted)
{
	struct state_override rows[] = {
	    row_of("drain", "region", "a", ""),
	    row_of("freeze", "pool", "b", "on"),
	    row_of("drain", "region", "c", ""),
	    row_of("undrain", "region", "c", ""),
	    row_of("drain", "region", "d", ""),
	    row_of("weight", "pool", "e", "50%"),
	    row_of("drain", "region", "f", ""),
	};
	struct text t;
	json_t *root;

	rows[0].length_ms = 601000;
	rows[6].length_ms = 1000; /* over now */
	root = status_of("", "", rows, COUNT(rows));
	text_init(&t, 4096);
	ck_assert(status_hand_list(&t, root));
	ck_assert_str_eq(t.data,
	    "region a drained until 14:15:10Z by ann: work (override 1); pool "
	    "b frozen until somebody ends it by ann: work (override 2); region "
	    "d drained until somebody ends it by ann: work (override 5) and 1 "
	    "more");
	text_finish(&t);
	json_decref(root);
	root = status_of("", "", NULL, 0);
	text_init(&t, 4096);
	ck_assert(!status_hand_list(&t, root));
	text_finish(&t);
	json_decref(root);
}
END_TEST

START_TEST(what_the_file_drains_is_told)
{
	json_t *root =
	    status_of(ENDPOINT("a", "p", "east", "drained"), "", NULL, 0);
	struct text t;

	text_init(&t, 4096);
	ck_assert(status_hand_list(&t, root));
	ck_assert_str_eq(
	    t.data, "1 endpoint drained by the file (drained: true)");
	text_finish(&t);
	json_decref(root);
}
END_TEST

/* Who said it was told that it counts, as nobody answered. */
static const struct {
	const char *says, *node;
	uint32_t shared;
	int64_t ago_ms;
	const char *later; /* an action that was said after it, or NULL */
	bool told;
} refusals[] = {
    {"it was refused", "here", STATE_SHARED_REFUSED, 1000, NULL, true},
    {"up to seven days ago", "here", STATE_SHARED_REFUSED, 7 * DAY_MS, NULL,
	true},
    {"longer ago", "here", STATE_SHARED_REFUSED, 7 * DAY_MS + 1, NULL, false},
    {"it was said elsewhere", "there", STATE_SHARED_REFUSED, 1000, NULL, false},
    {"it was accepted", "here", STATE_SHARED_ACCEPTED, 1000, NULL, false},
    {"it is offered", "here", STATE_SHARED_OFFERED, 1000, NULL, false},
    {"it was said again", "here", STATE_SHARED_REFUSED, 1000, "drain", false},
    {"it was ended", "here", STATE_SHARED_REFUSED, 1000, "undrain", false},
    {"something else was said", "here", STATE_SHARED_REFUSED, 1000, "weight",
	true},
};

START_TEST(what_others_refused_is_told_where_it_was_said)
{
	struct state_override rows[2] = {row_of("drain", "region", "east", "")};
	struct override_trail trail = {.row = rows, .n = 1};
	json_t *root = json_pack("{s{sb}}", "server", "running", 1);
	char *words;
	struct text t;

	rows[0].number = 7;
	rows[0].shared = refusals[_i].shared;
	rows[0].at_ms = NOW_MS - refusals[_i].ago_ms;
	(void)snprintf(
	    rows[0].node, sizeof(rows[0].node), "%s", refusals[_i].node);
	(void)snprintf(rows[0].refused, sizeof(rows[0].refused), "unsafe");
	if (refusals[_i].later != NULL) {
		rows[1] = row_of(refusals[_i].later, "region", "east", "");
		trail.n = 2;
	}
	status_hand_add_refused(root, &trail, "here", NOW_MS);
	text_init(&t, 1024);
	ck_assert_msg(status_hand_list_refused(&t, root) == refusals[_i].told,
	    "%s", refusals[_i].says);
	if (refusals[_i].told)
		ck_assert_msg(strstr(t.data,
				  "override 7, region east drained, "
				  "said here ") == t.data &&
			strstr(t.data,
			    "by ann: work, was refused by other "
			    "nodes: unsafe") != NULL,
		    "%s", t.data);
	text_finish(&t);
	/* It is said, and calls nobody. */
	(void)status_verdict(root);
	words = json_dumps(json_object_get(root, "findings"), 0);
	ck_assert_ptr_nonnull(words);
	ck_assert_msg(
	    (strstr(words, "override refused") != NULL) == refusals[_i].told,
	    "%s: %s", refusals[_i].says, words);
	free(words);
	json_decref(root);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_status_hand");
	TCase *tc = tcase_create("status_hand");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, endpoints_know_what_reaches_them, 0, COUNT(targets));
	tcase_add_loop_test(tc, what_is_out_on_purpose, 0, COUNT(outs));
	tcase_add_loop_test(
	    tc, what_is_out_by_hand_is_no_alarm, 0, COUNT(alarms));
	tcase_add_test(tc, those_in_force_are_told_the_others_counted);
	tcase_add_test(tc, what_the_file_drains_is_told);
	tcase_add_loop_test(tc, what_others_refused_is_told_where_it_was_said,
	    0, COUNT(refusals));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
