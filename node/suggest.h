/*
 * The service that somebody may have meant by a name that is none.
 */
#ifndef NODE_SUGGEST_H
#define NODE_SUGGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/wire/name.h"
#include "node/generation.h"

/*
 * found = suggest_service(generation, zone, name, out): the service whose name
 * is the wire name ${name} with the name of a zone after it, or else the one
 * that is spelled most like it, among those of zone number ${zone} or, with
 * UINT32_MAX, of all; written to ${out}.  False when none is near enough.
 * Looks at a bounded number of them.
 */
bool suggest_service(const struct generation *generation, uint32_t zone,
    const uint8_t *name, char out[NAME_TEXT]);

#endif
