/* Tests of bare connections over TCP: what is sent on them, and what must come
 * back. */
#include "probes/ask/http_check.h"
#include "tests/unit/probes_request.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HELLO "EHLO probe\r\n\r\n"

static const struct {
	const char *what;
	enum manner manner;
	const char *answer, *flood, *send, *receive;
	enum http_outcome outcome;
	const char *reason;
} rows[] = {
    {"a connection alone", HANGS, "", NULL, NULL, NULL, HTTP_ANSWERED, ""},
    {"one that is closed at once", CLOSES, "", NULL, NULL, NULL, HTTP_ANSWERED,
	""},
    {"nobody listens", LISTENS, "", NULL, NULL, NULL, HTTP_FAILED, "refused"},
    {"octets that are sent and not answered", HANGS, "", NULL, HELLO, NULL,
	HTTP_ANSWERED, ""},
    {"an answer", STAYS, "250 ready\r\n", NULL, HELLO, "ready", HTTP_ANSWERED,
	""},
    {"an answer, and closed", SENDS, "250 ready\r\n", NULL, HELLO, "ready",
	HTTP_ANSWERED, ""},
    {"an answer, and a reset", SENDS_RESETS, "250 ready\r\n", NULL, HELLO,
	"ready", HTTP_ANSWERED, ""},
    {"another answer", STAYS, "550 no\r\n", NULL, HELLO, "ready", HTTP_FAILED,
	"timeout"},
    {"another answer, and closed", SENDS, "550 no\r\n", NULL, HELLO, "ready",
	HTTP_FAILED, "closed without what is expected"},
    {"no answer, and closed", SENDS, "", NULL, HELLO, "ready", HTTP_FAILED,
	"closed without an answer"},
    {"no answer, and a reset", READS_LITTLE, "", NULL, HELLO, "ready",
	HTTP_FAILED, "reset"},
    {"no answer", HANGS, "", NULL, HELLO, "ready", HTTP_FAILED, "timeout"},
    {"a flood of others", FLOODS, "no", A64, HELLO, "ready", HTTP_FAILED,
	"body: not what is expected in 64 KiB"},
    {"a text in several pieces", FLOODS, "re", "ad", HELLO, "readada",
	HTTP_ANSWERED, ""},
};

START_TEST(connections)
{
	struct server s = {.manner = rows[_i].manner,
	    .answer = rows[_i].answer,
	    .flood = rows[_i].flood};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.kind = HTTP_TCP;
	request.path = NULL;
	request.send = rows[_i].send;
	request.send_len = request.send != NULL ? strlen(request.send) : 0;
	request.receive = rows[_i].receive;
	request.timeout_ms =
	    strcmp(rows[_i].reason, "timeout") == 0 ? 200 : 20000;
	out = ask(&request);
	ck_assert_msg(strcmp(out.answer.reason, rows[_i].reason) == 0, "%s: %s",
	    rows[_i].what, out.answer.reason);
	ck_assert_msg(out.answer.outcome == rows[_i].outcome, "%s: %d",
	    rows[_i].what, (int)out.answer.outcome);
	ck_assert_uint_eq(out.answer.status, 0);
	if (rows[_i].outcome == HTTP_ANSWERED) {
		ck_assert_int_gt(out.answer.connect_us, 0);
		ck_assert_int_ge(out.answer.total_us, out.answer.connect_us);
		ck_assert_int_eq(
		    out.answer.first_byte_us > 0, rows[_i].receive != NULL);
	}
	if (rows[_i].send != NULL && rows[_i].receive != NULL &&
	    rows[_i].manner != READS_LITTLE)
		ck_assert_str_eq(s.request, rows[_i].send);
}
END_TEST

/* More than a socket takes at once. */
START_TEST(much_is_sent_piece_by_piece)
{
	static char much[4 << 20];
	struct server s = {.manner = HANGS, .answer = ""};
	struct http_request request;

	server_start(&s, "::1");
	memset(much, 'a', sizeof(much));
	request = request_to(&s);
	request.kind = HTTP_TCP;
	request.send = much;
	request.send_len = sizeof(much);
	request.timeout_ms = 20000;
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	while (s.octets < sizeof(much))
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(s.octets, sizeof(much));
}
END_TEST

START_TEST(cancelled_while_it_waits)
{
	struct server s = {.manner = HANGS, .answer = ""};
	struct outcome out = {.done = false};
	struct http_request request;
	struct http_check *check;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.kind = HTTP_TCP;
	request.send = HELLO;
	request.send_len = strlen(HELLO);
	request.receive = "ready";
	check = http_check_start(checker, &request, on_done, &out);
	while (s.requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	http_check_cancel(check);
	while (s.closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(!out.done);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_http_talk");
	TCase *tcase = tcase_create("talk");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(
	    tcase, connections, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, much_is_sent_piece_by_piece);
	tcase_add_test(tcase, cancelled_while_it_waits);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
