/*
 * The parts of the reader of the node's file, each with one key of it.  For
 * config/server*.c alone.
 */
#ifndef CONFIG_SERVER_PARTS_H
#define CONFIG_SERVER_PARTS_H

#include "config/schema.h"
#include "config/server.h"

/* Each reads a value: ${out} is the struct server_config, and for the rate
 * limit its struct rate_limit_config. */
void server_read_zones(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void server_read_rate_limit(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

#endif
