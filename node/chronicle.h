/*
 * The chronicle: what an operator is to find in the log of how services and
 * vantages do: each service that leaves or enters health, and each vantage that
 * falls silent, once, with what to look at.  A great outage is told in a few
 * lines and a count.  Says things; changes nothing that is served.
 *
 * Threads: belongs to the control thread.
 */
#ifndef NODE_CHRONICLE_H
#define NODE_CHRONICLE_H

#include <stdint.h>

#include "node/follower.h"
#include "node/served.h"

/* So many lines in so long; what is more is counted. */
#define CHRONICLE_LINES 20
#define CHRONICLE_WINDOW_MS 10000

struct chronicle;

/* chronicle = chronicle_create(): nothing is known: all is well.  NULL without
 * memory. */
struct chronicle *chronicle_create(void);

/* chronicle_destroy(chronicle): free it.  NULL is fine. */
void chronicle_destroy(struct chronicle *chronicle);

/*
 * chronicle_start(generation): say what starts: version, addresses, files,
 * geography and its date.
 * chronicle_end(started_ms, number): say that it ends, because of a signal,
 * after how long since ${started_ms} of the monotonic clock.
 */
void chronicle_start(const struct generation *generation);
void chronicle_end(int64_t started_ms, int number);

/* chronicle_begin(chronicle): health is known now, or is not waited for any
 * longer.  Before, services are taken for healthy: nothing is answered yet. */
void chronicle_begin(struct chronicle *chronicle);

/*
 * chronicle_services(chronicle, served): ${served}, which is shared and which
 * nobody else has seen yet, is served from now on.  Say which services do
 * otherwise than before, by their names, over reloads too, and fill in since
 * when each does as it does.  Without memory nothing is said.
 */
void chronicle_services(struct chronicle *chronicle, struct served *served);

/* chronicle_vantages(chronicle, health, config): say which vantages fell
 * silent, ended or were heard again. */
void chronicle_vantages(struct chronicle *chronicle,
    const struct health_report *health, const struct server_config *config);

/* chronicle_tick(chronicle, mono_ms): say how many lines were left out, when it
 * is time to.  To be called a few times a second. */
void chronicle_tick(struct chronicle *chronicle, int64_t mono_ms);

#endif
