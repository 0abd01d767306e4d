/*
 * Compares what the servers said to one question, and puts a difference into
 * words.  Called by the differential test; asks nothing over UDP itself.
 */
#ifndef TESTS_DIFFERENTIAL_COMPARE_H
#define TESTS_DIFFERENTIAL_COMPARE_H

#include "tests/differential/asker.h"
#include "tests/differential/family.h"
#include "tests/differential/message.h"
#include "tests/differential/question.h"

#define DIFFERENCE_TEXT 768

struct comparison {
	struct reply replies[SERVERS];
	uint8_t tcp[SERVERS][TCP_ROOM];
	unsigned long asked;     /* questions with DO */
	unsigned long truncated; /* questions asked again over TCP */
	unsigned long unjudged;  /* rules put our answer for both others' */
	/* What kind of difference the last one was; the same for questions
	 * whose answers differ alike. */
	char difference[DIFFERENCE_TEXT];
};

/*
 * same = compare(c, a, i, q, f, number): whether the answers to question ${i}
 * of the window of ${a} are the same by the rules; it was made of ${q} and
 * ${number}, and the servers have loaded the instance ${f}.
 */
bool compare(struct comparison *c, struct asker *a, size_t i,
    const struct question *q, const struct family *f, unsigned number);

#endif
