/*
 * Tests of what requests say, to servers and of their answers: methods, bodies,
 * headers, credentials, trailers, HTTP/2, and for how long a server wants to be
 * left alone.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/ask/http_check.h"
#include "tests/unit/probes_request.h"

/* --- what is sent --- */

START_TEST(method_headers_and_body)
{
	static const struct step_header own[] = {
	    {"X-Team", "serving"}, {"Accept", "text/plain"}};
	static const struct step_header step[] = {
	    {"Content-Type", "application/json"}, {"X-Team", "preset"}};
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct client_config client = {
	    .headers = own, .n_headers = 2, .host_port = true};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.method = "POST";
	request.headers = step;
	request.n_headers = 2;
	request.client = &client;
	request.body = "{\r\n\r\n}";
	request.body_len = 6;
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	ck_assert_ptr_eq(
	    strstr(s.request, "POST /health HTTP/1.1\r\n"), s.request);
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nContent-Type: application/json\r\n"));
	ck_assert_ptr_nonnull(strstr(s.request, "\r\nContent-Length: 6\r\n"));
	ck_assert_ptr_nonnull(strstr(s.request, "\r\nAccept: text/plain\r\n"));
	/* The operator's counts. */
	ck_assert_ptr_nonnull(strstr(s.request, "\r\nX-Team: serving\r\n"));
	ck_assert_ptr_null(strstr(s.request, "preset"));
	ck_assert_ptr_null(strstr(s.request, "Expect:"));
	ck_assert_ptr_null(strstr(s.request, "Accept-Encoding:"));
}
END_TEST

START_TEST(host_without_a_port)
{
	static const char *const to[] = {"127.0.0.1", "::1"};
	static const char *const hosts[] = {
	    "\r\nHost: 127.0.0.1\r\n", "\r\nHost: [::1]\r\n"};
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct client_config client = {.host_port = false};
	struct http_request request;

	server_start(&s, to[_i]);
	request = request_to(&s);
	request.client = &client;
	ask(&request);
	ck_assert_ptr_nonnull(strstr(s.request, hosts[_i]));
	request.host = "chat.example.invalid";
	ask(&request);
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nHost: chat.example.invalid\r\n"));
}
END_TEST

/* --- credentials --- */

static char file[] = "/tmp/probes_request.XXXXXX";

static void
write_file(const char *text)
{
	int fd;

	if (strchr(file, 'X') != NULL) {
		fd = mkstemp(file);
	} else {
		fd = open(file, O_WRONLY | O_TRUNC);
	}
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(credentials_are_read_from_files)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct client_config client = {.host_port = true, .token_file = file};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	write_file(" open sesame \r\nnot this line\n");
	request = request_to(&s);
	request.client = &client;
	ask(&request);
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nAuthorization: Bearer open sesame\r\n"));
	client.token_file = NULL;
	client.user = "Aladdin";
	client.password_file = file;
	ask(&request);
	/* RFC 7617, 2: its example. */
	ck_assert_ptr_nonnull(strstr(s.request,
	    "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
	unlink(file);
	/* Copies of it were made: nothing of this process is dumped. */
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
}
END_TEST

static const struct {
	const char *what, *text, *reason;
} unusable[] = {
    {"an empty one", "", "the first line is empty"},
    {"an empty line", "\nword\n", "the first line is empty"},
    {"a line that would be two", "a\rX-Other: b\n", "not printable ASCII"},
    {"a key and not a token", "\x80\x81\n", "not printable ASCII"},
    {"none at all", NULL, "is not there"},
};

START_TEST(without_its_token_nothing_is_sent)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct client_config client = {.host_port = true, .token_file = file};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	write_file(unusable[_i].text != NULL ? unusable[_i].text : "");
	if (unusable[_i].text == NULL)
		unlink(file);
	request = request_to(&s);
	request.client = &client;
	out = ask(&request);
	unlink(file);
	ck_assert_msg(
	    out.answer.outcome == HTTP_UNMADE, "%s", unusable[_i].what);
	ck_assert_ptr_eq(strstr(out.answer.reason, "probe: cannot use /tmp/"),
	    out.answer.reason);
	ck_assert_msg(strstr(out.answer.reason, unusable[_i].reason) != NULL,
	    "%s: %s", unusable[_i].what, out.answer.reason);
	ck_assert_uint_eq(s.connections, 0);
}
END_TEST

/* --- what is understood of headers --- */

#define HEAD(lines) "HTTP/1.1 503 Busy\r\n" lines "Content-Length: 0\r\n\r\n"
#define NOW "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

static const struct {
	const char *what, *answer;
	int64_t s;
} retries[] = {
    {"nothing", HEAD(""), -1},
    {"seconds", HEAD("Retry-After: 120\r\n"), 120},
    {"none", HEAD("retry-after: 0\r\n"), 0},
    {"a date beside the server's own",
	HEAD(NOW "Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n"), 120},
    {"the same, the other way round",
	HEAD("Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n" NOW), 120},
    {"a date of an old form",
	HEAD(NOW "Retry-After: Sunday, 06-Nov-94 08:51:37 GMT\r\n"), 120},
    {"a date of the oldest form",
	HEAD(NOW "Retry-After: Sun Nov  6 08:51:37 1994\r\n"), 120},
    {"a date that has passed",
	HEAD("Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n"), 0},
    {"for ever", HEAD("Retry-After: 99999999999999999999999\r\n"),
	HTTP_CHECK_RETRY_MAX},
    {"for ever, by its clock",
	HEAD(NOW "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
	HTTP_CHECK_RETRY_MAX},
    {"a year that no date has",
	HEAD(NOW "Retry-After: 06 Nov 1994777777 08:00:00 GMT\r\n"), -1},
    {"less than nothing", HEAD("Retry-After: -1\r\n"), -1},
    {"a part", HEAD("Retry-After: 1.5\r\n"), -1},
    {"nonsense", HEAD("Retry-After: soon\r\n"), -1},
    {"that of an interim answer",
	"HTTP/1.1 103 Early Hints\r\nRetry-After: 5\r\n\r\n" HEAD(""), -1},
};

START_TEST(retry_after)
{
	struct server s = {.manner = SENDS, .answer = retries[_i].answer};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	out = ask(&request);
	ck_assert_uint_eq(out.answer.status, 503);
	ck_assert_msg(out.answer.retry_after_s == retries[_i].s, "%s: %d",
	    retries[_i].what, (int)out.answer.retry_after_s);
}
END_TEST

START_TEST(headers_and_trailers_are_handed_on)
{
	struct server s = {.manner = SENDS,
	    .answer = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
		      "HTTP/1.1 200 OK\r\nX-Load:  a\x1b[31mb\t \r\nEmpty:\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n"
		      "2\r\nok\r\n0\r\nAfter: all\r\n\r\n"};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.header = on_header;
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_ANSWERED);
	ck_assert_str_eq(out.headers,
	    "X-Load=a [31mb;Empty=;Transfer-Encoding=chunked;After=all;");
	ck_assert_uint_eq(out.answer.protocol, 11);
}
END_TEST

START_TEST(nothing_is_decompressed)
{
	struct server s = {.manner = SENDS,
	    .answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		      "Content-Length: 2\r\n\r\n\x1f\x8b"};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	/* Nobody looks at it. */
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	request.take = on_body;
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_uint_eq(out.answer.status, 200);
	ck_assert_str_eq(out.answer.reason, "body: compressed, unasked");
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* --- HTTP/2, its frames as they are (RFC 9113, 4.1) --- */

#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define SETTINGS_ACK "\0\0\0\4\1\0\0\0\0"
#define PING                  \
	"\0\0\10\6\0\0\0\0\0" \
	"12345678"
/* HEADERS of stream 1, ":status: 200", more to come. */
#define HEADERS "\0\0\1\1\4\0\0\0\1\x88"
#define DATA "\0\0\5\0\0\0\0\0\1hello"
/* "grpc-status: 0", and the end. */
#define TRAILERS                   \
	"\0\0\17\1\5\0\0\0\1\0\13" \
	"grpc-status"              \
	"\1"                       \
	"0"
#define ANSWER(text) .answer = (text), .answer_len = sizeof(text) - 1

START_TEST(http2_by_prior_knowledge)
{
	struct server s = {.manner = STAYS,
	    ANSWER(SETTINGS SETTINGS_ACK HEADERS DATA TRAILERS)};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.version = HTTP_VERSION_2;
	request.take = on_body;
	request.header = on_header;
	out = ask(&request);
	ck_assert_str_eq(out.answer.reason, "");
	ck_assert_int_eq(out.answer.outcome, HTTP_ANSWERED);
	ck_assert_uint_eq(out.answer.status, 200);
	ck_assert_uint_eq(out.answer.protocol, 20);
	ck_assert_str_eq(out.body, "hello");
	ck_assert_str_eq(out.headers, "grpc-status=0;");
	ck_assert_int_eq(memcmp(s.request, "PRI * HTTP/2.0\r\n", 16), 0);
}
END_TEST

START_TEST(http2_and_nothing_else)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.version = HTTP_VERSION_2;
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_str_eq(
	    out.answer.reason, "closed without an answer in HTTP/2");
}
END_TEST

/* Frames that ask for work or memory, without end. */
static const struct {
	const char *what;
	const char *frame;
	size_t len;
} floods[] = {
    {"SETTINGS", SETTINGS, sizeof(SETTINGS) - 1},
    {"PING", PING, sizeof(PING) - 1},
    {"empty DATA", "\0\0\0\0\0\0\0\0\1", 9},
    {"CONTINUATION", "\0\0\1\11\0\0\0\0\1\x88", 10},
    {"interim answers",
	"\0\0\5\1\4\0\0\0\1\10\3"
	"100",
	14},
    {"frames of no known kind", "\0\0\0\xee\0\0\0\0\1", 9},
};

START_TEST(http2_floods_are_bounded)
{
	static const char headers[] = SETTINGS HEADERS;
	static const char open_headers[] = SETTINGS "\0\0\1\1\0\0\0\0\1\x88";
	static const char none[] = SETTINGS;
	bool continues = strcmp(floods[_i].what, "CONTINUATION") == 0;
	bool data = strcmp(floods[_i].what, "empty DATA") == 0;
	struct server s = {.manner = FLOODS,
	    .answer = continues ? open_headers
		: data          ? headers
				: none,
	    .answer_len = continues ? sizeof(open_headers) - 1
		: data              ? sizeof(headers) - 1
				    : sizeof(none) - 1};
	static char flood[1400 * 40];
	struct http_request request;
	struct outcome out;
	clock_t before = clock();

	for (size_t i = 0; i + floods[_i].len <= sizeof(flood);
	     i += floods[_i].len) {
		memcpy(flood + i, floods[_i].frame, floods[_i].len);
		s.flood_len = i + floods[_i].len;
	}
	s.flood = flood;
	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.version = HTTP_VERSION_2;
	request.timeout_ms = 3000;
	request.take = on_body;
	request.header = on_header;
	out = ask(&request);
	printf("%s: %s, CPU %d ms\n", floods[_i].what, out.answer.reason,
	    (int)((clock() - before) * 1000 / CLOCKS_PER_SEC));
	ck_assert_msg(out.answer.outcome == HTTP_FAILED, "%s", floods[_i].what);
	ck_assert_str_ne(out.answer.reason, "timeout");
}
END_TEST

#define LOOP(tcase, test, rows) \
	tcase_add_loop_test(    \
	    tcase, test, 0, (int)(sizeof(rows) / sizeof((rows)[0])))

int
main(void)
{
	Suite *suite = suite_create("probes_ask_http_request");
	TCase *tcase = tcase_create("request");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, method_headers_and_body);
	tcase_add_loop_test(tcase, host_without_a_port, 0, 2);
	tcase_add_test(tcase, credentials_are_read_from_files);
	LOOP(tcase, without_its_token_nothing_is_sent, unusable);
	LOOP(tcase, retry_after, retries);
	tcase_add_test(tcase, headers_and_trailers_are_handed_on);
	tcase_add_test(tcase, nothing_is_decompressed);
	tcase_add_test(tcase, http2_by_prior_knowledge);
	tcase_add_test(tcase, http2_and_nothing_else);
	LOOP(tcase, http2_floods_are_bounded, floods);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
