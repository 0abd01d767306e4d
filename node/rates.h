/*
 * Rates: how many steered answers a second each outcome had over the last
 * minute, from what the workers count.  Remembers counts now and then; counts
 * nothing itself.
 *
 * Threads: of the pages' thread alone.
 */
#ifndef NODE_RATES_H
#define NODE_RATES_H

#include <stdbool.h>
#include <stdint.h>

struct server; /* dns/serve/server.h */

/* A rate is of so long, from counts that are remembered so often: what a page
 * shows is no older than that. */
#define RATES_WINDOW_MS 60000
#define RATES_STEP_MS 5000

struct rates;

/* rates = rates_create(): nothing is remembered.  NULL without memory. */
struct rates *rates_create(void);

/* rates_destroy(rates): free it.  NULL is fine. */
void rates_destroy(struct rates *rates);

/* due = rates_due(rates, mono_ms): it is time for rates_take(). */
bool rates_due(const struct rates *rates, int64_t mono_ms);

/* What is counted of an outcome apart: answers with data, by its share of the
 * clients, and as a last resort. */
enum rate_kind { RATE_SHARE, RATE_RESORT, RATE_KINDS };

/* rates_take(rates, count, server, n, mono_ms): remember what count(server,
 * slot, out) says of the first ${n} outcomes at ${mono_ms}.  Without memory
 * nothing is. */
void rates_take(struct rates *rates,
    void (*count)(
	const struct server *server, uint32_t slot, uint64_t out[RATE_KINDS]),
    const struct server *server, uint32_t n, int64_t mono_ms);

/* ms = rates_window_ms(rates): how long the rates are of; 0: none is known yet,
 * as it was less than a second.  NULL knows none. */
int64_t rates_window_ms(const struct rates *rates);

/* rate = rates_slot(rates, slot, kind, base): answers a second of ${kind} of an
 * outcome, that others counted ${base} answers in the slot of before; 0 where
 * none is known. */
double rates_slot(const struct rates *rates, uint32_t slot, enum rate_kind kind,
    uint64_t base);

#endif
