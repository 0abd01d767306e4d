/*
 * First rounds.  What nobody has judged yet is no vote, and counts as up until
 * the first round of its pool is over: else the first region whose check passes
 * would be given all clients of the world until the others are checked.
 */
#ifndef STEERING_ROUNDS_H
#define STEERING_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

/* The round of one pool. */
struct round {
	uint64_t every_ms, timeout_ms; /* of its slowest check */
	uint64_t slow_ms; /* to which every_ms grows while it is down; 0 */
	int64_t began_ms; /* our monotonic clock */
	bool over;        /* every endpoint has a result */
	bool judged;      /* one of them had, since it began */
	/* While the results of a change are counted: that they are, that some
	 * endpoint has one, that some has none. */
	bool counting, some, missing;
	uint32_t endpoints; /* that are in it; with none it is freed */
};

/* round = round_create(mono_ms): a round that begins now, without endpoints.
 * NULL without memory. */
struct round *round_create(int64_t mono_ms);

/* round_join(round), round_leave(round): one endpoint more or less; the last
 * one frees it.  NULL is fine for both. */
struct round *round_join(struct round *round);
void round_leave(struct round *round);

/* round_again(round, mono_ms): the first vantage after a time without any was
 * heard: all begins anew. */
void round_again(struct round *round, int64_t mono_ms);

/*
 * round_count(round, result), round_counted(round, mono_ms): for each endpoint,
 * whether it has a result; and when all were counted.  A round that has its
 * first result is as long as if it began with that: pools are often in the
 * files of a server before they are in those of its probes.
 */
void round_count(struct round *round, bool result);
void round_counted(struct round *round, int64_t mono_ms);

/* lasts = round_lasts(round, stale_after_ms, age_ms): a round of its pool that
 * began ${age_ms} ago may still be open. */
bool round_lasts(
    const struct round *round, uint64_t stale_after_ms, int64_t age_ms);

/* open = round_open(round, stale_after_ms, mono_ms).
 * moves = round_moves(round, stale_after_ms, mono_ms): results that are counted
 * may still change that. */
bool round_open(
    const struct round *round, uint64_t stale_after_ms, int64_t mono_ms);
bool round_moves(
    const struct round *round, uint64_t stale_after_ms, int64_t mono_ms);

#endif
