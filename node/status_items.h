/*
 * What a status is made of, item by item, as JSON: for the page, which writes
 * one after the other, and for meridianctl, which makes them from the files
 * where no server answers.
 */
#ifndef NODE_STATUS_ITEMS_H
#define NODE_STATUS_ITEMS_H

#include <jansson.h>

#include "node/generation.h"
#include "node/loads.h"
#include "state/room.h"
#include "steering/health.h"
#include "steering/live.h"
#include "steering/outlook.h"

/* list = status_item_addresses(policy, live, i): the addresses that the name of
 * endpoint number ${i} has, and how usable each is; NULL: no name has them. */
json_t *status_item_addresses(
    const struct policy *policy, const struct live *live, size_t i);

/* word = status_item_usable(usable): an enum usable: "up", "unchecked", "down",
 * "drained". */
const char *status_item_usable(int usable);

/* word = status_item_vantage_state(vantage): "stale", "known", "fresh". */
const char *status_item_vantage_state(const struct health_vantage *vantage);

/*
 * Each returns an object, or NULL without memory.
 *
 * status_item_zone(generation, i): zone number ${i}.
 * status_item_service(outlook, zone, service): how a service of ${zone} does.
 * status_item_endpoint(policy, live, look, i): endpoint ${i}, how usable it is
 * and what else is known of it.
 * status_item_vantage(vantage, mono_ms): a vantage as it is seen at ${mono_ms}.
 * status_item_disk(room): the disk of the state database.
 */
json_t *status_item_zone(const struct generation *generation, size_t i);
json_t *status_item_service(const struct outlook *outlook,
    const struct policy_zone *zone, const struct policy_service *service);
json_t *status_item_endpoint(const struct policy *policy,
    const struct live *live, const struct loads_look *look, size_t i);
json_t *status_item_vantage(
    const struct health_vantage *vantage, int64_t mono_ms);
json_t *status_item_disk(const struct room *room);

#endif
