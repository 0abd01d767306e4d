/*
 * Geography: MaxMind and flat mmdb databases read once, each distinct record
 * decoded once, into covers of place numbers for IPv4 and IPv6.  Read at /24
 * and /48 at the finest.  The only file that includes maxminddb is its .c.
 */
#ifndef STEERING_GEOGRAPHY_H
#define STEERING_GEOGRAPHY_H

#include <stddef.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "steering/cover.h"
#include "steering/place.h"

struct geography;

/*
 * geo = geography_load(paths, at, n, eb): read ${n} databases; where two know
 * the same field the earlier one counts.  With no database every client's place
 * is unknown.  The files are copied into memory first.  NULL with errors at
 * ${at}[i] in ${eb}.
 */
struct geography *geography_load(const char *const *paths,
    const struct mark *at, size_t n, struct errbuf *eb);

/* geography_destroy(geo): free it.  NULL is fine. */
void geography_destroy(struct geography *geo);

/* cover = geography_cover(geo, family): family 4 or 6; values are places.
 * In the IPv6 cover ::ffff:0:0/96 and 2002::/16 are unknown: such clients are
 * looked up as the IPv4 address inside. */
const struct cover *geography_cover(const struct geography *geo, int family);

/* place = geography_place(geo, number): number 0 is the unknown place. */
const struct place *geography_place(
    const struct geography *geo, uint32_t number);

/* n = geography_places(geo): how many distinct places there are. */
size_t geography_places(const struct geography *geo);

#endif
