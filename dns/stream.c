/*
 * The stream worker: TCP connections on a libuv loop.  Called by its thread;
 * a connection has one input buffer, and output only while the peer is slow.
 */
#include "dns/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/wire.h"

/* Longest query taken: names and options end far below; more is abuse. */
#define QUERY_ROOM 8192
/* Answers that are ready go out together; two of the longest fit. */
#define OUTPUT_ROOM (2 * (RESPOND_MAX + 2))
#define SWEEP_INTERVAL_MS 1000

struct connection {
	uv_tcp_t tcp; /* first: handles are cast back */
	uv_write_t write;
	struct stream_worker *worker;
	/* In the worker's list, the longest idle first. */
	struct connection *before, *after;
	struct address peer;
	int64_t active_ms; /* when something was last completed */
	uint8_t *unsent;   /* while a write is under way */
	bool reading, closing, ended;
	size_t used;
	uint8_t input[QUERY_ROOM + 2];
};

struct stream_worker {
	uv_loop_t loop;
	uv_async_t stop;
	uv_timer_t sweep;
	const struct published *snapshot;
	struct responder responder;
	struct connection *first, *last;
	size_t connections;
	bool starved; /* a connection waits for memory */
	size_t n_servers;
	uv_tcp_t *servers;
	uint8_t output[OUTPUT_ROOM];
};

static void serve_input(struct connection *c);

static void
unlink_connection(struct connection *c)
{
	struct stream_worker *w = c->worker;

	*(c->before ? &c->before->after : &w->first) = c->after;
	*(c->after ? &c->after->before : &w->last) = c->before;
	c->before = c->after = NULL;
}

static void
append_connection(struct connection *c)
{
	struct stream_worker *w = c->worker;

	c->before = w->last;
	c->after = NULL;
	*(w->last ? &w->last->after : &w->first) = c;
	w->last = c;
	c->active_ms = clock_mono_ms();
}

/* Something was completed: the connection goes to the end of the list. */
static void
touch(struct connection *c)
{
	unlink_connection(c);
	append_connection(c);
}

static void
on_closed(uv_handle_t *handle)
{
	struct connection *c = (struct connection *)handle;

	free(c->unsent);
	free(c);
}

static void
close_connection(struct connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	unlink_connection(c);
	c->worker->connections--;
	uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void
on_written(uv_write_t *write, int status)
{
	struct connection *c = write->data;

	free(c->unsent);
	c->unsent = NULL;
	if (c->closing)
		return;
	if (status != 0) {
		close_connection(c);
		return;
	}
	touch(c);
	serve_input(c);
}

/* Send ${len} octets of the worker's output; what the socket does not take now
 * is copied and goes when it can. */
static bool
send_output(struct connection *c, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)c->worker->output, (unsigned)len);
	int sent = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

	if (sent == UV_EAGAIN)
		sent = 0;
	if (sent < 0)
		return false;
	len -= (size_t)sent;
	if (len == 0)
		return true;
	c->unsent = malloc(len);
	if (c->unsent == NULL)
		return false;
	memcpy(c->unsent, c->worker->output + sent, len);
	buf = uv_buf_init((char *)c->unsent, (unsigned)len);
	c->write.data = c;
	return uv_write(
		   &c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) == 0;
}

/*
 * Answer complete queries from ${*from} on while the output has room for the
 * longest answer; the octets of output.
 */
static size_t
answer_ready(struct connection *c, size_t *from)
{
	struct stream_worker *w = c->worker;
	const struct snapshot *snapshot;
	size_t out = 0;

	publish_online();
	snapshot = publish_get(w->snapshot);
	while (c->used - *from >= 2 && OUTPUT_ROOM - out >= RESPOND_MAX + 2) {
		const uint8_t *query = c->input + *from;
		size_t len = wire_get16(query), n;

		if (c->used - *from < len + 2)
			break;
		n = respond(&w->responder, snapshot, TRANSPORT_TCP, &c->peer,
		    query + 2, len, w->output + out + 2, RESPOND_MAX);
		*from += len + 2;
		if (n == 0)
			continue;
		wire_put16(w->output + out, (uint16_t)n);
		out += n + 2;
	}
	publish_offline();
	return out;
}

static bool
too_long(const struct connection *c)
{
	return c->used >= 2 && wire_get16(c->input) > QUERY_ROOM;
}

static void
on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *c = (struct connection *)handle;

	(void)suggested;
	*buf = uv_buf_init(
	    (char *)c->input + c->used, (unsigned)(sizeof(c->input) - c->used));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = (struct connection *)stream;

	(void)buf;
	if (n == 0)
		return;
	if (n == UV_EOF) {
		/* Answers under way may still be read by the peer. */
		c->ended = true;
		uv_read_stop(stream);
		c->reading = false;
		if (c->unsent == NULL)
			close_connection(c);
		return;
	}
	if (n < 0) {
		close_connection(c);
		return;
	}
	c->used += (size_t)n;
	serve_input(c);
}

/* Read on, or not while the peer has answers to take first. */
static void
set_reading(struct connection *c, bool on)
{
	if (c->reading == on || c->ended)
		return;
	c->reading = on;
	if (!on)
		uv_read_stop((uv_stream_t *)&c->tcp);
	else if (uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read) != 0)
		close_connection(c);
}

static void
serve_input(struct connection *c)
{
	while (c->unsent == NULL) {
		size_t from = 0, out = answer_ready(c, &from);

		if (from == 0)
			break;
		memmove(c->input, c->input + from, c->used - from);
		c->used -= from;
		touch(c);
		if (out > 0 && !send_output(c, out)) {
			close_connection(c);
			return;
		}
	}
	if (too_long(c) || (c->ended && c->unsent == NULL))
		close_connection(c);
	else
		set_reading(c, c->unsent == NULL);
}

static int
peer_of(const uv_tcp_t *tcp, struct address *out)
{
	struct sockaddr_storage sa;
	int len = sizeof(sa);

	if (uv_tcp_getpeername(tcp, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	return address_from_sockaddr((struct sockaddr *)&sa, out);
}

static void
on_connection(uv_stream_t *server, int status)
{
	struct stream_worker *w = server->data;
	struct connection *c;

	if (status != 0)
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL || uv_tcp_init(&w->loop, &c->tcp) != 0) {
		/* libuv listens no more until this one is accepted. */
		w->starved = true;
		free(c);
		return;
	}
	c->worker = w;
	w->connections++;
	append_connection(c);
	if (uv_accept(server, (uv_stream_t *)&c->tcp) != 0 ||
	    uv_tcp_nodelay(&c->tcp, 1) != 0 || peer_of(&c->tcp, &c->peer) != 0)
		close_connection(c);
	else
		set_reading(c, true);
	if (w->connections > STREAM_MAX_CONNECTIONS)
		close_connection(w->first);
}

static void
on_sweep(uv_timer_t *timer)
{
	struct stream_worker *w = timer->data;
	int64_t oldest = clock_mono_ms() - STREAM_IDLE_MS;

	while (w->first != NULL && w->first->active_ms < oldest)
		close_connection(w->first);
	if (!w->starved)
		return;
	w->starved = false;
	for (size_t i = 0; i < w->n_servers; i++)
		on_connection((uv_stream_t *)&w->servers[i], 0);
}

static void
on_stop(uv_async_t *stop)
{
	struct stream_worker *w = stop->data;

	while (w->first != NULL)
		close_connection(w->first);
	for (size_t i = 0; i < w->n_servers; i++)
		uv_close((uv_handle_t *)&w->servers[i], NULL);
	uv_close((uv_handle_t *)&w->sweep, NULL);
	uv_close((uv_handle_t *)&w->stop, NULL);
}

/* Give the socket to a handle that listens. */
static int
add_server(struct stream_worker *w, struct listener *l)
{
	uv_tcp_t *server = &w->servers[w->n_servers];

	if (uv_tcp_init(&w->loop, server) != 0)
		return -1;
	server->data = w;
	w->n_servers++;
	if (uv_tcp_open(server, l->tcp) != 0)
		return -1;
	l->tcp = -1;
	return uv_listen((uv_stream_t *)server, SOMAXCONN, on_connection);
}

struct stream_worker *
stream_create(struct listener *listeners, size_t n,
    const struct published *snapshot, struct counters *counters)
{
	struct stream_worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->snapshot = snapshot;
	w->responder.counters = counters;
	w->servers = calloc(n, sizeof(*w->servers));
	if (w->servers == NULL || uv_loop_init(&w->loop) != 0) {
		free(w->servers);
		free(w);
		return NULL;
	}
	w->stop.data = w->sweep.data = w;
	uv_async_init(&w->loop, &w->stop, on_stop);
	uv_timer_init(&w->loop, &w->sweep);
	uv_timer_start(
	    &w->sweep, on_sweep, SWEEP_INTERVAL_MS, SWEEP_INTERVAL_MS);
	for (size_t i = 0; i < n; i++) {
		if (add_server(w, &listeners[i]) == 0)
			continue;
		stream_destroy(w);
		return NULL;
	}
	return w;
}

void
stream_serve(struct stream_worker *w)
{
	publish_join();
	publish_offline();
	uv_run(&w->loop, UV_RUN_DEFAULT);
	publish_leave();
}

void
stream_stop(struct stream_worker *w)
{
	uv_async_send(&w->stop);
}

void
stream_destroy(struct stream_worker *w)
{
	if (w == NULL)
		return;
	if (uv_loop_alive(&w->loop)) { /* it never served */
		on_stop(&w->stop);
		uv_run(&w->loop, UV_RUN_DEFAULT);
	}
	uv_loop_close(&w->loop);
	free(w->servers);
	free(w);
}
