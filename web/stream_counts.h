/*
 * What the HTTP server counts of streams (web/http.h), for the pages that tell
 * it.  Written by the thread of the server, which makes the pages too.
 */
#ifndef WEB_STREAM_COUNTS_H
#define WEB_STREAM_COUNTS_H

#include <stdint.h>

/* Streams that are open now; those that were ended because their clients did
 * not take them; clients that found as many as may be. */
struct stream_counts {
	uint64_t open, dropped, refused;
};

#endif
