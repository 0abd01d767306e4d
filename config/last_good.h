/*
 * The last files that loaded: copies of all that meridiand read for what it
 * serves, beside the state database, in PATH.last-good, for a start that finds
 * files with errors.  Written by meridiand, read by both daemons and by
 * meridianctl backup; described for operators in meridiand(8).
 *
 * A set of copies is a folder of its own; the file "manifest" says which one
 * counts, and of each copy the path, mode, size and hash of its file.  It takes
 * the place of the one before in one step, once all else is on the disk, so
 * that a set is whole or it is not there.  Nothing of it is believed unless all
 * of it is as the manifest says.
 */
#ifndef CONFIG_LAST_GOOD_H
#define CONFIG_LAST_GOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "base/inputs.h"

struct server_config; /* config/server.h */

#define LAST_GOOD_SUFFIX ".last-good"
#define LAST_GOOD_MANIFEST "manifest"

/* More files than a node reads, a larger manifest than they need. */
#define LAST_GOOD_MAX_FILES 200000
#define LAST_GOOD_MAX_MANIFEST ((size_t)64 << 20)

/* And bytes of all of them: more than any node serves. */
#define LAST_GOOD_MAX_BYTES (UINT64_C(8) << 30)

struct last_good_file {
	char *path; /* as it was opened */
	char *copy; /* its own path */
	unsigned mode;
	uint64_t size, hash;
	struct file_identity identity; /* of the file, when it was read */
};

struct last_good {
	char *folder; /* with the manifest, and a folder of each set */
	uint64_t set; /* the number of this one; 0: there is none */
	int64_t at_ms;
	char *node; /* path of the node's file */
	struct last_good_file *files;
	size_t n, size;
	struct input_copy *copies; /* the same, for loaders */
};

/*
 * found = last_good_read(state, out, eb): the set beside the state database
 * ${state}.  1; 0 when there is none; -1 with an error when it makes no sense.
 * It begins as all zero and is passed to last_good_finish() in any case.
 */
int last_good_read(const char *state, struct last_good *out, struct errbuf *eb);

/* last_good_parse(text, len, folder, out, eb): the same of a manifest, ${len}
 * bytes of anything, of ${folder}.  0, or -1 with an error. */
int last_good_parse(const char *text, size_t len, const char *folder,
    struct last_good *out, struct errbuf *eb);

/* status = last_good_verify(lg, eb): each copy is as the manifest says.  Reads
 * all of them.  0, or -1 with an error for the first that is not. */
int last_good_verify(const struct last_good *lg, struct errbuf *eb);

/*
 * found = last_good_find(path, out, eb): the whole set, verified, of the node's
 * file ${path}, which may have errors or be gone: beside the state database
 * that it names still, or the one where files that name none have theirs.  1; 0
 * when there is none, or that of another file; -1 with errors.
 */
int last_good_find(const char *path, struct last_good *out, struct errbuf *eb);

/* config = last_good_config(path, eb): the node's file of that set.  NULL with
 * errors, of which there are none when there is no set; the caller owns it. */
struct server_config *last_good_config(const char *path, struct errbuf *eb);

/* last_good_finish(lg): free what it holds. */
void last_good_finish(struct last_good *lg);

/* inputs = last_good_inputs(lg): for loaders that are to read copies alone; of
 * NULL for those that read what lies at the paths.  ${lg} lives as long. */
struct inputs last_good_inputs(const struct last_good *lg);

/*
 * status = last_good_write(now, state, node, inputs, n, why): keep the files of
 * the ${n} lists ${inputs} that were read, for the node's file ${node}, beside
 * the state database ${state}.  ${now} is what last_good_read() found there, or
 * all zero, and is what is there afterwards.  Files that are in it as they are
 * wanted are not copied again.  1; 0 when all of it is so already; -1 with the
 * reason in ${why} and the set before as it was: a file is another by now than
 * what was read, there is no room.  Waits for the disk.
 */
#define LAST_GOOD_WHY 400
int last_good_write(struct last_good *now, const char *state, const char *node,
    const struct inputs *const *inputs, size_t n, char why[LAST_GOOD_WHY]);

/*
 * status = last_good_copy(from, folder, why): the set ${from}, which was
 * verified, in another ${folder}, which is made if it is not there and has no
 * set that counts: for backups.  0, or -1 with the reason in ${why}.
 */
int last_good_copy(
    const struct last_good *from, const char *folder, char why[LAST_GOOD_WHY]);

/* status = last_good_measure(path, size, hash): of the regular file ${path}.
 * 0, or -1 with errno. */
int last_good_measure(const char *path, uint64_t *size, uint64_t *hash);

/* folder = last_good_folder(state): where they are for the state database
 * ${state}.  The caller frees it; NULL without memory. */
char *last_good_folder(const char *state);

/* h = last_good_hash(h, data, len): the hash of a file, begun as 0 and given
 * piece by piece of LAST_GOOD_PIECE bytes, but for the last. */
#define LAST_GOOD_PIECE ((size_t)1 << 16)
uint64_t last_good_hash(uint64_t h, const void *data, size_t len);

#endif
