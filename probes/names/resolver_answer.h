/*
 * What the answers of resolvers say of a name: its addresses, for how long, and
 * the names that it leads to.  Called by resolver.c for each answer; asks
 * nobody.
 *
 * Security: answers are not trusted; of one at most RESOLVER_ADDRESSES and
 * RESOLVER_NAMES are kept.
 */
#ifndef PROBES_NAMES_RESOLVER_ANSWER_H
#define PROBES_NAMES_RESOLVER_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* An answer over TCP has no more: 64 KB of records of 16 octets. */
#define RESOLVER_ADDRESSES 4096

/* Names of one chain: real ones have three or four. */
#define RESOLVER_NAMES 16

/* Of all answers that were read. */
struct resolver_findings {
	struct address *addresses;
	size_t n;
	uint32_t ttl_s; /* the least; UINT32_MAX of no address */
	char *names[RESOLVER_NAMES];
	size_t n_names;
};

/* resolver_findings_init(f): nothing was found. */
void resolver_findings_init(struct resolver_findings *f);

/* resolver_findings_finish(f): free what it has. */
void resolver_findings_finish(struct resolver_findings *f);

/*
 * failed = resolver_findings_read(f, family, packet, len): add what the answer
 * ${packet} to a question for addresses of ${family}, 4 or 6, says.  NULL, or
 * why nothing is known by it: then no address is added.
 */
const char *resolver_findings_read(struct resolver_findings *f, uint8_t family,
    const unsigned char *packet, int len);

/* failed = resolver_failure(code): what the code of c-ares means to operators;
 * NULL where nothing went wrong. */
const char *resolver_failure(int code);

#endif
