/*
 * Searches the chain of NSEC or NSEC3 records of a signed zone.  Called by
 * workers that prove a denial and by the checks of a zone; allocates nothing.
 */
#include "dns/zone/zone_chain.h"

#include <string.h>

#include "dns/wire/name.h"
#include "dns/zone/zone_private.h"

bool
zone_chain_is_nsec3(const struct zone *zone)
{
	return zone->chain->n_nsec3 > 0;
}

/* Where each label of ${name} begins, of its first ${len} octets. */
static unsigned
label_starts(const uint8_t *name, size_t len, uint8_t *at)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i += name[i] + 1u)
		at[n++] = (uint8_t)i;
	return n;
}

/* Put ${octet} after the ${n} octets of the key; false when it is full. */
static bool
key_add(uint64_t *key, unsigned *n, uint8_t octet)
{
	*key |= (uint64_t)octet << (56 - 8 * *n);
	return ++*n < sizeof(*key);
}

/*
 * Labels from the right, each ended by 0, which sorts a name before those below
 * it and a label before those that it begins; so that 0 can do that, octets 0
 * and 1 are written as 1 and the octet plus 1.
 */
uint64_t
zone_chain_key(const uint8_t *name, size_t len, size_t apex_len)
{
	uint8_t at[NAME_MAX_LABELS];
	unsigned labels = label_starts(name, len - apex_len, at), n = 0;
	uint64_t key = 0;

	while (labels-- > 0) {
		const uint8_t *label = name + at[labels];

		for (unsigned i = 1; i <= *label; i++) {
			uint8_t octet = label[i];

			if (octet < 2 && !key_add(&key, &n, 1))
				return key;
			if (octet < 2)
				octet++;
			if (!key_add(&key, &n, octet))
				return key;
		}
		if (!key_add(&key, &n, 0))
			return key;
	}
	return key;
}

const struct zone_node *
zone_chain_nsec(const struct zone *zone, const uint8_t *name, size_t len)
{
	const struct zone_chain *chain = zone->chain;
	uint64_t key = zone_chain_key(name, len, zone->nodes[0].name_len);
	uint32_t low = 0, high = chain->n_nsec;

	/* The first is the apex, and no name is before it. */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		const struct zone_nsec *nsec = &chain->nsec[middle];

		if (nsec->key < key ||
		    (nsec->key == key &&
			name_compare(nsec->node->name, name) <= 0))
			low = middle;
		else
			high = middle;
	}
	return chain->nsec[low].node;
}

uint32_t
zone_chain_place(const struct zone_chain *chain, const uint8_t hash[NSEC3_HASH])
{
	uint32_t low = 0, high = chain->n_nsec3;
	bool own;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(chain->nsec3[middle].hash, hash, NSEC3_HASH) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* What is before the first is covered by the last (RFC 5155, 3.1.7). */
	low = low == 0 ? chain->n_nsec3 - 1 : low - 1;
	own = memcmp(chain->nsec3[low].hash, hash, NSEC3_HASH) == 0;
	return low << 1 | own;
}

static struct zone_chain_match
match(const struct zone_chain *chain, uint32_t place)
{
	return (struct zone_chain_match){&chain->nsec3[place >> 1], place & 1};
}

struct zone_chain_match
zone_chain_of_node(const struct zone *zone, const struct zone_node *node)
{
	return match(zone->chain, zone->chain->links[node - zone->nodes].own);
}

struct zone_chain_match
zone_chain_of_wildcard(const struct zone *zone, const struct zone_node *node)
{
	return match(
	    zone->chain, zone->chain->links[node - zone->nodes].wildcard);
}

struct zone_chain_match
zone_chain_of_name(const struct zone *zone, const uint8_t *name, size_t len)
{
	uint8_t hash[NSEC3_HASH];

	nsec3_hash(&zone->chain->params, name, len, hash);
	return match(zone->chain, zone_chain_place(zone->chain, hash));
}
