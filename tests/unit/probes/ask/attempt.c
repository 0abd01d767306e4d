/* Tests of attempts: presets over real requests, several addresses, time. */
#include <stdio.h>

#include "base/clock.h"
#include "probes/ask/attempt.h"
#include "tests/unit/probes_server.h"

struct outcome {
	bool done;
	struct attempt_result result;
};

static void
on_done(void *context, const struct attempt_result *result)
{
	struct outcome *out = context;

	ck_assert(!out->done);
	out->done = true;
	out->result = *result;
}

static const struct attempt_calls calls = {.done = on_done};

/* Again if this machine was too busy to tell. */
static unsigned tries;

static struct attempt_result
attempt(const struct attempt_ask *ask)
{
	struct outcome out;

	tries = 0;
	do {
		tries++;
		out.done = false;
		ck_assert_ptr_nonnull(
		    attempt_start(checker, ask, &calls, &out));
		while (!out.done)
			uv_run(&loop, UV_RUN_ONCE);
	} while (strstr(out.result.reason, "probe: too slow") != NULL);
	return out.result;
}

static const struct code_range only_200 = {200, 200};

static const struct json_rule listed[] = {
    {"data[*].id", "llama", false, "model not listed"}};
static const struct check_step vllm_steps[] = {
    {.name = "/health", .path = "/health", .expect = &only_200, .n_expect = 1},
    {.name = "/v1/models",
	.path = "/v1/models",
	.expect = &only_200,
	.n_expect = 1,
	.json = listed,
	.n_json = 1},
};

static struct check_config
vllm_check(void)
{
	return (struct check_config){
	    .plan = {.steps = vllm_steps, .n_steps = 2, .timeout_ms = 10000},

	};
}

#define EMPTY_OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define UNAVAILABLE "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"

static const struct {
	const char *what;
	enum manner manner;
	enum attempt_outcome outcome;
	const char *answer, *models;
	uint64_t timeout_ms;
	const char *reason;
	unsigned requests;
} rows[] = {
    {"healthy, and the model is there", SENDS, ATTEMPT_PASSED, EMPTY_OK,
	JSON_ANSWER("25", "{\"data\":[{\"id\":\"llama\"}]}"), 10000, "", 2},
    {"not healthy: nobody asks for models", SENDS, ATTEMPT_FAILED, UNAVAILABLE,
	EMPTY_OK, 10000, "status 503", 1},
    {"another model", SENDS, ATTEMPT_FAILED, EMPTY_OK,
	JSON_ANSWER("25", "{\"data\":[{\"id\":\"gemma\"}]}"), 10000,
	"body: model not listed", 2},
    {"the models page fails", SENDS, ATTEMPT_FAILED, EMPTY_OK, UNAVAILABLE,
	10000, "/v1/models: status 503", 2},
    {"the models page needs a key", SENDS, ATTEMPT_FAILED, EMPTY_OK,
	"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 10000,
	"/v1/models: status 401", 2},
    {"the list is cut short", SENDS, ATTEMPT_FAILED, EMPTY_OK,
	JSON_ANSWER("99", "{\"data\":[{\"id\":\"llama\"}]}"), 10000,
	"body: cut short", 2},
    {"a code counts before what is wrong behind it", SENDS, ATTEMPT_FAILED,
	"HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\n", EMPTY_OK, 10000,
	"status 500", 1},
    {"the models page does not end: one time for both requests", STAYS,
	ATTEMPT_FAILED, EMPTY_OK,
	"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200,
	"/v1/models: timeout", 2},
};

START_TEST(vllm)
{
	struct server s = {.manner = rows[_i].manner,
	    .answer = rows[_i].answer,
	    .models = rows[_i].models};
	struct check_config check = vllm_check();
	struct attempt_ask target = {.check = &check, .to = &s.at};
	struct attempt_result result;

	check.plan.timeout_ms = rows[_i].timeout_ms;
	target.n = 1;
	server_start(&s, "127.0.0.1");
	result = attempt(&target);
	ck_assert_msg(result.outcome == rows[_i].outcome, "%s: %s",
	    rows[_i].what, result.reason);
	ck_assert_msg(strcmp(result.reason, rows[_i].reason) == 0, "%s: %s",
	    rows[_i].what, result.reason);
	ck_assert_msg(tries > 1 || s.requests == rows[_i].requests,
	    "%s: requests", rows[_i].what);
	ck_assert_int_gt(result.connect_us, 0);
	ck_assert_int_gt(result.first_byte_us, 0);
}
END_TEST

/* An answer with ${n} models of a kilobyte each, the one looked for last. */
static char *
many_models(unsigned n)
{
	static const char head[] = "{\"object\":\"list\",\"data\":[";
	static const char tail[] = "{\"id\":\"llama\"}]}";
	size_t body = sizeof(head) + n * (size_t)1024 + sizeof(tail) - 2;
	char *text = malloc(body + 128), *at = text;

	ck_assert_ptr_nonnull(text);
	at += snprintf(at, 128,
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", body, head);
	for (unsigned i = 0; i < n; i++) {
		int used =
		    snprintf(at, 128, "{\"id\":\"lora-%04u\",\"root\":\"", i);

		memset(at + used, 'r', 1024 - (size_t)used - 3);
		at[1021] = '"';
		at[1022] = '}';
		at[1023] = ',';
		at += 1024;
	}
	memcpy(at, tail, sizeof(tail));
	return text;
}

/* 4,097 models are 4 MiB.  A reset drops what the client's kernel does not have
 * yet, which is all of 40 KiB. */
static const struct {
	enum manner manner;
	unsigned models;
} long_rows[] = {{SENDS, 4097}, {READS_LITTLE, 40}};

START_TEST(long_lists)
{
	char *models = many_models(long_rows[_i].models);
	struct server s = {.manner = long_rows[_i].manner,
	    .answer = EMPTY_OK,
	    .models = models};
	struct check_config check = vllm_check();
	struct attempt_ask target = {.check = &check, .to = &s.at, .n = 1};
	struct attempt_result result;

	/* So few octets do not say which page is asked for. */
	if (s.manner == READS_LITTLE)
		s.answer = models;
	check.plan.timeout_ms = 20000;
	server_start(&s, "127.0.0.1");
	result = attempt(&target);
	ck_assert_str_eq(result.reason, "");
	ck_assert_int_eq(result.outcome, ATTEMPT_PASSED);
	free(models);
}
END_TEST

/* --- a generation, and what is busy or slow --- */

static const struct code_range only_429 = {429, 429};
static const struct json_rule a_token[] = {
    {"choices[0].text", NULL, false, "no token came"}};
static const struct check_step generation = {.name = "/v1/completions",
    .method = "POST",
    .path = "/v1/completions",
    .body = "{}",
    .expect = &only_200,
    .n_expect = 1,
    .busy = &only_429,
    .n_busy = 1,
    .busy_retry_after = true,
    .json = a_token,
    .n_json = 1};

static const struct {
	const char *what, *answer;
	enum attempt_outcome outcome;
	const char *reason;
	int64_t retry_after_s;
} generations[] = {
    {"a token", JSON_ANSWER("26", "{\"choices\":[{\"text\":\"a\"}]}"),
	ATTEMPT_PASSED, "", -1},
    {"no token", JSON_ANSWER("14", "{\"choices\":[]}"), ATTEMPT_FAILED,
	"body: no token came", -1},
    {"too many requests",
	"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
	ATTEMPT_BUSY, "busy: status 429", 7},
    {"not available for a while",
	"HTTP/1.1 503 No\r\nretry-after: 0\r\nContent-Length: 0\r\n\r\n",
	ATTEMPT_BUSY, "busy: status 503", 0},
    {"not available", UNAVAILABLE, ATTEMPT_FAILED, "status 503", -1},
};

START_TEST(a_generation)
{
	struct server s = {.manner = SENDS, .answer = generations[_i].answer};
	struct check_config check = {
	    .deep = {.steps = &generation, .n_steps = 1, .timeout_ms = 10000}};
	struct attempt_ask ask = {
	    .check = &check, .to = &s.at, .n = 1, .deep = true};
	struct attempt_result result;

	server_start(&s, "127.0.0.1");
	result = attempt(&ask);
	ck_assert_msg(strcmp(result.reason, generations[_i].reason) == 0,
	    "%s: %s", generations[_i].what, result.reason);
	ck_assert_int_eq(result.outcome, generations[_i].outcome);
	ck_assert_int_eq(result.retry_after_s, generations[_i].retry_after_s);
	ck_assert_int_gt(result.total_us, 0);
	ck_assert_ptr_nonnull(strstr(s.request, "POST /v1/completions "));
	ck_assert_ptr_nonnull(strstr(s.request, "\r\nContent-Length: 2\r\n"));
	ck_assert_ptr_null(strstr(s.request, "Expect:"));
	ck_assert_ptr_null(strstr(s.request, "Content-Type:"));
}
END_TEST

START_TEST(a_slow_answer_is_degraded)
{
	struct server s = {.manner = SENDS,
	    .answer = EMPTY_OK,
	    .models = JSON_ANSWER("25", "{\"data\":[{\"id\":\"llama\"}]}")};
	struct check_config check = vllm_check();
	struct attempt_ask ask = {.check = &check, .to = &s.at, .n = 1};
	struct attempt_result result;

	server_start(&s, "127.0.0.1");
	check.slower_ms = 60000;
	result = attempt(&ask);
	ck_assert_int_eq(result.outcome, ATTEMPT_PASSED);
	s.pause_ms = 20;
	check.slower_ms = 10;
	result = attempt(&ask);
	ck_assert_int_eq(result.outcome, ATTEMPT_DEGRADED);
	ck_assert_ptr_eq(strstr(result.reason, "slow: "), result.reason);
	/* Where nothing is said, none is slow. */
	check.slower_ms = 0;
	result = attempt(&ask);
	ck_assert_int_eq(result.outcome, ATTEMPT_PASSED);
}
END_TEST

/* The time to the first token is that of the first octet of a body that is
 * streamed, and of the whole answer else. */
START_TEST(the_first_token_of_a_stream)
{
	static const char *const types[] = {
	    "text/event-stream; charset=utf-8", "application/json"};
	struct check_step plain = generation;
	struct check_config check = {
	    .deep = {.steps = &plain, .n_steps = 1, .timeout_ms = 300}};
	struct attempt_result result[2];
	char answer[256];

	plain.n_json = 0;
	for (size_t i = 0; i < 2; i++) {
		struct server s = {.manner = STAYS, .answer = answer};
		struct attempt_ask ask = {
		    .check = &check, .to = &s.at, .n = 1, .deep = true};

		snprintf(answer, sizeof(answer),
		    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
		    "Content-Length: 99\r\n\r\ndata: {}\n\n",
		    types[i]);
		server_start(&s, "127.0.0.1");
		result[i] = attempt(&ask);
		ck_assert_str_eq(result[i].reason, "timeout");
		ck_assert_uint_eq(result[i].status, 200);
	}
	ck_assert_int_gt(result[0].total_us, 0);
	ck_assert_int_lt(result[0].total_us, 290000);
	ck_assert_int_ge(result[1].total_us, 290000);
}
END_TEST

/* --- gRPC, its frames of HTTP/2 as they are (RFC 9113, 4.1) --- */

#define SETTINGS "\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0"
#define HEADERS(flags, status)                      \
	"\0\0\40\1" flags "\0\0\0\1" status "\0\14" \
	"content-type"                              \
	"\20"                                       \
	"application/grpc"
#define HEALTH(health) "\0\0\7\0\0\0\0\0\1\0\0\0\0\2\10" health
#define TRAILERS(status)           \
	"\0\0\17\1\5\0\0\0\1\0\13" \
	"grpc-status"              \
	"\1" status
#define OCTETS(text) (text), sizeof(text) - 1

static const struct {
	const char *what, *answer;
	size_t len;
	enum attempt_outcome outcome;
	const char *reason;
} calls_of_grpc[] = {
    {"it serves",
	OCTETS(SETTINGS HEADERS("\4", "\x88") HEALTH("\1") TRAILERS("0")),
	ATTEMPT_PASSED, ""},
    {"it does not serve",
	OCTETS(SETTINGS HEADERS("\4", "\x88") HEALTH("\2") TRAILERS("0")),
	ATTEMPT_FAILED, "grpc: NOT_SERVING"},
    {"no such service", OCTETS(SETTINGS HEADERS("\4", "\x88") TRAILERS("5")),
	ATTEMPT_FAILED, "grpc: status 5 (not found)"},
    {"it is full", OCTETS(SETTINGS HEADERS("\4", "\x88") TRAILERS("8")),
	ATTEMPT_BUSY, "busy: grpc: status 8 (resource exhausted)"},
    {"the end without a status", OCTETS(SETTINGS HEADERS("\5", "\x88")),
	ATTEMPT_FAILED, "grpc: no grpc-status"},
    {"a code of HTTP", OCTETS(SETTINGS HEADERS("\5", "\x8d")), ATTEMPT_FAILED,
	"status 404"},
    {"HTTP/1.1", OCTETS(EMPTY_OK), ATTEMPT_FAILED,
	"closed without an answer in HTTP/2"},
};

START_TEST(health_by_grpc)
{
	static const struct check_step step = {.kind = STEP_GRPC,
	    .name = "health",
	    .service = "llm",
	    .expect = &only_200,
	    .n_expect = 1};
	struct server s = {.manner = STAYS,
	    .answer = calls_of_grpc[_i].answer,
	    .answer_len = calls_of_grpc[_i].len};
	struct check_config check = {
	    .plan = {.steps = &step, .n_steps = 1, .timeout_ms = 10000}};
	struct attempt_ask ask = {.check = &check, .to = &s.at, .n = 1};
	struct attempt_result result;

	server_start(&s, "127.0.0.1");
	result = attempt(&ask);
	ck_assert_msg(strcmp(result.reason, calls_of_grpc[_i].reason) == 0,
	    "%s: %s", calls_of_grpc[_i].what, result.reason);
	ck_assert_int_eq(result.outcome, calls_of_grpc[_i].outcome);
}
END_TEST

/* --- a program --- */

static const struct {
	const char *what, *script;
	enum attempt_outcome outcome;
	const char *reason;
} programs[] = {
    {"it knows what it checks",
	"[ \"$MERIDIAN_ZONE $MERIDIAN_POOL $MERIDIAN_ENDPOINT "
	"$MERIDIAN_ADDRESS "
	"$MERIDIAN_PORT $MERIDIAN_MODEL $LANG\" = 'z.example p e 192.0.2.1 "
	"8000 "
	"llama C' ] || exit 2",
	ATTEMPT_PASSED, ""},
    {"a warning", "echo hot; exit 1", ATTEMPT_DEGRADED, "exec: hot"},
    {"a failure", "echo cold; exit 2", ATTEMPT_FAILED, "exec: cold"},
    {"it does not know", "exit 3", ATTEMPT_UNMADE,
	"probe: exec: exit status 3"},
    {"it hangs", "sleep 1000", ATTEMPT_FAILED, "timeout"},
};

START_TEST(a_program)
{
	const char *const argv[] = {"/bin/sh", "-c", programs[_i].script, NULL};
	const struct check_step step = {
	    .kind = STEP_EXEC, .name = "sh", .argv = argv};
	struct check_config check = {.model = "llama",
	    .plan = {.steps = &step,
		.n_steps = 1,
		.timeout_ms = programs[_i].outcome == ATTEMPT_FAILED &&
			programs[_i].reason[0] == 't'
		    ? 300
		    : 20000}};
	const struct endpoint_key key = {"z.example", "p", "e"};
	struct endpoint_address to = {.port = 8000};
	struct attempt_ask ask = {
	    .check = &check, .to = &to, .n = 1, .key = &key};
	struct attempt_result result;

	ck_assert_int_eq(address_parse("192.0.2.1", &to.address), 0);
	ask.programs = program_host_create(&loop, 1, true);
	ck_assert_ptr_nonnull(ask.programs);
	result = attempt(&ask);
	ck_assert_msg(strcmp(result.reason, programs[_i].reason) == 0, "%s: %s",
	    programs[_i].what, result.reason);
	ck_assert_int_eq(result.outcome, programs[_i].outcome);
	program_host_close(ask.programs);
}
END_TEST

/* --- several addresses --- */

/* Two servers, IPv4 and IPv6, of which one may fail. */
struct pair {
	struct server server[2];
	struct endpoint_address at[2];
	struct check_config check;
	struct attempt_ask target;
};

static void
start_pair(struct pair *p, enum manner first, enum manner second)
{
	memset(p, 0, sizeof(*p));
	p->server[0].manner = first;
	p->server[1].manner = second;
	p->server[0].answer = p->server[1].answer = EMPTY_OK;
	server_start(&p->server[0], "127.0.0.1");
	server_start(&p->server[1], "::1");
	p->at[0] = p->server[0].at;
	p->at[1] = p->server[1].at;
	p->check = vllm_check();
	p->check.plan.n_steps = 1;
	p->check.plan.timeout_ms = 300;
	p->target.check = &p->check;
	p->target.to = p->at;
	p->target.n = 2;
}

static const struct {
	const char *what;
	enum manner manner[2];
	const char *reason;
	enum attempt_outcome outcome;
	int named;
} pairs[] = {
    {"both answer", {SENDS, SENDS}, "", ATTEMPT_PASSED, -1},
    {"the first does not", {LISTENS, SENDS}, "refused", ATTEMPT_FAILED, 0},
    {"the second does not", {SENDS, LISTENS}, "refused", ATTEMPT_FAILED, 1},
    {"the first that fails is named, not the first to fail", {HANGS, LISTENS},
	"timeout", ATTEMPT_FAILED, 0},
};

START_TEST(several_addresses)
{
	char at[ADDRESS_TEXT], reason[STATE_REASON];
	struct attempt_result result;
	struct pair p;

	start_pair(&p, pairs[_i].manner[0], pairs[_i].manner[1]);
	result = attempt(&p.target);
	ck_assert_msg(result.outcome == pairs[_i].outcome, "%s: %s",
	    pairs[_i].what, result.reason);
	if (pairs[_i].named < 0) {
		ck_assert_str_eq(result.reason, "");
		ck_assert_int_gt(result.first_byte_us, 0);
		return;
	}
	endpoint_address_format(&p.at[pairs[_i].named], at);
	snprintf(reason, sizeof(reason), "%s at %s", pairs[_i].reason, at);
	ck_assert_msg(strcmp(result.reason, reason) == 0, "%s: %s",
	    pairs[_i].what, result.reason);
	ck_assert_int_eq(result.first_byte_us, -1);
}
END_TEST

/* They are asked at the same time: two that hang take no longer than one. */
START_TEST(addresses_side_by_side)
{
	int64_t start = clock_mono_ms();
	struct pair p;

	start_pair(&p, HANGS, HANGS);
	p.check.plan.timeout_ms = 1000;
	attempt(&p.target);
	ck_assert_int_lt(
	    clock_mono_ms() - start, (int64_t)p.server[0].requests * 1800);
}
END_TEST

START_TEST(expired)
{
	struct outcome out = {.done = false};
	struct attempt *a;
	struct pair p;

	start_pair(&p, STAYS, HANGS);
	p.check.plan.timeout_ms = 60000;
	a = attempt_start(checker, &p.target, &calls, &out);
	while (p.server[0].closed == 0 || p.server[1].requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(!out.done);
	attempt_expire(a);
	ck_assert(out.done);
	ck_assert_int_eq(out.result.outcome, ATTEMPT_FAILED);
	ck_assert_ptr_eq(
	    strstr(out.result.reason, "timeout at [::1]:"), out.result.reason);
	while (p.server[1].closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
}
END_TEST

START_TEST(cancelled)
{
	struct outcome out = {.done = false};
	struct attempt *a;
	struct pair p;

	start_pair(&p, HANGS, HANGS);
	a = attempt_start(checker, &p.target, &calls, &out);
	while (p.server[0].requests == 0 || p.server[1].requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	attempt_cancel(a);
	while (p.server[0].closed == 0 || p.server[1].closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(!out.done);
}
END_TEST

/* A reload builds a new table while the first of two requests is under way. */
START_TEST(followed)
{
	struct server s = {.manner = SENDS,
	    .answer = EMPTY_OK,
	    .models = JSON_ANSWER("25", "{\"data\":[{\"id\":\"llama\"}]}")};
	struct check_config *check = malloc(sizeof(*check)), other;
	struct attempt_ask *target = calloc(1, sizeof(*target)), second;
	struct outcome out = {.done = false};
	struct attempt *a;

	ck_assert(check != NULL && target != NULL);
	server_start(&s, "127.0.0.1");
	*check = other = vllm_check();
	*target = (struct attempt_ask){.check = check, .to = &s.at, .n = 1};
	second = *target;
	second.check = &other;
	a = attempt_start(checker, target, &calls, &out);
	attempt_follow(a, &second);
	memset(check, 0xaa, sizeof(*check));
	free(check);
	free(target);
	while (!out.done)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(out.result.outcome, ATTEMPT_PASSED);
	ck_assert_uint_eq(s.requests, 2);
}
END_TEST

static const struct {
	const char *what;
	const char *models; /* the answer to the second step */
	enum attempt_outcome outcome;
} shared[] = {
    {"to the last step, which closes it",
	JSON_ANSWER("25", "{\"data\":[{\"id\":\"llama\"}]}"), ATTEMPT_PASSED},
    {"to the step that fails", UNAVAILABLE, ATTEMPT_FAILED},
    {"to the step that fails in its body",
	JSON_ANSWER("25", "{\"data\":[{\"id\":\"gemma\"}]}"), ATTEMPT_FAILED},
};

/* The server would gladly keep it longer. */
START_TEST(steps_share_a_connection)
{
	struct server s = {
	    .manner = STAYS, .answer = EMPTY_OK, .models = shared[_i].models};
	struct check_config check = vllm_check();
	struct attempt_ask target = {.check = &check, .to = &s.at, .n = 1};

	server_start(&s, "127.0.0.1");
	ck_assert_msg(attempt(&target).outcome == shared[_i].outcome, "%s",
	    shared[_i].what);
	while (s.closed < tries)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(s.connections, tries);
}
END_TEST

/* `reuse`: while the group is the same. */
START_TEST(attempts_share_a_connection)
{
	struct server s = {.manner = STAYS,
	    .answer = EMPTY_OK,
	    .models = JSON_ANSWER("25", "{\"data\":[{\"id\":\"llama\"}]}")};
	struct check_config check = vllm_check();
	struct attempt_ask target = {.check = &check, .to = &s.at, .n = 1};
	unsigned all = 0;

	server_start(&s, "127.0.0.1");
	check.client.reuse = true;
	target.group = http_checker_group(checker);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(attempt(&target).outcome, ATTEMPT_PASSED);
		all += tries;
	}
	ck_assert_uint_ge(s.requests, 6);
	ck_assert(s.connections == 1 || all > 3);
	ck_assert_uint_eq(s.closed, s.connections - 1);
	target.group = http_checker_group(checker);
	ck_assert_int_eq(attempt(&target).outcome, ATTEMPT_PASSED);
	ck_assert(s.connections == 2 || all + tries > 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_attempt");
	TCase *tcase = tcase_create("attempt");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(
	    tcase, vllm, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tcase, long_lists, 0,
	    (int)(sizeof(long_rows) / sizeof(long_rows[0])));
	tcase_add_loop_test(tcase, a_generation, 0,
	    (int)(sizeof(generations) / sizeof(generations[0])));
	tcase_add_test(tcase, a_slow_answer_is_degraded);
	tcase_add_test(tcase, the_first_token_of_a_stream);
	tcase_add_loop_test(tcase, health_by_grpc, 0,
	    (int)(sizeof(calls_of_grpc) / sizeof(calls_of_grpc[0])));
	tcase_add_loop_test(
	    tcase, a_program, 0, (int)(sizeof(programs) / sizeof(programs[0])));
	tcase_add_loop_test(tcase, several_addresses, 0,
	    (int)(sizeof(pairs) / sizeof(pairs[0])));
	tcase_add_test(tcase, addresses_side_by_side);
	tcase_add_loop_test(tcase, steps_share_a_connection, 0,
	    (int)(sizeof(shared) / sizeof(shared[0])));
	tcase_add_test(tcase, attempts_share_a_connection);
	tcase_add_test(tcase, expired);
	tcase_add_test(tcase, cancelled);
	tcase_add_test(tcase, followed);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
