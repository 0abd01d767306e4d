/*
 * Where explanations come from: the running server, or else the files and the
 * state database as they are now.
 */
#ifndef CTL_EXPLAIN_SOURCE_H
#define CTL_EXPLAIN_SOURCE_H

#include <jansson.h>
#include <stdbool.h>

#include "node/explain_question.h"

struct explain_source;

/*
 * source = explain_source_open(path, files): for the node's file ${path}; with
 * ${files} no server is asked.  NULL with the reason on standard error.
 */
struct explain_source *explain_source_open(const char *path, bool files);

/* explain_source_close(source): end it.  NULL is fine. */
void explain_source_close(struct explain_source *source);

/* path = explain_source_state(source): of the state database. */
const char *explain_source_state(const struct explain_source *source);

/*
 * root = explain_source_ask(source, words): which answer the client of
 * ${words}, which explain_question_read() has taken, gets, and why; or, for
 * everyone, what clients of each country get.  Where no server answers the
 * first question, the files decide that and all that follow; one that falls
 * silent later is an error.  NULL with the reason on standard error.
 */
json_t *explain_source_ask(
    struct explain_source *source, const struct explain_words *words);

#endif
