/*
 * Asks several name servers the same questions at the same time over UDP, many
 * at once, each with a client subnet (RFC 7871), and gives the answers side by
 * side.  Knows nothing of services; what comes is checked like any input.
 */
#ifndef CTL_COMPARE_ASK_H
#define CTL_COMPARE_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "ctl/compare_message.h"

/* Name servers; more are some mistake. */
#define COMPARE_NODES_MAX 64

struct compare_node {
	const char *name;
	struct endpoint_address at;
	uint64_t answered, lost; /* questions, at the end */
	bool silent; /* so many were lost in a row that it is not asked more */
};

struct compare_calls {
	/* The next question; false: there is none. */
	bool (*next)(void *context, struct compare_question *out);
	/* Its answers, of all nodes in their order. */
	void (*done)(void *context, const struct compare_question *question,
	    const struct compare_answer *answers);
};

/*
 * status = compare_ask(nodes, n, calls, context): ask all that there is to ask.
 * A question without an answer is asked three times within seven seconds.  0,
 * or -1 with errno.
 */
int compare_ask(struct compare_node *nodes, size_t n,
    const struct compare_calls *calls, void *context);

#endif
