/*
 * The places of the HTTP server: who has a connection, and who gives up his
 * when all are taken.  Some are kept for local clients, so that nobody from
 * elsewhere keeps the operator of the node from its pages.  Decides; opens and
 * closes nothing.  Belongs to the thread of the server.
 */
#ifndef WEB_PLACES_H
#define WEB_PLACES_H

#include <stdbool.h>
#include <stdint.h>

/* Of all clients: scrapers, people and scripts of one node are a few; and each
 * page on its way holds on to what it is made from. */
#define PLACES 64
/* That only local clients, of loopback addresses, get. */
#define PLACES_LOCAL 16

/* That streams have at most, and of these those of local clients alone: they
 * stay for hours, and pages are for everybody. */
#define PLACES_STREAMS 16
#define PLACES_STREAMS_LOCAL 4

/* From the connection, or from the page before, to the whole request: what
 * comes in drops is cut off. */
#define PLACES_REQUEST_MS 10000
/* From the request to the last byte of the page: the largest takes a second,
 * and scrapers wait for 10 s. */
#define PLACES_PAGE_MS 60000
/* A client that takes nothing for so long may lose its page to one that has no
 * place: one on a slow line takes something each round trip. */
#define PLACES_STALL_MS 1000
/* The same of one that is slow. */
#define PLACES_SLOW_MS 10000

/* A client of a stream that takes nothing of what there is for so long is gone,
 * or as good as that; less than the server's patience with any connection, so
 * that it is counted here. */
#define PLACES_STREAM_MS 8000

struct place {
	int fd; /* of the connection; -1: free */
	bool local;
	bool busy;        /* a page is on its way */
	bool ended;       /* it was told to go, and its place is free soon */
	bool stream;      /* the page is a stream */
	bool waits;       /* which has nothing for its client now */
	int64_t since_ms; /* monotonic: busy or not busy */
	int64_t moved_ms; /* the client took some of the page */
};

struct places {
	struct place place[PLACES];
};

/* places_init(places): all free. */
void places_init(struct places *places);

/* place = places_take(places, fd, local, now_ms): a place for a new connection;
 * NULL when all that it may have are taken. */
struct place *places_take(
    struct places *places, int fd, bool local, int64_t now_ms);

/* places_leave(place): its connection is closed. */
void places_leave(struct place *place);

/* place = places_find(places, fd): the place of a connection, or NULL. */
struct place *places_find(struct places *places, int fd);

/* places_busy(place, busy, now_ms): a page begins, or has ended. */
void places_busy(struct place *place, bool busy, int64_t now_ms);

/* may = places_stream(places, place): the page that begins at ${place} is a
 * stream; false: there are as many as may be. */
bool places_stream(struct places *places, struct place *place);

/*
 * place = places_victim(places, local, now_ms): whose connection is to be
 * closed so that another client gets a place: the one that has kept us waiting
 * longest for a request; else one whose page has not moved for PLACES_STALL_MS,
 * or is on its way for PLACES_SLOW_MS, the oldest first; a stream only while
 * its client does not take what there is.  Local clients keep theirs from
 * others.  NULL: nobody's, all are worth more than a new one.
 */
struct place *places_victim(struct places *places, bool local, int64_t now_ms);

/* place = places_overdue(places, now_ms): one that has had its time, whether
 * its place is wanted or not: a request or a page that takes too long, a stream
 * that is not taken for PLACES_STREAM_MS; NULL when there is none. */
struct place *places_overdue(struct places *places, int64_t now_ms);

#endif
