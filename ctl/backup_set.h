/*
 * A backup: a folder with copies of databases, of the last files that loaded,
 * and "manifest.json", which says of which release and node they are, when they
 * were made, and the size and hash of each.  For meridianctl backup, which
 * writes one, and restore, which believes none that is not whole.
 */
#ifndef CTL_BACKUP_SET_H
#define CTL_BACKUP_SET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/last_good.h"

/* Why something could not be done: two paths and some words. */
#define BACKUP_WHY (2 * PATH_MAX)

/* The files, by their names in the folder. */
enum backup_part { BACKUP_STATE, BACKUP_MIRROR, BACKUP_HISTORY, BACKUP_PARTS };
extern const char *const backup_part_names[BACKUP_PARTS];

/* The file that says what is in the others. */
#define BACKUP_MANIFEST "manifest.json"

/* The folder of the last files that loaded, as config/last_good.h has it. */
#define BACKUP_LAST_GOOD "last-good"

struct backup_file {
	bool there;
	uint64_t size, hash;
};

struct backup_set {
	char version[32];                     /* of the program that made it */
	int64_t made_ms;                      /* wall clock */
	unsigned schema;                      /* of the state database */
	char node[PATH_MAX], state[PATH_MAX]; /* where they were */
	struct backup_file part[BACKUP_PARTS];
	struct last_good files; /* set 0: it has none */
};

/* path = backup_set_path(folder, part, out): where a part is.  Returns out. */
const char *backup_set_path(
    const char *folder, enum backup_part part, char out[PATH_MAX]);

/* status = backup_set_measure(set, folder, why): note size and hash of each
 * part that is there.  0, or -1 with ${why}. */
int backup_set_measure(
    struct backup_set *set, const char *folder, char why[BACKUP_WHY]);

/* status = backup_set_write(set, folder, why): write the manifest.  0, or -1
 * with ${why}. */
int backup_set_write(
    const struct backup_set *set, const char *folder, char why[BACKUP_WHY]);

/*
 * status = backup_set_read(set, folder, why): read the manifest of the backup
 * in ${folder}, which may hold anything, and check all that it names.  0, or -1
 * with ${why}.  To be passed to backup_set_finish(), which frees what it holds,
 * in any case.
 */
int backup_set_read(
    struct backup_set *set, const char *folder, char why[BACKUP_WHY]);
void backup_set_finish(struct backup_set *set);

#endif
