/*
 * Pages on their way to their clients: what microhttpd asks for when a client
 * has taken what there was; and streams, which are suspended while there is
 * nothing for them.  Belongs to the thread of the server; for http.c alone.
 */
#ifndef WEB_DELIVERY_H
#define WEB_DELIVERY_H

#include <stdbool.h>

#include "base/text.h"
#include "web/places.h"
#include "web/stream_counts.h"

struct MHD_Connection;
struct MHD_Response;
struct delivery;
struct http_form;

/* What pages are made by: as in http.h. */
struct delivery_calls {
	void (*more)(void *opened, struct text *piece);
	void (*close)(void *opened);
};

struct deliveries {
	struct delivery_calls calls;
	struct delivery *stream[PLACES]; /* NULL: free */
	struct stream_counts counts;
};

/* deliveries_init(all, calls): none yet. */
void deliveries_init(
    struct deliveries *all, const struct delivery_calls *calls);

/*
 * response = delivery_response(all, connection, place, form, opened): the
 * response that hands out the pieces of ${opened}, in ${form} unless that is
 * NULL, and closes it at its end: a stream if ${place} is one's.  NULL without
 * memory: then ${opened} is closed.
 */
struct MHD_Response *delivery_response(struct deliveries *all,
    struct MHD_Connection *connection, struct place *place,
    const struct http_form *form, void *opened);

/* deliveries_wake(all, news): let streams go on whose clients are gone, and all
 * of them if there is ${news}. */
void deliveries_wake(struct deliveries *all, bool news);

#endif
