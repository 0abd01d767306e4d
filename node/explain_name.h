/*
 * The name that a question is about: where it is in the zones of a node, and
 * which service answers.  Only that; the answer is explain's.
 */
#ifndef NODE_EXPLAIN_NAME_H
#define NODE_EXPLAIN_NAME_H

#include <jansson.h>

#include "dns/zone/lookup.h"
#include "node/explain_question.h"
#include "node/generation.h"

/* A name that was found: the question's, or one that its aliases lead to. */
struct explain_name {
	const struct generation *g;
	const struct explain_question *q;
	const struct zone *zone;
	const struct zone_node *node;
	uint32_t number; /* of the zone */
	enum lookup_kind kind;
	uint8_t name[NAME_MAX_WIRE]; /* lower case */
	size_t len;
};

/*
 * found = explain_name_find(generation, question, root, out): find the name of
 * ${question}, follow aliases to their end in this node, and write down in the
 * object ${root} what was asked and what was found.  False, with "error" in
 * ${root}, when the name is in no zone.  ${out} refers to both of its sources.
 */
bool explain_name_find(const struct generation *generation,
    const struct explain_question *question, json_t *root,
    struct explain_name *out);

/* service = explain_name_service(name): that answers the question; NULL when
 * none does.  The records of its zone may not be available all the same. */
const struct policy_service *explain_name_service(
    const struct explain_name *name);

/* explain_name_suggest(name, root): add the service that was perhaps meant by
 * a name that does not exist. */
void explain_name_suggest(const struct explain_name *name, json_t *root);

#endif
