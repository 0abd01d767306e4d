/*
 * What of a status was done by hand: overrides in force, the endpoints that
 * they reach, and what is out of the answers on purpose, which is no alarm.
 * For meridianctl status and explain.
 */
#ifndef CTL_STATUS_HAND_H
#define CTL_STATUS_HAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "ctl/override_trail.h"

/*
 * status_hand_add(root, trail, now_ms): add to the object of status_collect()
 * "overrides", a list of those in force, as override_text_object() has them,
 * each with "words"; and to each endpoint "by_hand", the list of the numbers
 * and words of those that reach it.
 */
void status_hand_add(
    json_t *root, const struct override_trail *trail, int64_t now_ms);

/* status_hand_add_refused(root, trail, node, now_ms): add "overrides_refused",
 * the words of what was said at ${node}, this one, in the last 7 days, that
 * other nodes have refused since, and nothing was said after of the same. */
void status_hand_add_refused(json_t *root, const struct override_trail *trail,
    const char *node, int64_t now_ms);

/* words = status_hand_words(row, now_ms): "region eu-west drained until
 * 14:05:10Z by ann@host: new switches (override 12)"; the caller frees them,
 * NULL without memory. */
char *status_hand_words(const struct state_override *row, int64_t now_ms);

/* means = status_hand_means(row, endpoint): the region, pool or endpoint that
 * ${row} is of has the object ${endpoint}, by its "zone", "pool", "endpoint"
 * and "region".  False of a service. */
bool status_hand_means(
    const struct state_override *row, const json_t *endpoint);

/* out = status_hand_out(endpoint): somebody has taken it out: it is drained, or
 * forced down. */
bool status_hand_out(const json_t *endpoint);

/* any = status_hand_list_refused(t, root): those that were refused. */
bool status_hand_list_refused(struct text *t, const json_t *root);

/* any = status_hand_list(t, root): "region eu-west drained ...; pool a frozen
 * ... and 2 more", and endpoints that the file drains, where any are. */
bool status_hand_list(struct text *t, const json_t *root);

#endif
