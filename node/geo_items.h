/*
 * Geography as JSON: its databases with their ages, the files of networks, and
 * how they are followed.  For the status page, and for meridianctl where no
 * server answers.
 */
#ifndef NODE_GEO_ITEMS_H
#define NODE_GEO_ITEMS_H

#include <jansson.h>

#include "node/generation.h"
#include "node/renewer.h"

/*
 * object = geo_items_object(g, follow): the geography of ${g}, its ages as they
 * are now; ${follow} is how it is followed, NULL where nobody does.  NULL
 * without memory.
 */
json_t *geo_items_object(
    const struct generation *g, const struct renewer_report *follow);

/* object = geo_items_network(g, zone, network): the file of that network of
 * that zone; NULL when it has none, or without memory. */
json_t *geo_items_network(
    const struct generation *g, size_t zone, size_t network);

#endif
