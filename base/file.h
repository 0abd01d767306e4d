/*
 * Whole files into memory, and paths beside other paths.  For the loaders of
 * configuration, zones and geography; nothing here maps a file, so that a file
 * truncated later cannot kill the process.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errbuf.h"

struct inputs; /* base/inputs.h */

/*
 * file_read(path, at, max, data, len, inputs, eb): read all of ${path}, at
 * most ${max} bytes, to a new buffer at ${data}, with a NUL after the ${len}
 * bytes.  The caller frees it.  The file is added to ${inputs}, which may be
 * NULL; where that has texts it is taken from these, and no file is looked at;
 * where it has copies it is read from its copy.
 * 0, or -1 with an error in ${eb}: at ${at}, the place that names the file, or
 * at ${path} itself when that is NULL.
 */
int file_read(const char *path, const struct mark *at, size_t max, char **data,
    size_t *len, struct inputs *inputs, struct errbuf *eb);

/* is = file_is_utf16(data, len): the text seems to be UTF-16, as some editors
 * save it: by its byte order mark, or by a NUL in one of its first two bytes.
 */
bool file_is_utf16(const char *data, size_t len);

/*
 * path = file_beside(base, name): ${name} as it is when absolute, else taken
 * from the folder of the file ${base}.  The caller frees it; NULL without
 * memory.
 */
char *file_beside(const char *base, const char *name);

#endif
