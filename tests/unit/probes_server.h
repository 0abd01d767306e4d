/*
 * A server that says what a test wants, on the test's own loop: included by the
 * tests that send real requests.  Speaks no HTTP: it waits for the end of a
 * request's headers and sends canned octets.
 */
#ifndef TESTS_UNIT_PROBES_SERVER_H
#define TESTS_UNIT_PROBES_SERVER_H

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/address.h"
#include "probes/ask/http_check.h"

enum manner {
	SENDS,         /* the answer, and closes */
	STAYS,         /* the answer, and stays */
	FLOODS,        /* the answer, then its flood for ever */
	HANGS,         /* takes the request and nothing more */
	CLOSES,        /* at once */
	RESETS,        /* at once */
	READS_LITTLE,  /* 10 octets of the request; the answer; closes, and so
			  the kernel sends a reset */
	READS_NOTHING, /* the same without reading */
	SENDS_RESETS,  /* the answer, and a reset at once */
	LISTENS,       /* does not even accept */
	FORGETS        /* the answer; closes when another request comes on the
			  same connection */
};

struct server {
	uv_tcp_t tcp;
	struct endpoint_address at;
	enum manner manner;
	const char *answer; /* text, or so many octets: */
	size_t answer_len;
	const char *models; /* to GET /v1/models, if not NULL */
	const char *flood;
	unsigned pause_ms;              /* before it answers */
	size_t flood_len;               /* 0: text */
	unsigned connections, requests; /* taken so far */
	size_t octets;                  /* of them */
	unsigned closed;                /* connections that the client closed */
	char request[2048];             /* the last */
};

struct client {
	uv_tcp_t tcp;
	uv_write_t write;
	uv_poll_t poll;
	struct server *server;
	char request[2048];
	size_t len;
	unsigned requests;
};

/* The loop of a test, and a checker on it. */
static uv_loop_t loop;
static uv_timer_t ticks;
static struct http_checker *checker;

/* A turn of the loop may end a request in a timer and then wait for ever. */
static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static void
set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	uv_timer_init(&loop, &ticks);
	uv_timer_start(&ticks, on_tick, 5, 5);
	checker = http_checker_create(&loop);
	ck_assert_ptr_nonnull(checker);
}

static void
tear_down(void)
{
	http_checker_close(checker);
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define JSON_ANSWER(length, body)                               \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" \
	"Content-Length: " length "\r\n\r\n" body

static void
server_on_client_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
server_end_client(struct client *client)
{
	if (!uv_is_closing((uv_handle_t *)&client->tcp))
		uv_close((uv_handle_t *)&client->tcp, server_on_client_closed);
}

static void server_on_written(uv_write_t *write, int status);

static void
server_write(struct client *client, const char *text)
{
	const struct server *s = client->server;
	size_t given = text == s->answer ? s->answer_len
	    : text == s->flood           ? s->flood_len
					 : 0;
	size_t len = given > 0 ? given : strlen(text);
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)text, (unsigned)len);

	uv_write(&client->write, (uv_stream_t *)&client->tcp, &buf, 1,
	    server_on_written);
}

static void
server_on_written(uv_write_t *write, int status)
{
	struct client *client = write->handle->data;

	enum manner manner = client->server->manner;

	if (manner == SENDS_RESETS)
		uv_tcp_close_reset(&client->tcp, server_on_client_closed);
	else if (status != 0 || manner == SENDS || manner == READS_LITTLE ||
	    manner == READS_NOTHING)
		server_end_client(client);
	else if (manner == FLOODS)
		server_write(client, client->server->flood);
}

static void
server_answer(struct client *client)
{
	struct server *s = client->server;
	const char *answer = s->answer;

	memcpy(s->request, client->request, sizeof(s->request));
	s->requests++;
	client->requests++;
	if (s->manner == FORGETS && client->requests > 1) {
		server_end_client(client);
		return;
	}
	if (s->models != NULL &&
	    strncmp(s->request, "GET /v1/models ", 15) == 0)
		answer = s->models;
	if (s->pause_ms > 0)
		usleep(s->pause_ms * 1000);
	if (s->manner != HANGS)
		server_write(client, answer);
}

static void
server_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct client *client = handle->data;

	(void)suggested;
	/* Of a long request the end is kept. */
	if (client->len == sizeof(client->request) - 1)
		client->len = 0;
	buf->base = client->request + client->len;
	buf->len = client->server->manner == READS_LITTLE
	    ? 10
	    : sizeof(client->request) - 1 - client->len;
}

static void
server_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	(void)buf;
	if (n < 0) {
		client->server->closed++;
		server_end_client(client);
		return;
	}
	client->len += (size_t)n;
	client->server->octets += (size_t)n;
	client->request[client->len] = '\0';
	if (client->server->manner == READS_LITTLE) {
		uv_read_stop(stream);
		server_answer(client);
	} else if (strstr(client->request, "\r\n\r\n") != NULL) {
		server_answer(client);
		client->len = 0;
	}
}

/* A request has come, and stays where it is. */
static void
server_on_waiting(uv_poll_t *poll, int status, int events)
{
	struct client *client = poll->data;

	(void)status;
	(void)events;
	uv_close((uv_handle_t *)poll, NULL);
	server_answer(client);
}

/* Answer when a request has come, and leave it where it is. */
static void
server_await(struct client *client)
{
	uv_os_fd_t fd;

	ck_assert_int_eq(uv_fileno((uv_handle_t *)&client->tcp, &fd), 0);
	ck_assert_int_eq(uv_poll_init(&loop, &client->poll, fd), 0);
	client->poll.data = client;
	uv_poll_start(&client->poll, UV_READABLE, server_on_waiting);
}

static void
server_on_connection(uv_stream_t *listener, int status)
{
	struct server *s = listener->data;
	struct client *client = calloc(1, sizeof(*client));

	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(client);
	client->server = s;
	s->connections++;
	uv_tcp_init(&loop, &client->tcp);
	client->tcp.data = client;
	ck_assert_int_eq(uv_accept(listener, (uv_stream_t *)&client->tcp), 0);
	if (s->manner == CLOSES)
		server_end_client(client);
	else if (s->manner == RESETS)
		uv_tcp_close_reset(&client->tcp, server_on_client_closed);
	else if (s->manner == READS_NOTHING)
		server_await(client);
	else
		uv_read_start((uv_stream_t *)&client->tcp, server_on_alloc,
		    server_on_read);
}

/* Listen on ${address}, at a port of the kernel's choice. */
static void
server_start(struct server *s, const char *address)
{
	struct sockaddr_storage sa;
	int len = sizeof(sa);

	s->tcp.data = s;
	ck_assert_int_eq(address_parse(address, &s->at.address), 0);
	address_to_sockaddr(&s->at.address, 0, &sa);
	ck_assert_int_eq(uv_tcp_init(&loop, &s->tcp), 0);
	s->tcp.data = s;
	ck_assert_int_eq(uv_tcp_bind(&s->tcp, (struct sockaddr *)&sa, 0), 0);
	if (s->manner != LISTENS)
		ck_assert_int_eq(
		    uv_listen((uv_stream_t *)&s->tcp, 64, server_on_connection),
		    0);
	uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&sa, &len);
	/* The port stands at the same place in both families. */
	s->at.port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

#endif
