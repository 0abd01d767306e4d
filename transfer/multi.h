/*
 * A multi handle of libcurl on a loop of libuv: its sockets are watched and its
 * timer is kept, and it acts when they say so.  Knows nothing of what is
 * transferred: whoever has one adds easy handles, whose CURLOPT_PRIVATE is
 * theirs, and takes those that have ended.
 *
 * Within a callback of libcurl its functions may not be called.  All calls that
 * are made from here but waits() come when libcurl has returned.
 */
#ifndef TRANSFER_MULTI_H
#define TRANSFER_MULTI_H

#include <curl/curl.h>
#include <stdbool.h>
#include <uv.h>

struct multi;

/* What whoever has one wants to know.  Each but tell() may be NULL. */
struct multi_use {
	/* libcurl is about to act: as it is ${on_time}, or on a socket. */
	void (*before)(void *context, bool on_time);
	/*
	 * And did: on the socket of ${transfer}, which may have ended; NULL: as
	 * it was time.  ${open}: it still waits for that socket.  False: it
	 * does so no more, as it was removed.
	 */
	bool (*after)(void *context, void *transfer, bool open);
	/* ${transfer} waits for the socket ${fd}; not ${watched} without
	 * memory: it will time out. */
	void (*waits)(void *context, void *transfer, int fd, bool watched);
	/* Transfers may have ended: multi_ended() says which.  The multi may be
	 * destroyed in it. */
	void (*tell)(void *context);
	void *context;
};

/* multi = multi_create(loop, use): a handle whose connections serve one
 * transfer at a time.  NULL without memory. */
struct multi *multi_create(uv_loop_t *loop, const struct multi_use *use);

/* multi_destroy(multi): nothing is transferred any more; kept connections are
 * closed.  It is freed when the loop has run on. */
void multi_destroy(struct multi *multi);

/* handle = multi_handle(multi): for curl_multi_add_handle() and the like. */
CURLM *multi_handle(const struct multi *multi);

/* transfer = multi_ended(multi, code): the private pointer of one more that
 * libcurl has ended with ${code}, still to be removed; NULL: no more have. */
void *multi_ended(struct multi *multi, CURLcode *code);

#endif
