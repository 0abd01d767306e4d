/*
 * Makes the chain of NSEC3 records of a signed zone, finds the place of each
 * name in it, and checks that every name has one (RFC 5155, 7.1).  Called by
 * zone_builder_signed.c.
 */
#include "dns/zone/zone_builder_private_check.h"

#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/zone/nsec.h"
#include "dns/zone/zone_chain.h"

/* Above it resolvers take a zone for unsigned or for broken (RFC 9276, 3.2),
 * and a question that is denied would cost too much. */
#define ITERATIONS_MAX 150

static int
by_hash(const void *a, const void *b)
{
	const struct zone_hashed *x = a, *y = b;
	int order = memcmp(x->hash, y->hash, NSEC3_HASH);

	if (order != 0)
		return order;
	return x->record < y->record ? -1 : x->record > y->record;
}

/* What the NSEC3 of a chain's member says; it has the form of its type. */
static struct nsec
read_nsec3(const struct rrset *set)
{
	struct nsec nsec;

	nsec_read(TYPE_NSEC3, set->image + RECORD_FIXED,
	    wire_get16(set->image + 10), &nsec);
	return nsec;
}

/* An NSEC3 of the chain that ${params} name, or what may sign one. */
static bool
is_member(const struct zone_record *r, const struct nsec3_params *params)
{
	struct nsec nsec;

	if (record_type(r) != TYPE_NSEC3)
		return true;
	nsec_read(TYPE_NSEC3, record_rdata(r), record_rdata_size(r), &nsec);
	return nsec3_same(&nsec.params, params);
}

/* Which chain is used. */

static bool
has_apex(const struct zone_builder *b, const struct nsec3_params *params)
{
	const struct zone_node *apex = zone_apex_node(b->zone);
	uint8_t hash[NSEC3_HASH];

	nsec3_hash(params, apex->name, apex->name_len, hash);
	for (uint32_t i = 0; i < b->n_hashed; i++) {
		const struct zone_record *r = &b->records[b->hashed[i].record];

		if (memcmp(b->hashed[i].hash, hash, NSEC3_HASH) == 0 &&
		    record_type(r) == TYPE_NSEC3 && is_member(r, params))
			return true;
	}
	return false;
}

/* Why the chain that an NSEC3PARAM names is not used, or NULL. */
static const char *
param_fault(const struct zone_builder *b, const struct nsec *param)
{
	if (param->params.algorithm != NSEC3_SHA1)
		return "its hash algorithm is not 1, SHA-1";
	if (param->params.iterations > ITERATIONS_MAX)
		return "more than 150 iterations (RFC 9276, 3.2)";
	if (!has_apex(b, &param->params))
		return "the apex has no NSEC3 of these parameters";
	return NULL;
}

/* The first NSEC3PARAM at the apex whose chain can be used. */
static bool
choose(struct zone_builder *b, struct nsec3_params *params)
{
	const struct zone_record *r = node_first(b, 0);
	char name[NAME_TEXT];

	name_format(zone_apex(b->zone), name);
	for (; r != NULL; r = node_next(b, r)) {
		struct mark at = record_mark(r);
		struct nsec param;
		const char *fault;

		if (record_type(r) != TYPE_NSEC3PARAM)
			continue;
		nsec_read(TYPE_NSEC3PARAM, record_rdata(r),
		    record_rdata_size(r), &param);
		/* RFC 5155, 4.1.2; there was a warning when it was read. */
		if (param.flags != 0)
			continue;
		fault = param_fault(b, &param);
		if (fault != NULL && check_warning(b))
			errbuf_warn(b->eb, &at,
			    "%s NSEC3PARAM: is not used: %s", name, fault);
		if (fault != NULL)
			continue;
		*params = param.params;
		if (params->iterations > 0 && check_warning(b))
			errbuf_warn(b->eb, &at,
			    "%s NSEC3PARAM: %u iterations, where 0 is best "
			    "(RFC 9276, 3.1)",
			    name, params->iterations);
		return true;
	}
	return false;
}

/* The members of the chain. */

/* Link those of the ${n} records of one hash that belong to the chain; the
 * first, or NULL when there is no NSEC3 among them.  Its number goes to
 * ${nsec3}. */
static const struct zone_record *
link_members(struct zone_builder *b, const struct zone_hashed *hashed,
    uint32_t n, const struct nsec3_params *params, uint32_t *nsec3)
{
	uint32_t first = 0;
	bool found = false;

	while (n-- > 0) {
		struct zone_record *r = &b->records[hashed[n].record];

		if (!is_member(r, params))
			continue;
		r->next = first;
		first = hashed[n].record + 1;
		if (record_type(r) == TYPE_NSEC3) {
			*nsec3 = hashed[n].record;
			found = true;
		}
	}
	return found ? &b->records[first - 1] : NULL;
}

/* The name that an NSEC3 stands at. */
static void
make_owner(const struct zone_builder *b, const uint8_t hash[NSEC3_HASH],
    uint8_t name[NAME_MAX_WIRE], struct zone_node *owner)
{
	const struct zone_node *apex = zone_apex_node(b->zone);

	nsec3_label(hash, name);
	memcpy(name + NSEC3_LABEL, apex->name, apex->name_len);
	*owner = (struct zone_node){.name = name,
	    .service = ZONE_NO_SERVICE,
	    .name_len = (uint8_t)(NSEC3_LABEL + apex->name_len)};
}

/* Make the member of the ${n} records of one hash, which stays in b->hashed
 * where the member is in the chain. */
static void
add_member(struct zone_builder *b, struct zone_chain *chain,
    const struct zone_hashed *hashed, uint32_t n)
{
	uint8_t name[NAME_MAX_WIRE];
	struct zone_chain_nsec3 *member = &chain->nsec3[chain->n_nsec3];
	struct zone_hashed *place = &b->hashed[chain->n_nsec3];
	const struct zone_record *first;
	struct zone_node owner;
	struct mark at;
	uint32_t nsec3;

	first = link_members(b, hashed, n, &chain->params, &nsec3);
	if (first == NULL)
		return;
	make_owner(b, hashed->hash, name, &owner);
	zone_builder_rrsets(b, &owner, first);
	if (owner.n_rrsets == 0 || owner.rrsets[0].type != TYPE_NSEC3)
		return; /* with an error */
	memcpy(member->hash, hashed->hash, NSEC3_HASH);
	member->n_rrsets = owner.n_rrsets;
	member->rrsets = owner.rrsets;
	*place = (struct zone_hashed){.record = nsec3};
	memcpy(place->hash, member->hash, NSEC3_HASH);
	chain->n_nsec3++;
	at = record_mark(&b->records[nsec3]);
	zone_builder_sigs_check(b, &owner, first);
	zone_builder_denials_ttl(b, &owner, owner.rrsets, &at);
}

static bool
make_members(struct zone_builder *b, struct zone_chain *chain)
{
	const struct zone_hashed *hashed = b->hashed;
	uint32_t next;

	chain->nsec3 =
	    arena_array(b->zone->arena, b->n_hashed, sizeof(*chain->nsec3));
	if (chain->nsec3 == NULL) {
		check_no_memory(b);
		return false;
	}
	for (uint32_t i = 0; i < b->n_hashed; i = next) {
		for (next = i + 1; next < b->n_hashed &&
		     memcmp(hashed[next].hash, hashed[i].hash, NSEC3_HASH) ==
			 0;)
			next++;
		add_member(b, chain, &hashed[i], next - i);
	}
	return chain->n_nsec3 > 0;
}

/* Each NSEC3 names the hash of the next (RFC 5155, 3.1.7). */
static void
check_link(struct zone_builder *b, const struct zone_chain *chain, uint32_t i)
{
	const struct zone_chain_nsec3 *member = &chain->nsec3[i];
	const struct zone_chain_nsec3 *next =
	    &chain->nsec3[(i + 1) % chain->n_nsec3];
	struct nsec nsec = read_nsec3(member->rrsets);
	uint8_t name[NAME_MAX_WIRE], label[NSEC3_LABEL];
	char text[NAME_TEXT];
	struct zone_node owner;
	struct mark at;

	if (nsec.next_len == NSEC3_HASH &&
	    memcmp(nsec.next, next->hash, NSEC3_HASH) == 0)
		return;
	if (!check_error(b))
		return;
	at = record_mark(&b->records[b->hashed[i].record]);
	make_owner(b, member->hash, name, &owner);
	nsec3_label(next->hash, label);
	errbuf_error(b->eb, &at,
	    "%s NSEC3: does not lead to the next hash there is, %.*s",
	    name_format(name, text), NSEC3_LABEL - 1, (const char *)label + 1);
}

/* The names and their places. */

/* Only delegations without DS, and what is empty but for them, may be left out
 * of the chain (RFC 5155, 7.1). */
static void
mark_needed(const struct zone_builder *b, uint32_t number, uint8_t *needed)
{
	const struct zone_node *node = &b->zone->nodes[number];

	if (node->n_rrsets == 0 || node->flags & NODE_OCCLUDED ||
	    (node->flags & NODE_CUT && zone_node_rrset(node, TYPE_DS) == NULL))
		return;
	while (!needed[number]) {
		needed[number] = 1;
		number = b->drafts[number].parent;
	}
}

static void
check_missing(struct zone_builder *b, const struct zone_node *node,
    const uint8_t hash[NSEC3_HASH], bool needed)
{
	const struct zone_record *first =
	    node_first(b, (uint32_t)(node - b->zone->nodes));
	struct mark at = {.file = b->records[0].file};
	uint8_t label[NSEC3_LABEL];
	char name[NAME_TEXT];

	if (!check_error(b))
		return;
	if (first != NULL)
		at = record_mark(first);
	nsec3_label(hash, label);
	errbuf_error(b->eb, &at, "%s: has no NSEC3 (%.*s)%s",
	    name_format(node->name, name), NSEC3_LABEL - 1,
	    (const char *)label + 1,
	    needed ? "" : ", nor does one with opt-out cover it");
}

/* The place of a name, which is its own or covered with opt-out. */
static uint32_t
place_node(struct zone_builder *b, const struct zone_chain *chain,
    const struct zone_node *node, bool needed)
{
	uint8_t hash[NSEC3_HASH];
	const struct zone_chain_nsec3 *member;
	uint32_t place;

	nsec3_hash(&chain->params, node->name, node->name_len, hash);
	place = zone_chain_place(chain, hash);
	member = &chain->nsec3[place >> 1];
	if (place & 1) {
		struct zone_hashed *hashed = &b->hashed[place >> 1];
		struct mark at = record_mark(&b->records[hashed->record]);

		zone_builder_denials_types(b, node, member->rrsets, &at);
		hashed->used = true;
	} else if (needed ||
	    !(read_nsec3(member->rrsets).flags & NSEC3_OPT_OUT))
		check_missing(b, node, hash, needed);
	return place;
}

static uint32_t
place_wildcard(const struct zone_chain *chain, const struct zone_node *node)
{
	uint8_t name[NAME_MAX_WILDCARD], hash[NSEC3_HASH];
	size_t len = name_wildcard(name, node->name, node->name_len);

	if (len > NAME_MAX_WIRE)
		return 0;
	nsec3_hash(&chain->params, name, len, hash);
	return zone_chain_place(chain, hash);
}

static void
make_links(
    struct zone_builder *b, struct zone_chain *chain, const uint8_t *needed)
{
	for (uint32_t i = 0; i < b->n_nodes; i++) {
		const struct zone_node *node = &b->zone->nodes[i];

		if (node->flags & NODE_OCCLUDED)
			continue;
		chain->links[i].own = place_node(b, chain, node, needed[i]);
		if (!(node->flags & NODE_CUT))
			chain->links[i].wildcard = place_wildcard(chain, node);
	}
}

/* A member that no name has: one that was there when the zone was signed. */
static void
check_unused(struct zone_builder *b, const struct zone_chain *chain, uint32_t i)
{
	struct mark at = record_mark(&b->records[b->hashed[i].record]);
	uint8_t name[NAME_MAX_WIRE];
	char text[NAME_TEXT];
	struct zone_node owner;

	if (b->hashed[i].used || !check_warning(b))
		return;
	make_owner(b, chain->nsec3[i].hash, name, &owner);
	errbuf_warn(b->eb, &at, "%s NSEC3: is the hash of no name of the zone",
	    name_format(name, text));
}

static void
check_names(struct zone_builder *b, struct zone_chain *chain)
{
	uint8_t *needed = calloc(b->n_nodes, 1);

	chain->links =
	    arena_array(b->zone->arena, b->n_nodes, sizeof(*chain->links));
	if (needed != NULL && chain->links != NULL) {
		for (uint32_t i = 0; i < b->n_nodes; i++)
			mark_needed(b, i, needed);
		make_links(b, chain, needed);
	} else
		check_no_memory(b);
	free(needed);
}

bool
zone_builder_nsec3(struct zone_builder *b, struct zone_chain *chain)
{
	if (b->n_hashed > 0)
		qsort(b->hashed, b->n_hashed, sizeof(b->hashed[0]), by_hash);
	if (!choose(b, &chain->params))
		return false;
	if (!make_members(b, chain))
		return true;
	for (uint32_t i = 0; i < chain->n_nsec3; i++)
		check_link(b, chain, i);
	check_names(b, chain);
	for (uint32_t i = 0; i < chain->n_nsec3; i++)
		check_unused(b, chain, i);
	return true;
}
