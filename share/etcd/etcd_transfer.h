/*
 * One POST to one endpoint, by libcurl's multi interface on libuv: a body, and
 * an answer of a bounded size; or both ways a stream that stays open.  Tries
 * once and judges nothing.
 *
 * What is done() and take() run from the loop, never from within a function of
 * this file, and may begin and end any transfer.
 */
#ifndef SHARE_ETCD_ETCD_TRANSFER_H
#define SHARE_ETCD_ETCD_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "share/etcd/etcd_json.h"

struct etcd_transport;
struct etcd_transfer;

/* Files of TLS, each may be NULL.  Looked at at most once a second: when one
 * has changed, new connections are made. */
struct etcd_files {
	const char *ca, *certificate, *key;
};

/* transport = etcd_transport_create(loop, files): with copies of ${files}.
 * NULL without memory.  etcd_transport_close(transport): all transfers must
 * have ended; it is gone when the loop has run on.  NULL is fine. */
struct etcd_transport *etcd_transport_create(
    uv_loop_t *loop, const struct etcd_files *files);
void etcd_transport_close(struct etcd_transport *transport);

/* What became of it; lives until done() returns. */
struct etcd_reply {
	long status;      /* of HTTP; 0: there is no whole answer */
	bool sent;        /* the endpoint may have acted on it */
	bool silent;      /* sent, and nothing came in time */
	bool too_large;   /* the answer passes the bound, and was dropped */
	const char *body; /* of no stream */
	size_t len;
	const char *words; /* why there is no answer, or "" */
	bool vague;        /* and they do not say what to mend */
};

struct etcd_transfer_use {
	/* Of a stream: what came, lives until it returns. */
	void (*take)(void *context, const char *data, size_t len);
	void (*done)(void *context, const struct etcd_reply *reply);
	void *context;
};

struct etcd_request {
	const char *endpoint, *path; /* "https://10.0.0.1:2379", "/v3/kv/put" */
	const char *token;           /* or NULL */
	const char *body;
	size_t len;
	size_t answer_max; /* of a stream: that waits to be taken */
	int64_t
	    timeout_ms; /* until the answer; of a stream: until it is open */
	bool stream;
	bool leaderless; /* a member may act on it that knows no leader */
};

/* transfer = etcd_transfer_begin(transport, request, use): all of ${request}
 * is copied.  NULL without memory. */
struct etcd_transfer *etcd_transfer_begin(struct etcd_transport *transport,
    const struct etcd_request *request, const struct etcd_transfer_use *use);

/* etcd_transfer_say(transfer, text): send more on a stream.  0, or -1 when too
 * much of what was said before still waits, or without memory. */
int etcd_transfer_say(struct etcd_transfer *transfer, const char *text);

/* etcd_transfer_cancel(transfer): end it, without a word.  NULL is fine. */
void etcd_transfer_cancel(struct etcd_transfer *transfer);

#endif
