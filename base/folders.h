/*
 * The folders from which a zone file may include others: is a file, once every
 * symbolic link is followed, in one of them or below?  Used by loaders, so that
 * a zone file from elsewhere cannot have any file of this machine read.
 */
#ifndef BASE_FOLDERS_H
#define BASE_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

struct folders;

/*
 * folders = folders_create(path, more, n): the folder of the file ${path} as it
 * is named, the one where it really lies (it may be a link), and the ${n} of
 * ${more}.  Folders that do not exist hold nothing.  NULL without memory.
 */
struct folders *folders_create(
    const char *path, const char *const *more, size_t n);

/* folders_destroy(folders): free it.  NULL is fine. */
void folders_destroy(struct folders *folders);

/*
 * inside = folders_hold(folders, path): the file ${path}, or if there is none
 * the folder that it would be in, lies in one of the folders or below.  Opens
 * nothing.
 */
bool folders_hold(const struct folders *folders, const char *path);

/*
 * inside = folders_hold_open(folders, path, fd): the same of the file that was
 * opened from ${path} as ${fd}.  False also when ${path} has become another
 * file since.
 */
bool folders_hold_open(const struct folders *folders, const char *path, int fd);

#endif
