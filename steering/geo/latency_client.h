/*
 * Whose round trips a row is about, as text: in the state database, in files of
 * measures and in messages.
 */
#ifndef STEERING_GEO_LATENCY_CLIENT_H
#define STEERING_GEO_LATENCY_CLIENT_H

#include "steering/geo/latency.h"

/*
 * status = latency_client_parse(text, out): read "192.0.2.0/24", "AS64500" or
 * "DE" to kind, prefix, asn and country of ${out}, and leave the rest of it
 * alone.  A prefix has no bits after its length.  0; -1, and ${out} is as it
 * was, when it is none of these.
 */
int latency_client_parse(const char *text, struct latency_entry *out);

#endif
