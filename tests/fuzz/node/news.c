/*
 * Fuzz target: any octets as the Last-Event-ID of a client of the stream, after
 * as many messages as the first two say.  Whoever gets messages gets those
 * after the one that it named, and nobody's place is past the last.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "node/news.h"

#define EPOCH 1796000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct news *news = news_create(EPOCH);
	struct news_reader *reader;
	struct text out;
	unsigned said;
	char *id;

	if (size < 2) {
		news_destroy(news);
		return 0;
	}
	said = ((unsigned)data[0] << 8 | data[1]) % (2 * NEWS_KEPT);
	id = malloc(size - 1);
	require(news != NULL && id != NULL);
	memcpy(id, data + 2, size - 2);
	id[size - 2] = '\0';
	for (unsigned i = 0; i < said; i++)
		news_say(news, "change", json_pack("{si}", "n", (int)i + 1));
	reader = news_open(news, id);
	require(reader != NULL);
	text_init(&out, (size_t)1 << 20);
	news_more(reader, &out);
	/* It is told at once that all may be another, or goes on behind. */
	require(!out.failed && strncmp(out.data, "retry: ", 7) == 0);
	if (strstr(out.data, "\"all\"") == NULL &&
	    strstr(out.data, "{\"n\":") != NULL) {
		unsigned long after = strtoul(strchr(id, '.') + 1, NULL, 10);
		unsigned long n =
		    strtoul(strstr(out.data, "{\"n\":") + 5, NULL, 10);

		require(n == after + 1 && said - after <= NEWS_KEPT);
	}
	news_close(reader);
	news_destroy(news);
	text_finish(&out);
	free(id);
	return 0;
}
