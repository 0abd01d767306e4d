/*
 * What is counted, in the words of the pages: the labels of metrics, the keys
 * of the status.  Called by the pages.
 */
#ifndef NODE_LABELS_H
#define NODE_LABELS_H

#include <stddef.h>

#include "dns/answer/counters.h"

/* The codes that can be answered, by their IANA names. */
#define LABELS_RCODES 10
struct label_rcode {
	unsigned code;
	const char *name;
};
extern const struct label_rcode labels_rcodes[LABELS_RCODES];

extern const char *const labels_transports[TRANSPORTS];
extern const char *const labels_tcp_ends[TCP_ENDS];
/* As enum edns_came numbers its bits. */
extern const char *const labels_options[COUNTER_OPTIONS];
/* From COOKIE_FIRST on. */
extern const char *const labels_cookies[COOKIE_STATES];
extern const char *const labels_rrl[RRL_KINDS];

/* name = labels_region(region): of a slot's region, "" for the last resort. */
const char *labels_region(const char *region);

#endif
