/*
 * Picks the NSEC or NSEC3 records that prove a denial and puts them into a
 * reply.  Called while an answer is made; hashes at most one name for each
 * proof and searches the chain at most twice.
 */
#include "dns/answer/denial.h"

#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/zone_chain.h"

/* Remember a record; false when the answer has it already. */
static bool
is_new(struct denial *d, const struct rrset *set)
{
	for (unsigned i = 0; i < d->n_sent; i++)
		if (d->sent[i] == set)
			return false;
	if (d->n_sent < DENIAL_RECORDS)
		d->sent[d->n_sent++] = set;
	return true;
}

/* Add a record and its signatures under the name ${owner}, of which the reply
 * holds as much as the denied name has. */
static void
add(struct denial *d, const struct denied *n, const uint8_t *owner, size_t len,
    const struct rrset *set, const struct rrset *sigs)
{
	size_t shared = name_shared(owner, n->name), at;
	size_t rest = n->at + n->len - shared;

	if (!is_new(d, set))
		return;
	len -= shared;
	at = reply_named(d->reply, SECTION_AUTHORITY, set, owner, len, rest);
	if (at == 0 || sigs == NULL)
		return;
	if (at <= POINTER_MAX)
		reply_rrset(d->reply, SECTION_AUTHORITY, sigs, at, TTL_KEEP);
	else
		reply_named(
		    d->reply, SECTION_AUTHORITY, sigs, owner, len, rest);
}

/* The NSEC that the name ${name} has, or that covers it. */
static void
add_nsec(
    struct denial *d, const struct denied *n, const uint8_t *name, size_t len)
{
	const struct zone_node *node = zone_chain_nsec(n->zone, name, len);

	add(d, n, node->name, node->name_len, zone_node_rrset(node, TYPE_NSEC),
	    zone_node_sigs(node, TYPE_NSEC));
}

static void
add_nsec3(struct denial *d, const struct denied *n,
    const struct zone_chain_nsec3 *nsec3)
{
	const struct zone_node *apex = zone_apex_node(n->zone);
	uint8_t owner[NSEC3_LABEL + NAME_MAX_WIRE];

	nsec3_label(nsec3->hash, owner);
	memcpy(owner + NSEC3_LABEL, apex->name, apex->name_len);
	add(d, n, owner, NSEC3_LABEL + (size_t)apex->name_len,
	    &nsec3->rrsets[0], nsec3->n_rrsets > 1 ? &nsec3->rrsets[1] : NULL);
}

/* Nothing can prove the answer. */
static void
fail(struct denial *d)
{
	d->n_expected = 0;
	reply_clear(d->reply);
	d->reply->rcode = RCODE_SERVFAIL;
	d->reply->failed = true;
}

/* The NSEC3 that covers the next closer name: the denied one cut to one label
 * more than its encloser of ${encloser} octets.  False when there is none. */
static bool
add_next_closer(struct denial *d, const struct denied *n, size_t encloser)
{
	const uint8_t *name = n->name;
	size_t len = n->len;
	struct zone_chain_match match;

	while (len - (*name + 1u) > encloser) {
		len -= *name + 1u;
		name += *name + 1;
	}
	match = zone_chain_of_name(n->zone, name, len);
	if (match.own)
		fail(d);
	else
		add_nsec3(d, n, match.nsec3);
	return !match.own;
}

/*
 * The closest provable encloser of the name (RFC 5155, 7.2.1), at ${node} or
 * above it where an opt-out leaves nodes without NSEC3; and that nothing is
 * between it and the name.  NULL when that cannot be proved.
 */
static const struct zone_node *
add_encloser(
    struct denial *d, const struct denied *n, const struct zone_node *node)
{
	struct zone_chain_match match = zone_chain_of_node(n->zone, node);
	const struct zone_chain_nsec3 *cover = NULL;

	while (!match.own) { /* the apex has one */
		cover = match.nsec3;
		node = zone_closest(n->zone, name_parent(node->name),
		    node->name_len - (node->name[0] + 1u));
		match = zone_chain_of_node(n->zone, node);
	}
	add_nsec3(d, n, match.nsec3);
	if (cover != NULL)
		add_nsec3(d, n, cover);
	else if (!add_next_closer(d, n, node->name_len))
		return NULL;
	return node;
}

void
denial_nodata(
    struct denial *d, const struct denied *n, const struct zone_node *node)
{
	struct zone_chain_match match;

	if (!zone_chain_is_nsec3(n->zone)) {
		add_nsec(d, n, node->name, node->name_len);
		return;
	}
	match = zone_chain_of_node(n->zone, node);
	if (match.own)
		add_nsec3(d, n, match.nsec3);
	else
		add_encloser(d, n, node);
}

void
denial_wildcard_nodata(
    struct denial *d, const struct denied *n, const struct zone_node *wildcard)
{
	const struct zone_node *encloser;

	if (!zone_chain_is_nsec3(n->zone)) {
		add_nsec(d, n, n->name, n->len);
		add_nsec(d, n, wildcard->name, wildcard->name_len);
		return;
	}
	encloser = zone_closest(
	    n->zone, name_parent(wildcard->name), wildcard->name_len - 2u);
	if (add_encloser(d, n, encloser) != NULL)
		add_nsec3(d, n, zone_chain_of_node(n->zone, wildcard).nsec3);
}

/* NSEC of "*" below the closest encloser. */
static void
add_no_wildcard(
    struct denial *d, const struct denied *n, const struct zone_node *encloser)
{
	uint8_t name[NAME_MAX_WILDCARD];
	size_t len = name_wildcard(name, encloser->name, encloser->name_len);

	add_nsec(d, n, name, len);
}

void
denial_name(
    struct denial *d, const struct denied *n, const struct zone_node *encloser)
{
	struct zone_chain_match match;

	if (!zone_chain_is_nsec3(n->zone)) {
		add_nsec(d, n, n->name, n->len);
		add_no_wildcard(d, n, encloser);
		return;
	}
	encloser = add_encloser(d, n, encloser);
	if (encloser == NULL)
		return;
	match = zone_chain_of_wildcard(n->zone, encloser);
	/* Above an opt-out one may be there, which does not reach the name. */
	if (match.own && !(encloser->flags & NODE_WILDCARD))
		fail(d);
	else
		add_nsec3(d, n, match.nsec3);
}

void
denial_expect(struct denial *d, const struct zone *zone,
    const struct zone_node *wildcard, size_t at)
{
	if (d->n_expected == DENIAL_NAMES)
		return;
	d->expected[d->n_expected].zone = zone;
	d->expected[d->n_expected].wildcard = wildcard;
	d->expected[d->n_expected++].at = at;
}

void
denial_all_wildcards(struct denial *d)
{
	unsigned names = d->n_expected;

	for (unsigned i = 0; i < names && d->n_expected > 0; i++) {
		const uint8_t *wire = d->reply->w.data + d->expected[i].at;
		size_t encloser = d->expected[i].wildcard->name_len - 2u;
		uint8_t name[NAME_MAX_WIRE];
		struct denied n = {
		    .zone = d->expected[i].zone,
		    .name = name,
		    .len = name_length(wire),
		    .at = d->expected[i].at,
		};

		name_lower(name, wire, n.len);
		if (zone_chain_is_nsec3(n.zone))
			add_next_closer(d, &n, encloser);
		else
			add_nsec(d, &n, name, n.len);
	}
	d->n_expected = 0;
}
