/*
 * The one hash of the project: 64 bits, the same on every machine, as all name
 * servers of a zone must choose the same endpoint for a client.  Names, salts,
 * sticky prefixes and phases of checks are hashed with it.  It is not made to
 * resist those who choose what is hashed.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* h = hash_bytes(data, len, seed): XXH3 of ${len} bytes under ${seed}. */
uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);

/* h = hash_mix(a, b): two hashes made one, as cheap as two multiplications
 * (the finaliser of splitmix64 over their sum). */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	uint64_t x = a + b * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

#endif
