/* Tests of the steps of a check: what each sends, which codes it takes, and
 * what a body must say. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/body.h"
#include "probes/step.h"

static const struct code_range ok[] = {{200, 204}, {401, 401}};
static const struct code_range full[] = {{429, 429}};

static const struct check_step step = {
    .method = "POST",
    .path = "/ready",
    .body = "{}",
    .expect = ok,
    .n_expect = 2,
    .busy = full,
    .n_busy = 1,
    .busy_retry_after = true,
};

START_TEST(a_step_asks_as_the_operators_client_would)
{
	static const struct step_header own[] = {{"X-Health", "check"}};
	const struct check_config check = {.https = true,
	    .host = "h.example",
	    .client = {.headers = own, .n_headers = 1, .host_port = true}};
	struct endpoint_address to = {.port = 8000};
	struct http_request request;
	char body[GRPC_REQUEST_MAX];

	step_request(&check, &step, &to, &request, body);
	ck_assert_ptr_eq(request.to, &to);
	ck_assert(
	    request.https && !request.verify && request.client->host_port);
	ck_assert_str_eq(request.method, "POST");
	ck_assert_str_eq(request.path, "/ready");
	ck_assert_str_eq(request.body, "{}");
	ck_assert_str_eq(request.host, "h.example");
	ck_assert_uint_eq(request.client->n_headers, 1);
	ck_assert_str_eq(request.client->headers[0].value, "check");
}
END_TEST

static const struct {
	const char *what;
	unsigned status;
	int64_t retry_after_s;
	enum step_code code;
} codes[] = {
    {"first of a range", 200, -1, STEP_EXPECTED},
    {"last of a range", 204, -1, STEP_EXPECTED},
    {"behind a range", 205, -1, STEP_UNEXPECTED},
    {"before a range", 199, -1, STEP_UNEXPECTED},
    {"a range of one", 401, -1, STEP_EXPECTED},
    {"too many requests", 429, -1, STEP_BUSY},
    {"too many requests, and when to come again", 429, 5, STEP_BUSY},
    {"not available, and when to come again", 503, 0, STEP_BUSY},
    {"not available", 503, -1, STEP_UNEXPECTED},
    {"another failure, and when to come again", 500, 5, STEP_UNEXPECTED},
};

START_TEST(codes_mean_what_the_step_says)
{
	ck_assert_msg(step_code(&step, codes[_i].status,
			  codes[_i].retry_after_s) == codes[_i].code,
	    "%s", codes[_i].what);
}
END_TEST

START_TEST(not_available_is_a_failure_where_the_step_does_not_say_busy)
{
	struct check_step plain = step;

	plain.busy_retry_after = false;
	plain.n_busy = 0;
	ck_assert_int_eq(step_code(&plain, 503, 5), STEP_UNEXPECTED);
	ck_assert_int_eq(step_code(&plain, 429, 5), STEP_UNEXPECTED);
}
END_TEST

/* --- bodies --- */

static const char *const lamp[] = {"llama", "3-70b"};
static const char *const bad[] = {"error"};
static const struct json_rule model[] = {
    {"data[*].id", "llama-3-70b", false, "the model is not listed"}};
static const struct json_rule ready[] = {
    {"status", "ready", false, NULL}, {"n", "3", false, NULL}};
static const struct json_rule well[] = {
    {"ok", "true", false, NULL}, {"error", NULL, true, NULL}};
static const struct json_rule one[] = {{"choices[0].text", NULL, false, NULL}};
static const struct json_rule never[] = {{"state", "END", true, NULL}};

#define JSON(rules) \
	.json = (rules), .n_json = sizeof(rules) / sizeof((rules)[0])

static const struct {
	const char *what;
	struct check_step step;
	const char *body, *reason; /* NULL: passes */
} bodies[] = {
    {"it is listed", {JSON(model)},
	"{\"object\":\"list\",\"data\":[{\"id\":\"llama-3-70b\"}]}", NULL},
    {"another one is", {JSON(model)}, "{\"data\":[{\"id\":\"llama-3-8b\"}]}",
	"body: the model is not listed"},
    {"an empty list", {JSON(model)}, "{\"data\":[]}",
	"body: the model is not listed"},
    {"no list", {JSON(model)}, "{\"detail\":\"llama-3-70b\"}",
	"body: no data[*].id"},
    {"a page", {JSON(model)}, "<html>llama-3-70b</html>", "body: not JSON"},
    {"nothing", {JSON(model)}, "", "body: not JSON"},
    {"half of it", {JSON(model)}, "{\"data\":[{\"id\":\"llama-3-70b\"}",
	"body: not JSON"},
    {"all values", {JSON(ready)}, "{\"n\":3,\"status\":\"ready\"}", NULL},
    {"one value is another", {JSON(ready)}, "{\"n\":4,\"status\":\"ready\"}",
	"body: n is not 3"},
    {"a number for a text", {JSON(ready)}, "{\"n\":3,\"status\":7}",
	"body: status is not ready"},
    {"a word", {JSON(well)}, "{\"ok\":true}", NULL},
    {"a word as a text", {JSON(well)}, "{\"ok\":\"true\"}", NULL},
    {"what must not be there", {JSON(well)}, "{\"ok\":true,\"error\":{}}",
	"body: there is error"},
    {"what must not be there is null", {JSON(well)},
	"{\"ok\":true,\"error\":null}", NULL},
    {"any value", {JSON(one)}, "{\"choices\":[{\"text\":\"\"}]}", NULL},
    {"no first item", {JSON(one)}, "{\"choices\":[]}",
	"body: no choices[0].text"},
    {"none is another", {JSON(never)}, "{\"state\":\"START\"}", NULL},
    {"one is it", {JSON(never)}, "{\"state\":\"END\"}", "body: state is END"},
    {"texts", {.has = lamp, .n_has = 2}, "llama-3-70b", NULL},
    {"one text is missing", {.has = lamp, .n_has = 2}, "llama-3-8b",
	"body: it lacks: 3-70b"},
    {"no text at all", {.has = lamp, .n_has = 2}, "", "body: it lacks: llama"},
    {"a text too many", {.lacks = bad, .n_lacks = 1}, "an error came",
	"body: it has: error"},
    {"no such text", {.lacks = bad, .n_lacks = 1}, "an err or", NULL},
};

/* The same however it is cut to pieces. */
START_TEST(bodies_by_rules)
{
	const char *body = bodies[_i].body, *what = bodies[_i].what;
	size_t len = strlen(body);
	char reason[STATE_REASON];
	struct body read;

	ck_assert(body_matters(&bodies[_i].step));
	for (size_t piece = 1; piece < 8; piece++) {
		bool passed;

		body_init(&read, &bodies[_i].step);
		for (size_t at = 0; at < len; at += piece)
			body_read(&read, body + at,
			    len - at < piece ? len - at : piece);
		passed = body_judge(&read, reason);
		ck_assert_msg(
		    passed == (bodies[_i].reason == NULL), "%s", what);
		if (!passed)
			ck_assert_msg(strcmp(reason, bodies[_i].reason) == 0,
			    "%s: %s", what, reason);
	}
}
END_TEST

/* A text of the greatest length lies across any two pieces of any sizes. */
START_TEST(a_text_is_found_across_pieces)
{
	static char text[BODY_MAX_TEXT], page[4 * BODY_MAX_TEXT];
	const char *const has[] = {text};
	const struct check_step long_one = {.has = has, .n_has = 1};
	char reason[STATE_REASON];
	struct body read;

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 23);
	for (size_t cut = 0; cut <= sizeof(page); cut += 7) {
		for (size_t at = 0; at < sizeof(page) - sizeof(text);
		     at += 97) {
			memset(page, 'z', sizeof(page));
			memcpy(page + at, text, sizeof(text) - 1);
			body_init(&read, &long_one);
			body_read(&read, page, cut);
			body_read(&read, page + cut, sizeof(page) - cut);
			ck_assert(body_judge(&read, reason));
		}
	}
}
END_TEST

START_TEST(a_step_without_rules_reads_no_body)
{
	ck_assert(!body_matters(&step));
}
END_TEST

/* A reload puts the rules at another place while a body comes in. */
START_TEST(rules_may_move)
{
	static const char first[] = "{\"data\":[{\"id\":\"lla";
	static const char then[] = "ma-3-70b\"},{\"id\":\"b\"}]}";
	struct json_rule old = model[0];
	struct check_step before = {.json = &old, .n_json = 1};
	const struct check_step after = {JSON(model)};
	char reason[STATE_REASON];
	struct body read;

	body_init(&read, &before);
	body_read(&read, first, sizeof(first) - 1);
	body_follow(&read, &after);
	memset(&old, 0, sizeof(old));
	memset(&before, 0, sizeof(before));
	body_read(&read, then, sizeof(then) - 1);
	ck_assert(body_judge(&read, reason));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_step");
	TCase *tcase = tcase_create("step");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, a_step_asks_as_the_operators_client_would);
	tcase_add_loop_test(tcase, codes_mean_what_the_step_says, 0,
	    (int)(sizeof(codes) / sizeof(codes[0])));
	tcase_add_test(
	    tcase, not_available_is_a_failure_where_the_step_does_not_say_busy);
	tcase_add_loop_test(tcase, bodies_by_rules, 0,
	    (int)(sizeof(bodies) / sizeof(bodies[0])));
	tcase_add_test(tcase, a_text_is_found_across_pieces);
	tcase_add_test(tcase, a_step_without_rules_reads_no_body);
	tcase_add_test(tcase, rules_may_move);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
