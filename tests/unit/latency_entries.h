/*
 * For tests of measured round trips: entries from the text of whose they are.
 */
#ifndef TESTS_UNIT_LATENCY_ENTRIES_H
#define TESTS_UNIT_LATENCY_ENTRIES_H

#include <stdlib.h>
#include <string.h>

#include "steering/geo/latency.h"

/* The round trip from ${whose}, "192.0.2.0/24", "AS64500" or "DE", to
 * ${region}; measured one second after 1970 for each millisecond it has. */
static inline struct latency_entry
latency_entry_of(
    const char *whose, const char *region, uint32_t rtt_us, uint32_t samples)
{
	struct latency_entry e = {.kind = LATENCY_PREFIX,
	    .region = region,
	    .rtt_us = rtt_us,
	    .samples = samples,
	    .measured_ms = rtt_us};

	if (prefix_parse(whose, &e.prefix) != -1)
		return e;
	e.kind = LATENCY_COUNTRY;
	if (strncmp(whose, "AS", 2) == 0) {
		e.kind = LATENCY_ASN;
		e.asn = (uint32_t)strtoul(whose + 2, NULL, 10);
	} else {
		memcpy(e.country, whose, 3);
	}
	return e;
}

#endif
