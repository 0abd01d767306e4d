/*
 * Explain: which answer a client would get, and why, as JSON.  Walks the ladder
 * with the code that serves queries, over a generation and what is live of it:
 * those that a server serves, or those that files and state database give now.
 */
#ifndef NODE_EXPLAIN_H
#define NODE_EXPLAIN_H

#include <jansson.h>

#include "node/explain_question.h"
#include "node/generation.h"
#include "node/loads.h"
#include "steering/live.h"

/*
 * found = explain_answer(generation, live, look, question, root): write down in
 * the object ${root} how ${question} is answered, and, unless ${look} is NULL,
 * what is known of the endpoints of the regions that were chosen.  False, with
 * "error" in ${root}, when its name is in no zone, or without memory.
 */
bool explain_answer(const struct generation *generation,
    const struct live *live, const struct loads_look *look,
    const struct explain_question *question, json_t *root);

#endif
