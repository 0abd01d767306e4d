/*
 * Fuzz target: any octets as the words of a question for explain.  What is
 * taken is a name of wire form, and what was understood reads the same again;
 * what is refused is refused with a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "node/explain_question.h"

#define WORDS 5 /* the fifth, if there is one: it is about everyone */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Written as text and read again, it is the same. */
static void
check(const struct explain_question *q, bool everyone)
{
	char name[NAME_TEXT], client[ADDRESS_TEXT], resolver[ADDRESS_TEXT];
	char why[EXPLAIN_WHY];
	struct explain_words words = {.name = name_format(q->name, name),
	    .type = q->type_text,
	    .everyone = everyone};
	struct explain_question again;

	require(name_measure(q->name, q->len) == q->len);
	require(everyone || q->has_subnet || q->has_resolver);
	if (q->has_subnet)
		words.client = prefix_format(&q->subnet, client);
	if (q->has_resolver)
		words.resolver = address_format(&q->resolver, resolver);
	require(explain_question_read(&words, &again, why) == 0);
	require(again.len == q->len &&
	    memcmp(again.name, q->name, q->len) == 0 && again.type == q->type &&
	    again.has_subnet == q->has_subnet &&
	    again.has_resolver == q->has_resolver &&
	    again.subnet.length == q->subnet.length);
}

/* Words end at a NUL; an empty one is not said. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *word[WORDS] = {NULL};
	char *text = malloc(size + 1), *at = text;
	char why[EXPLAIN_WHY] = "";
	struct explain_question q;
	struct explain_words words;

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < WORDS && at <= text + size; i++) {
		word[i] = at[0] != '\0' ? at : NULL;
		at += strlen(at) + 1;
	}
	words = (struct explain_words){
	    word[0], word[1], word[2], word[3], word[4] != NULL};
	if (explain_question_read(&words, &q, why) == 0)
		check(&q, words.everyone);
	else
		require(why[0] != '\0');
	free(text);
	return 0;
}
