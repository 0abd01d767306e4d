/*
 * Private blocks: the prefixes in which an address says nothing of where its
 * client is, since many networks use it at once: private use (RFC 1918), shared
 * (RFC 6598), loopback, link-local and unique local addresses.  Used by maps,
 * at load time, by explain, and where files are read.
 */
#ifndef BASE_PRIVATE_H
#define BASE_PRIVATE_H

#include <stddef.h>

#include "base/address.h"

/* block = private_block(i): block number ${i}, counted from 0; NULL after the
 * last.  None lies in another, and none is the sibling of another. */
const struct prefix *private_block(size_t i);

/* block = private_block_around(address): the block that holds ${address}, or
 * NULL.  A 6to4 or v4-mapped address is in none: the IPv4 address inside may
 * be. */
const struct prefix *private_block_around(const struct address *address);

#endif
