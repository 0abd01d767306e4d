/*
 * What the pages that are JSON have in common, with jansson.
 */
#ifndef NODE_PAGE_JSON_H
#define NODE_PAGE_JSON_H

#include <jansson.h>

#include "base/text.h"

/* page_json_add(out, value, flags): append a JSON value, as json_dumps() would
 * write it, and free it.  NULL: there was no memory for it. */
void page_json_add(struct text *out, json_t *value, size_t flags);

/*
 * string = page_json_string(text): of a text that may quote any octets: when
 * they are no UTF-8, those above ASCII become question marks.  NULL without
 * memory.
 */
json_t *page_json_string(const char *text);

/* time = page_json_time(wall_ms): as text, or null when it is not above 0.
 * NULL without memory. */
json_t *page_json_time(int64_t wall_ms);

/* number = page_json_milliseconds(us): of microseconds, or null when they are
 * below 0.  NULL without memory. */
json_t *page_json_milliseconds(int64_t us);

#endif
