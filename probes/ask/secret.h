/*
 * Secrets that requests carry: tokens and passwords, each the first line of a
 * file of the operator, and read again when that is another file.  Called when
 * a request begins; never writes one anywhere.
 *
 * They are kept in memory of their own that goes into no core file and is
 * wiped when it is given back.  Whoever sends them makes copies, so from the
 * first secret on this process is not dumped at all (PR_SET_DUMPABLE).
 */
#ifndef PROBES_ASK_SECRET_H
#define PROBES_ASK_SECRET_H

#include <stddef.h>
#include <stdint.h>

/* Of a file. */
#define SECRET_FILE_MAX ((size_t)16 << 10)

struct secret_store;

/* store = secret_store_create(): NULL without memory. */
struct secret_store *secret_store_create(void);

/* secret_store_destroy(store): wipe and free all.  NULL is fine. */
void secret_store_destroy(struct secret_store *store);

/*
 * text = secret_read(store, path, why): the first line of the file ${path}
 * without blanks around it, valid until the next call: printable ASCII, at
 * least one character.  The file is looked at at most once a second.  NULL when
 * there is none that can be used: the reason is in ${why}, a constant text.
 */
const char *secret_read(
    struct secret_store *store, const char *path, const char **why);

/*
 * stamp = secret_stamp(store, path): a number that is another one whenever the
 * file ${path} is another; 0 when there is no such regular file.  Of files that
 * others read, keys for instance.  Looked at at most once a second.
 */
uint64_t secret_stamp(struct secret_store *store, const char *path);

/* secret_guard(): from now on this process is not dumped; before others read a
 * secret into memory of theirs. */
void secret_guard(void);

#endif
