/*
 * The parts of the reader of checks: a check while it is read.  For
 * config/steering_check*.c alone.
 */
#ifndef CONFIG_STEERING_CHECK_H
#define CONFIG_STEERING_CHECK_H

#include "config/preset.h"
#include "config/schema.h"

/* What is read of a check before it is one. */
struct check_reading {
	struct check_config check;
	const struct preset *preset;
	const char *models_path;
	/* What the operator asks in place of the first step of the preset, and
	 * where that is said. */
	struct check_step own;
	const struct yaml_node *body;
	/* Generations are wanted, and load: where that is said. */
	const struct yaml_node *deep, *load;
};

/* The `headers`, `basic` and `send` of a struct check_reading. */
void steering_read_headers(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);
void steering_read_basic(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);
void steering_read_send(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);

/* A name of a preset, to a const struct preset *. */
void steering_read_preset(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *preset);

/* The `exec` of a struct check_reading: its preset and its arguments. */
void steering_read_exec(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);

/* A file that the probes read, to a const char *. */
void steering_read_input(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);

/* steering_check_client(s, value, reading): refuse keys that do not go
 * together. */
void steering_check_client(struct schema *s, const struct yaml_node *value,
    const struct check_reading *reading);

/* The `flap` of a struct check_reading. */
void steering_read_flap(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);

/* The `deep` of a struct check_reading. */
void steering_read_deep(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);

/* The `load` of a struct check_reading. */
void steering_read_load(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading);

/* steering_check_load(s, reading): fill in what `load` leaves to the preset, or
 * refuse it. */
void steering_check_load(struct schema *s, struct check_reading *reading);

/* steering_check_deep(s, reading): fill in what `deep` leaves to the preset, or
 * refuse it. */
void steering_check_deep(struct schema *s, struct check_reading *reading);

#endif
