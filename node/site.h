/*
 * The pages of a node over HTTP: which there are, and where.  Started and
 * stopped by the control thread; all else happens in a thread of their own.
 */
#ifndef NODE_SITE_H
#define NODE_SITE_H

#include "base/address.h"
#include "base/errbuf.h"
#include "node/board.h"
#include "node/loads.h"
#include "node/traffic.h"
#include "steering/outcomes.h"

struct site;

/*
 * site = site_start(at, board, outcomes, loads, traffic, eb): serve at ${at}
 * what ${board}, the workers' counters, named by ${outcomes}, ${loads} and
 * ${traffic} say.
 * Something served must be on the board.  NULL with an error in ${eb}.
 */
struct site *site_start(const struct endpoint_address *at, struct board *board,
    struct outcomes *outcomes, struct loads *loads, struct traffic *traffic,
    struct errbuf *eb);

/* site_stop(site): end them; nobody looks at the board any more when this
 * returns.  NULL is fine. */
void site_stop(struct site *site);

#endif
