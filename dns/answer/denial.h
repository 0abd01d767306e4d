/*
 * Proofs that something is not there, from the chain of a signed zone, in the
 * authority section (RFC 4035, 3.1.3; RFC 5155, 7.2).  Called while an answer
 * is made, for those who set DO; allocates nothing.
 */
#ifndef DNS_ANSWER_DENIAL_H
#define DNS_ANSWER_DENIAL_H

#include <stddef.h>
#include <stdint.h>

#include "dns/wire/reply.h"
#include "dns/zone/zone.h"

/* Names of one answer that wildcards may answer for: the question's, and as
 * many as CNAMEs are followed. */
#define DENIAL_NAMES 12
/* Records that are remembered, so that none comes twice: one for each of those,
 * and three for the end of the chain. */
#define DENIAL_RECORDS (DENIAL_NAMES + 3)

/* A name of which something is denied. */
struct denied {
	const struct zone *zone; /* which is signed */
	const uint8_t *name;     /* in lower case */
	size_t len;              /* octets */
	size_t at;               /* its offset in the reply */
};

/* The proofs of one answer. */
struct denial {
	struct reply *reply;
	unsigned n_sent, n_expected;
	const struct rrset *sent[DENIAL_RECORDS];
	struct {
		const struct zone *zone;
		const struct zone_node *wildcard;
		size_t at;
	} expected[DENIAL_NAMES];
};

/* denial_start(denial, reply): nothing is proved yet. */
static inline void
denial_start(struct denial *denial, struct reply *reply)
{
	denial->reply = reply;
	denial->n_sent = 0;
	denial->n_expected = 0;
}

/* denial_restart(denial, expected): all proofs were taken back from the reply;
 * the first ${expected} that denial_expect() was given are wanted still. */
static inline void
denial_restart(struct denial *denial, unsigned expected)
{
	denial->n_sent = 0;
	denial->n_expected = expected;
}

/*
 * Each adds what proves something of a name, with its signatures; what does not
 * fit leaves the reply full.  When a hash is that of an NSEC3 which some other
 * name has, nothing can prove it, and the reply becomes a SERVFAIL (RFC 5155,
 * 7.2.9).
 *
 * denial_nodata(denial, name, node): its node does not have the type of the
 * question; or the delegation ${node} at or above it has no DS (RFC 4035,
 * 3.1.3.1, 3.1.4; RFC 5155, 7.2.3, 7.2.4, 7.2.7).
 *
 * denial_wildcard_nodata(denial, name, wildcard): nor does the node ${wildcard}
 * that answers for it, and nothing is closer (3.1.3.4; 7.2.5).
 *
 * denial_name(denial, name, encloser): neither it is there nor a wildcard at
 * its closest encloser ${encloser} (3.1.3.2; 7.2.2).
 */
void denial_nodata(struct denial *denial, const struct denied *name,
    const struct zone_node *node);
void denial_wildcard_nodata(struct denial *denial, const struct denied *name,
    const struct zone_node *wildcard);
void denial_name(struct denial *denial, const struct denied *name,
    const struct zone_node *encloser);

/*
 * denial_expect(denial, zone, wildcard, at): the records of the node
 * ${wildcard} answer for the name at offset ${at} of the reply, and it is to be
 * proved that nothing is closer (3.1.3.3; 7.2.6).
 *
 * denial_wildcards(denial): prove it, of all names expected so far; in front of
 * the additional section, because the answer section must be there.
 */
void denial_expect(struct denial *denial, const struct zone *zone,
    const struct zone_node *wildcard, size_t at);
void denial_all_wildcards(struct denial *denial);
static inline void
denial_wildcards(struct denial *denial)
{
	if (denial->n_expected > 0)
		denial_all_wildcards(denial);
}

#endif
