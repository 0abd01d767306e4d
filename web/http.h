/*
 * HTTP, GET only, in a thread of its own: pages are made in pieces, a piece
 * when the client has taken the one before, so that no page is too large and no
 * client costs more memory than one piece; files are sent as they are.  Knows
 * nothing of what the pages say.  The only file that includes microhttpd is its
 * .c.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "base/text.h"

/* What never changes while the program runs. */
struct http_file {
	const char *path; /* exactly */
	const char *type; /* Content-Type */
	const char *tag;  /* of this content, as ETag has it, with its quotes */
	const unsigned char *data;
	size_t len;
};

struct http_form; /* web/form.h */

struct http_page {
	const char *path; /* exactly */
	const char *type; /* Content-Type */
	bool local;       /* for clients from loopback addresses alone */
	bool stream;      /* it never ends: an empty piece means that there is
			nothing yet, one that failed that it is over */
	const struct http_file *file; /* that it is; NULL: it is made */
	const struct http_form *form; /* that it has too; or NULL; of no
			stream */
};

/* Statuses that pages give (RFC 9110, 15). */
enum {
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_ERROR = 500,
	HTTP_BUSY = 503
};

/* What a client asks of a page: "?key=value&…". */
struct http_query {
	/* The first value of ${key}, percent-decoded; NULL when there is none.
	 * It lives for the call that the query came with. */
	const char *(*value)(void *context, const char *key);
	/* The same of a header of the request, as it is. */
	const char *(*header)(void *context, const char *name);
	void *context;
};

struct stream_counts; /* web/stream_counts.h */

/* All are made by the thread of the server. */
struct http_calls {
	/* Does this server go by the name ${host} of a request (its header
	 * Host, NULL when there was none)? */
	bool (*called)(void *context, const char *host);
	/* Called once a second at least, a few times a second while there are
	 * streams, and more often while there is something to do: true when
	 * these may have something for their clients.  ${counts} live as long
	 * as the server.  NULL: nobody wants it. */
	bool (*turn)(void *context, const struct stream_counts *counts);
	/* A client wants page number ${page}: what its pieces are made from;
	 * NULL without memory.  ${status} is 200, and may be made another. */
	void *(*open)(void *context, size_t page,
	    const struct http_query *query, unsigned *status);
	/* Append the next piece; nothing when there is none any more. */
	void (*more)(void *opened, struct text *piece);
	/* Free it: the page was sent, or the client is gone. */
	void (*close)(void *opened);
};

struct http_server;

/*
 * At most PLACES connections are open (web/places.h); a client that finds all
 * taken gets that of one that is slow or silent, or 503.
 *
 * http = http_start(at, pages, n, calls, context, eb): serve ${n} pages at
 * ${at}; ${pages} must live as long.  NULL with an error in ${eb}.
 */
struct http_server *http_start(const struct endpoint_address *at,
    const struct http_page *pages, size_t n, const struct http_calls *calls,
    void *context, struct errbuf *eb);

/* http_stop(http): break off what is being sent, and end the thread: no call is
 * made any more when this returns.  NULL is fine. */
void http_stop(struct http_server *http);

#endif
