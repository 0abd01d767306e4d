/*
 * Fuzz target: any octets as the body of an answer.  However they are cut to
 * pieces, the verdict of a step with rules of all kinds and its words are the
 * same; texts are found exactly where they are.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ask/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const has[] = {"ready", "aab", "\"id\""};
static const char *const lacks[] = {"error", "loading"};
static const struct json_rule rules[] = {
    {"data[*].id", "llama", false, "not listed"},
    {"error", NULL, true, NULL},
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
judge(const struct check_step *step, const uint8_t *data, size_t size,
    size_t piece, char reason[STATE_REASON])
{
	struct body *body = malloc(sizeof(*body));
	bool passed;

	require(body != NULL);
	body_init(body, step);
	for (size_t at = 0; at < size; at += piece)
		body_read(body, (const char *)data + at,
		    size - at < piece ? size - at : piece);
	memset(reason, 0, STATE_REASON);
	passed = body_judge(body, reason);
	free(body);
	return passed;
}

static bool
holds(const uint8_t *data, size_t size, const char *text)
{
	return memmem(data, size, text, strlen(text)) != NULL;
}

static bool
holds_all(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		if (!holds(data, size, has[i]))
			return false;
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		if (holds(data, size, lacks[i]))
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct check_step texts = {.has = has,
	    .n_has = sizeof(has) / sizeof(has[0]),
	    .lacks = lacks,
	    .n_lacks = sizeof(lacks) / sizeof(lacks[0])};
	static const struct check_step json = {
	    .json = rules, .n_json = sizeof(rules) / sizeof(rules[0])};
	static const struct check_step *const steps[] = {&texts, &json};
	static const size_t pieces[] = {1, 7, BODY_MAX_TEXT};
	char whole[STATE_REASON], cut[STATE_REASON];

	for (size_t i = 0; i < 2; i++) {
		bool passed = judge(steps[i], data, size, size + 1, whole);

		require(i > 0 || passed == holds_all(data, size));
		require(passed == (whole[0] == '\0'));
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]);
		     k++) {
			require(judge(steps[i], data, size, pieces[k], cut) ==
			    passed);
			require(strcmp(whole, cut) == 0);
		}
	}
	return 0;
}
