/*
 * What meridianctl restore brought back, or would, as lines while it works or
 * as one object at its end.
 */
#ifndef CTL_RESTORE_SHOW_H
#define CTL_RESTORE_SHOW_H

#include <jansson.h>

#include "ctl/backup_set.h"
#include "state/backup.h"

struct restore_show {
	bool dry_run, files; /* as the command was given */
	json_t *root;        /* NULL: as lines */
};

/* restore_show_begin(show, json, set): the backup that is whole. */
void restore_show_begin(
    struct restore_show *show, bool json, const struct backup_set *set);

/* restore_show_state(show, path, was): rows of the state database ${path}. */
void restore_show_state(struct restore_show *show, const char *path,
    const struct state_restored *was);

/* restore_show_part(show, path, stays): a file of the node that is there and
 * ${stays}, or is back. */
void restore_show_part(struct restore_show *show, const char *path, bool stays);

/* restore_show_file(show, file, there): a file of the node's that is not
 * ${there} or not what it was. */
void restore_show_file(
    struct restore_show *show, const struct last_good_file *file, bool there);

/* restore_show_files(show, n, all): so many of ${all} files were not what they
 * were. */
void restore_show_files(struct restore_show *show, size_t n, size_t all);

/* restore_show_end(show, done): print the object, if it is one and all was
 * ${done}; and free it. */
void restore_show_end(struct restore_show *show, bool done);

#endif
