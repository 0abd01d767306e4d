/*
 * A stream worker and its connections from inside.  Included by stream.c, which
 * has the loop, the queues and the input, and by stream_output.c.
 */
#ifndef DNS_SERVE_STREAM_PRIVATE_H
#define DNS_SERVE_STREAM_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/address.h"
#include "base/publish.h"
#include "dns/answer/respond.h"
#include "dns/serve/crowd.h"
#include "dns/tap/tap.h"

/* Longest query taken: names and options end far below; more is abuse. */
#define QUERY_MAX 8192
#define INPUT_ROOM (QUERY_MAX + 2)
/* Answers that are ready go out together; two of the longest fit. */
#define OUTPUT_ROOM (2 * (MESSAGE_MAX + 2))

enum queue_kind {
	QUEUE_IDLE,    /* no query has begun */
	QUEUE_ASKING,  /* a query has begun */
	QUEUE_READY,   /* a query is complete, and waits for its turn */
	QUEUE_WRITING, /* the peer has answers to take first */
	QUEUES
};

struct connection {
	uv_tcp_t tcp; /* first: handles are cast back */
	uv_write_t write;
	struct stream_worker *worker;
	struct crowd_member member;
	struct connection *before, *after; /* in its queue */
	enum queue_kind queue;
	int64_t since_ms; /* when it came into its queue, or made progress */
	struct endpoint_address peer, local;
	uint8_t *unsent;    /* while a write is under way */
	size_t unsent_size; /* octets of it */
	size_t untaken;     /* octets, when progress was last seen */
	bool reading, closing;
	uint8_t *input; /* NULL: what was read is in the worker's */
	size_t used;    /* octets of input */
};

/* The longest waiting first, so that the first is overdue before all. */
struct queue {
	struct connection *first, *last;
	size_t n;
};

struct stream_worker {
	uv_loop_t loop;
	uv_async_t stop;
	uv_timer_t sweep;
	uv_idle_t turn; /* while a connection is in QUEUE_READY */
	const struct published *snapshot;
	size_t n_workers;
	struct tap *tap; /* NULL: none */
	struct stream_limits limits;
	struct responder responder;
	struct crowd *crowd;
	struct queue queues[QUEUES];
	size_t connections;
	size_t unsent; /* octets of all connections */
	bool starved;  /* a connection waits for memory */
	size_t n_servers;
	uv_tcp_t *servers;
	uint8_t input[INPUT_ROOM];
	uint8_t output[OUTPUT_ROOM];
};

/* From stream.c: close a connection; put it at the end of a queue, as of now;
 * answer what its input holds. */
void stream_close(struct connection *c, enum tcp_end why);
void stream_move(struct connection *c, enum queue_kind kind);
void stream_answer(struct connection *c);

/*
 * From stream_output.c: ok = stream_send(c, len): send ${len} octets of the
 * worker's output; what the socket does not take now is copied and goes when it
 * can.  False when the connection is of no use any more.
 */
bool stream_send(struct connection *c, size_t len);

/* stream_drop_unsent(c): forget what was copied. */
void stream_drop_unsent(struct connection *c);

/* n = stream_untaken(c): octets that the peer has yet to acknowledge, ours and
 * the kernel's. */
size_t stream_untaken(const struct connection *c);

/* good = stream_progresses(c): the peer has taken a good part of its answers
 * since this was asked last. */
bool stream_progresses(struct connection *c);

#endif
