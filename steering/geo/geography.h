/*
 * Geography: MaxMind and flat mmdb databases read once, each distinct record
 * decoded once, into covers of place numbers for IPv4 and IPv6.  Read at /24
 * and /48 at the finest.  The only file that includes maxminddb is its .c.
 */
#ifndef STEERING_GEO_GEOGRAPHY_H
#define STEERING_GEO_GEOGRAPHY_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "steering/geo/cover.h"
#include "steering/geo/place.h"

/* Larger files are refused.  The largest there is, GeoIP2 Enterprise, is a
 * quarter of it. */
#define GEOGRAPHY_MAX_FILE ((size_t)1 << 30)
/* As many leaves as there are /24 in IPv4.  No database has as many prefixes;
 * one that was made to have more is refused instead of filling memory. */
#define GEOGRAPHY_MAX_LEAVES ((size_t)1 << 24)

struct geography;
struct inputs; /* base/inputs.h */

/*
 * geo = geography_load(paths, at, n, inputs, eb): read ${n} databases, which
 * are added to ${inputs} unless that is NULL; where two know the same field the
 * earlier one counts, and nothing is taken from one that has the client in
 * another country, or inside of it elsewhere.  With no database every client's
 * place is unknown.  The files are copied into memory first, so that one
 * truncated later does no harm.  They come from the operator: libmaxminddb,
 * which opens them and reads their trees, is not hardened against files that
 * were made to do harm.  Where a prefix finer than
 * /24 or /48 has a record of its own, that of the first address of the /24 or
 * /48 that has one counts for all of it.  A position of exactly 0, 0 is taken
 * for none, and codes that are no country as country_of_database() says.  NULL
 * with errors at ${at}[i], or at the file itself, in ${eb}: not readable,
 * broken, or nothing in it that we know of.
 */
struct geography *geography_load(const char *const *paths,
    const struct mark *at, size_t n, struct inputs *inputs, struct errbuf *eb);

/* geography_destroy(geo): free it.  NULL is fine. */
void geography_destroy(struct geography *geo);

/* cover = geography_cover(geo, family): family 4 or 6; values are places.
 * In the IPv6 cover ::/48 (v4-mapped, v4-compatible), 2002::/16 and wherever
 * else the database has IPv4 once more are unknown: such clients are looked up
 * as the IPv4 address inside, or are not IPv6 of their own. */
const struct cover *geography_cover(const struct geography *geo, int family);

/* place = geography_place(geo, number): number 0 is the unknown place. */
const struct place *geography_place(
    const struct geography *geo, uint32_t number);

/* km = geography_accuracy_km(geo, address): how far off the position of the
 * client at ${address} may be, as its database says; 0 where it does not.  Of
 * neighbours in one place the greatest counts for all. */
unsigned geography_accuracy_km(
    const struct geography *geo, const struct address *address);

/* n = geography_places(geo): how many distinct places there are. */
size_t geography_places(const struct geography *geo);

/* Names of types are "GeoLite2-City" and the like; longer ones are cut. */
#define GEOGRAPHY_TYPE 64

/* What a database says of itself. */
struct geography_database {
	char *path;
	char type[GEOGRAPHY_TYPE];
	int64_t built_s; /* since 1970; 0 when it says nothing real */
	uint64_t hash;   /* of all its bytes, but for where it lies */
};

/* databases = geography_databases(geo, n): all ${n}, in the order in which they
 * were given.  They live as long as ${geo}. */
const struct geography_database *geography_databases(
    const struct geography *geo, size_t *n);

/* s = geography_built_s(geo): when the oldest of its databases that say so was
 * built, in seconds since 1970; 0 when there is none. */
int64_t geography_built_s(const struct geography *geo);

#endif
