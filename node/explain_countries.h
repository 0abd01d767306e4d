/*
 * A table of countries for one service: which regions and pools their IPv4
 * addresses are sent to now, in exact shares.  Decided by the code that serves
 * queries, once for each prefix that shares an answer; made in pieces, since a
 * large map takes a second or more.
 */
#ifndef NODE_EXPLAIN_COUNTRIES_H
#define NODE_EXPLAIN_COUNTRIES_H

#include <jansson.h>
#include <stddef.h>

#include "node/explain_question.h"
#include "node/generation.h"
#include "steering/live.h"

struct explain_countries;

/*
 * table = explain_countries_begin(generation, live, question, root): begin with
 * the service that answers ${question}, and write down in the object ${root}
 * what was asked and found.  NULL with "error" in ${root}: the name is in no
 * zone, no service answers it, or memory is out.  ${generation} and ${live}
 * must live as long.
 */
struct explain_countries *explain_countries_begin(
    const struct generation *generation, const struct live *live,
    const struct explain_question *question, json_t *root);

/* explain_countries_destroy(table): free it.  NULL is fine. */
void explain_countries_destroy(struct explain_countries *table);

/*
 * status = explain_countries_go(table, n): walk ${n} prefixes further.  1 when
 * that was the last one, 0 when there are more, -1 without memory.
 */
int explain_countries_go(struct explain_countries *table, size_t n);

/*
 * explain_countries_end(table, status, root): when ${status} of the last
 * prefixes is not 0: add to ${root} the "rows", one object a country, by its
 * code, those of which no country is known last, each with its "outcomes", the
 * one of the most addresses first; or "error" without memory.
 */
void explain_countries_end(
    const struct explain_countries *table, int status, json_t *root);

#endif
