/*
 * What a database file says of itself, and how it gets from nothing, or from an
 * older schema, to ours.  For database.c, and for the tests with schemas of
 * their own; the numbers are documented in meridian-state(5).
 */
#ifndef STATE_MIGRATE_H
#define STATE_MIGRATE_H

#include <stdint.h>

#include "state/database.h"

struct schema;

/* PRAGMA application_id of the state database since schema 2: "Meri". */
#define MIGRATE_APPLICATION_ID 0x4d657269

/* id = migrate_application_id(schema): that of files of ${schema}. */
uint32_t migrate_application_id(const struct schema *schema);

enum migrate_use { MIGRATE_READ, MIGRATE_WRITE };

/*
 * status = migrate_check(d, use): 1 when the file is one of ours that this
 * program may use so, d->version and d->cookie filled; 0 when it is empty; -1
 * with d->why when it is something else, or made by a newer release that lets
 * only newer ones do that.  Changes nothing.
 */
int migrate_check(struct database *d, enum migrate_use use);

/*
 * migrate_run(d): create what d->schema has in an empty file, or carry an older
 * one over, in one transaction; a change that shuts older releases out first
 * copies the file to PATH.before-VERSION.  0, also when another program was
 * faster, or -1 with d->why and the file as it was.
 */
int migrate_run(struct database *d);

#endif
