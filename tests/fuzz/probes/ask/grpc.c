/*
 * Fuzz target: any octets as the answer to a gRPC health check: two lines of
 * headers, then the body.  However the body is cut to pieces, the verdict and
 * its words are the same, and the words are printable.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ask/grpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* The next line of ${data}, at most 200 octets, to ${line}. */
static const char *
take_line(const char *data, const char *end, char line[201])
{
	size_t n = 0;

	while (data < end && *data != '\n' && n < 200)
		line[n++] = *data++;
	line[n] = '\0';
	return data < end && *data == '\n' ? data + 1 : data;
}

static bool
judge(const char *data, size_t len, size_t piece, char reason[STATE_REASON])
{
	struct grpc_answer answer;
	const char *end = data + len;
	char status[201], words[201];

	data = take_line(data, end, status);
	data = take_line(data, end, words);
	grpc_begin(&answer);
	grpc_header(&answer, "grpc-status", status);
	grpc_header(&answer, "grpc-message", words);
	for (len = (size_t)(end - data); len > 0;) {
		size_t n = len < piece ? len : piece;

		grpc_read(&answer, data, n);
		data += n;
		len -= n;
	}
	memset(reason, 0, STATE_REASON);
	return grpc_judge(&answer, reason);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char whole[STATE_REASON], pieces[STATE_REASON];
	bool serves = judge(text, size, size + 1, whole);

	require(judge(text, size, 3, pieces) == serves);
	require(strcmp(whole, pieces) == 0);
	require(serves == (whole[0] == '\0'));
	for (const char *p = whole; *p != '\0'; p++)
		require(*p >= 0x20 && *p <= 0x7e);
	return 0;
}
