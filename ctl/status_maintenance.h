/*
 * What of a status is in maintenance: endpoints, and services that lack nothing
 * but these.  For meridianctl status.
 */
#ifndef CTL_STATUS_MAINTENANCE_H
#define CTL_STATUS_MAINTENANCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/*
 * status_maintenance_add(root, now_ms): add to each endpoint, whose views are
 * there, "maintenance": until when and why a vantage that counts says so, or
 * null; and to each service whether all that is missing of it is in
 * maintenance or was taken out by hand (status_hand_add() was called), so that
 * nobody need be called, while its clients are served; and as "by_hand" whether
 * some of that was by hand.
 */
void status_maintenance_add(json_t *root, int64_t now_ms);

/* in = status_maintenance_has(endpoint). */
bool status_maintenance_has(const json_t *endpoint);

/* status_maintenance_say(t, endpoint): "in maintenance until ... (reason)". */
void status_maintenance_say(struct text *t, const json_t *endpoint);

/* any = status_maintenance_list(t, root): "2 of 6 endpoints, 1 of them down:
 * ...", where any is. */
bool status_maintenance_list(struct text *t, const json_t *root);

#endif
