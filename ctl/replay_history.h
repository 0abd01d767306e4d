/*
 * Queries that a history counted, as queries that may have been: each country
 * asks from addresses spread evenly over its own.  Called by meridianctl
 * replay; needs no database of its own.
 */
#ifndef CTL_REPLAY_HISTORY_H
#define CTL_REPLAY_HISTORY_H

#include "ctl/packets.h"
#include "node/generation.h"

/* Addresses that stand for a country: shares of a hundredth can be told. */
#define REPLAY_SPOTS 100

/* ask(context, client, message, len, n): ${n} such queries. */
typedef void replay_history_call(void *context, const struct address *client,
    const uint8_t *message, size_t len, uint64_t n);

/*
 * status = replay_history(generation, length_ms, ask, context, others): ask
 * what the history of the node of ${generation} counted in the last
 * ${length_ms}; answers whose country is not known, or has no IPv4 address in
 * the geography, are counted in ${others}.  0, or -1 with a message on standard
 * error.
 */
int replay_history(const struct generation *generation, int64_t length_ms,
    replay_history_call *ask, void *context, uint64_t *others);

/* n = replay_history_size(generation, length_ms): about how many queries
 * replay_history() has; 0: nobody knows. */
uint64_t replay_history_size(
    const struct generation *generation, int64_t length_ms);

#endif
