/*
 * HTTP for metrics and status, GET only, driven by the control thread's libuv
 * loop, so that a page sees the control thread's data without a lock.  The only
 * file that includes microhttpd is its .c.
 */
#ifndef NODE_HTTP_H
#define NODE_HTTP_H

#include <uv.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "base/text.h"

struct http_page {
	const char *path; /* exactly */
	const char *type; /* Content-Type */
	void (*write)(void *context, struct text *out);
};

struct http_server;

/*
 * http = http_start(loop, at, pages, n, context, eb): serve ${n} pages, which
 * must live as long.  NULL with an error in ${eb}.
 */
struct http_server *http_start(uv_loop_t *loop,
    const struct endpoint_address *at, const struct http_page *pages, size_t n,
    void *context, struct errbuf *eb);

/* http_stop(http): end it; its handles close on the loop.  NULL is fine. */
void http_stop(struct http_server *http);

#endif
