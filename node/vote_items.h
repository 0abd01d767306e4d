/*
 * Who counts of the vantages that judged an endpoint, as pages and explain tell
 * it: by the quorum of its check and what is known of the vantages.  For
 * people: it is made from the same rows as what answers go by, not from that.
 */
#ifndef NODE_VOTE_ITEMS_H
#define NODE_VOTE_ITEMS_H

#include <jansson.h>

#include "node/loads.h"

/*
 * votes = vote_items_object(look, policy, e): of endpoint number ${e}: {"up":
 * [...], "down": [...], "aside": {...}}: those that count, by what they say,
 * and of others why they do not: "stale", "ended", "blind", "cut off",
 * "farther", "no opinion".  null when it has no check.
 */
json_t *vote_items_object(
    const struct loads_look *look, const struct policy *policy, size_t e);

/* votes = vote_items_of(look, policy, e, opinions, n): the same of these
 * ${opinions}. */
json_t *vote_items_of(const struct loads_look *look,
    const struct policy *policy, size_t e, const struct load_opinion *opinions,
    size_t n);

#endif
