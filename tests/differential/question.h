/*
 * The questions about a family of zones: every name in and around it, and
 * every type.  Called by the differential test; asks nobody.
 */
#ifndef TESTS_DIFFERENTIAL_QUESTION_H
#define TESTS_DIFFERENTIAL_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/differential/family.h"

#define QUESTION_MAX (12 + 255 + 4 + 11) /* header, question, OPT */

struct question {
	char name[NAME_TEXT]; /* with '%', in lower case */
	uint16_t type;
	bool dnssec_ok, recursion_desired, upper;
};

struct questions {
	struct question *list;
	size_t n, room;
};

/* questions_make(qs, f): the same for the same family; names with '%'. */
void questions_make(struct questions *qs, const struct family *f);
void questions_finish(struct questions *qs);

/* len = question_packet(q, number, id, out): as a message, with ${number} for
 * each '%'. */
size_t question_packet(const struct question *q, unsigned number, uint16_t id,
    uint8_t out[QUESTION_MAX]);

/* len = text_to_wire(name, out): of a name with its last dot; 0 when it is
 * too long. */
size_t text_to_wire(const char *name, uint8_t out[255]);

#endif
