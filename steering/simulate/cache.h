/*
 * What a resolver keeps: answers by the prefix that they are for (RFC 7871,
 * 7.3.1).  Called by the simulated world; knows networks of IPv4, not names, as
 * a world has one.
 */
#ifndef STEERING_SIMULATE_CACHE_H
#define STEERING_SIMULATE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Resolvers tell no more of their clients than that (RFC 7871, 11.1). */
#define CACHE_LENGTH 24

struct cache_entry {
	uint32_t prefix; /* its first bits, the others are 0 */
	uint8_t length;  /* bits, CACHE_LENGTH at most */
	bool used;
	uint32_t answer;  /* whatever its caller likes */
	int64_t until_ms; /* it is over then */
};

/* A cache that is all zeros is empty. */
struct cache {
	struct cache_entry *slots;
	size_t size, used;
	uint32_t lengths; /* that entries have or had, a bit each */
};

/*
 * entry = cache_find(cache, network, now_ms): the entry with the longest prefix
 * around the /24 number ${network} that is not over; NULL: it must be asked
 * for.
 */
const struct cache_entry *cache_find(
    const struct cache *cache, uint32_t network, int64_t now_ms);

/*
 * status = cache_put(cache, network, length, answer, now_ms, until_ms): keep
 * ${answer} for all of the ${length} bits around ${network}; scopes beyond
 * CACHE_LENGTH are for that.  0, or -1 without memory.
 */
int cache_put(struct cache *cache, uint32_t network, unsigned length,
    uint32_t answer, int64_t now_ms, int64_t until_ms);

/* cache_finish(cache): free what it holds. */
void cache_finish(struct cache *cache);

#endif
