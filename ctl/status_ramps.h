/*
 * Where ramps of canaries are, as the state database has it.  For meridianctl
 * status; reads it once and decides nothing.
 */
#ifndef CTL_STATUS_RAMPS_H
#define CTL_STATUS_RAMPS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

/* status_ramps_add(root, state): add to the object of status_collect() "ramps",
 * a list of those of the state database ${state} that are under way or went
 * back, each with "words". */
void status_ramps_add(json_t *root, const char *state);

/* any = status_ramps_list(t, root): "chat: chat-v2 at 10%, walking; ...". */
bool status_ramps_list(struct text *t, const json_t *root);

#endif
