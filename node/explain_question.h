/*
 * A question for explain: which name and type, asked for which client, by which
 * resolver.  Only that, and how it is read from texts.
 */
#ifndef NODE_EXPLAIN_QUESTION_H
#define NODE_EXPLAIN_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/wire/name.h"

struct explain_question {
	uint8_t name[NAME_MAX_WIRE]; /* lower case */
	size_t len;
	uint16_t type;
	char type_text[24];
	/* The client subnet, as a query would have it. */
	bool has_subnet;
	struct prefix subnet;
	/* Who sends the query; where it is not known, the subnet's address. */
	bool has_resolver;
	struct address resolver;
};

/* Room for why a question is none. */
#define EXPLAIN_WHY 320

/* The texts of a question; NULL for what is not said. */
struct explain_words {
	const char *name, *type, *client, *resolver;
	bool everyone; /* for all clients there are: none is named */
};

/*
 * status = explain_question_read(words, out, why): read ${words}, which may
 * come from anybody.  A name must be there, and a client or a resolver unless
 * it is about everyone; the type is A if it is not.  0, or -1 with the reason
 * in ${why}.
 */
int explain_question_read(const struct explain_words *words,
    struct explain_question *out, char why[EXPLAIN_WHY]);

#endif
