/* What is known of the endpoints that a decision chose among, for explain. */
#ifndef NODE_EXPLAIN_LOAD_H
#define NODE_EXPLAIN_LOAD_H

#include <jansson.h>

#include "node/loads.h"
#include "steering/decision.h"

/*
 * list = explain_load_list(policy, look, decision): of each region and pool
 * that ${decision} has an endpoint of, every endpoint that has a weight, with
 * its load.  For people alone: load is no reason of an answer.
 */
json_t *explain_load_list(const struct policy *policy,
    const struct loads_look *look, const struct decision *decision);

#endif
