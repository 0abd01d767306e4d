/*
 * Reads a question for explain.  Called by the page in the server and by
 * meridianctl, so that both take the same words; looks at no file.
 */
#include "node/explain_question.h"

#include <stdio.h>
#include <string.h>

#include "dns/zone/type.h"

/* What is quoted of a word that is wrong: names may be long. */
#define QUOTED 64

static int
refuse(char why[EXPLAIN_WHY], const char *word, const char *fault)
{
	snprintf(why, EXPLAIN_WHY, "\"%.*s%s\" %s", QUOTED, word,
	    strlen(word) > QUOTED ? ".." : "", fault);
	return -1;
}

/* A person may give any address of the network: bits after its length are
 * cleared. */
static int
read_client(const char *text, struct explain_question *q, char why[EXPLAIN_WHY])
{
	if (prefix_parse(text, &q->subnet) == -1)
		return refuse(why, text,
		    "is no address or prefix: 203.0.113.0/24 and "
		    "2001:db8::/48 are");
	q->has_subnet = true;
	/* A server decides for the sender then (RFC 7871, 7.1.2). */
	if (q->subnet.length == 0 && !q->has_resolver)
		return refuse(why, text,
		    "names no client: the resolver decides then, name it with "
		    "--resolver ADDRESS");
	return 0;
}

int
explain_question_read(const struct explain_words *words,
    struct explain_question *out, char why[EXPLAIN_WHY])
{
	const char *type = words->type != NULL ? words->type : "A";
	struct explain_question q = {0};
	int len;

	if (words->name == NULL) {
		snprintf(why, EXPLAIN_WHY, "a name is needed");
		return -1;
	}
	len = name_parse(words->name, NULL, q.name);
	if (len < 0)
		return refuse(why, words->name, "is no domain name");
	q.len = (size_t)len;
	name_lower(q.name, q.name, q.len);
	if (strlen(type) >= sizeof(q.type_text) ||
	    type_parse(type, &q.type) != 0)
		return refuse(why, type, "is no record type");
	memcpy(q.type_text, type, strlen(type) + 1);
	if (words->client == NULL && words->resolver == NULL &&
	    !words->everyone) {
		snprintf(why, EXPLAIN_WHY,
		    "--client is missing: for whom is the answer? An address "
		    "or a prefix, 203.0.113.0/24");
		return -1;
	}
	if (words->resolver != NULL) {
		if (address_parse(words->resolver, &q.resolver) != 0)
			return refuse(why, words->resolver,
			    "is no address: a resolver is one, 192.0.2.53");
		q.has_resolver = true;
	}
	if (words->client != NULL && read_client(words->client, &q, why) != 0)
		return -1;
	*out = q;
	return 0;
}
