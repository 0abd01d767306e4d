/*
 * Looks up the hosts that records of an answer name and adds their addresses.
 * Called for referrals and for answers of the types that name hosts; its work
 * is bounded by the size of a record set and MAX_HOSTS.
 */
#include "dns/additional.h"

#include "dns/lookup.h"
#include "dns/name.h"
#include "dns/protocol.h"
#include "dns/wire.h"

/* Hosts of one set whose addresses are added; only those of a referral, which
 * is of no use without them, go beyond. */
#define MAX_HOSTS 32

/* A host that a record names. */
struct host {
	size_t at; /* offset of its name in the reply */
	size_t len;
	uint8_t lower[NAME_MAX_WIRE];
};

/* Read the host at offset ${at}; false when it is not in the zone. */
static bool
read_host(const struct reply *reply, const struct zone *zone, size_t at,
    struct host *host)
{
	const uint8_t *name = reply->w.data + at;

	host->at = at;
	host->len = name_length(name);
	name_lower(host->lower, name, host->len);
	return name_below(host->lower, zone_apex(zone)) != NULL;
}

/* The node that has the addresses of a host, in front of a delegation or as
 * glue behind it; NULL when none may be told. */
static const struct zone_node *
host_node(const struct zone *zone, const struct host *host)
{
	const struct zone_node *node;

	switch (lookup_name(zone, host->lower, host->len, &node)) {
	case LOOKUP_FOUND:
	case LOOKUP_WILDCARD:
		break;
	case LOOKUP_CUT:
		return zone_find(zone, host->lower, host->len,
		    name_hash(host->lower, host->len));
	case LOOKUP_DNAME:
	case LOOKUP_NXDOMAIN:
		return NULL;
	}
	return node->service == ZONE_NO_SERVICE ? node : NULL;
}

/* Add what may be left out; false when it does not fit. */
static bool
add_optional(
    struct reply *reply, const struct rrset *set, const struct host *host)
{
	/* Where the question's name ends: the root, in front of its type and
	 * class. */
	size_t root = reply->records - 5, at;

	if (set == NULL)
		return true;
	/* Behind 16 KiB no pointer reaches the name (RFC 1035, 4.1.4). */
	if (host->at <= POINTER_MAX)
		at = reply_rrset(reply, SECTION_ADDITIONAL, set, host->at);
	else
		at = reply_named(reply, SECTION_ADDITIONAL, set,
		    reply->w.data + host->at, host->len - 1, root);
	reply->w.full = false;
	return at != 0;
}

/*
 * Add the set of one type that a host has; false when it does not fit.  What
 * signs it may be left out where only the set fits (RFC 4035, 3.1.1), and glue
 * is not signed.
 */
static bool
add_type(struct reply *reply, const struct zone_node *node,
    const struct host *host, uint16_t type, bool sigs)
{
	if (node == NULL)
		return true;
	if (!add_optional(reply, zone_node_rrset(node, type), host))
		return false;
	if (sigs && !(node->flags & (NODE_CUT | NODE_OCCLUDED)))
		add_optional(reply, zone_node_sigs(node, type), host);
	return true;
}

/* False when something did not fit. */
static bool
add_addresses(struct reply *reply, const struct zone_node *node,
    const struct host *host, bool sigs)
{
	bool ipv4 = add_type(reply, node, host, TYPE_A, sigs);

	return add_type(reply, node, host, TYPE_AAAA, sigs) && ipv4;
}

/* The offset behind the record at offset ${at}. */
static size_t
record_end(const struct reply *reply, size_t at)
{
	return at + RECORD_FIXED + wire_get16(reply->w.data + at + 10);
}

/* One round over the name servers of a delegation: those inside, or others. */
static void
glue_round(struct reply *reply, const struct zone *zone,
    const struct zone_node *cut, size_t at, bool sigs, bool inside)
{
	const struct rrset *ns = zone_node_rrset(cut, TYPE_NS);

	for (unsigned i = 0; i < ns->count; i++) {
		struct host host;

		if (read_host(reply, zone, at + RECORD_FIXED, &host) &&
		    (name_below(host.lower, cut->name) != NULL) == inside &&
		    !add_addresses(
			reply, host_node(zone, &host), &host, sigs) &&
		    inside)
			reply->truncated = true;
		at = record_end(reply, at);
	}
}

void
additional_glue(struct reply *reply, const struct zone *zone,
    const struct zone_node *cut, size_t at, bool sigs)
{
	glue_round(reply, zone, cut, at, sigs, true);
	if (!reply->truncated)
		glue_round(reply, zone, cut, at, sigs, false);
}

/* A record may name a host that another one named: its addresses are there. */
static bool
is_repeated(const struct reply *reply, const struct host *host,
    const size_t *seen, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (name_equal(reply->w.data + seen[i], host->lower))
			return true;
	return false;
}

/*
 * The offset of the name of the host that the record at offset ${at} names, or
 * 0.  The root stands for none, but in a record of SVCB's kind that has a
 * priority it means the owner itself (RFC 9460, 2.5).
 */
static size_t
target_at(
    const struct reply *reply, const struct rrset *set, size_t owner, size_t at)
{
	size_t target = at + RECORD_FIXED;
	const uint8_t *rdata = reply->w.data + target;

	switch (set->type) {
	case TYPE_NS:
		return target;
	case TYPE_MX: /* behind the preference */
		return target + 2;
	case TYPE_SRV: /* behind priority, weight, port */
		return target + 6;
	case TYPE_SVCB:
	case TYPE_HTTPS: /* behind the priority */
		if (rdata[2] == 0 && wire_get16(rdata) > 0)
			return owner;
		return target + 2;
	default:
		return 0;
	}
}

/* What the zone has of one host: addresses, and of the target of an SVCB or
 * HTTPS record its own such records, unless they are the answer or another
 * zone's: only addresses are glue (RFC 2181, 6.1). */
static void
add_host(struct reply *reply, const struct zone *zone, uint16_t type,
    size_t owner, const struct host *host, bool sigs)
{
	const struct zone_node *node = host_node(zone, host);

	add_addresses(reply, node, host, sigs);
	if ((type == TYPE_SVCB || type == TYPE_HTTPS) && node != NULL &&
	    !(node->flags & (NODE_CUT | NODE_OCCLUDED)) &&
	    !name_equal(reply->w.data + owner, host->lower))
		add_type(reply, node, host, type, sigs);
}

void
additional_hosts(struct reply *reply, const struct zone *zone,
    const struct rrset *set, size_t owner, size_t at, bool sigs)
{
	size_t seen[MAX_HOSTS], n = 0;

	for (unsigned i = 0; i < set->count && n < MAX_HOSTS; i++) {
		size_t target = target_at(reply, set, owner, at);
		struct host host;

		if (target == 0)
			return;
		if (read_host(reply, zone, target, &host) &&
		    !is_repeated(reply, &host, seen, n)) {
			seen[n++] = host.at;
			add_host(reply, zone, set->type, owner, &host, sigs);
		}
		at = record_end(reply, at);
	}
}
