/*
 * The parts of the reader of the node's file, each with one key of it.  For
 * config/server*.c alone.
 */
#ifndef CONFIG_SERVER_PARTS_H
#define CONFIG_SERVER_PARTS_H

#include "config/schema.h"
#include "config/server.h"

/* Each reads a value: ${out} is the struct server_config, for the rate limit
 * its struct rate_limit_config, for the history its struct history_config, for
 * the query log its struct query_log_config, for the probe its struct
 * probe_config, for advise its struct advise_config, for share its struct
 * share_config. */
void server_read_zones(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void server_read_rate_limit(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

void server_read_history(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void server_read_query_log(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

void server_read_advise(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

void server_read_share(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

/* server_share_defaults(out): what it is where the file is silent. */
void server_share_defaults(struct share_config *out);

void server_read_hooks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void server_read_probe(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

/* server_place_history(s, state, out): where the file does not say where the
 * history is, it is beside the state database ${state}. */
void server_place_history(
    struct schema *s, const char *state, struct history_config *out);

/* server_read_pages(s, value, out): address and port that pages are served on;
 * warns of one that others reach. */
void server_read_pages(struct schema *s, const struct yaml_node *value,
    struct endpoint_address *out);

#endif
