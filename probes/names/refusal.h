/*
 * Which addresses of a name no client may be sent to, whatever the name says.
 * Pure; for what follows names.
 */
#ifndef PROBES_NAMES_REFUSAL_H
#define PROBES_NAMES_REFUSAL_H

#include <stdbool.h>

#include "base/address.h"

/*
 * what = refusal_of(address, allow_private): what kind of address it is, when
 * it is refused: "unspecified", "loopback", "link-local", "multicast",
 * "reserved", "mapped" or, unless ${allow_private}, "private" (RFC 1918, 6598,
 * 4193).  NULL when it is fine.
 */
const char *refusal_of(const struct address *address, bool allow_private);

#endif
