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

/* Longest reason of a failure, the NUL counted. */
#define ETCD_WHY 224

/* So long a reason that says something stays, though another one came since
 * that does not: the end of a handshake that is refused is now a reason and now
 * just a connection that broke. */
#define ETCD_WHY_MS 10000

struct etcd_endpoint {
	char *url;
	unsigned failures; /* since its last answer */
	int64_t until_ms;  /* monotonic: left alone */
	/* Why it failed last, "" before; and monotonic: when that was seen
	 * last. */
	char why[ETCD_WHY];
	bool vague;
	int64_t why_ms;
};

/* Why it failed; ${vague}: in words that do not say what to mend. */
struct etcd_why {
	const char *words;
	bool vague;
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

/* news = etcd_endpoints_failed(e, i, why, now_ms): leave number ${i} alone for
 * a while; true when it had not failed since its last answer, or for another
 * reason. */
bool etcd_endpoints_failed(struct etcd_endpoints *e, size_t i,
    const struct etcd_why *why, int64_t now_ms);

/* etcd_endpoints_words(e, out, size): all that have failed since their last
 * answers, and why, in the order of the list; "" when none has.  The same
 * troubles are the same words, whichever failed last. */
void etcd_endpoints_words(
    const struct etcd_endpoints *e, char *out, size_t size);

/* had_failed = etcd_endpoints_answered(e, i): number ${i} is well. */
bool etcd_endpoints_answered(struct etcd_endpoints *e, size_t i);

/* wait_ms = etcd_endpoints_pause(failures, random): how long, after so many. */
int64_t etcd_endpoints_pause(unsigned failures, uint64_t random);

#endif
