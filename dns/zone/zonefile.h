/*
 * Master files (RFC 1035, 5; RFC 2308 $TTL; RFC 3597 unknown types): reads
 * entries and directives, has each record's data read by its type, and gives
 * them to a zone builder.  Called while a zone is loaded, never by a worker.
 */
#ifndef DNS_ZONE_ZONEFILE_H
#define DNS_ZONE_ZONEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "base/inputs.h"
#include "dns/zone/zone.h"

/* Octets of all files of a zone together. */
#define ZONEFILE_MAX_BYTES ((uint64_t)4 << 30)
/* Files within files, and how many in all. */
#define ZONEFILE_MAX_DEPTH 8
#define ZONEFILE_MAX_INCLUDES 10000

/* The owner name of a service, as a zone needs to know it. */
struct zone_service {
	struct mark at; /* in the steering file */
	uint8_t flags;  /* NODE_SERVICE_... */
	uint8_t owner[255];
};

/* What a zone is read from, and for whom. */
struct zonefile_request {
	const char *path;      /* of the master file */
	const struct mark *at; /* where that is named; NULL: the file itself */
	const uint8_t *apex;   /* wire form */
	const struct zone_service *services; /* their owner names are steered */
	size_t n_services;
	/* Where included files may lie beside the folder of ${path}. */
	const char *const *folders;
	size_t n_folders;
};

/*
 * zone = zonefile_load(request, inputs, eb): read the master file and those it
 * includes, and build the zone.  Every file that was opened is added to
 * ${inputs}, which may be NULL, before it is read.  NULL with errors in ${eb};
 * else the caller owns the zone.  Stops reading after ZONE_MAX_MESSAGES errors.
 */
struct zone *zonefile_load(const struct zonefile_request *request,
    struct inputs *inputs, struct errbuf *eb);

/*
 * zone = zonefile_parse(name, text, len, apex, services, n, eb): the same from
 * the ${len} octets of ${text}, with ${name} for the marks; $INCLUDE is an
 * error.  Keeps nothing of ${text}.
 */
struct zone *zonefile_parse(const char *name, const char *text, size_t len,
    const uint8_t *apex, const struct zone_service *services, size_t n,
    struct errbuf *eb);

#endif
