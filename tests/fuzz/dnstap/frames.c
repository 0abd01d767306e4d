/*
 * Fuzz target: any octets as a file of dnstap.  Nothing is read behind its end,
 * each frame moves on, and a message that was read can be written and read as
 * the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnstap/frames.h"
#include "dnstap/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
same(const struct dnstap_octets *a, const struct dnstap_octets *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void
read_again(const struct dnstap_message *m)
{
	uint8_t *frame = malloc(DNSTAP_FRAME_MAX);
	struct dnstap_message again;
	size_t n;
	void *data;

	require(frame != NULL);
	n = dnstap_pack(m, frame, DNSTAP_FRAME_MAX);
	data = n > 0 ? dnstap_unpack(frame, n, &again) : NULL;
	require(n == 0 || data != NULL);
	if (data != NULL)
		require(again.response == m->response &&
		    again.stream == m->stream &&
		    same(&again.query, &m->query) &&
		    same(&again.answer, &m->answer) &&
		    same(&again.extra, &m->extra) &&
		    again.query_ns == m->query_ns);
	dnstap_free(data);
	free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frames_item item;
	enum frames_kind kind;

	while ((kind = frames_next(data, size, &item)) == FRAMES_DATA ||
	    kind == FRAMES_CONTROL) {
		struct dnstap_message m;
		void *message;

		require(item.size > 0 && item.size <= size);
		if (kind == FRAMES_DATA) {
			require(item.data + item.len <= data + size);
			message = dnstap_unpack(item.data, item.len, &m);
			if (message != NULL)
				read_again(&m);
			dnstap_free(message);
		}
		data += item.size;
		size -= item.size;
	}
	return 0;
}
