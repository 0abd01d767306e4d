/* Draws clients from the covers of countries.  Called by meridianctl compare;
 * asks nobody. */
#include "ctl/compare_sample.h"

#include <stdlib.h>

#include "steering/diff_space.h"
#include "steering/simulate/draw.h"

/* One client in so many is of IPv6. */
#define IPV6_EACH 4

/* What may be drawn of one family: leaves, and the weight of all up to each. */
struct urn {
	const struct cover_leaf **leaves;
	uint64_t *upto;
	size_t n;
	uint8_t family, finest;
};

static uint64_t
weight_of(const struct cover_leaf *leaf, uint8_t family)
{
	if (family == 6 || leaf->depth >= PLACE_FINEST_IPV4)
		return 1;
	return UINT64_C(1) << (PLACE_FINEST_IPV4 - leaf->depth);
}

/* Fill ${urn} with leaves that a country is known of, or of all. */
static void
fill(struct urn *urn, const struct cover *cover, bool known)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < cover->n; i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];

		if (leaf->value >= DIFF_SPACE_COUNTRIES ||
		    (known && leaf->value == DIFF_SPACE_UNKNOWN))
			continue;
		sum += weight_of(leaf, urn->family);
		urn->leaves[urn->n] = leaf;
		urn->upto[urn->n++] = sum;
	}
}

static int
urn_init(struct urn *urn, const struct cover *cover, uint8_t family)
{
	*urn = (struct urn){.family = family,
	    .finest = family == 4 ? PLACE_FINEST_IPV4 : PLACE_FINEST_IPV6};
	urn->leaves = calloc(cover->n + 1, sizeof(const struct cover_leaf *));
	urn->upto = calloc(cover->n + 1, sizeof(*urn->upto));
	if (urn->leaves == NULL || urn->upto == NULL)
		return -1;
	fill(urn, cover, true);
	if (urn->n == 0 && family == 4)
		fill(urn, cover, false);
	return 0;
}

static void
urn_finish(struct urn *urn)
{
	free(urn->leaves);
	free(urn->upto);
}

/* The leaf at ${at} of the weight of all. */
static const struct cover_leaf *
leaf_at(const struct urn *urn, uint64_t at)
{
	size_t low = 0, high = urn->n - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (urn->upto[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return urn->leaves[low];
}

/* All bits of ${any} after the first ${depth}. */
static uint64_t
below(uint64_t any, unsigned depth)
{
	return depth >= 64 ? 0 : any & (UINT64_MAX >> depth);
}

static void
draw_client(
    const struct urn *urn, struct draw *draw, struct compare_client *out)
{
	const struct cover_leaf *leaf =
	    leaf_at(urn, draw_below(draw, urn->upto[urn->n - 1]));
	uint64_t bits = leaf->hi | below(draw_number(draw), leaf->depth);
	struct address *address = &out->prefix.address;

	*out = (struct compare_client){.country = (uint16_t)leaf->value};
	address->family = urn->family;
	for (unsigned i = 0; i < 8; i++)
		address->bytes[i] = (uint8_t)(bits >> (56 - 8 * i));
	out->prefix.length = urn->finest;
	address_mask(address, urn->finest);
}

struct compare_client *
compare_sample(const struct geography *geo, size_t n, uint64_t seed)
{
	struct compare_client *clients = calloc(n + 1, sizeof(*clients));
	struct draw draw = draw_of(seed, 0);
	struct diff_space space = {{0}, {0}};
	struct urn ipv4 = {0}, ipv6 = {0};

	if (clients == NULL || diff_space_init(&space, geo) != 0 ||
	    urn_init(&ipv4, &space.ipv4, 4) != 0 ||
	    urn_init(&ipv6, &space.ipv6, 6) != 0 || ipv4.n == 0) {
		free(clients);
		clients = NULL;
	}
	for (size_t i = 0; clients != NULL && i < n; i++)
		draw_client(i % IPV6_EACH == IPV6_EACH - 1 && ipv6.n > 0
			? &ipv6
			: &ipv4,
		    &draw, &clients[i]);
	urn_finish(&ipv4);
	urn_finish(&ipv6);
	diff_space_finish(&space);
	return clients;
}
