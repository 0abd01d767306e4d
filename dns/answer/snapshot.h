/*
 * What one query reads: four immutable parts that change at different speeds,
 * and a few words of the node's own, all reached by one published pointer.
 * dns/ sees inside the zones only; the other three belong to the answer source,
 * which steering/ implements.
 */
#ifndef DNS_ANSWER_SNAPSHOT_H
#define DNS_ANSWER_SNAPSHOT_H

#include <stdint.h>

#include "base/publish.h"
#include "dns/answer/limits.h"
#include "dns/wire/identity.h"

struct zone_table;
struct answer_source;
struct map_set; /* geography compiled for the policies */
struct policy;  /* services, pools and endpoints, compiled */
struct live;    /* what is usable now */
struct rrl;

struct snapshot {
	const struct zone_table *zones;
	const struct map_set *maps;
	const struct policy *policy;
	const struct live *live;
	const struct answer_source *source;
	uint32_t sample;   /* one steered answer in so many; 0: none */
	uint16_t udp_size; /* largest UDP answer we send */
	struct stream_limits tcp;
	struct identity identity;
	struct rrl *rrl; /* the one thing workers write; NULL: no limit */
};

#endif
