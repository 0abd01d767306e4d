/*
 * Which endpoint is asked: the one that answered last, and after a failure the
 * next that is not left alone.  Pure.
 */
#ifndef SHARE_ETCD_ETCD_ENDPOINTS_H
#define SHARE_ETCD_ETCD_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After a failure an endpoint is left alone for so long, twice as long after
 * each more, less a random part of up to a half: many nodes that lost an etcd
 * together do not come back to it together.  The longest is what a node may
 * miss after all is well again. */
#define ETCD_PAUSE_FIRST_MS 100
#define ETCD_PAUSE_LAST_MS 2000

struct etcd_endpoint {
	char *url;
	unsigned failures; /* since its last answer */
	int64_t until_ms;  /* monotonic: left alone */
};

struct etcd_endpoints {
	struct etcd_endpoint *list;
	size_t n, current;
	uint64_t random;
};

/* etcd_endpoints_init(e, urls, n, seed): copies of the ${n} ${urls}.  0, or -1
 * without memory or any.  etcd_endpoints_finish(e): free them. */
int etcd_endpoints_init(
    struct etcd_endpoints *e, const char *const *urls, size_t n, uint64_t seed);
void etcd_endpoints_finish(struct etcd_endpoints *e);

/* wait_ms = etcd_endpoints_pick(e, now_ms, i): in so long ask number ${i}; 0:
 * now. */
int64_t etcd_endpoints_pick(
    struct etcd_endpoints *e, int64_t now_ms, size_t *i);

/* first = etcd_endpoints_failed(e, i, now_ms): leave number ${i} alone for a
 * while; true when it had not failed since its last answer. */
bool etcd_endpoints_failed(struct etcd_endpoints *e, size_t i, int64_t now_ms);

/* had_failed = etcd_endpoints_answered(e, i): number ${i} is well. */
bool etcd_endpoints_answered(struct etcd_endpoints *e, size_t i);

/* wait_ms = etcd_endpoints_pause(failures, random): how long, after so many. */
int64_t etcd_endpoints_pause(unsigned failures, uint64_t random);

#endif
