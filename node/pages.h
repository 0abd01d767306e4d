/*
 * The pages of meridiand's HTTP: Prometheus text at /metrics, JSON at
 * /api/v1/status.  Written in the control thread from what it holds.
 */
#ifndef NODE_PAGES_H
#define NODE_PAGES_H

#include <stddef.h>

#include <jansson.h>

#include "node/http.h"

struct generation;
struct live;
struct policy;

#define CONTROL_PAGES 2

/* The pages; their context is a struct control. */
extern const struct http_page control_pages[CONTROL_PAGES];

/* list = pages_endpoints(policy, live): every endpoint of ${policy} and how
 * usable it is, as a JSON array that the caller owns. */
json_t *pages_endpoints(const struct policy *policy, const struct live *live);

/* n = pages_services(generation): services of all zones. */
size_t pages_services(const struct generation *generation);

#endif
