/* Tests of requests against real servers, the bad ones among them. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/ask/http_check.h"
#include "tests/unit/probes_request.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64
#define A_KIBIBYTE A256 A256 A256 A256

static const struct {
	const char *what;
	enum manner manner;
	const char *answer, *flood;
	bool take;
	enum http_outcome outcome;
	unsigned status;
	const char *reason, *body;
} rows[] = {
    {"an answer whose body does not matter", SENDS, OK_ANSWER, NULL, false,
	HTTP_ANSWERED, 200, "", ""},
    {"an answer whose body is read", SENDS, OK_ANSWER, NULL, true,
	HTTP_ANSWERED, 200, "", "ok"},
    {"a body that ends with the connection", SENDS,
	"HTTP/1.1 200 OK\r\n\r\nhello", NULL, true, HTTP_ANSWERED, 200, "",
	"hello"},
    {"a chunked body", SENDS,
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
	NULL, true, HTTP_ANSWERED, 200, "", "abcde"},
    {"no content", SENDS, "HTTP/1.1 204 No Content\r\n\r\n", NULL, true,
	HTTP_ANSWERED, 204, "", ""},
    {"an error is an answer", SENDS,
	"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", NULL, false,
	HTTP_ANSWERED, 503, "", ""},
    {"a redirect is not followed", SENDS,
	"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
	"Content-Length: 0\r\n\r\n",
	NULL, false, HTTP_ANSWERED, 302, "", ""},
    {"HTTP/1.0", SENDS, "HTTP/1.0 200 OK\r\n\r\nold", NULL, true, HTTP_ANSWERED,
	200, "", "old"},
    {"an interim answer before it", SENDS,
	"HTTP/1.1 100 Continue\r\n\r\n" OK_ANSWER, NULL, true, HTTP_ANSWERED,
	200, "", "ok"},
    {"an answer, and a reset for the rest of the request", READS_LITTLE,
	OK_ANSWER, NULL, true, HTTP_ANSWERED, 200, "", "ok"},
    {"an answer, and a reset for a request not read", READS_NOTHING, OK_ANSWER,
	NULL, true, HTTP_ANSWERED, 200, "", "ok"},
    {"an answer, and a reset right after", SENDS_RESETS, OK_ANSWER, NULL, true,
	HTTP_ANSWERED, 200, "", "ok"},
    {"half an answer, and a reset", READS_LITTLE,
	"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", NULL, true,
	HTTP_FAILED, 200, "reset", "12345"},
    {"a body that would end with the connection, and a reset", READS_LITTLE,
	"HTTP/1.1 200 OK\r\n\r\nhello", NULL, true, HTTP_FAILED, 200, "reset",
	"hello"},
    {"no answer, and a reset", READS_LITTLE, "", NULL, false, HTTP_FAILED, 0,
	"reset", ""},
    {"an error, and a reset", READS_NOTHING,
	"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", NULL, false,
	HTTP_ANSWERED, 503, "", ""},
    {"nobody listens", LISTENS, "", NULL, false, HTTP_FAILED, 0, "refused", ""},
    {"no answer", HANGS, "", NULL, false, HTTP_FAILED, 0, "timeout", ""},
    {"no answer but an interim one", STAYS, "HTTP/1.1 100 Continue\r\n\r\n",
	NULL, false, HTTP_FAILED, 0, "timeout", ""},
    {"headers that do not end", STAYS, "HTTP/1.1 200 OK\r\nA: b\r\n", NULL,
	false, HTTP_FAILED, 200, "timeout", ""},
    {"a body that does not end", STAYS,
	"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", NULL, false,
	HTTP_FAILED, 200, "timeout", ""},
    {"a body that is cut short", SENDS,
	"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", NULL, false,
	HTTP_FAILED, 200, "body: cut short", ""},
    {"closed at once", CLOSES, "", NULL, false, HTTP_FAILED, 0, NULL, ""},
    {"reset at once", RESETS, "", NULL, false, HTTP_FAILED, 0, "reset", ""},
    {"closed after the request", SENDS, "", NULL, false, HTTP_FAILED, 0,
	"closed without an answer", ""},
    {"not HTTP", SENDS, "220 mail.example ESMTP\r\n", NULL, false, HTTP_FAILED,
	0, "not HTTP", ""},
    {"a version that is none", SENDS, "HTTP/\x1b[31m 200 OK\r\n\r\n", NULL,
	false, HTTP_FAILED, 0, "not HTTP", ""},
    {"a code that is none", SENDS, "HTTP/1.1 2000 OK\r\n\r\n", NULL, false,
	HTTP_FAILED, 0, "not HTTP", ""},
    {"a code and no words", SENDS, "HTTP/1.1 204\r\n\r\n", NULL, false,
	HTTP_ANSWERED, 204, "", ""},
    {"a header that is none", SENDS, "HTTP/1.1 200 OK\r\n\x1b[31m\r\n\r\n",
	NULL, false, HTTP_FAILED, 200, "not HTTP", ""},
    {"a flood of headers", FLOODS, "HTTP/1.1 200 OK\r\n",
	"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
	false, HTTP_FAILED, 200, "headers: over 64 KiB", ""},
    {"a flood of interim answers", FLOODS, "HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\n", false, HTTP_FAILED, 0,
	"headers: over 64 KiB", ""},
    {"one header without end", FLOODS, "HTTP/1.1 200 OK\r\nX: ",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	false, HTTP_FAILED, 200, "headers: over 64 KiB", ""},
    {"a body without end that is read", FLOODS, "HTTP/1.1 200 OK\r\n\r\n",
	A_KIBIBYTE, true, HTTP_FAILED, 200, "body: over 16 MiB", NULL},
    {"a body without end that does not matter", FLOODS,
	"HTTP/1.1 200 OK\r\n\r\n",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	false, HTTP_ANSWERED, 200, "", ""},
};

START_TEST(answers)
{
	struct server s = {.manner = rows[_i].manner,
	    .answer = rows[_i].answer,
	    .flood = rows[_i].flood};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.take = rows[_i].take ? on_body : NULL;
	/* Long enough where it must not matter. */
	request.timeout_ms =
	    rows[_i].reason != NULL && strcmp(rows[_i].reason, "timeout") == 0
	    ? 200
	    : 20000;
	out = ask(&request);
	ck_assert_msg(out.answer.outcome == rows[_i].outcome, "%s: %s",
	    rows[_i].what, out.answer.reason);
	ck_assert_msg(out.answer.status == rows[_i].status, "%s: %u",
	    rows[_i].what, out.answer.status);
	if (rows[_i].reason != NULL)
		ck_assert_msg(strcmp(out.answer.reason, rows[_i].reason) == 0,
		    "%s: %s", rows[_i].what, out.answer.reason);
	else
		ck_assert_str_ne(out.answer.reason, "");
	if (rows[_i].body != NULL)
		ck_assert_msg(strcmp(out.body, rows[_i].body) == 0, "%s: %s",
		    rows[_i].what, out.body);
}
END_TEST

/* A listener as slow as the worst of servers could make libcurl. */
static void
on_costly_body(void *context, const char *data, size_t len)
{
	clock_t start = clock();

	on_body(context, data, len);
	while (clock() - start < CLOCKS_PER_SEC / 5)
		;
}

START_TEST(cost_is_bounded)
{
	struct server s = {.manner = FLOODS,
	    .answer = "HTTP/1.1 200 OK\r\n\r\n",
	    .flood = A_KIBIBYTE};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 20000;
	request.take = on_costly_body;
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_str_eq(out.answer.reason, "costs too much CPU time");
	/* Twice it was not over, and the second time it was. */
	ck_assert_uint_lt(out.len, 200000);
}
END_TEST

/* In one call, which cannot be interrupted and came to an end. */
START_TEST(cost_of_a_whole_answer_counts)
{
	struct server s = {.manner = SENDS,
	    .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
		      "\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 20000;
	request.take = on_costly_body;
	ck_assert_str_eq(
	    ask(&request).answer.reason, "costs too much CPU time");
}
END_TEST

START_TEST(times_are_measured)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	out = ask(&request);
	ck_assert_int_gt(out.answer.connect_us, 0);
	ck_assert_int_ge(out.answer.first_byte_us, out.answer.connect_us);
	ck_assert_int_lt(out.answer.first_byte_us, 2000000);
	s.manner = HANGS;
	request.timeout_ms = 100;
	out = ask(&request);
	ck_assert_int_gt(out.answer.connect_us, 0);
	ck_assert_int_eq(out.answer.first_byte_us, -1);
}
END_TEST

START_TEST(refused_has_no_times)
{
	struct server s = {.manner = LISTENS};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	out = ask(&request);
	ck_assert_int_eq(out.answer.connect_us, -1);
	ck_assert_int_eq(out.answer.first_byte_us, -1);
}
END_TEST

START_TEST(timeout_is_kept)
{
	struct server s = {.manner = HANGS};
	struct http_request request;
	int64_t start, took;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 300;
	start = clock_mono_ms();
	ask(&request);
	took = clock_mono_ms() - start;
	ck_assert_int_ge(took, 295 * (int64_t)s.requests);
	ck_assert_int_lt(took, 3000 * (int64_t)s.requests);
}
END_TEST

START_TEST(what_is_sent)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	char host[64];

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.path = "/a/../b?c=%20d";
	ask(&request);
	ck_assert_ptr_eq(
	    strstr(s.request, "GET /a/../b?c=%20d HTTP/1.1\r\n"), s.request);
	snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%u\r\n", s.at.port);
	ck_assert_ptr_nonnull(strstr(s.request, host));
	ck_assert_ptr_nonnull(strstr(s.request, "\r\nConnection: close\r\n"));
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nUser-Agent: meridian-probe/"));
}
END_TEST

START_TEST(host_is_sent_to_the_address)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	char host[64];

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.host = "chat.example.invalid";
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	snprintf(host, sizeof(host), "\r\nHost: chat.example.invalid:%u\r\n",
	    s.at.port);
	ck_assert_ptr_nonnull(strstr(s.request, host));
}
END_TEST

START_TEST(ipv6)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	char host[64];

	server_start(&s, "::1");
	request = request_to(&s);
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	snprintf(host, sizeof(host), "\r\nHost: [::1]:%u\r\n", s.at.port);
	ck_assert_ptr_nonnull(strstr(s.request, host));
	request.host = "chat.example.invalid";
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nHost: chat.example.invalid:"));
	ck_assert_uint_eq(s.requests, 2);
}
END_TEST

/* The server would gladly keep the connection. */
START_TEST(each_request_has_its_connection)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	ask(&request);
	ask(&request);
	while (s.closed < 2)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(s.requests, 2);
}
END_TEST

/* Check runs each test in a process of its own: its environment goes too. */
START_TEST(proxies_of_the_environment)
{
	static char proxy[] = "http_proxy=http://127.0.0.1:1";
	static char all[] = "ALL_PROXY=http://127.0.0.1:1";
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	char *environment[] = {proxy, all, NULL};
	char **before = environ;
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	environ = environment;
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
	environ = before;
	ck_assert_uint_eq(s.requests, 1);
}
END_TEST

/* Without a descriptor left it is the probe that fails, not the endpoint. */
START_TEST(no_descriptors)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;
	struct rlimit limit;
	int fds[256], n = 0;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	ask(&request);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 128;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (n < 256 && (fds[n] = dup(0)) >= 0)
		n++;
	ck_assert_int_lt(n, 256);
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_UNMADE);
	ck_assert_str_eq(out.answer.reason, "probe: Too many open files");
	while (n > 0)
		close(fds[--n]);
	ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
}
END_TEST

START_TEST(cancelled_says_nothing)
{
	struct server s = {.manner = HANGS};
	struct outcome out = {.done = false};
	struct http_request request;
	struct http_check *check;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	check = http_check_start(checker, &request, on_done, &out);
	while (s.requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	http_check_cancel(check);
	while (s.closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(!out.done);
}
END_TEST

/* The loop slept over the end, and an answer came at some time before. */
START_TEST(late_timeout_is_ours)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct outcome out = {.done = false};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 100;
	http_check_start(checker, &request, on_done, &out);
	while (s.requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	uv_sleep(300);
	while (!out.done)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(out.answer.outcome, HTTP_UNMADE);
	ck_assert_ptr_nonnull(strstr(out.answer.reason, "probe: too slow"));
}
END_TEST

/* The same, and there is no answer even now. */
START_TEST(late_timeout_without_an_answer_is_a_timeout)
{
	struct server s = {.manner = HANGS};
	struct outcome out = {.done = false};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 100;
	http_check_start(checker, &request, on_done, &out);
	while (s.requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	uv_sleep(300);
	while (!out.done)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_str_eq(out.answer.reason, "timeout");
}
END_TEST

/* The loop slept before the request was sent, and woke up in time to see that
 * there is none: the server had no time to answer. */
START_TEST(timeout_after_our_own_sleep_is_ours)
{
	struct server s = {.manner = HANGS};
	struct outcome out = {.done = false};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 2000;
	http_check_start(checker, &request, on_done, &out);
	uv_sleep(1200);
	while (!out.done)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_msg(
	    out.answer.outcome == HTTP_UNMADE, "%s", out.answer.reason);
	ck_assert_ptr_nonnull(strstr(out.answer.reason, "probe: too slow"));
}
END_TEST

START_TEST(expired_is_a_timeout)
{
	struct server s = {.manner = HANGS};
	struct outcome out = {.done = false};
	struct http_request request;
	struct http_check *check;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	check = http_check_start(checker, &request, on_done, &out);
	while (s.requests == 0)
		uv_run(&loop, UV_RUN_ONCE);
	http_check_expire(check);
	ck_assert(out.done);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_str_eq(out.answer.reason, "timeout");
	while (s.closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
}
END_TEST

#define MANY 500

START_TEST(many_at_once)
{
	static struct outcome outs[MANY];
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	unsigned left = MANY;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.timeout_ms = 20000;
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_ptr_nonnull(
		    http_check_start(checker, &request, on_done, &outs[i]));
	while (left > 0) {
		uv_run(&loop, UV_RUN_ONCE);
		left = 0;
		for (unsigned i = 0; i < MANY; i++)
			left += !outs[i].done;
	}
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_int_eq(outs[i].answer.outcome, HTTP_ANSWERED);
	ck_assert_uint_eq(s.requests, MANY);
}
END_TEST

/* --- TLS --- */

/* Run ${argv} with its output to ${out} (-1: nowhere); its process. */
static pid_t
spawn(const char *const *argv, int out)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	if (out < 0)
		out = open("/dev/null", O_WRONLY);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static char folder[64];

/* A key and a certificate that signs itself, for ${name}. */
static void
make_certificate(const char *name, const char *subject_names)
{
	char key[96], cert[96], subject[96], extension[96];
	const char *argv[] = {"openssl", "req", "-x509", "-newkey", "ec",
	    "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
	    "-keyout", key, "-out", cert, "-subj", subject, "-addext",
	    extension, NULL};
	int status;

	snprintf(key, sizeof(key), "%s/%s.key", folder, name);
	snprintf(cert, sizeof(cert), "%s/%s.pem", folder, name);
	snprintf(subject, sizeof(subject), "/CN=%s", name);
	snprintf(
	    extension, sizeof(extension), "subjectAltName=%s", subject_names);
	ck_assert_int_eq(
	    waitpid(spawn(argv, -1), &status, 0) > 0 && status == 0, 1);
}

static pid_t tls_server;
static struct endpoint_address tls_at;

static void
remove_folder(void)
{
	static const char *const names[] = {
	    "address.key", "address.pem", "named.key", "named.pem"};
	char path[96];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

/* Runs once, outside of the tests' processes.  Shows "address.pem" to clients
 * that name no host, "named.pem" to those that ask for chat.example. */
static void
set_up_tls(void)
{
	static char cert[96], key[96], cert2[96], key2[96];
	const char *argv[] = {"openssl", "s_server", "-accept", "127.0.0.1:0",
	    "-cert", cert, "-key", key, "-cert2", cert2, "-key2", key2,
	    "-servername", "chat.example", "-www", NULL};
	char text[4096], *port = NULL;
	size_t len = 0;
	ssize_t n;
	int fds[2];

	snprintf(folder, sizeof(folder), "/tmp/probes_http.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	make_certificate("address", "IP:127.0.0.1");
	make_certificate("named", "DNS:chat.example");
	snprintf(cert, sizeof(cert), "%s/address.pem", folder);
	snprintf(key, sizeof(key), "%s/address.key", folder);
	snprintf(cert2, sizeof(cert2), "%s/named.pem", folder);
	snprintf(key2, sizeof(key2), "%s/named.key", folder);
	ck_assert_int_eq(pipe(fds), 0);
	tls_server = spawn(argv, fds[1]);
	close(fds[1]);
	/* It says "ACCEPT 127.0.0.1:PORT" when it listens. */
	while (port == NULL || strchr(port, '\n') == NULL) {
		n = read(fds[0], text + len, sizeof(text) - 1 - len);
		ck_assert_int_gt(n, 0);
		len += (size_t)n;
		text[len] = '\0';
		port = strstr(text, "ACCEPT 127.0.0.1:");
	}
	port += strlen("ACCEPT 127.0.0.1:");
	address_parse("127.0.0.1", &tls_at.address);
	tls_at.port = (uint16_t)strtoul(port, NULL, 10);
	/* fds[0] stays open: the server goes on writing. */
}

static void
tear_down_tls(void)
{
	kill(tls_server, SIGTERM);
	waitpid(tls_server, NULL, 0);
	remove_folder();
}

static const struct {
	const char *what;
	bool verify;
	enum http_outcome outcome;
	const char *host, *ca;
	const char *reason; /* how it begins */
} tls_rows[] = {
    {"an unknown authority", true, HTTP_FAILED, NULL, NULL, "tls: "},
    {"an unknown authority by name", true, HTTP_FAILED, "chat.example", NULL,
	"tls: "},
    {"no verification", false, HTTP_ANSWERED, NULL, NULL, ""},
    {"no verification, another name", false, HTTP_ANSWERED, "other.example",
	NULL, ""},
    {"the right authority, by address", true, HTTP_ANSWERED, NULL,
	"address.pem", ""},
    {"the right authority, by name: the server saw it", true, HTTP_ANSWERED,
	"chat.example", "named.pem", ""},
    {"another certificate than the authority's", true, HTTP_FAILED,
	"chat.example", "address.pem", "tls: "},
    {"a certificate of another name", true, HTTP_FAILED, "other.example",
	"address.pem", "tls: "},
    {"an authority that is not there", true, HTTP_UNMADE, NULL, "missing.pem",
	"probe: "},
};

START_TEST(tls)
{
	struct http_request request = {.to = &tls_at,
	    .https = true,
	    .verify = tls_rows[_i].verify,
	    .host = tls_rows[_i].host,
	    .path = "/",
	    .timeout_ms = 10000};
	char ca[128];
	struct outcome out;

	snprintf(ca, sizeof(ca), "%s/%s", folder,
	    tls_rows[_i].ca != NULL ? tls_rows[_i].ca : "");
	if (tls_rows[_i].ca != NULL)
		request.ca = ca;
	out = ask(&request);
	ck_assert_msg(out.answer.outcome == tls_rows[_i].outcome, "%s: %s",
	    tls_rows[_i].what, out.answer.reason);
	ck_assert_msg(strncmp(out.answer.reason, tls_rows[_i].reason,
			  strlen(tls_rows[_i].reason)) == 0 &&
		(out.answer.reason[0] != '\0') ==
		    (tls_rows[_i].reason[0] != '\0'),
	    "%s: %s", tls_rows[_i].what, out.answer.reason);
	if (tls_rows[_i].outcome == HTTP_ANSWERED)
		ck_assert_uint_eq(out.answer.status, 200);
}
END_TEST

/* Authorities are cached per file, and read anew after a refresh. */
START_TEST(tls_authorities_do_not_mix)
{
	char good[128], bad[128];
	struct http_request request = {.to = &tls_at,
	    .https = true,
	    .verify = true,
	    .path = "/",
	    .timeout_ms = 10000};

	snprintf(good, sizeof(good), "%s/address.pem", folder);
	snprintf(bad, sizeof(bad), "%s/named.pem", folder);
	for (int i = 0; i < 3; i++) {
		request.ca = good;
		ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
		request.ca = bad;
		ck_assert_int_eq(ask(&request).answer.outcome, HTTP_FAILED);
		http_checker_refresh(checker);
	}
}
END_TEST

START_TEST(tls_to_a_server_without)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = request_to(&s);
	request.https = true;
	s.manner = CLOSES;
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_ptr_eq(strstr(out.answer.reason, "tls: "), out.answer.reason);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_http");
	TCase *plain = tcase_create("plain"), *secure = tcase_create("tls");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(plain, set_up, tear_down);
	tcase_set_timeout(plain, 30);
	tcase_add_loop_test(
	    plain, answers, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(plain, cost_is_bounded);
	tcase_add_test(plain, cost_of_a_whole_answer_counts);
	tcase_add_test(plain, times_are_measured);
	tcase_add_test(plain, refused_has_no_times);
	tcase_add_test(plain, timeout_is_kept);
	tcase_add_test(plain, what_is_sent);
	tcase_add_test(plain, host_is_sent_to_the_address);
	tcase_add_test(plain, ipv6);
	tcase_add_test(plain, each_request_has_its_connection);
	tcase_add_test(plain, proxies_of_the_environment);
	tcase_add_test(plain, no_descriptors);
	tcase_add_test(plain, cancelled_says_nothing);
	tcase_add_test(plain, late_timeout_is_ours);
	tcase_add_test(plain, late_timeout_without_an_answer_is_a_timeout);
	tcase_add_test(plain, timeout_after_our_own_sleep_is_ours);
	tcase_add_test(plain, expired_is_a_timeout);
	tcase_add_test(plain, many_at_once);
	tcase_add_unchecked_fixture(secure, set_up_tls, tear_down_tls);
	tcase_add_checked_fixture(secure, set_up, tear_down);
	tcase_set_timeout(secure, 60);
	tcase_add_loop_test(
	    secure, tls, 0, (int)(sizeof(tls_rows) / sizeof(tls_rows[0])));
	tcase_add_test(secure, tls_authorities_do_not_mix);
	tcase_add_test(secure, tls_to_a_server_without);
	suite_add_tcase(suite, plain);
	suite_add_tcase(suite, secure);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
