/*
 * Master files (RFC 1035, 5; RFC 2308 $TTL; RFC 3597 unknown types): reads
 * lines and directives itself and gives each record's text to ldns.  Called
 * while a zone is loaded, never by a worker.
 */
#ifndef DNS_ZONEFILE_H
#define DNS_ZONEFILE_H

#include "base/errbuf.h"
#include "dns/zone.h"

/* The owner name of a service, as a zone needs to know it. */
struct zone_service {
	struct mark at; /* in the steering file */
	uint8_t owner[255];
};

/*
 * zone = zonefile_load(path, apex, services, n, eb): read the master file
 * ${path} of the zone ${apex} (wire form) and build it with the ${n} steered
 * owner names.  NULL with errors in ${eb}; else the caller owns the zone.
 */
struct zone *zonefile_load(const char *path, const uint8_t *apex,
    const struct zone_service *services, size_t n, struct errbuf *eb);

#endif
