/* What an explanation says of endpoints that are not as their checks find
 * them. */
#ifndef NODE_EXPLAIN_HAND_H
#define NODE_EXPLAIN_HAND_H

#include <jansson.h>

#include "steering/live.h"
#include "steering/policy.h"

/*
 * list = explain_hand_list(policy, live, service): of the endpoints of
 * ${service}, and of the services inside it, those that were drained, forced or
 * given another weight, each with its "zone", "pool", "endpoint" and "region",
 * with "said": "drained", "up", "down" or null, and "weight", the part of its
 * weight that counts.  At most EXPLAIN_HAND_MAX of them.  NULL without memory.
 */
#define EXPLAIN_HAND_MAX 256
json_t *explain_hand_list(const struct policy *policy, const struct live *live,
    const struct policy_service *service);

#endif
