/* Tests of the steps of a check: what each sends, which codes it takes, and
 * what a body must say. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ask/body.h"
#include "probes/ask/step.h"

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

START_TEST(a_step_without_a_body_sends_none)
{
	const struct check_config check = {.https = false};
	const struct endpoint_address to = {.port = 8000};
	const struct check_step plain = {.method = "GET", .path = "/"};
	struct http_request request;
	char body[GRPC_REQUEST_MAX];

	step_request(&check, &plain, &to, &request, body);
	ck_assert_ptr_null(request.body);
	ck_assert_uint_eq(request.body_len, 0);
	ck_assert_int_eq(request.kind, HTTP_EXCHANGE);
	ck_assert(!request.https);
	step_request(&check, &step, &to, &request, body);
	ck_assert_uint_eq(request.body_len, 2);
}
END_TEST

/* What is said on a bare connection; TLS whatever the scheme of the check. */
START_TEST(a_bare_connection_says_what_the_step_does)
{
	const struct check_config check = {.https = _i == 0};
	const struct endpoint_address to = {.port = 8000};
	const struct check_step bare = {.kind = _i == 0 ? STEP_TCP : STEP_TLS,
	    .send = "PING\r\n",
	    .send_len = 6,
	    .receive = "PONG"};
	struct http_request request;
	char body[GRPC_REQUEST_MAX];

	step_request(&check, &bare, &to, &request, body);
	ck_assert_int_eq(request.kind, _i == 0 ? HTTP_TCP : HTTP_TLS);
	ck_assert(request.https == (_i != 0));
	ck_assert_str_eq(request.send, "PING\r\n");
	ck_assert_uint_eq(request.send_len, 6);
	ck_assert_str_eq(request.receive, "PONG");
	ck_assert_ptr_null(request.path);
	ck_assert_ptr_null(request.body);
}
END_TEST

START_TEST(a_step_of_grpc_asks_for_health_over_http2)
{
	const struct check_config check = {.https = true};
	const struct endpoint_address to = {.port = 8000};
	const struct check_step health = {.kind = STEP_GRPC, .service = "chat"};
	struct http_request request;
	char body[GRPC_REQUEST_MAX];

	step_request(&check, &health, &to, &request, body);
	ck_assert_str_eq(request.method, "POST");
	ck_assert_str_eq(request.path, "/grpc.health.v1.Health/Check");
	ck_assert_int_eq(request.version, HTTP_VERSION_2);
	ck_assert_ptr_eq(request.body, body);
	ck_assert_uint_eq(request.body_len, 11);
	ck_assert_uint_eq(request.n_headers, 2);
	ck_assert(request.https);
}
END_TEST

/* --- what a program is told --- */

static const struct endpoint_key key = {
    .zone = "inference.example", .pool = "v1", .endpoint = "a"};

START_TEST(a_program_is_told_what_it_checks_and_no_more)
{
	static const char *const all[] = {
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	    "LANG=C", "MERIDIAN_ENDPOINT=a", "MERIDIAN_POOL=v1",
	    "MERIDIAN_ZONE=inference.example", "MERIDIAN_ADDRESS=192.0.2.1",
	    "MERIDIAN_PORT=8000", "MERIDIAN_MODEL=llama"};
	const struct check_config check = {.model = _i == 0 ? NULL : "llama"};
	const struct endpoint_address to = {
	    .address = {.family = 4, .bytes = {192, 0, 2, 1}}, .port = 8000};
	size_t n = _i == 0 ? 7 : 8;
	struct step_environment env;

	ck_assert(step_environment(&check, &key, &to, &env));
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(env.list[i], all[i]);
	ck_assert_ptr_null(env.list[n]);
}
END_TEST

/* A model of so many octets fits, and one more does not. */
START_TEST(a_program_that_cannot_be_told_is_not_run)
{
	static char model[sizeof(((struct step_environment *)0)->room)];
	const struct check_config check = {.model = model};
	const struct endpoint_address to = {
	    .address = {.family = 4, .bytes = {192, 0, 2, 1}}, .port = 8000};
	struct step_environment env;
	size_t most = sizeof(model);

	memset(model, 'm', sizeof(model) - 1);
	while (most > 0 && !step_environment(&check, &key, &to, &env))
		model[--most] = '\0';
	ck_assert_uint_gt(most, 3500);
	ck_assert_uint_lt(most, 4000);
	/* The last one ends where the room does. */
	ck_assert_ptr_eq(
	    env.list[7] + strlen(env.list[7]) + 1, env.room + sizeof(env.room));
	ck_assert_uint_eq(
	    strlen(env.list[7]), strlen("MERIDIAN_MODEL=") + most);
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

/* gRPC says all else in a status of its own. */
START_TEST(a_code_of_grpc_is_200)
{
	const struct check_step health = {
	    .kind = STEP_GRPC, .busy = full, .n_busy = 1};

	ck_assert_int_eq(step_code(&health, 200, -1), STEP_EXPECTED);
	ck_assert_int_eq(step_code(&health, 204, -1), STEP_UNEXPECTED);
	ck_assert_int_eq(step_code(&health, 429, 5), STEP_UNEXPECTED);
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
static const struct json_rule here[] = {{"ok", NULL, false, NULL}};
static const struct json_rule under[] = {{"state.name", "up", false, NULL}};
static const char *const foreign[] = {"caf\xc3\xa9\n~"};
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
    {"a word is a value", {JSON(here)}, "{\"ok\":true}", NULL},
    {"null is none", {JSON(here)}, "{\"ok\":null}", "body: no ok"},
    {"a text that reads null is one", {JSON(well)},
	"{\"ok\":true,\"error\":\"null\"}", "body: there is error"},
    {"a value that is not there", {JSON(ready)}, "{\"n\":3}",
	"body: status is not ready"},
    {"a value under one that is not there", {JSON(under)}, "{\"n\":3}",
	"body: no state.name"},
    {"a value under one that is there", {JSON(under)}, "{\"state\":{}}",
	"body: state.name is not up"},
    {"a text that no terminal is to see", {.has = foreign, .n_has = 1}, "cafe",
	"body: it lacks: caf???~"},
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

static const char *const loading[] = {"loading model", "Loading"};

static const struct {
	const char *body;
	bool is;
} loads[] = {
    {"{\"status\":\"loading model\"}", true},
    {"Loading", true},
    {"LOADING", false},
    {"{\"status\":\"ok\"}", false},
    {"", false},
};

/* It is no rule: what tells of loading and passes has passed. */
START_TEST(a_body_tells_of_loading)
{
	static const struct check_step told = {
	    .loading = loading, .n_loading = 2};
	const char *body = loads[_i].body;
	size_t len = strlen(body);
	char reason[STATE_REASON];
	struct body read;

	ck_assert(body_matters(&told));
	for (size_t piece = 1; piece < 8; piece++) {
		body_init(&read, &told);
		for (size_t at = 0; at < len; at += piece)
			body_read(&read, body + at,
			    len - at < piece ? len - at : piece);
		ck_assert(body_is_loading(&read) == loads[_i].is);
		ck_assert(body_judge(&read, reason));
	}
}
END_TEST

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

/* However small the pieces are, and however much came before. */
START_TEST(a_text_is_found_across_many_pieces)
{
	static char text[BODY_MAX_TEXT], page[8 * BODY_MAX_TEXT];
	static const size_t sizes[] = {1, 3, 100, 128, 255, 256, 257, 300};
	const char *const has[] = {text};
	const struct check_step long_one = {.has = has, .n_has = 1};
	char reason[STATE_REASON];
	struct body read;

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 23);
	for (size_t at = 0; at < sizeof(page) - sizeof(text); at += 41) {
		memset(page, 'z', sizeof(page));
		memcpy(page + at, text, sizeof(text) - 1);
		body_init(&read, &long_one);
		for (size_t k = 0; k < sizeof(page); k += sizes[_i])
			body_read(&read, page + k,
			    sizeof(page) - k < sizes[_i] ? sizeof(page) - k
							 : sizes[_i]);
		ck_assert(body_judge(&read, reason));
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
	Suite *suite = suite_create("probes_ask_step");
	TCase *tcase = tcase_create("step");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, a_step_asks_as_the_operators_client_would);
	tcase_add_test(tcase, a_step_without_a_body_sends_none);
	tcase_add_loop_test(
	    tcase, a_bare_connection_says_what_the_step_does, 0, 2);
	tcase_add_test(tcase, a_step_of_grpc_asks_for_health_over_http2);
	tcase_add_loop_test(
	    tcase, a_program_is_told_what_it_checks_and_no_more, 0, 2);
	tcase_add_test(tcase, a_program_that_cannot_be_told_is_not_run);
	tcase_add_test(tcase, a_code_of_grpc_is_200);
	tcase_add_loop_test(tcase, codes_mean_what_the_step_says, 0,
	    (int)(sizeof(codes) / sizeof(codes[0])));
	tcase_add_test(
	    tcase, not_available_is_a_failure_where_the_step_does_not_say_busy);
	tcase_add_loop_test(tcase, bodies_by_rules, 0,
	    (int)(sizeof(bodies) / sizeof(bodies[0])));
	tcase_add_loop_test(tcase, a_body_tells_of_loading, 0,
	    (int)(sizeof(loads) / sizeof(loads[0])));
	tcase_add_test(tcase, a_text_is_found_across_pieces);
	tcase_add_loop_test(tcase, a_text_is_found_across_many_pieces, 0, 8);
	tcase_add_test(tcase, a_step_without_rules_reads_no_body);
	tcase_add_test(tcase, rules_may_move);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
