/*
 * The parts of zone_builder_finish(), each a file, and the limit of messages
 * that they share.  Included by those files.
 */
#ifndef DNS_ZONE_ZONE_BUILDER_PRIVATE_CHECK_H
#define DNS_ZONE_ZONE_BUILDER_PRIVATE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/zone/zone_builder.h"
#include "dns/zone/zone_builder_private.h"

/* Count an error of the zone; true while it is to be shown. */
static inline bool
check_error(struct zone_builder *b)
{
	return b->errors++ < ZONE_MAX_MESSAGES;
}

static inline bool
check_warning(struct zone_builder *b)
{
	return b->warnings++ < ZONE_MAX_MESSAGES;
}

static inline void
check_no_memory(struct zone_builder *b)
{
	if (check_error(b))
		errbuf_error(b->eb, NULL, "no memory for the zone");
}

/*
 * zone_builder_hints(builder): take the address hints out of SVCB and HTTPS
 * records that lead to a steered name, with a warning for each: clients might
 * use them in place of the addresses that they are steered to.  Before sets are
 * made of the records.
 */
void zone_builder_hints(struct zone_builder *b);

/*
 * zone_builder_rrsets(builder, node, first): give ${node} the record sets of
 * the records ${first} and those linked to it.  What is wrong with them goes to
 * the builder's messages.
 */
void zone_builder_rrsets(struct zone_builder *b, struct zone_node *node,
    const struct zone_record *first);

/*
 * zone_builder_compress(builder, owner, set): give ${set}, whose image is
 * complete, its compressed form, if its type is one of those of RFC 1035 that
 * may have it (RFC 3597, 4) and ${owner}, a lower case name, or the set's own
 * names make it shorter.  CNAME keep their names as they are: an answer goes on
 * at them.
 */
void zone_builder_compress(
    struct zone_builder *b, const uint8_t *owner, struct rrset *set);

/*
 * zone_builder_signed(builder): when the SOA is signed, check what is
 * particular to a signed zone, and make its chain.  The flags of the nodes and
 * the SOA of negative answers are there.
 */
void zone_builder_signed(struct zone_builder *b);

/* ok = zone_builder_sigs_start(builder): find the keys of the zone and the
 * time, before signatures are checked.  False without memory, with an error. */
bool zone_builder_sigs_start(struct zone_builder *b);

/* zone_builder_sigs_report(builder): warn of those that are not good now, all
 * in few lines, after all were checked. */
void zone_builder_sigs_report(struct zone_builder *b);

/* zone_builder_sigs_check(builder, node, first): the signatures of one owner,
 * whose records are ${first} and those linked to it. */
void zone_builder_sigs_check(struct zone_builder *b,
    const struct zone_node *node, const struct zone_record *first);

/*
 * zone_builder_denials_ttl(builder, node, set, at): warn, once in a zone, of an
 * NSEC or NSEC3 ${set} at ${at} that lives longer than other denials (RFC
 * 9077).
 */
void zone_builder_denials_ttl(struct zone_builder *b,
    const struct zone_node *owner, const struct rrset *set,
    const struct mark *at);

/* zone_builder_denials_types(builder, node, set, at): warn when the bitmap of
 * the NSEC or NSEC3 ${set}, at ${at}, names other types than ${node} has. */
void zone_builder_denials_types(struct zone_builder *b,
    const struct zone_node *node, const struct rrset *set,
    const struct mark *at);

/*
 * zone_builder_nsec(builder, chain): make the chain of NSEC records of a zone
 * that has one at its apex, and check that it reaches every name.
 */
void zone_builder_nsec(struct zone_builder *b, struct zone_chain *chain);

/*
 * made = zone_builder_nsec3(builder, chain): the same of NSEC3.  False when the
 * zone has none that NSEC3PARAM records name; what is wrong with those is a
 * warning.
 */
bool zone_builder_nsec3(struct zone_builder *b, struct zone_chain *chain);

#endif
