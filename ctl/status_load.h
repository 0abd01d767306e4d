/*
 * The load of endpoints in a status: from rows of the state database to JSON,
 * and from that to words.  Called by the other files of meridianctl status.
 */
#ifndef CTL_STATUS_LOAD_H
#define CTL_STATUS_LOAD_H

#include <jansson.h>

#include "base/text.h"
#include "state/rows.h"

/* load = status_load_object(row): what is not known is null. */
json_t *status_load_object(const struct state_load *row);

/* status_load_say(t, load): add what is known of it, as in "load 80 %, 3
 * waiting"; nothing of null. */
void status_load_say(struct text *t, const json_t *load);

#endif
