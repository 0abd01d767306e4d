/*
 * Fuzz target: any octets as a file of recorded queries.  Nothing is read
 * beside it, and what is made of a response is a query.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ctl/packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each octet is looked at, so that a sanitizer does. */
static void
look(void *context, const struct address *client, bool stream,
    const uint8_t *message, size_t len)
{
	unsigned *sum = context;

	(void)stream;
	if (client->family != 4 && client->family != 6)
		abort();
	for (size_t i = 0; i < len; i++)
		*sum += message[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t question[PACKETS_QUESTION];
	struct packets_found found;
	unsigned sum = 0;
	size_t n;

	(void)packets_read(data, size, look, &sum, &found);
	n = packets_question(data, size, question);
	if (n > sizeof(question) || (n > 0 && question[2] & 0x80))
		abort();
	return 0;
}
