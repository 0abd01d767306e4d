/*
 * Where clients come from and are sent to, added up by country for the page of
 * traffic, from the samples of the last minutes.
 */
#ifndef NODE_TRAFFIC_ROWS_H
#define NODE_TRAFFIC_ROWS_H

#include <jansson.h>
#include <stddef.h>

#include "node/traffic.h"

/* Countries that are told, those with the most answers first. */
#define TRAFFIC_ROWS 250

struct traffic_rows;

/*
 * rows = traffic_rows_make(traffic, service): of the service of that full name,
 * with its last dot, or NULL: of all.  NULL without memory.
 */
struct traffic_rows *traffic_rows_make(
    struct traffic *traffic, const char *service);

/* traffic_rows_destroy(rows): free them.  NULL is fine. */
void traffic_rows_destroy(struct traffic_rows *rows);

/* look = traffic_rows_look(rows): of what they are. */
const struct traffic_look *traffic_rows_look(const struct traffic_rows *rows);

/* n = traffic_rows_count(rows): how many there are to tell. */
size_t traffic_rows_count(const struct traffic_rows *rows);

/* object = traffic_rows_item(rows, i): number ${i}; NULL without memory. */
json_t *traffic_rows_item(const struct traffic_rows *rows, size_t i);

#endif
