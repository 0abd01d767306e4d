/*
 * What a comparison of two policies counts by: the address space cut by the
 * country that geography knows.  Made once for all services; used by
 * meridianctl diff, never by a worker.
 */
#ifndef STEERING_DIFF_SPACE_H
#define STEERING_DIFF_SPACE_H

#include "steering/geo/cover.h"
#include "steering/geo/geography.h"

/*
 * Values of leaves.  Countries are numbered by their two letters from 1 on;
 * places of which only the continent is known come after them.
 */
#define DIFF_SPACE_UNKNOWN 0
#define DIFF_SPACE_CODES 676 /* 26 * 26 */
#define DIFF_SPACE_CONTINENT (DIFF_SPACE_CODES + 1)
/* One more than any number of a country or continent. */
#define DIFF_SPACE_COUNTRIES (DIFF_SPACE_CONTINENT + DIFF_SPACE_CODES)
/* Private addresses, where geography counts for nothing. */
#define DIFF_SPACE_PRIVATE DIFF_SPACE_COUNTRIES
/* Nothing to be counted: of IPv6 all but 2000::/3, and 2002::/16, whose
 * clients are counted as the IPv4 addresses inside. */
#define DIFF_SPACE_OUTSIDE (DIFF_SPACE_COUNTRIES + 1)

struct diff_space {
	struct cover ipv4, ipv6;
};

/* status = diff_space_init(space, geo): 0, or -1 without memory;
 * diff_space_finish() is needed in either case. */
int diff_space_init(struct diff_space *space, const struct geography *geo);

/* diff_space_finish(space): free what it holds. */
void diff_space_finish(struct diff_space *space);

/* text = diff_space_name(country, out): "DE", "continent EU" or "unknown";
 * returns out. */
const char *diff_space_name(uint32_t country, char out[16]);

#endif
