/*
 * The tables of a history of traffic; documented in meridian-history(5).  For
 * the files of state/history/.
 */
#ifndef STATE_HISTORY_SCHEMA_H
#define STATE_HISTORY_SCHEMA_H

#include "state/schema.h"

/* PRAGMA application_id: "MerH". */
#define HISTORY_APPLICATION_ID 0x4d657248

/* Failovers are kept as long as days, and no more than this. */
#define HISTORY_FAILOVERS 100000

/* In table as_days: the others as one. */
#define HISTORY_SCHEMA_OTHER_AS (-1)

extern const struct schema history_schema;

#endif
