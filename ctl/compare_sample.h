/*
 * Clients for a comparison: networks drawn from geography by a seed, so that
 * whoever has the same databases draws the same.  Asks nobody.
 */
#ifndef CTL_COMPARE_SAMPLE_H
#define CTL_COMPARE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "steering/geo/geography.h"

/* A thousand million questions take hours; memory for the clients is 300 MB. */
#define COMPARE_CLIENTS_MAX 10000000

struct compare_client {
	struct prefix prefix; /* a /24 or a /48 */
	uint16_t country;     /* as steering/diff_space.h numbers it */
};

/*
 * clients = compare_sample(geo, n, seed): draw ${n} clients: IPv4 by how many
 * addresses geography knows where, and one in four IPv6, by how many networks
 * it tells apart.  With an empty geography all of the address space is drawn
 * from, private addresses left out.  The caller frees them; NULL without
 * memory.
 */
struct compare_client *compare_sample(
    const struct geography *geo, size_t n, uint64_t seed);

#endif
