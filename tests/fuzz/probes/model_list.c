/*
 * Fuzz target: any octets as a list of models.  However they are cut to
 * pieces, the verdict is the same; and what is a list stays one with a byte
 * order mark before it and blanks around it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probes/model_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static enum model_list_verdict
judge(const char *body, size_t len, size_t piece)
{
	struct model_list list;

	model_list_init(&list, "data", "id", "m");
	for (size_t at = 0; at < len; at += piece)
		model_list_read(
		    &list, body + at, len - at < piece ? len - at : piece);
	return model_list_end(&list);
}

static enum model_list_verdict
judge_between(const char *before, size_t n, const char *body, size_t len)
{
	struct model_list list;

	model_list_init(&list, "data", "id", "m");
	model_list_read(&list, before, n);
	model_list_read(&list, body, len);
	model_list_read(&list, "\r\n", 2);
	return model_list_end(&list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;
	enum model_list_verdict whole = judge(body, size, size + 1);

	require(judge(body, size, 1) == whole);
	require(judge(body, size, 7) == whole);
	if (whole == MODEL_LIST_NOT_JSON)
		return 0;
	require(judge_between("", 0, body, size) == whole);
	if (data[0] != 0xef) {
		require(judge_between("\xef\xbb\xbf", 3, body, size) == whole);
		require(judge_between(" \t", 2, body, size) == whole);
	}
	return 0;
}
