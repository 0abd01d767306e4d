/*
 * Holds an answer against the zone as it was loaded, for fuzz targets: what is
 * there is not denied, and what is asked for and there is given.  Aborts when
 * that is not so.  Included by fuzz targets only.
 */
#ifndef TESTS_FUZZ_TRUTH_H
#define TESTS_FUZZ_TRUTH_H

#include "dns/wire/query.h"
#include "dns/zone/rdata.h"
#include "dns/zone/zone.h"
#include "dns/zone/zone_table.h"
#include "tests/fuzz/walker.h"

/* The answer has a record ${image} of the zone, under the name ${owner}. */
static inline bool
truth_has(const struct walk *w, const uint8_t *owner, const uint8_t *image)
{
	static uint8_t data[65535 + NAME_MAX_WIRE], want[65535];
	uint16_t type = wire_get16(image + 2);
	size_t len = wire_get16(image + 10);

	memcpy(want, image + RECORD_FIXED, len);
	if (type == TYPE_NS || type == TYPE_MX || type == TYPE_PTR ||
	    type == TYPE_SOA)
		rdata_fold(type, want, len);
	for (size_t i = 0; i < w->n; i++)
		if (w->records[i].section == 0 && w->records[i].type == type &&
		    name_equal(w->records[i].owner, owner) &&
		    walk_rdata(w, &w->records[i], data) == len &&
		    memcmp(data, want, len) == 0)
			return true;
	return false;
}

/* Each record of the set is there as the zone has it. */
static inline void
truth_set(const struct walk *w, const uint8_t *owner, const struct rrset *set)
{
	const uint8_t *image = set->image;

	for (unsigned i = 0; i < set->count; i++) {
		require(truth_has(w, owner, image));
		image += RECORD_FIXED + wire_get16(image + 10);
	}
}

/* truth_check(set, query, walk): what the zone says must be what the answer
 * says. */
static inline void
truth_check(
    const struct zone_table *set, const struct query *q, const struct walk *w)
{
	const struct zone_node *node;
	const struct zone *zone;
	const struct rrset *rrset;
	uint32_t index;

	zone = zone_table_find(set, q->name, q->name_len, &index);
	if (zone == NULL) {
		require(w->rcode == RCODE_REFUSED && !w->aa && w->n == 0);
		return;
	}
	if (w->tc)
		return;
	if (w->counts[0] == 0 && w->aa && w->rcode != RCODE_SERVFAIL)
		require(walk_has(w, 1, TYPE_SOA) != NULL);
	if (!w->aa && w->rcode == RCODE_NOERROR)
		require(walk_has(w, 1, TYPE_NS) != NULL && w->counts[0] == 0);
	node = zone_find(
	    zone, q->name, q->name_len, name_hash(q->name, q->name_len));
	/* Names above others are there too, as empty non-terminals. */
	if (w->counts[0] == 0 && w->rcode == RCODE_NXDOMAIN)
		require(node == NULL);
	if (node == NULL || q->type == TYPE_ANY || q->type == TYPE_DS ||
	    (node->flags & (NODE_CUT | NODE_OCCLUDED)) ||
	    node->service != ZONE_NO_SERVICE)
		return;
	rrset = zone_node_rrset(node, q->type);
	if (rrset == NULL)
		return;
	require(w->rcode == RCODE_NOERROR && w->aa);
	require(w->counts[0] >= rrset->count);
	truth_set(w, q->name, rrset);
}

#endif
