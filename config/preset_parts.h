/*
 * What the files of the preset reader have in common: preset.c, which has the
 * steps, preset_load.c and preset_metric.c, which have the load, and
 * preset_places.c, which has the places of a model and of paths.  Included by
 * those, and by the reader of checks, whose key `load` says the same things.
 */
#ifndef CONFIG_PRESET_PARTS_H
#define CONFIG_PRESET_PARTS_H

#include "config/preset.h"
#include "config/schema.h"

/* {format: ..., path: ..., metrics: {waiting: ...}}, to a struct load_config:
 * what is said of it, the rest as it was. */
void preset_read_load(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *load_config);

/* {waiting: NAME, ...}, to the metrics of a struct load_config. */
void preset_read_metrics(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *load_config);

/* is = preset_is_number(value, number): it is one, of at most LOAD_NUMBER_MAX
 * either way; else ${number} may be anything. */
bool preset_is_number(const struct yaml_node *value, double *number);

/* good = preset_check_path(s, value): false with an error of a place in the
 * path of a step that is none, as "{modle}", or is not where it may be. */
bool preset_check_path(struct schema *s, const struct yaml_node *value);

/* preset_check_places(s, root, preset): errors where a check would leave
 * {path}, {models_path} or {model} of ${preset}, read from ${root}, as it is;
 * and say which of its plans name a model. */
void preset_check_places(
    struct schema *s, const struct yaml_node *root, struct preset *preset);

#endif
