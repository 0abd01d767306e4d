/*
 * Fuzz target: any octets as the headers of an answer, line by line.  What is
 * told of them is printable, and Retry-After is a time within its bound, or was
 * not said.
 */
#include <stdint.h>
#include <string.h>

#include "probes/ask/http_parts.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const char *text)
{
	require(strlen(text) < HTTP_CHECK_LINE_MAX);
	for (; *text != '\0'; text++)
		require(*text >= 0x20 && *text <= 0x7e);
}

static void
on_header(void *context, const char *name, const char *value)
{
	(void)context;
	check_text(name);
	check_text(value);
	require(strchr(name, ':') == NULL && value[0] != ' ');
	require(value[0] == '\0' || value[strlen(value) - 1] != ' ');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_check check;
	const char *line = (const char *)data;
	int64_t s;

	memset(&check, 0, sizeof(check));
	check.header = on_header;
	/* Lines come with their end, as libcurl gives them. */
	while (size > 0) {
		const char *end = memchr(line, '\n', size);
		size_t len = end != NULL ? (size_t)(end + 1 - line) : size;

		http_headers_take(&check, line, len);
		line += len;
		size -= len;
	}
	require(strlen(check.retry) < HTTP_DATE_MAX);
	require(strlen(check.date) < HTTP_DATE_MAX);
	s = http_headers_retry(&check);
	require(s >= -1 && s <= HTTP_CHECK_RETRY_MAX);
	return 0;
}
