/*
 * The stream worker: TCP connections on a libuv loop.  Called by its thread.  A
 * connection has an input buffer only while a query is incomplete, and output
 * (stream_output.c) only while the peer is slow.  Each is in one queue, which
 * says what it waits for.
 */
#include "dns/serve/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "dns/answer/snapshot.h"
#include "dns/serve/stream_private.h"
#include "dns/wire/wire.h"

/* The sweep looks for what is overdue so many times in the shorter timeout. */
#define SWEEPS 8
#define SWEEP_MIN_MS 50
#define SWEEP_MAX_MS 1000

static void on_turn(uv_idle_t *turn);

static void
take(struct connection *c)
{
	struct queue *q = &c->worker->queues[c->queue];

	*(c->before ? &c->before->after : &q->first) = c->after;
	*(c->after ? &c->after->before : &q->last) = c->before;
	q->n--;
}

/* To the end of a queue, as of now. */
static void
append(struct connection *c, enum queue_kind kind)
{
	struct queue *q = &c->worker->queues[kind];

	c->queue = kind;
	c->since_ms = (int64_t)uv_now(&c->worker->loop);
	c->before = q->last;
	c->after = NULL;
	*(q->last ? &q->last->after : &q->first) = c;
	q->last = c;
	q->n++;
}

void
stream_move(struct connection *c, enum queue_kind kind)
{
	take(c);
	append(c, kind);
	if (kind == QUEUE_READY)
		uv_idle_start(&c->worker->turn, on_turn);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

/* A client that ends well gets what is on its way to it; of others the kernel
 * need not keep anything either. */
static void
close_handle(struct connection *c, bool well)
{
	if (well || uv_tcp_close_reset(&c->tcp, on_closed) != 0)
		uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void
stream_close(struct connection *c, enum tcp_end why)
{
	struct stream_worker *w = c->worker;

	if (c->closing)
		return;
	c->closing = true;
	take(c);
	crowd_leave(w->crowd, &c->member);
	w->connections--;
	counter_add(&w->responder.counters->tcp_ended[why], 1);
	/* A write under way does not look at it any more. */
	stream_drop_unsent(c);
	free(c->input);
	close_handle(c, why == TCP_END_PEER || why == TCP_END_IDLE);
}

static size_t
share(const struct stream_worker *w)
{
	return (w->limits.connections + w->n_workers - 1) / w->n_workers;
}

/*
 * How long a client is told that it may stay idle (RFC 7828, 3.3.2), in units
 * of 100 ms: less when the last quarter of the connections is in use, down to
 * nothing.
 */
static uint16_t
keepalive_ds(const struct stream_worker *w)
{
	size_t most = share(w), quarter = most / 4;
	size_t left = most > w->connections ? most - w->connections : 0;
	uint64_t ds = w->limits.idle_ms / 100;

	if (left < quarter)
		ds = ds * left / quarter;
	return (uint16_t)ds;
}

static uint8_t *
input_of(const struct connection *c)
{
	return c->input != NULL ? c->input : c->worker->input;
}

/* The first query in the input is complete. */
static bool
has_query(const struct connection *c)
{
	return c->used >= 2 && c->used - 2 >= wire_get16(input_of(c));
}

/* A copy for the query log; ${n} octets of answer, 0 for silence. */
static void
take_message(const struct connection *c, const uint8_t *query, size_t len,
    const uint8_t *reply, size_t n)
{
	struct stream_worker *w = c->worker;
	const struct tap_flow flow = {
	    c->peer, c->local, true, w->responder.wall_ns};
	const struct tap_decision decision = {
	    w->responder.outcome, w->responder.reason};

	if (n > 0)
		tap_take(w->tap, &flow, &decision, query, len, reply, n);
}

/*
 * Answer complete queries from the start of the input while the output has room
 * for the longest answer.  The octets of output; those of input to ${done}.
 */
static size_t
answer_ready(struct connection *c, size_t *done)
{
	struct stream_worker *w = c->worker;
	const uint8_t *input = input_of(c);
	const struct snapshot *snapshot;
	size_t from = 0, out = 0;

	responder_tick(&w->responder);
	w->responder.keepalive_ds = keepalive_ds(w);
	publish_online();
	snapshot = publish_get(w->snapshot);
	while (c->used - from >= 2 && OUTPUT_ROOM - out >= MESSAGE_MAX + 2) {
		const uint8_t *query = input + from;
		size_t len = wire_get16(query), n;

		if (c->used - from < len + 2)
			break;
		n = respond(&w->responder, snapshot, TRANSPORT_TCP,
		    &c->peer.address, query + 2, len, w->output + out + 2,
		    MESSAGE_MAX);
		if (tap_due(w->tap))
			take_message(c, query + 2, len, w->output + out + 2, n);
		from += len + 2;
		if (n == 0)
			continue;
		wire_put16(w->output + out, (uint16_t)n);
		out += n + 2;
	}
	publish_offline();
	*done = from;
	return out;
}

/* Keep the input from ${done} on, in a buffer of its own; none when that is
 * nothing. */
static bool
keep_rest(struct connection *c, size_t done)
{
	const uint8_t *rest = input_of(c) + done;

	c->used -= done;
	if (c->used == 0) {
		free(c->input);
		c->input = NULL;
		return true;
	}
	if (c->input == NULL)
		c->input = malloc(INPUT_ROOM);
	if (c->input != NULL)
		memmove(c->input, rest, c->used);
	return c->input != NULL;
}

static void
on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *c = (struct connection *)handle;

	(void)suggested;
	*buf = uv_buf_init(
	    (char *)input_of(c) + c->used, (unsigned)(INPUT_ROOM - c->used));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = (struct connection *)stream;

	(void)buf;
	if (n == 0)
		return;
	/* The end is read only when all that was asked before is answered, so
	 * it comes too late for no answer. */
	if (n < 0) {
		stream_close(c, TCP_END_PEER);
		return;
	}
	c->used += (size_t)n;
	stream_answer(c);
}

/* Read on, or not while the peer has answers to take or to get first. */
static void
set_reading(struct connection *c, bool on)
{
	if (c->reading == on)
		return;
	c->reading = on;
	if (!on)
		uv_read_stop((uv_stream_t *)&c->tcp);
	else if (uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read) != 0)
		stream_close(c, TCP_END_PEER);
}

/*
 * Put the connection where it belongs now.  One that waits for the rest of its
 * query keeps its place, whatever comes in, until something was ${answered}.
 */
static void
place(struct connection *c, bool answered)
{
	enum queue_kind kind;

	if (c->unsent != NULL)
		kind = QUEUE_WRITING;
	else if (has_query(c))
		kind = QUEUE_READY;
	else
		kind = c->used > 0 ? QUEUE_ASKING : QUEUE_IDLE;
	if (answered || kind != c->queue)
		stream_move(c, kind);
	set_reading(c, kind == QUEUE_IDLE || kind == QUEUE_ASKING);
}

/*
 * Answer what is there, but no more than one output takes: others have their
 * turn before the rest.
 */
void
stream_answer(struct connection *c)
{
	size_t done = 0, out = 0;

	if (has_query(c))
		out = answer_ready(c, &done);
	/* What gets no answer does not keep a connection alive. */
	if (out > 0)
		crowd_touch(c->worker->crowd, &c->member);
	if (!keep_rest(c, done) || (out > 0 && !stream_send(c, out)))
		stream_close(c, TCP_END_PEER);
	else if (c->used >= 2 && wire_get16(c->input) > QUERY_MAX)
		stream_close(c, TCP_END_QUERY);
	else
		place(c, out > 0);
}

/* A turn for each that is ready now. */
static void
on_turn(uv_idle_t *turn)
{
	struct stream_worker *w = turn->data;
	struct queue *ready = &w->queues[QUEUE_READY];

	for (size_t n = ready->n; n > 0 && ready->first != NULL; n--)
		stream_answer(ready->first);
	if (ready->first == NULL)
		uv_idle_stop(turn);
}

/* One end of a connection, as ${name} has it: uv_tcp_getpeername(), or
 * uv_tcp_getsockname(). */
static int
end_of(const uv_tcp_t *tcp,
    int (*name)(const uv_tcp_t *tcp, struct sockaddr *sa, int *len),
    struct endpoint_address *out)
{
	struct sockaddr_storage sa;
	int len = sizeof(sa);

	if (name(tcp, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	out->port = ntohs(sa.ss_family == AF_INET
		? ((const struct sockaddr_in *)&sa)->sin_port
		: ((const struct sockaddr_in6 *)&sa)->sin6_port);
	return address_from_sockaddr((struct sockaddr *)&sa, &out->address);
}

/* The kernel gives up a peer that takes nothing; not before we do. */
static void
set_patience(const struct connection *c)
{
	unsigned stall_ms = c->worker->limits.stall_ms;
	int fd;

	if (stall_ms > LISTENERS_PATIENCE_MS &&
	    uv_fileno((const uv_handle_t *)&c->tcp, &fd) == 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms,
		    sizeof(stall_ms));
}

/* Count the connection in, unless its client has enough of them. */
static bool
admit(struct connection *c)
{
	struct stream_worker *w = c->worker;
	struct address client = c->peer.address;
	unsigned n;

	address_mask(
	    &client, client.family == 4 ? w->limits.ipv4 : w->limits.ipv6);
	n = crowd_join(w->crowd, &c->member, &client);
	if (n == 0)
		return false;
	if (n > w->limits.per_client) {
		crowd_leave(w->crowd, &c->member);
		return false;
	}
	w->connections++;
	append(c, QUEUE_IDLE);
	return true;
}

/* The connection that goes for a new one. */
static void
make_room(struct stream_worker *w)
{
	struct crowd_member *member;

	while (w->connections > share(w)) {
		member = crowd_worst(w->crowd);
		stream_close((struct connection *)((char *)member -
				 offsetof(struct connection, member)),
		    TCP_END_FULL);
	}
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
	if (uv_accept(server, (uv_stream_t *)&c->tcp) != 0 ||
	    uv_tcp_nodelay(&c->tcp, 1) != 0 ||
	    end_of(&c->tcp, uv_tcp_getpeername, &c->peer) != 0 ||
	    end_of(&c->tcp, uv_tcp_getsockname, &c->local) != 0) {
		/* It has gone again. */
		uv_close((uv_handle_t *)&c->tcp, on_closed);
		return;
	}
	if (!admit(c)) {
		counter_add(&w->responder.counters->tcp_refused, 1);
		close_handle(c, false);
		return;
	}
	counter_add(&w->responder.counters->tcp_accepted, 1);
	make_room(w);
	set_patience(c);
	set_reading(c, true);
}

/* The first of the queue, when it waits since ${before} or longer. */
static struct connection *
overdue(const struct stream_worker *w, enum queue_kind kind, int64_t before)
{
	struct connection *c = w->queues[kind].first;

	return c != NULL && c->since_ms <= before ? c : NULL;
}

/* One that has taken enough of its answers goes on. */
static void
sweep_writer(struct connection *c)
{
	if (stream_progresses(c))
		stream_move(c, QUEUE_WRITING);
	else
		stream_close(c, TCP_END_STALLED);
}

static void on_sweep(uv_timer_t *timer);

/* Take the limits as they are published, and come back in time for them. */
static void
schedule_sweep(struct stream_worker *w)
{
	const struct snapshot *snapshot;
	uint64_t interval;

	publish_online();
	snapshot = publish_get(w->snapshot);
	w->limits = snapshot->tcp;
	publish_offline();
	interval = w->limits.idle_ms < w->limits.stall_ms ? w->limits.idle_ms
							  : w->limits.stall_ms;
	interval /= SWEEPS;
	if (interval < SWEEP_MIN_MS)
		interval = SWEEP_MIN_MS;
	if (interval > SWEEP_MAX_MS)
		interval = SWEEP_MAX_MS;
	uv_timer_start(&w->sweep, on_sweep, interval, 0);
}

static void
on_sweep(uv_timer_t *timer)
{
	struct stream_worker *w = timer->data;
	int64_t now = (int64_t)uv_now(&w->loop);
	int64_t stall = now - w->limits.stall_ms;
	struct connection *c;

	/* The kernel would offer what is not taken for long after the end. */
	while ((c = overdue(w, QUEUE_IDLE, now - w->limits.idle_ms)) != NULL)
		stream_close(
		    c, stream_untaken(c) > 0 ? TCP_END_STALLED : TCP_END_IDLE);
	while ((c = overdue(w, QUEUE_ASKING, stall)) != NULL)
		stream_close(c, TCP_END_STALLED);
	while ((c = overdue(w, QUEUE_WRITING, stall)) != NULL)
		sweep_writer(c);
	schedule_sweep(w);
	make_room(w);
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

	for (int kind = 0; kind < QUEUES; kind++)
		while (w->queues[kind].first != NULL)
			stream_close(w->queues[kind].first, TCP_END_IDLE);
	for (size_t i = 0; i < w->n_servers; i++)
		uv_close((uv_handle_t *)&w->servers[i], NULL);
	uv_close((uv_handle_t *)&w->sweep, NULL);
	uv_close((uv_handle_t *)&w->turn, NULL);
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
    const struct published *snapshot, struct counters *counters,
    struct tap *tap, struct crowd_total *clients, size_t n_workers)
{
	struct stream_worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->snapshot = snapshot;
	w->n_workers = n_workers;
	w->tap = tap;
	w->responder.counters = counters;
	w->crowd = crowd_create(clients);
	w->servers = calloc(n, sizeof(*w->servers));
	if (w->crowd == NULL || w->servers == NULL ||
	    uv_loop_init(&w->loop) != 0) {
		crowd_destroy(w->crowd);
		free(w->servers);
		free(w);
		return NULL;
	}
	w->stop.data = w->sweep.data = w->turn.data = w;
	uv_async_init(&w->loop, &w->stop, on_stop);
	uv_timer_init(&w->loop, &w->sweep);
	uv_idle_init(&w->loop, &w->turn);
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
	schedule_sweep(w);
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
	crowd_destroy(w->crowd);
	free(w->servers);
	free(w);
}
