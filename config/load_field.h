/*
 * What a server may say of its load, field by field: how each is called, what
 * it is where nobody says, and which values make sense.  A table; read by the
 * reader of presets, the meters of the probes, and what shows them to people.
 */
#ifndef CONFIG_LOAD_FIELD_H
#define CONFIG_LOAD_FIELD_H

#include "config/check.h"

/* What no field passes: requests, and what a second can have. */
#define LOAD_NUMBER_MAX 1e12

struct load_field_kind {
	const char *name, *unit; /* as it is kept */
	enum metric_kind kind;
	enum metric_over over;
	double max; /* all begin at 0 */
};

extern const struct load_field_kind load_fields[LOAD_FIELDS];

#endif
