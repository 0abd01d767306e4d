/* The project's one hash, XXH3 with 64 bits.  Called by every room. */
#include "base/hash.h"

/* Compiled in: a call through a library costs as much as a short hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
hash_bytes(const void *data, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(data, len, seed);
}
