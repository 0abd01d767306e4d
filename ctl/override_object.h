/*
 * What was said by hand as an object for scripts: what it is, what it reaches
 * and how it is ended.  For the subcommands that say and list overrides.
 */
#ifndef CTL_OVERRIDE_OBJECT_H
#define CTL_OVERRIDE_OBJECT_H

#include <jansson.h>

#include "ctl/override_reach.h"

/* object = override_object_reach(reach): how many endpoints, pools, zones and
 * services; null for NULL. */
json_t *override_object_reach(const struct override_reach *reach);

/* text = override_object_undo(path, row): the command that ends ${row}, of the
 * node whose file is ${path}. */
json_t *override_object_undo(
    const char *path, const struct state_override *row);

/* override_object_print(object): print it, and release it. */
void override_object_print(json_t *object);

/* override_object_share(object, row): add to ${object} what became of sharing
 * ${row}: "shared", null where nothing is, and "refused". */
void override_object_share(json_t *object, const struct state_override *row);

#endif
