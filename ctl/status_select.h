/* Narrowing a status: to what has a name, or to what is not well. */
#ifndef CTL_STATUS_SELECT_H
#define CTL_STATUS_SELECT_H

#include <jansson.h>
#include <stdbool.h>

/*
 * found = status_select_name(root, name, near): leave in the object of
 * status_collect() only the services and endpoints that ${name} means: a
 * service (whole or without its zone), zone, pool, region or endpoint; of a
 * service its endpoints too, of a pool its services.  False when there is none,
 * with the nearest name there is in ${near}, or NULL; it lives as long as
 * ${root}.
 */
bool status_select_name(json_t *root, const char *name, const char **near);

/* status_select_down(root): leave only services that are not healthy, endpoints
 * that are not up, and vantages that are not fresh. */
void status_select_down(json_t *root);

#endif
