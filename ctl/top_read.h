/*
 * What meridianctl top shows of a node, read from the pages of its meridiand.
 */
#ifndef CTL_TOP_READ_H
#define CTL_TOP_READ_H

#include <jansson.h>

#include "ctl/fetch.h"

/*
 * root = top_read(fetch, why): services, regions, vantages, overrides and the
 * last events, as meridian-api(7) has them, with now_ms, answers_per_second and
 * health.  The caller's; NULL with the reason in ${why}.
 */
json_t *top_read(struct fetch *fetch, char why[FETCH_WHY]);

#endif
