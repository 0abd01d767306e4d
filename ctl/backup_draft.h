/*
 * The folder of a backup while it is not whole, beside where it will be.  For
 * meridianctl backup alone: a backup has its name when it is whole, and what a
 * death or a full disk left of one is no hindrance to the next.
 */
#ifndef CTL_BACKUP_DRAFT_H
#define CTL_BACKUP_DRAFT_H

#include "ctl/backup_set.h"

struct backup_draft {
	const char *folder; /* where it will be */
	char path[PATH_MAX];
	int lock; /* that nobody else writes it; -1: not begun */
};

/*
 * status = backup_draft_begin(draft, folder, why): an empty folder
 * FOLDER.part, in place of one that was left there.  0, or -1 with ${why}:
 * ${folder} is there and is not an empty folder, or is called like a file; or
 * somebody else is at it.
 */
int backup_draft_begin(
    struct backup_draft *draft, const char *folder, char why[BACKUP_WHY]);

/* status = backup_draft_commit(draft, why): it is whole: give it its name, so
 * that it is there when the power fails.  0, or -1 with ${why}. */
int backup_draft_commit(struct backup_draft *draft, char why[BACKUP_WHY]);

/* backup_draft_finish(draft): remove what has no name yet. */
void backup_draft_finish(struct backup_draft *draft);

#endif
