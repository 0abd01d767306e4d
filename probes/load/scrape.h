/*
 * One reading of what a server says of its load.  Called by probes on their
 * loop; measures nothing.
 *
 * Security: answers come from servers that are not trusted: of each at most
 * HTTP_CHECK_TAKEN_MAX are read, and of these only what is looked for is kept.
 */
#ifndef PROBES_LOAD_SCRAPE_H
#define PROBES_LOAD_SCRAPE_H

#include "config/check.h"
#include "probes/ask/http_check.h"
#include "probes/load/sample.h"

struct scrape;

/* done(context, sample, reason): what came, which is the caller's until this
 * returns; or NULL and why. */
typedef void (*scrape_done)(
    void *context, const struct sample *sample, const char *reason);

/*
 * scrape = scrape_start(checker, check, to, done, context): ask ${to} as the
 * `load` of ${check} says.  ${done} is called once, later, unless the scrape is
 * cancelled; it is freed then.  ${check} must live as long.  NULL without
 * memory.
 */
struct scrape *scrape_start(struct http_checker *checker,
    const struct check_config *check, const struct endpoint_address *to,
    scrape_done done, void *context);

/* scrape_cancel(scrape): end it, without done(). */
void scrape_cancel(struct scrape *scrape);

#endif
