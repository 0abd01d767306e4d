/*
 * HTTP: pages of any size in pieces, to many clients at once, whatever a client
 * does in the middle of one.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/http.h"
#include "web/openmetrics.h"
#include "web/places.h"

#define LINE "0123456789012345678901234567890123456789012345678901234567890\n"
#define PIECE_LINES 256
/* 100 MB: above what was once the largest page. */
#define LARGE_PIECES 6400
#define SMALL_BYTES (PIECE_LINES * (sizeof(LINE) - 1))
#define LARGE_BYTES (LARGE_PIECES * SMALL_BYTES)
/* What a server may take for one client that reads it, in KiB. */
#define ROOM_KIB 8192

/* The first piece of a page that has another form, in which it is nothing. */
#define COMMENT "# no metric\n"
#define COMMENT_BYTES (sizeof(COMMENT) - 1)
#define END_BYTES (sizeof("# EOF\n") - 1)

enum { SMALL, LARGE, BROKEN, NO_MEMORY, STATIC, FORMED, PAGES };

static const struct http_file file = {.path = "/page/file.js",
    .type = "text/javascript; charset=utf-8",
    .tag = "\"0123456789abcdef\"",
    .data = (const unsigned char *)"'use strict';\n",
    .len = 14};

static const struct http_page pages[PAGES] = {
    [SMALL] = {.path = "/small", .type = "text/plain"},
    [LARGE] = {.path = "/large", .type = "text/plain"},
    [BROKEN] = {.path = "/broken", .type = "text/plain"},
    [NO_MEMORY] = {.path = "/no-memory", .type = "text/plain"},
    [STATIC] = {.path = "/page/file.js", .file = &file},
    [FORMED] = {.path = "/formed",
	.type = METRICS_TYPE,
	.form = &openmetrics_form},
};

struct opened {
	size_t page;
	long left; /* pieces */
};

static atomic_long open_now;

static void *
on_open(void *context, size_t page, const struct http_query *query,
    unsigned *status)
{
	struct opened *o = page == NO_MEMORY ? NULL : calloc(1, sizeof(*o));
	const char *wanted = query->value(query->context, "status");

	(void)context;
	if (wanted != NULL)
		*status = (unsigned)strtoul(wanted, NULL, 10);
	if (o == NULL)
		return NULL;
	o->page = page;
	o->left = page == LARGE ? LARGE_PIECES : page == FORMED ? 2 : 1;
	atomic_fetch_add(&open_now, 1);
	return o;
}

static void
on_more(void *opened, struct text *piece)
{
	struct opened *o = opened;

	if (o->page == BROKEN && o->left == 0)
		piece->failed = true;
	if (o->left == 0)
		return;
	o->left--;
	if (o->page == FORMED && o->left == 1) {
		text_add(piece, COMMENT);
		return;
	}
	for (int i = 0; i < PIECE_LINES; i++)
		text_bytes(piece, LINE, strlen(LINE));
}

static void
on_close(void *opened)
{
	atomic_fetch_sub(&open_now, 1);
	free(opened);
}

static bool
on_called(void *context, const char *host)
{
	(void)context;
	return host == NULL || strcmp(host, "stranger.example") != 0;
}

static const struct http_calls calls = {
    .called = on_called, .open = on_open, .more = on_more, .close = on_close};

static struct endpoint_address at;
static struct http_server *http;
static struct errbuf eb;

/* On a port that is free. */
static void
start(void)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(address_parse("127.0.0.1", &at.address), 0);
	address_to_sockaddr(&at.address, 0, &sa);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&sa, sizeof(struct sockaddr_in)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	at.port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
	close(fd);
	errbuf_init(&eb);
	http = http_start(&at, pages, PAGES, &calls, NULL, &eb);
	ck_assert_msg(http != NULL, "%s", eb.text);
}

/* A client that sent ${request}. */
static int
send_request(const char *request)
{
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage sa;

	address_to_sockaddr(&at.address, at.port, &sa);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&sa, sizeof(struct sockaddr_in)), 0);
	ck_assert_int_eq(
	    send(fd, request, strlen(request), 0), (int)strlen(request));
	return fd;
}

/* One that asks as HTTP/1.0 does: a page ends with its connection. */
static int
ask(const char *method, const char *path)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s HTTP/1.0\r\n\r\n", method, path);
	return send_request(text);
}

/* Bytes of the body; its head to ${head}. */
static size_t
read_answer(int fd, char head[1024])
{
	static char buffer[65536];
	size_t got = 0, body = 0;
	bool in_body = false;
	ssize_t n;

	memset(head, 0, 1024);
	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		const char *end;

		if (in_body) {
			body += (size_t)n;
			continue;
		}
		for (ssize_t i = 0; i < n && got < 1023; i++)
			head[got++] = buffer[i];
		end = strstr(head, "\r\n\r\n");
		if (end == NULL)
			continue;
		in_body = true;
		body = (size_t)n - (size_t)(end + 4 - head);
	}
	/* Who is refused may be so before its request has come: then the end
	 * that follows the answer is a reset. */
	if (n < 0)
		ck_assert_msg(
		    errno == ECONNRESET && strstr(head, " 503 ") != NULL, "%s",
		    strerror(errno));
	close(fd);
	return body;
}

static void
stop(void)
{
	http_stop(http);
	ck_assert_int_eq(atomic_load(&open_now), 0);
}

/* Each request, what it gets and how much. */
static const struct {
	const char *method, *path, *status;
	size_t least, most;
} requests[] = {
    {"GET", "/small", "HTTP/1.1 200 ", SMALL_BYTES, SMALL_BYTES},
    {"HEAD", "/small", "HTTP/1.1 200 ", 0, 0},
    {"GET", "/small?x=1", "HTTP/1.1 200 ", SMALL_BYTES, SMALL_BYTES},
    {"GET", "/small?x=1&status=%34%30%34&status=500", "HTTP/1.1 404 ",
	SMALL_BYTES, SMALL_BYTES},
    {"GET", "/small?status=200%00", "HTTP/1.1 400 ", 1, 100},
    {"GET", "/small?%00", "HTTP/1.1 400 ", 1, 100},
    {"GET", "/nix", "HTTP/1.1 404 ", 1, 100},
    {"GET", "/", "HTTP/1.1 404 ", 1, 100},
    {"POST", "/small", "HTTP/1.1 405 ", 1, 100},
    {"GET", "/no-memory", "HTTP/1.1 500 ", 1, 100},
    {"GET", "/page/file.js", "HTTP/1.1 200 ", 14, 14},
    {"HEAD", "/page/file.js", "HTTP/1.1 200 ", 0, 0},
    {"POST", "/page/file.js", "HTTP/1.1 405 ", 1, 100},
    {"GET", "/page/../page/file.js", "HTTP/1.1 404 ", 1, 100},
};

START_TEST(answers)
{
	char head[1024];

	start();
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		size_t body = read_answer(
		    ask(requests[i].method, requests[i].path), head);

		ck_assert_msg(strncmp(head, requests[i].status,
				  strlen(requests[i].status)) == 0,
		    "%s %s: %s", requests[i].method, requests[i].path, head);
		ck_assert_msg(
		    body >= requests[i].least && body <= requests[i].most,
		    "%s %s: %zu bytes", requests[i].method, requests[i].path,
		    body);
	}
	stop();
}
END_TEST

/* A request for the file with a line of its own, the status that it gets, and
 * how much. */
static const struct {
	const char *line, *status;
	size_t body;
} known[] = {
    {"If-None-Match: \"0123456789abcdef\"", "HTTP/1.1 304 ", 0},
    {"If-None-Match: W/\"0123456789abcdef\", \"1\"", "HTTP/1.1 304 ", 0},
    {"If-None-Match: *", "HTTP/1.1 304 ", 0},
    {"If-None-Match: \"0123456789abcde\"", "HTTP/1.1 200 ", 14},
    {"If-None-Match:", "HTTP/1.1 200 ", 14},
};

START_TEST(a_file_that_the_client_has_is_not_sent_again)
{
	char head[1024], text[256];

	start();
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		snprintf(text, sizeof(text),
		    "GET /page/file.js HTTP/1.0\r\n%s\r\n\r\n", known[i].line);
		ck_assert_uint_eq(
		    read_answer(send_request(text), head), known[i].body);
		ck_assert_msg(strncmp(head, known[i].status,
				  strlen(known[i].status)) == 0,
		    "%s: %s", known[i].line, head);
		ck_assert_ptr_nonnull(
		    strstr(head, "ETag: \"0123456789abcdef\"\r\n"));
		ck_assert_ptr_nonnull(
		    strstr(head, "Cache-Control: no-cache\r\n"));
	}
	stop();
}
END_TEST

/* Clients that ask for the other form of a page get it, and it has an end of
 * its own; caches are told that there are two. */
START_TEST(a_page_has_the_form_that_is_asked_for)
{
	static const size_t usual = COMMENT_BYTES + SMALL_BYTES,
			    other = SMALL_BYTES + END_BYTES;
	static const struct {
		const char *method, *line;
		bool other;
		size_t body;
	} rows[] = {
	    {"GET", "X: no header", false, usual},
	    {"GET", "Accept: */*", false, usual},
	    {"GET", "Accept: application/openmetrics-text", true, other},
	    {"HEAD", "Accept: application/openmetrics-text", true, 0},
	    {"HEAD", "Accept: text/plain", false, 0},
	};
	char head[1024], text[256];

	start();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		    "%s /formed HTTP/1.0\r\n%s\r\n\r\n", rows[i].method,
		    rows[i].line);
		ck_assert_uint_eq(
		    read_answer(send_request(text), head), rows[i].body);
		ck_assert_msg(
		    strstr(head,
			rows[i].other
			    ? "\r\nContent-Type: application/openmetrics-text; "
			      "version=1.0.0; charset=utf-8\r\n"
			    : "\r\nContent-Type: " METRICS_TYPE "\r\n") != NULL,
		    "%s: %s", rows[i].line, head);
		ck_assert_ptr_nonnull(strstr(head, "\r\nVary: Accept\r\n"));
	}
	/* Which this one has not. */
	snprintf(text, sizeof(text), "GET /small HTTP/1.0\r\n%s\r\n\r\n",
	    rows[2].line);
	read_answer(send_request(text), head);
	ck_assert_ptr_nonnull(strstr(head, "\r\nContent-Type: text/plain\r\n"));
	ck_assert_ptr_null(strstr(head, "Vary"));
	stop();
}
END_TEST

/* What protects browsers comes with everything, errors too. */
START_TEST(browsers_are_told_to_run_nothing_else)
{
	static const char *const paths[] = {
	    "/small", "/page/file.js", "/nix", "/no-memory"};
	static const char policy[] =
	    "\r\nContent-Security-Policy: default-src 'self'; base-uri "
	    "'none'; form-action 'self'; frame-ancestors 'none'\r\n";
	static const char *const lines[] = {policy,
	    "\r\nX-Content-Type-Options: nosniff\r\n",
	    "\r\nReferrer-Policy: no-referrer\r\n",
	    "\r\nCross-Origin-Resource-Policy: same-origin\r\n",
	    "\r\nCache-Control: no-"};
	char head[1024];

	start();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		read_answer(ask("GET", paths[i]), head);
		for (size_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++)
			ck_assert_msg(strstr(head, lines[k]) != NULL,
			    "%s lacks %s: %s", paths[i], lines[k], head);
	}
	stop();
}
END_TEST

/* A page of 100 MB comes whole, and takes the server no such room. */
START_TEST(large)
{
	struct rusage before, after;
	char head[1024];

	start();
	getrusage(RUSAGE_SELF, &before);
	ck_assert_uint_eq(read_answer(ask("GET", "/large"), head), LARGE_BYTES);
	getrusage(RUSAGE_SELF, &after);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, ROOM_KIB);
	stop();
}
END_TEST

/* Clients that take nothing of a page keep nobody else waiting. */
START_TEST(slow_clients)
{
	char head[1024];
	int slow[16];

	start();
	for (int i = 0; i < 16; i++)
		slow[i] = ask("GET", "/large");
	ck_assert_uint_eq(read_answer(ask("GET", "/small"), head), SMALL_BYTES);
	ck_assert_uint_eq(read_answer(ask("GET", "/large"), head), LARGE_BYTES);
	for (int i = 0; i < 16; i++)
		close(slow[i]);
	ck_assert_uint_eq(read_answer(ask("GET", "/small"), head), SMALL_BYTES);
	stop();
}
END_TEST

/* What was opened is closed, whether its client is gone or the server ends. */
START_TEST(broken_off)
{
	int fd;

	start();
	fd = ask("GET", "/large");
	for (int i = 0; atomic_load(&open_now) == 0 && i < 1000; i++)
		poll(NULL, 0, 5);
	close(fd);
	for (int i = 0; atomic_load(&open_now) != 0 && i < 1000; i++)
		poll(NULL, 0, 5);
	ck_assert_int_eq(atomic_load(&open_now), 0);
	fd = ask("GET", "/large");
	for (int i = 0; atomic_load(&open_now) == 0 && i < 1000; i++)
		poll(NULL, 0, 5);
	stop();
	close(fd);
}
END_TEST

/* A page that cannot be finished does not look as if it were whole. */
START_TEST(unfinished)
{
	static char buffer[65536];
	size_t got = 0;
	ssize_t n;
	int fd;

	start();
	fd = send_request("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
	while ((n = recv(fd, buffer + got, sizeof(buffer) - 1 - got, 0)) > 0)
		got += (size_t)n;
	close(fd);
	ck_assert_ptr_nonnull(strstr(buffer, "chunked"));
	ck_assert_ptr_nonnull(strstr(buffer, LINE));
	/* The last chunk is missing. */
	ck_assert_ptr_null(strstr(buffer, "\r\n0\r\n\r\n"));
	stop();
}
END_TEST

/* A client that connects and says nothing. */
static int
dial(void)
{
	return send_request("");
}

static void
expect_page(void)
{
	char head[1024];

	ck_assert_uint_eq(read_answer(ask("GET", "/small"), head), SMALL_BYTES);
}

/* As many silent clients as there are places, and more, and again: each asks
 * at once all the same, while they are there and when they are gone. */
START_TEST(silent_clients_take_nobodys_place)
{
	int silent[2 * PLACES];

	start();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 2 * PLACES; i++) {
			silent[i] = dial();
			if (i % 16 == 0)
				expect_page();
		}
		expect_page();
		for (int i = 0; i < 2 * PLACES; i++)
			close(silent[i]);
		expect_page();
	}
	stop();
}
END_TEST

/* Those that take nothing of their page lose it to one that has no place, after
 * PLACES_STALL_MS; until then it is told to come again. */
START_TEST(clients_that_take_nothing_lose_their_place)
{
	char head[1024];
	int slow[PLACES];
	int refused = 0;

	start();
	for (int i = 0; i < PLACES; i++)
		slow[i] = ask("GET", "/large");
	for (int i = 0; atomic_load(&open_now) < PLACES && i < 1000; i++)
		poll(NULL, 0, 5);
	ck_assert_int_eq(atomic_load(&open_now), PLACES);
	for (;;) {
		size_t body = read_answer(ask("GET", "/small"), head);

		if (body == SMALL_BYTES)
			break;
		ck_assert_msg(strncmp(head, "HTTP/1.1 503 ", 13) == 0 &&
			strstr(head, "all connections are in use") != NULL,
		    "%s", head);
		ck_assert_int_lt(++refused, 100);
		poll(NULL, 0, 50);
	}
	ck_assert_int_ge(refused, 1);
	for (int i = 0; i < PLACES; i++)
		close(slow[i]);
	stop();
}
END_TEST

/* A page of somebody else leads a browser here by a name of theirs; nobody
 * knows whom a request asks that has two, or none (RFC 9112, 3.2). */
START_TEST(a_name_that_is_not_ours_is_refused)
{
	static const struct {
		const char *head, *status;
	} rows[] = {
	    {"HTTP/1.1\r\nHost: stranger.example", "HTTP/1.1 421 "},
	    {"HTTP/1.1\r\nHost: 127.0.0.1", "HTTP/1.1 200 "},
	    {"HTTP/1.1\r\nhOST: 127.0.0.1", "HTTP/1.1 200 "},
	    {"HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: stranger.example",
		"HTTP/1.1 400 "},
	    {"HTTP/1.1\r\nHost: stranger.example\r\nhost: 127.0.0.1",
		"HTTP/1.1 400 "},
	    {"HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1", "HTTP/1.1 400 "},
	    {"HTTP/1.1\r\nX: 127.0.0.1", "HTTP/1.1 400 "},
	    {"HTTP/1.0\r\nX: 127.0.0.1", "HTTP/1.1 200 "},
	};
	char head[1024], request[256];

	start();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(request, sizeof(request),
		    "GET /small %s\r\nConnection: close\r\n\r\n", rows[i].head);
		(void)read_answer(send_request(request), head);
		ck_assert_msg(
		    strncmp(head, rows[i].status, strlen(rows[i].status)) == 0,
		    "%s: %s", rows[i].head, head);
	}
	stop();
}
END_TEST

/* An address that is taken is named. */
START_TEST(taken)
{
	start();
	ck_assert_ptr_null(http_start(&at, pages, PAGES, &calls, NULL, &eb));
	ck_assert_msg(
	    strstr(eb.text, "cannot serve HTTP on 127.0.0.1:") != NULL &&
		strstr(eb.text, "Address already in use") != NULL,
	    "%s", eb.text);
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("web: http");
	TCase *tcase = tcase_create("http");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, answers);
	tcase_add_test(tcase, a_file_that_the_client_has_is_not_sent_again);
	tcase_add_test(tcase, a_page_has_the_form_that_is_asked_for);
	tcase_add_test(tcase, browsers_are_told_to_run_nothing_else);
	tcase_add_test(tcase, large);
	tcase_add_test(tcase, slow_clients);
	tcase_add_test(tcase, broken_off);
	tcase_add_test(tcase, unfinished);
	tcase_add_test(tcase, silent_clients_take_nobodys_place);
	tcase_add_test(tcase, clients_that_take_nothing_lose_their_place);
	tcase_add_test(tcase, a_name_that_is_not_ours_is_refused);
	tcase_add_test(tcase, taken);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
