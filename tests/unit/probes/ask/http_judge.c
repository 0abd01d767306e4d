/* What became of a request, by what libcurl says and what was seen meanwhile:
 * whose fault it is, and in which words. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/ask/http_parts.h"

static struct http_checker checker;
static char ca[] = "/etc/own.pem";
static struct lane plain = {.checker = &checker};
static struct lane with_ca = {.checker = &checker, .ca = ca};

/* The rest of an answer, where it came so far. */
enum reached { NOWHERE, CONNECTED, FIRST_BYTE, KEPT };

#define OPENSSL "OpenSSL SSL_connect: "
#define SHOWS .certificate = true
#define ASKED .asked = true

static const struct {
	const char *what;
	CURLcode code;
	struct http_check check;
	const char *error; /* of libcurl */
	enum reached reached;
	unsigned status, protocol;
	enum http_outcome outcome;
	const char *reason;
} rows[] = {
    {"a whole answer", CURLE_OK, {.fd = -1}, "", FIRST_BYTE, 200, 11,
	HTTP_ANSWERED, ""},
    {"a whole answer in HTTP/2", CURLE_OK, {.only_http2 = true}, "", FIRST_BYTE,
	200, 20, HTTP_ANSWERED, ""},
    {"an answer in HTTP/1 where that is no use", CURLE_OK, {.only_http2 = true},
	"", FIRST_BYTE, 200, 11, HTTP_FAILED, "not HTTP/2"},

    {"what was not sent", CURLE_OK, {.words = "probe: no token"}, "", NOWHERE,
	0, 0, HTTP_UNMADE, "probe: no token"},
    {"no descriptor", CURLE_COULDNT_CONNECT, {.trouble = EMFILE}, "", NOWHERE,
	0, 0, HTTP_UNMADE, "probe: Too many open files"},
    {"no descriptor for a while, and then an answer", CURLE_OK,
	{.trouble = EMFILE}, "", FIRST_BYTE, 200, 11, HTTP_ANSWERED, ""},
    {"as many headers as may be", CURLE_OK,
	{.header_bytes = HTTP_CHECK_HEADER_MAX}, "", FIRST_BYTE, 200, 11,
	HTTP_ANSWERED, ""},
    {"more headers", CURLE_OK, {.header_bytes = HTTP_CHECK_HEADER_MAX + 1}, "",
	FIRST_BYTE, 200, 11, HTTP_FAILED, "headers: over 64 KiB"},
    {"headers that are none", CURLE_OK, {.garbled = true}, "", FIRST_BYTE, 200,
	11, HTTP_FAILED, "not HTTP"},
    {"as much time of the CPU as may be", CURLE_OK, {.cost_us = COST_MAX_US},
	"", FIRST_BYTE, 200, 11, HTTP_ANSWERED, ""},
    {"more of it", CURLE_OK, {.cost_us = COST_MAX_US + 1}, "", FIRST_BYTE, 200,
	11, HTTP_FAILED, "costs too much CPU time"},

    {"enough of a body", CURLE_WRITE_ERROR, {.enough = true, .encoded = true},
	"", FIRST_BYTE, 200, 11, HTTP_ANSWERED, ""},
    {"a body in gzip", CURLE_WRITE_ERROR, {.encoded = true}, "", FIRST_BYTE,
	200, 11, HTTP_FAILED, "body: compressed, unasked"},
    {"a body without an end", CURLE_WRITE_ERROR, {.fd = -1}, "", FIRST_BYTE,
	200, 11, HTTP_FAILED, "body: over 16 MiB"},
    {"not what is expected of a connection", CURLE_WRITE_ERROR,
	{.kind = HTTP_TCP, .enough = true}, "", CONNECTED, 0, 0, HTTP_FAILED,
	"body: not what is expected in 64 KiB"},

    {"words of OpenSSL", CURLE_RECV_ERROR, {.peer = {.host = "h"}},
	"error:0A000126:SSL routines::unexpected eof", CONNECTED, 0, 0,
	HTTP_FAILED, "tls: unexpected eof"},
    {"what verification found", CURLE_PEER_FAILED_VERIFICATION,
	{.peer = {.host = "h"}}, "SSL certificate problem: self-signed",
	CONNECTED, 0, 0, HTTP_FAILED, "tls: self-signed"},
    {"no connection", CURLE_COULDNT_CONNECT, {.fd = -1}, "to 0.0.0.0", NOWHERE,
	0, 0, HTTP_FAILED, "connection: Couldn't connect to server"},
    {"frames that make no sense", CURLE_RECV_ERROR, {.fd = -1},
	"nghttp2_session_mem_recv() returned -902:Flooding was detected",
	CONNECTED, 0, 0, HTTP_FAILED, "answer: HTTP/2: Flooding was detected"},
    {"a connection that fails", CURLE_SEND_ERROR, {.fd = -1}, "Send failure",
	CONNECTED, 0, 0, HTTP_FAILED, "connection: Send failure"},
    {"one that fails without a word", CURLE_RECV_ERROR, {.fd = -1}, "",
	CONNECTED, 0, 0, HTTP_FAILED,
	"connection: Failure when receiving data from the peer"},
    {"one that fails for want of a certificate", CURLE_RECV_ERROR,
	{.peer = {ASKED, .wants_certificate = true, .host = "h"}}, "x",
	CONNECTED, 0, 0, HTTP_FAILED,
	"tls: the server wants a client certificate"},
    {"one that fails after a status", CURLE_RECV_ERROR,
	{.peer = {ASKED, .wants_certificate = true}}, "x", CONNECTED, 200, 11,
	HTTP_FAILED, "connection: x"},

    {"closed", CURLE_GOT_NOTHING, {.fd = -1}, "", CONNECTED, 0, 0, HTTP_FAILED,
	"closed without an answer"},
    {"closed, as what knows no HTTP/2 does", CURLE_GOT_NOTHING,
	{.only_http2 = true}, "", CONNECTED, 0, 0, HTTP_FAILED,
	"closed without an answer in HTTP/2"},
    {"closed before what is expected", CURLE_GOT_NOTHING,
	{.talk = {.n_came = 1}}, "", CONNECTED, 0, 0, HTTP_FAILED,
	"closed without what is expected"},
    {"closed when it saw our certificate", CURLE_GOT_NOTHING,
	{.peer = {ASKED, SHOWS}}, "", CONNECTED, 0, 0, HTTP_FAILED,
	"tls: closed after our client certificate"},
    {"closed, and asked for no certificate", CURLE_GOT_NOTHING,
	{.peer = {SHOWS}}, "", CONNECTED, 0, 0, HTTP_FAILED,
	"closed without an answer"},
    {"closed, and there was none to show", CURLE_GOT_NOTHING, {.peer = {ASKED}},
	"", CONNECTED, 0, 0, HTTP_FAILED, "closed without an answer"},
    {"HTTP/2 closed before a header", CURLE_PARTIAL_FILE, {.only_http2 = true},
	"", CONNECTED, 0, 0, HTTP_FAILED, "closed without an answer in HTTP/2"},
    {"half of a body", CURLE_PARTIAL_FILE, {.header_bytes = 1}, "", FIRST_BYTE,
	200, 11, HTTP_FAILED, "body: cut short"},
    {"HTTP/0.9", CURLE_UNSUPPORTED_PROTOCOL, {.fd = -1}, "", CONNECTED, 0, 0,
	HTTP_FAILED, "not HTTP"},
    {"what is none", CURLE_WEIRD_SERVER_REPLY, {.fd = -1}, "", CONNECTED, 0, 0,
	HTTP_FAILED, "not HTTP"},
    {"a header that is none", CURLE_BAD_FUNCTION_ARGUMENT, {.fd = -1}, "",
	CONNECTED, 0, 0, HTTP_FAILED, "not HTTP"},

    {"reset in the handshake", CURLE_SSL_CONNECT_ERROR, {.peer = {.host = "h"}},
	OPENSSL "Connection reset by peer in connection to h:443", CONNECTED, 0,
	0, HTTP_FAILED, "tls: reset in the handshake"},
    {"broken in the handshake", CURLE_SSL_CONNECT_ERROR,
	{.peer = {.host = "h"}}, "Send failure: Broken pipe", CONNECTED, 0, 0,
	HTTP_FAILED, "tls: reset in the handshake"},
    {"closed in the handshake", CURLE_SSL_CONNECT_ERROR,
	{.peer = {.host = "h"}}, "Recv failure: something else", CONNECTED, 0,
	0, HTTP_FAILED, "tls: closed in the handshake"},
    {"a server that may want a name", CURLE_SSL_CONNECT_ERROR, {.fd = -1},
	OPENSSL "SSL_ERROR_SYSCALL", CONNECTED, 0, 0, HTTP_FAILED,
	"tls: closed in the handshake; the check has no host"},
    {"a server that saw us without a name and went on", CURLE_SSL_CONNECT_ERROR,
	{.peer = {ASKED}}, "other words", CONNECTED, 0, 0, HTTP_FAILED,
	"tls: other words"},
    {"an alert at our certificate", CURLE_SSL_CONNECT_ERROR,
	{.peer = {ASKED, SHOWS, .host = "h"}},
	"tlsv1 alert unknown ca, errno 0", CONNECTED, 0, 0, HTTP_FAILED,
	"tls: our client certificate: tlsv1 alert unknown ca"},
    {"an alert before it was asked for", CURLE_SSL_CONNECT_ERROR,
	{.peer = {SHOWS, .host = "h"}}, "tlsv1 alert internal error", CONNECTED,
	0, 0, HTTP_FAILED, "tls: tlsv1 alert internal error"},
    {"no alert at our certificate", CURLE_SSL_CONNECT_ERROR,
	{.peer = {ASKED, SHOWS, .host = "h"}}, "wrong version", CONNECTED, 0, 0,
	HTTP_FAILED, "tls: wrong version"},

    {"authorities that cannot be read", CURLE_SSL_CACERT_BADFILE,
	{.lane = &with_ca}, "x", NOWHERE, 0, 0, HTTP_UNMADE,
	"probe: cannot use the ca file: /etc/own.pem"},
    {"those of the system", CURLE_SSL_CACERT_BADFILE, {.fd = -1}, "x", NOWHERE,
	0, 0, HTTP_UNMADE, "probe: cannot use the ca file: x"},
    {"a certificate of ours that cannot be read", CURLE_SSL_CERTPROBLEM,
	{.lane = &with_ca}, "x", NOWHERE, 0, 0, HTTP_UNMADE,
	"probe: cannot use the client certificate"},

    {"no memory", CURLE_OUT_OF_MEMORY, {.fd = -1}, "", CONNECTED, 0, 0,
	HTTP_UNMADE, "probe: no memory"},
    {"a header beyond all memory", CURLE_OUT_OF_MEMORY, {.fd = -1}, "",
	FIRST_BYTE, 0, 0, HTTP_FAILED, "headers: over 64 KiB"},
    {"no memory for a body", CURLE_OUT_OF_MEMORY, {.headers_ended = true}, "",
	FIRST_BYTE, 200, 11, HTTP_UNMADE, "probe: no memory"},

    {"an error before there was a connection", CURLE_URL_MALFORMAT, {.fd = -1},
	"no URL", NOWHERE, 0, 0, HTTP_UNMADE, "probe: no URL"},
    {"an error with one", CURLE_TOO_MANY_REDIRECTS, {.fd = -1}, "too many",
	CONNECTED, 0, 0, HTTP_FAILED, "answer: too many"},
    {"an error with one that was kept", CURLE_TOO_MANY_REDIRECTS, {.fd = -1},
	"too many", KEPT, 0, 0, HTTP_FAILED, "answer: too many"},
    {"words that no terminal is to see", CURLE_TOO_MANY_REDIRECTS, {.fd = -1},
	"\x1b[2J\xc3\xa9\x7f~", CONNECTED, 0, 0, HTTP_FAILED,
	"answer: ?[2J???~"},
};

static struct http_answer
reach(enum reached reached)
{
	struct http_answer answer = {
	    .connect_us = -1, .tls_us = -1, .first_byte_us = -1};

	if (reached == CONNECTED || reached == FIRST_BYTE)
		answer.connect_us = 10;
	if (reached == FIRST_BYTE)
		answer.first_byte_us = 20;
	answer.reused = reached == KEPT;
	return answer;
}

START_TEST(what_became_of_it_is_said)
{
	struct http_check check = rows[_i].check;
	struct http_answer answer = reach(rows[_i].reached);

	answer.status = rows[_i].status;
	answer.protocol = rows[_i].protocol;
	check.lane = check.lane != NULL ? check.lane : &plain;
	check.easy = curl_easy_init();
	ck_assert_ptr_nonnull(check.easy);
	snprintf(check.error, sizeof(check.error), "%s", rows[_i].error);
	http_judge(&check, rows[_i].code, &answer);
	ck_assert_msg(answer.outcome == rows[_i].outcome, "%s: %d, %s",
	    rows[_i].what, (int)answer.outcome, answer.reason);
	ck_assert_msg(strcmp(answer.reason, rows[_i].reason) == 0, "%s: %s",
	    rows[_i].what, answer.reason);
	curl_easy_cleanup(check.easy);
}
END_TEST

/* --- time-outs: the server's, or ours --- */

#define TIMEOUT_MS 1000

static const struct {
	const char *what;
	/* How late we noticed it, how late we were before; how long ago it was
	 * acted on; and what is in its socket. */
	int64_t noticed_ms, late_ms, acted_ms;
	bool bytes;
	enum reached reached;
	enum http_outcome outcome;
} timeouts[] = {
    {"noticed in time", 0, 0, TIMEOUT_MS, true, CONNECTED, HTTP_FAILED},
    {"late before, but not much", 0, TIMEOUT_MS / 4, 0, true, CONNECTED,
	HTTP_FAILED},
    {"late before, and an answer waits", 0, TIMEOUT_MS / 4 + 1, TIMEOUT_MS,
	true, CONNECTED, HTTP_UNMADE},
    {"late before, and nothing came for most of the time", 0,
	TIMEOUT_MS / 4 + 1, TIMEOUT_MS, false, CONNECTED, HTTP_FAILED},
    {"late before, and nothing came since we acted", 0, TIMEOUT_MS / 4 + 1,
	TIMEOUT_MS / 2, false, CONNECTED, HTTP_UNMADE},
    {"noticed far too late, and an answer waits", 10000, 0, TIMEOUT_MS, true,
	CONNECTED, HTTP_UNMADE},
    {"noticed far too late, and nothing came", 10000, 0, TIMEOUT_MS, false,
	CONNECTED, HTTP_FAILED},
    {"noticed far too late, on a kept connection", 10000, 0, TIMEOUT_MS, false,
	KEPT, HTTP_FAILED},
    {"noticed far too late, and the connection has come to be", 10000, 0,
	TIMEOUT_MS, false, NOWHERE, HTTP_UNMADE},
};

START_TEST(a_time_out_is_the_servers_or_ours)
{
	struct http_answer answer = reach(timeouts[_i].reached);
	int64_t now = clock_mono_ms();
	struct http_check check = {.lane = &plain,
	    .timeout_ms = TIMEOUT_MS,
	    /* A while in hand, for this test. */
	    .deadline_ms = now + 10000 - 2 * timeouts[_i].noticed_ms,
	    .acted_ms = now - timeouts[_i].acted_ms};
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check.fd = fds[0];
	if (timeouts[_i].bytes)
		ck_assert_int_eq(write(fds[1], "x", 1), 1);
	checker.late_ms = 5000 + timeouts[_i].late_ms;
	check.late_ms = 5000;
	http_judge(&check, CURLE_OPERATION_TIMEDOUT, &answer);
	ck_assert_msg(answer.outcome == timeouts[_i].outcome, "%s: %s",
	    timeouts[_i].what, answer.reason);
	ck_assert_str_eq(answer.reason,
	    answer.outcome == HTTP_FAILED
		? "timeout"
		: "probe: too slow, this host is overloaded");
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* Of one that has no socket nobody knows what waits in it. */
START_TEST(a_time_out_without_a_socket_that_we_noticed_late_is_ours)
{
	struct http_answer answer = reach(NOWHERE);
	struct http_check check = {
	    .lane = &plain, .timeout_ms = TIMEOUT_MS, .fd = -1};

	checker.late_ms = 0;
	http_judge(&check, CURLE_OPERATION_TIMEDOUT, &answer);
	ck_assert_int_eq(answer.outcome, HTTP_UNMADE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_http_judge");
	TCase *tcase = tcase_create("http_judge");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, what_became_of_it_is_said, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tcase, a_time_out_is_the_servers_or_ours, 0,
	    (int)(sizeof(timeouts) / sizeof(timeouts[0])));
	tcase_add_test(
	    tcase, a_time_out_without_a_socket_that_we_noticed_late_is_ours);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
