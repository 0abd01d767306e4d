/*
 * What is counted, in the words of the pages: the labels of metrics, the keys
 * of the status.  Called by the pages.
 */
#ifndef NODE_LABELS_H
#define NODE_LABELS_H

#include <stddef.h>

#include "dns/answer/counters.h"
#include "dns/wire/name.h"

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

/*
 * text = labels_name(name, out): a domain name as people and labels have it: in
 * lower case, without the last dot unless it is the root; escapes stay.
 * ${name} has at most NAME_TEXT - 1 characters.  Returns out.
 */
const char *labels_name(const char *name, char out[NAME_TEXT]);

/* name = labels_region(region): of a slot's region, "" for the last resort. */
const char *labels_region(const char *region);

#endif
