/*
 * Looks up the hosts that records of an answer name and adds their addresses.
 * Called for referrals and for answers of the types that name hosts; its work
 * is bounded by the size of a record set and MAX_HOSTS.
 */
#include "dns/answer/additional.h"

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/lookup.h"

/* Hosts of one set whose addresses are added; only those of a referral, which
 * is of no use without them, go beyond. */
#define MAX_HOSTS 32

/* A host that a record names. */
struct host {
	const uint8_t *name;          /* in the zone, or of the question */
	size_t at;                    /* offset in the reply */
	const struct zone_node *node; /* with its addresses, or NULL */
};

/*
 * The node that has the addresses of a host, as data of the zone or as glue
 * below a delegation; NULL when none may be given: the host is in no zone that
 * this one speaks for, or steered.
 */
static const struct zone_node *
host_node(const struct zone *zone, const uint8_t *name)
{
	const struct zone_node *node;
	uint8_t lower[NAME_MAX_WIRE];
	size_t len = name_length(name);

	name_lower(lower, name, len);
	if (name_below(lower, zone_apex(zone)) == NULL)
		return NULL;
	switch (lookup_name(zone, lower, len, &node)) {
	case LOOKUP_FOUND:
	case LOOKUP_WILDCARD:
		break;
	case LOOKUP_CUT:
		return zone_find(zone, lower, len, name_hash(lower, len));
	case LOOKUP_DNAME:
	case LOOKUP_NXDOMAIN:
		return NULL;
	}
	return node->service == ZONE_NO_SERVICE ? node : NULL;
}

/* Add what may be left out; false when it does not fit, which is no reason to
 * set TC. */
static bool
add_optional(
    struct reply *reply, const struct rrset *set, const struct host *host)
{
	/* Where the question's name ends: the root, in front of its type and
	 * class. */
	size_t root = reply->records - 5, at;

	if (set == NULL)
		return true;
	/* Past 16 KiB no pointer reaches the name (RFC 1035, 4.1.4). */
	if (host->at <= POINTER_MAX)
		at = reply_rrset(
		    reply, SECTION_ADDITIONAL, set, host->at, TTL_KEEP);
	else
		at = reply_named(reply, SECTION_ADDITIONAL, set, host->name,
		    name_length(host->name) - 1, root);
	reply->w.full = false;
	return at != 0;
}

/* False when something did not fit. */
static bool
add_addresses(struct reply *reply, const struct host *host)
{
	bool ipv4;

	if (host->node == NULL)
		return true;
	ipv4 = add_optional(reply, zone_node_rrset(host->node, TYPE_A), host);
	return add_optional(
		   reply, zone_node_rrset(host->node, TYPE_AAAA), host) &&
	    ipv4;
}

/* Glue is not the zone's own, and nothing signs it (RFC 4035, 2.2). */
static bool
is_glue(const struct host *host)
{
	return host->node->flags & (NODE_CUT | NODE_OCCLUDED);
}

static void
add_sigs(struct reply *reply, const struct host *host, uint16_t type)
{
	if (host->node != NULL && !is_glue(host))
		add_optional(reply, zone_node_sigs(host->node, type), host);
}

/* The octets of the record ${record}. */
static size_t
record_size(const uint8_t *record)
{
	return RECORD_FIXED + wire_get16(record + 10);
}

/* The rounds over the name servers of a delegation, most needed first. */
enum round { ROUND_INSIDE, ROUND_OUTSIDE, ROUND_SIGS };

/* One of them: false when something did not fit. */
static bool
glue_round(struct reply *reply, const struct zone *zone,
    const struct zone_node *cut, size_t at, enum round round)
{
	const struct rrset *ns = zone_node_rrset(cut, TYPE_NS);
	const uint8_t *record = ns->image;
	bool all = true;

	for (unsigned i = 0; i < ns->count; i++) {
		struct host host = {
		    .name = record + RECORD_FIXED, .at = at + RECORD_FIXED};
		bool inside = name_below(host.name, cut->name) != NULL;

		at += record_size(reply->w.data + at);
		record += record_size(record);
		if (inside != (round == ROUND_INSIDE))
			continue;
		host.node = host_node(zone, host.name);
		if (round != ROUND_SIGS) {
			all &= add_addresses(reply, &host);
			continue;
		}
		add_sigs(reply, &host, TYPE_A);
		add_sigs(reply, &host, TYPE_AAAA);
	}
	return all;
}

void
additional_glue(struct reply *reply, const struct zone *zone,
    const struct zone_node *cut, size_t at, bool sigs)
{
	if (!glue_round(reply, zone, cut, at, ROUND_INSIDE))
		reply->truncated = true;
	else if (glue_round(reply, zone, cut, at, ROUND_OUTSIDE) && sigs)
		glue_round(reply, zone, cut, at, ROUND_SIGS);
}

/* A record may name a host that another one named: its addresses are there. */
static bool
is_repeated(const struct host *hosts, size_t n, const uint8_t *name)
{
	for (size_t i = 0; i < n; i++)
		if (name_equal(hosts[i].name, name))
			return true;
	return false;
}

/* Octets before the host in the RDATA of a type that names one; -1 for all
 * others. */
static int
host_offset(uint16_t type)
{
	switch (type) {
	case TYPE_NS:
		return 0;
	case TYPE_MX: /* after the preference */
		return 2;
	case TYPE_SRV: /* after priority, weight, port */
		return 6;
	case TYPE_SVCB:
	case TYPE_HTTPS: /* after the priority */
		return 2;
	default:
		return -1;
	}
}

/* The host that the record ${record}, at offset ${at} of the reply, names.  In
 * a record of SVCB's kind that has a priority the root means the owner itself
 * (RFC 9460, 2.5). */
static struct host
read_host(const struct reply *reply, uint16_t type, size_t owner,
    const uint8_t *record, size_t at)
{
	size_t offset = RECORD_FIXED + (size_t)host_offset(type);
	struct host host = {.name = record + offset, .at = at + offset};

	if ((type == TYPE_SVCB || type == TYPE_HTTPS) && host.name[0] == 0 &&
	    wire_get16(record + RECORD_FIXED) > 0) {
		host.name = reply->w.data + owner;
		host.at = owner;
	}
	return host;
}

/* The hosts of a set that are in the zone, each once; their number.  The root
 * means none (RFC 2782; RFC 7505, 3). */
static size_t
find_hosts(const struct reply *reply, const struct zone *zone,
    const struct rrset *set, size_t owner, size_t at,
    struct host hosts[MAX_HOSTS])
{
	const uint8_t *record = set->image;
	size_t n = 0;

	for (unsigned i = 0; i < set->count && n < MAX_HOSTS; i++) {
		struct host host =
		    read_host(reply, set->type, owner, record, at);

		at += record_size(reply->w.data + at);
		record += record_size(record);
		if (host.name[0] == 0 ||
		    name_below(host.name, zone_apex(zone)) == NULL ||
		    is_repeated(hosts, n, host.name))
			continue;
		host.node = host_node(zone, host.name);
		hosts[n++] = host;
	}
	return n;
}

/* Of the target of an SVCB or HTTPS record its own such records go with its
 * addresses, unless they are the answer or another zone's: only addresses are
 * glue (RFC 2181, 6.1). */
static bool
has_more(const struct reply *reply, uint16_t type, size_t owner,
    const struct host *host)
{
	return (type == TYPE_SVCB || type == TYPE_HTTPS) &&
	    host->node != NULL && !is_glue(host) &&
	    !name_equal(reply->w.data + owner, host->name);
}

void
additional_hosts(struct reply *reply, const struct zone *zone,
    const struct rrset *set, size_t owner, size_t at, bool sigs)
{
	struct host hosts[MAX_HOSTS];
	bool all = true;
	size_t n;

	if (host_offset(set->type) < 0)
		return;
	n = find_hosts(reply, zone, set, owner, at, hosts);
	for (size_t i = 0; i < n; i++) {
		all &= add_addresses(reply, &hosts[i]);
		if (has_more(reply, set->type, owner, &hosts[i]))
			all &= add_optional(reply,
			    zone_node_rrset(hosts[i].node, set->type),
			    &hosts[i]);
	}
	for (size_t i = 0; i < n && all && sigs; i++) {
		add_sigs(reply, &hosts[i], TYPE_A);
		add_sigs(reply, &hosts[i], TYPE_AAAA);
		if (has_more(reply, set->type, owner, &hosts[i]))
			add_sigs(reply, &hosts[i], set->type);
	}
}
