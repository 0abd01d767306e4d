/* Explanations for a list of clients. */
#ifndef CTL_EXPLAIN_LIST_H
#define CTL_EXPLAIN_LIST_H

#include <stdbool.h>

#include "ctl/explain_source.h"

/* A longer list is read so far: at a third of a millisecond a client that is
 * half a minute. */
#define EXPLAIN_LIST_MAX 100000

/*
 * status = explain_list(source, words, path, json): the answers for all clients
 * of the file ${path}, or of standard input when that is "-", one prefix a
 * line, as a table or as one JSON object; ${words} are the others.  Errors name
 * the line, and the next line is read.  The exit status.
 */
int explain_list(struct explain_source *source,
    const struct explain_words *words, const char *path, bool json);

#endif
