/*
 * Opening the state database for reading or for writing: from a path to a file
 * that is there, ours, and of a schema that this program may use.  For the
 * reader and the writer only.
 */
#ifndef STATE_OPENING_H
#define STATE_OPENING_H

#include "state/database.h"

/*
 * opening_read(d): open a database that is there and ours, of this schema
 * or an older one, for queries only; needs no right to write where the daemon
 * that writes is running.
 * opening_write(d): open it for writing, or create it, with mode 0660;
 * carry an older one over to our schema.
 * A file that is not ours, or that a newer release keeps from us, stays as it
 * is (migrate.h).  0, or -1 with d->why.  Waits for locks at most a second.
 */
int opening_read(struct database *d);
int opening_write(struct database *d);

#endif
