/*
 * An override in words: what it does, who said so, why, until when, and the
 * command that ends it.  For all that meridianctl prints of them; texts of
 * other people come without what a terminal takes for an order.
 */
#ifndef CTL_OVERRIDE_TEXT_H
#define CTL_OVERRIDE_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "state/rows.h"

/* ends = override_text_ends(row): it ends another one: undrain, and the value
 * off; and a canary whose ramp is to begin again, for which
 * override_text_again() is true. */
bool override_text_again(const struct state_override *row);
bool override_text_ends(const struct state_override *row);

/* until_ms = override_text_until(row): wall clock; -1: until somebody ends it.
 */
int64_t override_text_until(const struct state_override *row);

/* override_text_add(t, text): append ${text}, a question mark for each
 * character that a terminal would obey. */
void override_text_add(struct text *t, const char *text);

/* override_text_what(t, row): "region eu-west drained", "pool chat forced
 * down", "endpoint a at weight 50%", "service chat.example frozen"; of one that
 * ends another: "region eu-west no longer drained". */
void override_text_what(struct text *t, const struct state_override *row);

/* words = override_text_not(row): of one that ends another, which there is not:
 * "is not drained". */
const char *override_text_not(const struct state_override *row);

/* override_text_when(t, row, now_ms): "until 14:05:10Z", with its date on
 * another day than ${now_ms}, or "until somebody ends it". */
void override_text_when(
    struct text *t, const struct state_override *row, int64_t now_ms);

/* override_text_who(t, row): "by ops@host: new switches". */
void override_text_who(struct text *t, const struct state_override *row);

/*
 * override_text_undo(t, path, row): the command that ends it, as a shell reads
 * it, for the node's file ${path}, which is not said where it is the usual one,
 * or NULL: "meridianctl undrain region 'eu-*'".
 */
void override_text_undo(
    struct text *t, const char *path, const struct state_override *row);

/* object = override_text_object(row): all of ${row} for scripts.  NULL without
 * memory. */
json_t *override_text_object(const struct state_override *row);

#endif
